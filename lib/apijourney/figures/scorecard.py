"""The scorecard at a glance: one small line a metric, its latest value, its goal, and which way it goes."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from apijourney.figures.style import ACCENT, GOOD, QUIET, WARM
from apijourney.formats import measured
from apijourney.measurable import NotMeasurable

TREND_COLORS = {"better": GOOD, "worse": WARM}


def draw_scorecard(table: pd.DataFrame, metrics: dict, *, currency: str, columns: int = 4) -> Figure | NotMeasurable:
    """Draw every measurable metric as a small line over the months shown.

    table : from `scorecard`; metrics : id → table by month. The dot is the latest known month, the band
    the 95 % interval, the dashed line the goal. Green has a clear direction to the better, red to the
    worse. Each small axis runs from the metric's own lowest to its highest, so heights do not compare.
    """
    shown = table[table["reason"] == ""]
    if shown.empty:
        return NotMeasurable("The scorecard", "no metric of the catalogue can be measured; see what each needs below.")
    rows = -(-len(shown) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(9, 1.12 * rows + 0.3), squeeze=False)
    for ax, row in zip(axes.flat, shown.itertuples(), strict=False):
        _line(ax, metrics[row.metric], row, currency)
    for ax in axes.flat[len(shown) :]:
        ax.set_axis_off()
    return figure


def _line(ax, by_month: pd.DataFrame, row, currency: str) -> None:
    value = by_month["value"].replace([np.inf, -np.inf], np.nan).astype(float)
    x, color = np.arange(len(value)), TREND_COLORS.get(row.trend, ACCENT)
    ax.fill_between(x, by_month["low"].astype(float), by_month["high"].astype(float), color=color, alpha=0.15, linewidth=0)
    ax.plot(x, value, color=color, linewidth=1.3)
    if value.notna().any():
        last = value.last_valid_index()
        ax.plot([last], [value[last]], "o", color=color, markersize=4)
    if not pd.isna(row.goal):
        ax.axhline(row.goal, color=QUIET, linewidth=1, linestyle="--")
    ax.set_xlim(-0.5, len(value) - 0.5)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.spines[["left", "bottom"]].set_visible(False)
    number = measured(row.value, row.unit, currency)
    said = f"{number} · {row.verdict}" if row.verdict else number
    ax.set_title(textwrap.shorten(row.name, 34, placeholder="…"), fontsize=7.5, pad=12)
    ax.text(0, 1.04, said, transform=ax.transAxes, fontsize=7.5, color=color if row.trend in TREND_COLORS else QUIET)
