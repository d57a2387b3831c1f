"""The error budget: what is left of it day by day, and for which accounts and which money it is gone."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from apijourney.figures.style import ACCENT, GOOD, INK, QUIET, WARM, annotate, new_axes, time_axis
from apijourney.formats import percent
from apijourney.measurable import passes_on

_COLORS = {"no failed call": GOOD, "within the budget": "#9dbfe3", "beyond the budget": WARM}


@passes_on
def draw_budget(
    table: pd.DataFrame, *, days: int = 28, notes: pd.DataFrame | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how many times the allowance was used, looking back from each day, with the promise as a line at 1.

    table : day, bad, allowed, mature, from `budget_over_time`; days whose window is not full, or without a
        valid call, stay blank. days : length of the window. Above a use of two the scale is logarithmic.
    """
    ax = new_axes(ax, height=3.6)
    known = table["mature"] & (table["allowed"] > 0)
    used = (1 - table["budget_left"]).where(known).astype("float64")
    day = pd.to_datetime(table["day"])
    ax.fill_between(day, 1, used, where=used > 1, color=WARM, alpha=0.3, linewidth=0, interpolate=True, label="beyond the budget")
    ax.plot(day, used, color=ACCENT, linewidth=1.6, label="used")
    ax.axhline(1, color=GOOD, linestyle="--", linewidth=1.2, label="all that may fail")
    top = max(1.5, used.max()) if used.notna().any() else 1.5
    if top > 3:
        ax.set_yscale("symlog", linthresh=2, linscale=1.5)
        ax.set_yticks([0, 0.5, 1, 2] + [t for t in (5, 10, 20, 50, 100, 200, 500) if t < top * 1.3])
        ax.minorticks_off()
    ax.set_ylim(0, top * 1.15)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:,.0f} %"))
    scale = "; log scale above 200 %" if top > 3 else ""
    ax.set_title(f"Error budget used in the {days} days up to each day{scale}")
    time_axis(ax, day)
    annotate(ax, notes)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax


@passes_on
def draw_budget_groups(table: pd.DataFrame, *, days: int = 28, ax: Axes | None = None) -> Axes:
    """Draw for which share of the accounts, of their calls and of their revenue the budget held.

    table : group, accounts_share, valid_share, mrr_share, from `budget_groups`; a row whose shares are not
        known is left out.
    """
    rows = {"accounts": "accounts_share", "their calls": "valid_share", "their MRR": "mrr_share"}
    rows = {name: column for name, column in rows.items() if table[column].notna().any()}
    ax = new_axes(ax, height=0.5 * len(rows) + 1.2)
    left = np.zeros(len(rows))
    for group, row in table.set_index("group").iterrows():
        width = np.array([row[column] for column in rows.values()], dtype=float)
        ax.barh(np.arange(len(rows)), width, left=left, color=_COLORS[group], height=0.62, label=group, linewidth=0)
        for i, (w, at) in enumerate(zip(width, left, strict=True)):
            if group == "beyond the budget":  # often narrow, and the number that matters: beside the bar
                ax.annotate(percent(w), (1, i), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8, color=WARM)
            elif w >= 0.06:
                ink = INK if group == "within the budget" else "white"
                ax.annotate(percent(w), (at + w / 2, i), ha="center", va="center", fontsize=8, color=ink)
        left = left + width
    ax.set_yticks(np.arange(len(rows)), rows)
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("each account against the failures its own calls allow", fontsize=8, color=QUIET, loc="left")
    ax.set_title(f"For whom the promise held in the last {days} days")
    ax.legend(loc="upper left", bbox_to_anchor=(1.08, 1.0), fontsize=8)
    return ax
