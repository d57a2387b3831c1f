"""Time to an event as a curve: which share has got there after so many days?"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from apijourney.figures.style import PALETTE, QUIET, new_axes
from apijourney.formats import percent
from apijourney.measurable import passes_on


@passes_on
def draw_time_to(
    curves: dict[str, pd.DataFrame], *, title: str, days: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw one or more time-to curves, rising from 0.

    curves : label → table from `time_to` (days, reached, low, high). days : where the axis ends.
    """
    ax = new_axes(ax, height=3.6)
    for color, (label, curve) in zip(PALETTE, curves.items(), strict=False):
        ax.step(curve["days"], curve["reached"], where="post", color=color, label=label)
        ax.fill_between(curve["days"], curve["low"], curve["high"], step="post", color=color, alpha=0.15, linewidth=0)
    ax.axhline(0.5, color=QUIET, linewidth=0.8, linestyle=":")
    ax.set_ylim(0, 1)
    ax.set_xlim(0, days if days is not None else max(c["days"].max() for c in curves.values()))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    ax.set_xlabel("days since the start; band: 95 % interval; dotted: half of them", fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    if len(curves) > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax
