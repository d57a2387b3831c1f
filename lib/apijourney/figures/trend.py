"""A catalogued metric over the months: the value, its interval, what is not yet known, the goal."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from apijourney.figures.style import ACCENT, GOOD, QUIET, annotate, month_axis, month_positions, new_axes, shade_unknown
from apijourney.formats import measured, reasons, tick
from apijourney.measurable import passes_on


@passes_on
def draw_trend(
    table: pd.DataFrame, *, unit: str, title: str, currency: str = "", goal: float | None = None,
    notes: pd.DataFrame | None = None, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw one metric by month.

    table : month, value, low, high, mature, as `measure` returns it. Months without a value are
        shaded and say why, never zeros; where no month is known there is no scale to read them on.
    unit, currency : of the value; goal : a line to reach; notes : `study.annotations`.
    """
    ax = new_axes(ax, height=3.2)
    x = month_positions(table["month"])
    value = table["value"].replace([np.inf, -np.inf], np.nan)
    known = value.notna()
    if table["low"].notna().any():
        ax.fill_between(x, table["low"], table["high"], color=ACCENT, alpha=0.18, linewidth=0, label="95 % interval")
    ax.plot(x, value, color=ACCENT, marker="o", markersize=4, label="value")
    if goal is not None and known.any():
        ax.axhline(goal, color=GOOD, linewidth=1.2, linestyle="--", label=f"goal {measured(goal, unit, currency)}")
    if unit in ("share", "count", "money", "per minute", "days", "ms", "minutes") and not _high_share(value, unit) and not (value < 0).any():
        ax.set_ylim(bottom=0)
    elif known.any() and ax.get_ylim()[0] > 0:
        ax.set_ylabel("the axis does not start at 0", fontsize=8, color=QUIET)
    if unit == "share":  # steps of 2.5 % would be written as whole per cent
        ax.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: tick(v, unit, currency)))
    if (~known).any():
        shade_unknown(ax, x[~known], [word for word in reasons(table.assign(value=value)) if word])
    if not known.any():
        ax.set_yticks([])
    ax.set_title(title)
    month_axis(ax, x)
    annotate(ax, notes)
    _legend(ax)
    return ax


def _high_share(value: pd.Series, unit: str) -> bool:
    """A share that moves near 1 would be a flat line on an axis from 0."""
    return unit == "share" and bool(value.min() > 0.9)


def _legend(ax: Axes) -> None:
    handles, labels = ax.get_legend_handles_labels()
    if len(labels) > 1:
        ax.legend(handles, labels, loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
