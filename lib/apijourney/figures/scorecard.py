"""The scorecard at a glance: one small line a metric, its latest value, its goal, and which way it goes."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from apijourney.figures.style import ACCENT, GOOD, QUIET, WARM, mark_months, new_figure, wrapped
from apijourney.formats import measured, month_name
from apijourney.measurable import NotMeasurable

TREND_COLORS = {"better": GOOD, "worse": WARM}


def draw_scorecard(
    table: pd.DataFrame, metrics: dict, *, names: list[str], currency: str, columns: int = 3, notes: pd.DataFrame | None = None
) -> Figure | NotMeasurable:
    """Draw the metrics of the scorecard as small lines over the months shown.

    table : from `scorecard`; metrics : id → table by month; names : which metrics, in order (those not
    measurable are left out). The dot is the latest known month, the band the 95 % interval, the dashed line
    the goal. Green has a clear direction to the better, red to the worse. Each small axis runs from the
    metric's own lowest to its highest value, both written beside it, so heights do not compare.
    notes : date, text. A stroke at the foot of each axis marks the day of a note; the texts stand below all, in order.
    """
    by_name = table[table["reason"] == ""].set_index("metric", drop=False)
    shown = [by_name.loc[name] for name in names if name in by_name.index]
    if not shown:
        return NotMeasurable("The scorecard", "no metric of the scorecard can be measured; see what each needs below.")
    rows = -(-len(shown) // columns)
    figure, axes = new_figure(rows, columns, figsize=(9.6, 1.75 * rows + 0.5), squeeze=False)
    said: list[str] = []
    for ax, row in zip(axes.flat, shown, strict=False):
        _line(ax, metrics[row["metric"]], row, currency)
        said = mark_months(ax, metrics[row["metric"]]["month"], notes)
    for ax in axes.flat[len(shown) :]:
        ax.set_axis_off()
    months = metrics[shown[0]["metric"]]["month"]
    title = f"The scorecard, {month_name(months.iloc[0])} to {month_name(months.iloc[-1])}"
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    if said:
        figure.supxlabel(wrapped(["Strokes at the foot, in order:", *said]), fontsize=7.5, color=QUIET, x=0.01, ha="left")
    return figure


def _line(ax, by_month: pd.DataFrame, row: pd.Series, currency: str) -> None:
    value = by_month["value"].replace([np.inf, -np.inf], np.nan).astype(float)
    x, color = np.arange(len(value)), TREND_COLORS.get(row["trend"], ACCENT)
    ax.fill_between(x, by_month["low"].astype(float), by_month["high"].astype(float), color=color, alpha=0.15, linewidth=0)
    ax.plot(x, value, color=color, linewidth=1.3)
    if value.notna().any():
        last = value.last_valid_index()
        ax.plot([last], [value[last]], "o", color=color, markersize=4)
        ends = sorted({value.min(), value.max()})
        ax.set_yticks(ends, [measured(v, row["unit"], currency) for v in ends], fontsize=7)
    else:
        ax.set_yticks([])
    if not pd.isna(row["goal"]):
        ax.axhline(row["goal"], color=QUIET, linewidth=1, linestyle="--")
    ax.set_xlim(-0.5, len(value) - 0.5)
    months = by_month["month"].iloc[[0, -1]] if len(value) > 1 else by_month["month"]
    ax.set_xticks(sorted({0, len(value) - 1}), [f"{month_name(m)[:3]} {m[:4]}" for m in months], fontsize=7)
    ax.grid(visible=False)
    number = measured(row["value"], row["unit"], currency)
    said = f"{number} · {row['verdict']}" if row["verdict"] else number
    ax.set_title(textwrap.fill(row["name"], 34), fontsize=8, pad=14)
    ax.text(0, 1.04, said, transform=ax.transAxes, fontsize=7.5, color=color if row["trend"] in TREND_COLORS else QUIET)
