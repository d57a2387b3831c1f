"""What accounts met after a step, and how much more often those who met it stopped."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from apijourney.figures.style import ACCENT, QUIET, new_axes
from apijourney.formats import number, percent
from apijourney.measurable import passes_on


@passes_on
def draw_friction(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the difference in stopping of each behaviour, right of the line where those who met it stopped more.

    table : from `friction`: behaviour, difference, low, high, exposed, share, others_share, note, step_name.
    What was not compared says why.
    """
    ax = new_axes(ax, height=0.4 * len(table) + 1.4, width=9.0)
    y = np.arange(len(table))
    ax.axvline(0, color=QUIET, linewidth=0.9, linestyle=":")
    ax.hlines(y, table["low"].astype(float), table["high"].astype(float), color=ACCENT, linewidth=2)
    ax.plot(table["difference"].astype(float), y, "o", color=ACCENT)
    ends = table[["low", "high"]].to_numpy(dtype=float)
    reach = max(0.1, 1.1 * np.nanmax(np.abs(ends), initial=0.0))
    for i, row in enumerate(table.itertuples()):
        if not row.note:
            text = f"{percent(row.share)} of {number(row.exposed)} stopped, others {percent(row.others_share)} of {number(row.others)}"
        elif row.note == "too few":
            text = f"too few ({number(row.exposed)} of {number(row.exposed + row.others)} met it)"
        else:
            text = row.note
        ax.annotate(text, (1.02, i), xycoords=("axes fraction", "data"), va="center", fontsize=8, color=QUIET if row.note else None)
    ax.set_yticks(y, table["behaviour"])
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.set_xlim(-reach, reach)
    ax.xaxis.set_major_locator(MaxNLocator(5, symmetric=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:+.0f}" if abs(v) > 1e-12 else "0"))
    ax.grid(axis="y", visible=False)
    note = "stopped: difference in percentage points, those who met it less the others; line: 95 % interval"
    ax.set_xlabel(note, fontsize=8, color=QUIET, loc="left")
    first = table.iloc[0]
    ax.set_title(f"Met in the first {first['hours']:g} hours after “{first['before']}”, and stopped before “{first['step_name']}”")
    return ax
