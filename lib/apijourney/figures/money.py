"""Money: what was billed, how recurring revenue moves, on whom it rests, and what the API costs."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from apijourney.figures.rates import draw_rates
from apijourney.figures.style import ACCENT, GOOD, INK, PALETTE, QUIET, WARM, annotate, month_axis, month_positions, new_axes, shade_unknown
from apijourney.formats import CANNOT_LOOK_BACK, NOT_YET, money, percent
from apijourney.measurable import NotMeasurable, passes_on

_KINDS = {"subscription_minor": "subscription", "usage_minor": "usage", "one_off_minor": "one-off"}
_UP = {"new_minor": "new", "expansion_minor": "expansion", "reactivation_minor": "reactivation"}
_DOWN = {"contraction_minor": "contraction", "churn_minor": "churn"}
_BAR = 20  # days of a month's bar


def draw_revenue(
    table: pd.DataFrame, *, currency: str, mrr: pd.DataFrame | NotMeasurable | None = None,
    notes: pd.DataFrame | None = None, ax: Axes | None = None,
) -> Axes | NotMeasurable:  # fmt: skip
    """Draw what was billed by kind, stacked by month, and what was taken off below the axis.

    table : month and the kinds in minor units, from `revenue_by_kind`; a kind that never occurs has no
        place in the legend. mrr : the metric "mrr", as a line, where it is measurable.
    """
    if isinstance(table, NotMeasurable):
        return table
    ax = new_axes(ax, height=3.8)
    kinds = {c: name for c, name in _KINDS.items() if table[c].any()}
    _stack(ax, table, kinds, [PALETTE[0], PALETTE[5], PALETTE[4]])
    if not kinds:
        ax.set_yticks([0])
    if table["taken_off_minor"].any():
        _stack(ax, table, {"taken_off_minor": "credits and refunds"}, [WARM])
    return _monthly(ax, table["month"], currency, "Billed by month and kind", notes, line=mrr)


@passes_on
def draw_movements(
    table: pd.DataFrame, *, currency: str, notes: pd.DataFrame | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what was won above the axis and what was lost below it, by month, with the net as a line.

    table : month and the movements in minor units, from `mrr_movements`.
    """
    ax = new_axes(ax, height=3.8)
    _stack(ax, table, _UP, [GOOD, ACCENT, PALETTE[5]])
    _stack(ax, table, _DOWN, [PALETTE[4], WARM])
    net = table[[*_UP, *_DOWN]].sum(axis=1)
    ax.plot(month_positions(table["month"]), net, color=INK, marker="o", markersize=3.5, linewidth=1.2, label="net change")
    return _monthly(ax, table["month"], currency, "Monthly recurring revenue won and lost", notes)


@passes_on
def draw_costs(
    table: pd.DataFrame, *, currency: str, notes: pd.DataFrame | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the costs of each month, stacked by category, the dearest at the bottom.

    table : month, category, cost_minor, from `costs_by_category`.
    """
    ax = new_axes(ax, height=3.4)
    wide = table.pivot(index="month", columns="category", values="cost_minor").fillna(0)
    wide = wide[wide.sum().sort_values(ascending=False).index].reset_index()
    _stack(ax, wide, {c: c for c in wide.columns[1:]}, PALETTE)
    return _monthly(ax, wide["month"], currency, "Costs by month and category", notes)


def _stack(ax: Axes, table: pd.DataFrame, columns: dict[str, str], colors: list[str]) -> None:
    x, base = month_positions(table["month"]), np.zeros(len(table))
    for i, (column, label) in enumerate(columns.items()):
        height = table[column].to_numpy(dtype=float)
        ax.bar(x, height, bottom=base, width=_BAR, color=colors[i % len(colors)], label=label, linewidth=0)
        base = base + height


def _monthly(ax: Axes, months, currency: str, title: str, notes, line=None) -> Axes:
    """What every figure of money by month has: its axes, zero, notes and legend."""
    x = month_positions(months)
    if line is not None and not isinstance(line, NotMeasurable):
        ax.plot(month_positions(line["month"]), line["value"], color=INK, marker="o", markersize=3.5, linewidth=1.2, label="recurring (MRR)")
    ax.axhline(0, color=QUIET, linewidth=0.8)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: money(v, currency)))
    ax.set_title(title)
    month_axis(ax, x)
    annotate(ax, notes)
    if ax.get_legend_handles_labels()[1]:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax


@passes_on
def draw_revenue_retention(
    net: pd.DataFrame, gross: pd.DataFrame, *, goal: float | None = None,
    notes: pd.DataFrame | None = None, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw net and gross revenue retention by month, with their intervals.

    net, gross : month, value, low, high, from the catalogue; months that cannot look back a year are
        shaded and say so, never zeros. goal : of the net retention.
    """
    ax = new_axes(ax, height=3.6)
    x = month_positions(net["month"])
    for table, color, label in ((net, ACCENT, "net (NRR)"), (gross, WARM, "gross (GRR)")):
        ax.fill_between(x, table["low"], table["high"], color=color, alpha=0.15, linewidth=0)
        ax.plot(x, table["value"], color=color, marker="o", markersize=4, label=label)
    ax.axhline(1, color=QUIET, linewidth=0.9, linestyle=":", label="as much as a year ago")
    if goal is not None:
        ax.axhline(goal, color=ACCENT, linewidth=1.2, linestyle="--", label=f"goal of NRR {percent(goal)}")
    unknown = net["value"].isna().to_numpy()
    ax.set_ylim(bottom=0)
    if unknown.any():
        last = len(net) if unknown.all() else np.flatnonzero(~unknown)[-1]
        shade_unknown(ax, x[unknown], [CANNOT_LOOK_BACK if i < last else NOT_YET for i in np.flatnonzero(unknown)])
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    ax.set_title("Revenue of a year ago that is still there; bands: 95 % intervals")
    month_axis(ax, x)
    annotate(ax, notes)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax


@passes_on
def draw_without_largest(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw net and gross retention with and without the largest accounts, n = accounts a year ago.

    table : group, value, low, high, accounts, from `retained_without_largest`.
    """
    ax = draw_rates(table.assign(denominator=table["accounts"]), label="group", title=title, ax=ax)
    ax.axvline(1, color=QUIET, linewidth=0.9, linestyle=":")
    ax.set_xlabel("line: 95 % interval; dotted: as much as a year ago; n: accounts that paid a year ago", fontsize=8, color=QUIET, loc="left")
    return ax


@passes_on
def draw_concentration(ranked: pd.DataFrame, *, currency: str, largest: int = 10, ax: Axes | None = None) -> Axes:
    """Draw the MRR of the largest accounts and of all the others together.

    ranked : rank, account_id, mrr_minor, share, from `revenue_shares`.
    """
    top, rest = ranked.head(largest), ranked.iloc[largest:]
    names, minor, share = list(top["account_id"]), list(top["mrr_minor"]), list(top["share"])
    if len(rest):
        names.append("1 other" if len(rest) == 1 else f"{len(rest):,} others together")
        minor.append(rest["mrr_minor"].sum())
        share.append(rest["share"].sum())
    ax = new_axes(ax, height=0.34 * len(names) + 1.1)
    y = np.arange(len(names))
    ax.barh(y, share, color=[ACCENT] * len(top) + [QUIET] * (len(names) - len(top)), height=0.65)
    for i, (s, m) in enumerate(zip(share, minor, strict=True)):
        ax.annotate(f"{percent(s)} · {money(m, currency)}", (s, i), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8)
    ax.set_yticks(y, names)
    ax.invert_yaxis()
    ax.set_xlim(0, max(share) * 1.35)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("share of the monthly recurring revenue", fontsize=8, color=QUIET, loc="left")
    ax.set_title("On whom the monthly recurring revenue rests")
    return ax
