"""Cohorts: the retention triangle as a heatmap, and its pooled curve. Open cells stay blank."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from apijourney.figures.style import ACCENT, PALETTE, QUIET, WARM, annotate, month_axis, month_positions, new_axes, time_axis
from apijourney.formats import number, percent
from apijourney.measurable import NotMeasurable, passes_on

_PERIODS = {"D": ("day", "%Y-%m-%d"), "W": ("week", "%Y-%m-%d"), "M": ("month", "%Y-%m")}
_NOBODY = NotMeasurable("Cohort retention", "nobody is known to have begun in the time shown; choose another month or segment.")


@passes_on
def draw_retention(
    table: pd.DataFrame, *, title: str, period: str = "M", min_n: int = 5, ax: Axes | None = None
) -> Axes | NotMeasurable:
    """Draw the share of each cohort that came back in each period after its start.

    table : cohort, period, size, share, mature, from `retention`. Cells whose period is not over
        are blank; cohorts below `min_n` accounts are blank and say "too few"; cohorts of nobody are
        left out. With period_last, the column of brackets, a column covers several periods. Without any cohort the
        answer is not measurable.
    """
    name, form = _PERIODS[period]
    if table.empty:
        return _NOBODY
    if (table["size"] > 0).any():
        table = table[table["size"] > 0]
    shown = table.assign(share=table["share"].where(table["mature"] & (table["size"] >= min_n)))
    grid = shown.pivot(index="cohort", columns="period", values="share").sort_index()
    sizes = table.groupby("cohort")["size"].first()
    labels = [
        f"{pd.Timestamp(c).strftime(form)}  ({number(sizes[c])})" if sizes[c] >= min_n
        else f"{pd.Timestamp(c).strftime(form)}  ({number(sizes[c])}, too few)"
        for c in grid.index
    ]  # fmt: skip
    ax = new_axes(ax, height=0.3 * len(grid) + 1.2)
    _cells(ax, grid.to_numpy(dtype=float))
    ax.set_xticks(np.arange(grid.shape[1]) + 0.5, _column_names(table, grid.columns))
    ax.set_yticks(np.arange(len(grid)) + 0.5, labels)
    ax.set_xlabel(f"{name}s since the first active {name}; numbers in per cent; blank: not yet known", fontsize=8, color=QUIET, loc="left")
    ax.set_ylabel("")
    ax.tick_params(axis="both", rotation=0, length=0)
    ax.grid(visible=False)
    ax.set_title(title)
    return ax


def _cells(ax: Axes, shares: np.ndarray) -> None:
    """Colour each known share and write it, in per cent. (seaborn's heatmap draws the figure to place its labels.)"""
    known = np.ma.masked_invalid(shares)
    mesh = ax.pcolormesh(known, cmap="Blues", vmin=0, vmax=1, linewidths=1, edgecolor="white")
    ax.set(xlim=(0, shares.shape[1]), ylim=(shares.shape[0], 0))
    for spine in ax.spines.values():
        spine.set_visible(False)
    colors = mesh.cmap(mesh.norm(known))[..., :3]
    light = np.where(colors <= 0.03928, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)  # relative luminance, WCAG
    dark = light @ (0.2126, 0.7152, 0.0722) <= 0.408
    for row, column in zip(*np.nonzero(~np.isnan(shares)), strict=True):
        ax.text(
            column + 0.5, row + 0.5, f"{100 * shares[row, column]:.0f}", ha="center", va="center", fontsize=8,
            color="white" if dark[row, column] else ".15",
        )  # fmt: skip


def _column_names(table: pd.DataFrame, columns) -> list[str]:
    if "period_last" not in table:
        return [str(c) for c in columns]
    last = table.groupby("period")["period_last"].first()
    return [str(c) if last[c] == c else f"{c}–{last[c]}" for c in columns]


@passes_on
def draw_retention_curve(
    average: pd.DataFrame, *, title: str, period: str = "M", cohorts: pd.DataFrame | None = None, min_n: int = 5,
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw the retention pooled over mature cohorts: period, share, low, high, size.

    cohorts : the table of `retention` the average is of; each cohort of `min_n` accounts or more becomes a thin line.
    """
    name = _PERIODS[period][0]
    if average.empty:
        return _NOBODY
    ax = new_axes(ax, height=3.2)
    if cohorts is not None:
        known = cohorts[cohorts["mature"] & (cohorts["size"] >= min_n)]
        for _, cells in known.groupby("cohort"):
            ax.plot(cells["period"], cells["share"], color=QUIET, alpha=0.4, linewidth=0.8)
    ax.fill_between(average["period"], average["low"], average["high"], color=ACCENT, alpha=0.18, linewidth=0)
    ax.plot(average["period"], average["share"], color=ACCENT, marker="o", markersize=4)
    for row in average.itertuples():
        ax.annotate(
            number(row.size), (row.period, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2),
            textcoords="offset points", ha="center", va="bottom", fontsize=7, color=QUIET,
        )  # fmt: skip
    ax.set_ylim(0, 1.05)
    ax.set_xlim(-0.3, max([*average["period"], 1]) + 0.3)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    thin = "" if cohorts is None else "; thin: each cohort"
    ax.set_xlabel(f"{name}s since the first active {name}; band: 95 % interval{thin}; at the top: accounts behind each point", fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    return ax


@passes_on
def draw_lifecycle(table: pd.DataFrame, *, title: str, notes: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Draw new, returning and resurrecting accounts above the axis, those fallen silent below.

    table : period (first local day), new, returning, resurrecting, dormant, from `lifecycle`.
    """
    ax = new_axes(ax, height=3.6)
    x = pd.to_datetime(table["period"])
    # A bar covers its period, so that a note falls on the period it belongs to.
    monthly = len(x) < 2 or (x.iloc[1] - x.iloc[0]).days >= 28
    if monthly:
        x = month_positions(x.dt.strftime("%Y-%m"))
    width = pd.Timedelta(days=26) if monthly else (x.iloc[1] - x.iloc[0]) * 0.85
    align = "center" if monthly else "edge"
    base = np.zeros(len(table))
    for column, color in zip(("returning", "new", "resurrecting"), (PALETTE[0], PALETTE[2], PALETTE[3]), strict=True):
        ax.bar(x, table[column], bottom=base, width=width, color=color, label=column, align=align)
        base = base + table[column].to_numpy()
    ax.bar(x, -table["dormant"].abs(), width=width, color=WARM, label="dormant", align=align)
    ax.axhline(0, color=QUIET, linewidth=0.8)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{abs(v):,.0f}"))
    if monthly:
        month_axis(ax, x)
    else:
        time_axis(ax)
    ax.set_title(title)
    annotate(ax, notes)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax
