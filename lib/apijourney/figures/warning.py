"""Warnings tried on the past: how often each rule was right, and how many of the lost accounts it found."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from apijourney.figures.style import PALETTE, new_axes
from apijourney.formats import counted, is_missing, number, percent
from apijourney.measurable import passes_on


@passes_on
def draw_rules(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw each rule as a point, with its intervals: right of those warned of, against found of those lost.

    table : rule, precision, recall, their bounds and lead_days, from `backtest`. A rule that never warned is only named.
    """
    ax = new_axes(ax, height=3.6)
    for color, row in zip(PALETTE, table.to_dict("records"), strict=False):
        if is_missing(row["precision"]) or is_missing(row["recall"]):
            ax.plot([], [], "o", color=color, label=f"{row['rule']}: never warned")
            continue
        early = f", {number(row['lead_days'], 1)} days ahead" if row["right"] else ""
        across = [[row["recall"] - row["recall_low"]], [row["recall_high"] - row["recall"]]]
        upright = [[row["precision"] - row["precision_low"]], [row["precision_high"] - row["precision"]]]
        ax.errorbar(
            row["recall"], row["precision"], xerr=across, yerr=upright, fmt="o", color=color, elinewidth=1, capsize=2,
            label=f"{row['rule']}: {counted(row['alarms'], 'warning')}{early}",
        )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    ax.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="found, of the accounts lost", ylabel="right, of the warnings")
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax
