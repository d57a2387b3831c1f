"""Aftermath: failed calls, money given back and accounts lost, month under month."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from apijourney.figures.style import (
    ACCENT, GOOD, WARM, annotate, month_axis, month_positions, new_figure, shade_unknown,
)  # fmt: skip
from apijourney.formats import UNKNOWN, money, percent
from apijourney.measurable import passes_on


@passes_on
def draw_aftermath(table: pd.DataFrame, *, slo: float, currency: str, notes: pd.DataFrame | None = None) -> Figure:
    """Draw three rows over the same months: calls that failed, credits and refunds, accounts lost.

    table : month, failed_share, given_back_minor, churn, from `after_outages`; what is not known is
        shaded. slo : the promise, as a line at the share that may fail.
    """
    figure, axes = new_figure(3, 1, figsize=(8, 5.4), sharex=True)
    x = month_positions(table["month"])
    rows = (
        ("failed_share", f"Valid calls that failed; dashed: the {percent(1 - slo)} that may", WARM, percent),
        ("given_back_minor", "Credits and refunds", ACCENT, lambda v: money(v, currency)),
        ("churn", "Paying accounts lost", "#7a4fa3", lambda v: percent(v, 0)),
    )
    for ax, (column, title, color, write) in zip(axes, rows, strict=True):
        height = table[column].to_numpy(dtype=float)
        ax.bar(x, height, width=20, color=color, linewidth=0)
        ax.set_ylim(0, 1.1 * np.nanmax(height, initial=1 - slo if column == "failed_share" else 0) or 1)
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _, write=write: write(v)))
        unknown = np.isnan(height)
        if unknown.any():
            shade_unknown(ax, x[unknown], UNKNOWN)
        ax.set_title(title, fontsize=9)
    axes[0].axhline(1 - slo, color=GOOD, linewidth=1.2, linestyle="--")
    month_axis(axes[-1], x)
    for ax in axes:
        annotate(ax, notes)
    for ax in axes[:-1]:
        ax.set_xlabel("")
    return figure
