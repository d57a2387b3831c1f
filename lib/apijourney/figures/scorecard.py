"""The scorecard at a glance: one small line a metric, its latest value, its goal, and which way it goes."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from apijourney.figures.style import ACCENT, GOOD, QUIET, WARM
from apijourney.formats import measured, month_name
from apijourney.measurable import NotMeasurable

TREND_COLORS = {"better": GOOD, "worse": WARM}


def draw_scorecard(
    table: pd.DataFrame, metrics: dict, *, currency: str, chosen: list[str] | None = None, columns: int = 4
) -> Figure | NotMeasurable:
    """Draw every measurable metric as a small line over the months shown.

    table : from `scorecard`; metrics : id → table by month. chosen : which metrics, in this order, such as
    `study.workbook.scorecard`; all where it is empty or none of it can be measured. The dot is the latest known month, the band
    the 95 % interval, the dashed line the goal. Green has a clear direction to the better, red to the
    worse. Each small axis runs from the metric's own lowest to its highest, so heights do not compare.
    """
    shown = table[table["reason"] == ""]
    picked = shown.set_index("metric", drop=False).reindex([m for m in chosen or [] if m in set(shown["metric"])])
    shown = picked if len(picked) else shown
    if shown.empty:
        return NotMeasurable("The scorecard", "no metric of the catalogue can be measured; see what each needs below.")
    rows = -(-len(shown) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(9, 1.22 * rows + 0.6), squeeze=False)
    for ax, row in zip(axes.flat, shown.itertuples(), strict=False):
        _line(ax, metrics[row.metric], row, currency)
    for ax in axes.flat[len(shown) :]:
        ax.set_axis_off()
    months = metrics[shown["metric"].iloc[0]]["month"]
    span = f"{month_name(months.iloc[0])} to {month_name(months.iloc[-1])}"
    figure.suptitle(f"The scorecard, {span}; each line has its own scale", fontsize=11, fontweight="bold", x=0.01, ha="left")
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
    ax.set_title(textwrap.fill(row.name, 30), fontsize=7.5, pad=12)
    ax.text(0, 1.04, said, transform=ax.transAxes, fontsize=7.5, color=color if row.trend in TREND_COLORS else QUIET)
