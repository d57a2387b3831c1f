"""Rates of groups side by side: a point, its interval and its n, so that nobody ranks noise."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from apijourney.figures.style import ACCENT, QUIET, new_axes
from apijourney.formats import number, percent
from apijourney.measurable import passes_on


@passes_on
def draw_rates(
    table: pd.DataFrame, *, label: str, title: str, overall: float | None = None,
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw one rate a group.

    table : columns `label`, value, low, high, denominator; NaN values say "too few".
    overall : the rate of all together, as a dotted line.
    """
    ax = new_axes(ax, height=0.42 * len(table) + 1.2)
    y = np.arange(len(table))
    ax.hlines(y, table["low"], table["high"], color=ACCENT, linewidth=2)
    ax.plot(table["value"], y, "o", color=ACCENT)
    right = np.nanmax([0.02, *table["high"].astype(float), overall or 0])
    for i, row in enumerate(table.itertuples()):
        text = "too few" if pd.isna(row.value) else percent(row.value)
        ax.annotate(
            f"{text} (n = {number(row.denominator)})", (right, i), xytext=(8, 0),
            textcoords="offset points", va="center", fontsize=8,
        )  # fmt: skip
    if overall is not None and not pd.isna(overall):
        ax.axvline(overall, color=QUIET, linestyle=":", linewidth=1)
    ax.set_yticks(y, table[label].astype(str))
    ax.invert_yaxis()
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.set_xlim(0, right * 1.02)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    ax.grid(axis="y", visible=False)
    note = "line: 95 % interval" + ("; dotted: all together" if overall is not None else "")
    ax.set_xlabel(note, fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    return ax
