"""Lines by day, such as daily, weekly and monthly actives, with the notes of the time axis."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from apijourney.figures.style import PALETTE, annotate, new_axes, time_axis
from apijourney.measurable import NotMeasurable, passes_on


@passes_on
def draw_daily(
    series: dict[str, pd.DataFrame], *, title: str, value: str = "accounts",
    notes: pd.DataFrame | None = None, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw one line a table, from 0 up; days whose value is NaN (not known yet) stay blank.

    series : label → table with day and the column `value`. notes : `study.annotations`.
    """
    for table in series.values():
        if isinstance(table, NotMeasurable):
            return table
    ax = new_axes(ax, height=3.4)
    for color, (label, table) in zip(PALETTE, series.items(), strict=False):
        ax.plot(pd.to_datetime(table["day"]), table[value], color=color, linewidth=1.3, label=label)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    time_axis(ax, pd.to_datetime(pd.concat([table["day"] for table in series.values()])))
    ax.set_title(title)
    annotate(ax, notes)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax
