"""The conversion funnel: a bar a step, its count, its share of those who began, and the interval."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from apijourney.figures.style import ACCENT, INK, QUIET, WARM, new_axes
from apijourney.formats import counted, percent
from apijourney.measurable import passes_on


@passes_on
def draw_funnel(
    table: pd.DataFrame, *, names: list[str] | None = None, unit: str = "accounts", title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw a funnel, the first step on top.

    table : one row a step, from `funnel` or `journey_funnel`. names : what the reader calls the steps.
    The step that loses the largest share of those who reached it is marked.
    """
    names = list(names if names is not None else table["event"])
    ax = new_axes(ax, height=0.62 * len(table) + 1.1)
    y = np.arange(len(table))
    share = table["share_of_first"].to_numpy(dtype=float)
    worst = int(np.nanargmin(table["share_of_previous"].iloc[1:])) + 1 if len(table) > 1 and table["share_of_previous"].iloc[1:].notna().any() else -1
    colors = [WARM if i == worst else ACCENT for i in range(len(table))]
    ax.barh(y, share, color=colors, height=0.62)
    low, high = table["low"].to_numpy(dtype=float), table["high"].to_numpy(dtype=float)
    ax.hlines(y, low, high, color=INK, linewidth=1.4)
    for i, row in enumerate(table.itertuples()):
        few = getattr(row, "too_few", False)
        if pd.isna(row.share_of_first):
            text = f"{counted(row.accounts, unit.removesuffix('s'))} · too few" if row.accounts and few else "not yet known"
        else:
            text = f"{counted(row.accounts, unit.removesuffix('s'))} · {percent(row.share_of_first)}"
            if i and few:
                text += " · too few in the step before"
            elif i:
                text += f" · {percent(row.share_of_previous)} of the step before"
        end = np.nanmax([share[i], high[i], 0])
        ax.annotate(text, (end, i), xytext=(6, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set_yticks(y, names)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.55)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    ax.set_xlabel("share of those who took the first step; line: 95 % interval", color=QUIET, fontsize=8, loc="left")
    ax.grid(axis="y", visible=False)
    ax.set_title(title)
    return ax
