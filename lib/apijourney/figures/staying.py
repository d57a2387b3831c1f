"""Staying: how long accounts live, what remains of them, and how far a silence may go before it means gone."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from apijourney.figures.style import ACCENT, PALETTE, QUIET, WARM, annotate, month_axis, month_positions, new_axes, shade_unknown
from apijourney.formats import counted, number, percent, reasons
from apijourney.measurable import NotMeasurable, passes_on
from apijourney.metrics.product.retention.silence_limit import RETURN_SHARE, SilenceLimit

MONTH_DAYS = 30


def _per_cent(ax: Axes) -> None:
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))


@passes_on
def draw_fixed_days(
    tables: dict[str, pd.DataFrame], *, title: str, notes: pd.DataFrame | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the share that was back after some days, by the month accounts began in.

    tables : label → month, value, low, high, mature, from `fixed_days`. Months whose last day is not over are shaded.
    """
    ax = new_axes(ax, height=3.4)
    for color, (label, table) in zip(PALETTE, tables.items(), strict=False):
        x = month_positions(table["month"])
        ax.fill_between(x, table["low"].where(table["mature"]), table["high"].where(table["mature"]), color=color, alpha=0.15, linewidth=0)
        ax.plot(x, table["value"], color=color, marker="o", markersize=4, label=label)
    unknown = pd.concat([table["value"].isna() for table in tables.values()], axis=1).all(axis=1)
    if unknown.any():
        last = list(tables.values())[-1]
        shade_unknown(ax, x[unknown], [word for word, gap in zip(reasons(last), unknown, strict=True) if gap])
    ax.set_ylim(0, 1.02)
    _per_cent(ax)
    if unknown.all():
        ax.set_yticks([])
    month_axis(ax, x)
    annotate(ax, notes)
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax


@passes_on
def draw_remaining(table: pd.DataFrame, *, title: str, notes: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Draw what remains of the accounts of one month, of their use and of their revenue.

    table : measure, month, value, low, high, from `remaining`. A measure without any value is named in the legend.
    """
    ax = new_axes(ax, height=3.6)
    for color, (name, part) in zip(PALETTE, table.groupby("measure", sort=False), strict=False):
        known = part["value"].notna().any()
        x = month_positions(part["month"])
        ax.fill_between(x, part["low"], part["high"], color=color, alpha=0.13, linewidth=0)
        ax.plot(x, part["value"], color=color, marker="o", markersize=4, label=name if known else f"{name}: not measurable")
    ax.axhline(1, color=QUIET, linewidth=0.8, linestyle=":")
    ax.set_ylim(bottom=0)
    _per_cent(ax)
    month_axis(ax, x)
    annotate(ax, notes)
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax


@passes_on
def draw_survival(curves: dict[str, pd.DataFrame], *, title: str, ax: Axes | None = None) -> Axes:
    """Draw the share of accounts still there, falling from 1, by age in months of 30 days.

    curves : label → days, alive, low, high, from `survival_curve`. With one curve only, its band is drawn stronger.
    """
    ax = new_axes(ax, height=3.6)
    for color, (label, curve) in zip(PALETTE, curves.items(), strict=False):
        x = curve["days"] / MONTH_DAYS
        ax.step(x, curve["alive"], where="post", color=color, label=label)
        ax.fill_between(x, curve["low"], curve["high"], step="post", color=color, alpha=0.18 if len(curves) == 1 else 0.1, linewidth=0)
    ax.axhline(0.5, color=QUIET, linewidth=0.8, linestyle=":")
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, max(c["days"].max() for c in curves.values()) / MONTH_DAYS)
    ax.xaxis.set_major_locator(MultipleLocator(3) if ax.get_xlim()[1] > 6 else MaxNLocator(nbins=7))
    _per_cent(ax)
    ax.set_xlabel("months (of 30 days) since the first active day; band: 95 % interval; dotted: half of them", fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    if len(curves) > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax


@passes_on
def draw_hazard(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw which share is lost in each month of age. table : age, value, low, high, denominator, from `hazard_by_age`."""
    ax = new_axes(ax, height=3.0)
    x = table["age"] + 1
    ax.vlines(x, table["low"], table["high"], color=ACCENT, linewidth=2)
    ax.plot(x, table["value"], "o", color=ACCENT, markersize=5, clip_on=False)
    for at, n in zip(x, table["denominator"], strict=True):
        ax.annotate(
            number(n), (at, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2), textcoords="offset points",
            ha="center", va="bottom", fontsize=7, color=QUIET,
        )  # fmt: skip
    ax.set_ylim(bottom=0)
    ax.set_xlim(0.4, max([*x, 2]) + 0.6)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=14, integer=True))
    _per_cent(ax)
    ax.set_xlabel("month of age (30 days each); line: 95 % interval; at the top: accounts alive at its beginning", fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    return ax


def draw_silence_choice(
    table: pd.DataFrame | NotMeasurable, *, title: str, limit: SilenceLimit | NotMeasurable, most: float = RETURN_SHARE,
    ax: Axes | None = None,
) -> Axes | NotMeasurable:  # fmt: skip
    """Draw the share of silences that ended in a return, by the length they had passed.

    table : limit_days, share, low, high, from `silence_choice`. limit : from `silence_limit`; where it is not measurable
        the figure shows why, without a line. most : the share allowed.
    """
    if isinstance(table, NotMeasurable):
        return table
    ax = new_axes(ax, height=3.2)
    ax.fill_between(table["limit_days"], table["low"], table["high"], color=ACCENT, alpha=0.15, linewidth=0)
    ax.plot(table["limit_days"], table["share"], color=ACCENT)
    ax.axhline(most, color=QUIET, linewidth=0.8, linestyle=":")
    if not isinstance(limit, NotMeasurable):
        ax.axvline(limit.days, color=WARM, linewidth=1.2)
        ax.annotate(counted(limit.days, "day"), (limit.days, 0.9), xycoords=("data", "axes fraction"), xytext=(5, 0), textcoords="offset points", fontsize=8, color=WARM)
    ax.set_ylim(0, 1.02)
    ax.set_xlim(0, max([*table["limit_days"], 2]))
    _per_cent(ax)
    ax.set_xlabel(f"days of silence already passed; band: 95 % interval; dotted: {percent(most, 0)}", fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    return ax
