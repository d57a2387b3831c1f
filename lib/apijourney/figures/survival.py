"""Time to an event as a curve: which share has got there after so many days?"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from apijourney.figures.style import PALETTE, QUIET, new_axes, new_figure
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


@passes_on
def draw_time_to_each(panels: dict[str, dict[str, pd.DataFrame]], *, days: float) -> Figure:
    """Draw the curves of the same groups for several milestones, one panel each, on one scale.

    panels : title → label → table from `time_to`. days : where the axes end. A line under the plot names the
    groups; the same group has the same colour in every panel.
    """
    figure, axes = new_figure(1, len(panels), figsize=(4.8 * len(panels), 3.9), sharey=True)
    axes = np.atleast_1d(axes)
    for ax, (title, curves) in zip(axes, panels.items(), strict=True):
        draw_time_to(curves, title=title, days=days, ax=ax)
        if ax.get_legend() is not None:
            ax.get_legend().remove()
        ax.set_xlabel("")
    axes[0].set_xlabel("days since the start; band: 95 % interval; dotted: half of them", fontsize=8, color=QUIET, loc="left")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower right", ncol=4, fontsize=8)
    return figure
