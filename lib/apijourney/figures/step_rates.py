"""The steps of a funnel by group: small multiples, one panel a step, one row a group."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from apijourney.figures.style import ACCENT, QUIET, new_figure
from apijourney.formats import number, percent
from apijourney.measurable import passes_on


@passes_on
def draw_step_rates(table: pd.DataFrame, *, columns: int = 3) -> Figure:
    """Draw, for each step and group, the share of those at the step before that went on.

    table : from `step_rates`: step, step_name, group, value, low, high, denominator; NaN says "too few".
    columns : panels beside each other. All panels share the scale from 0 to 100 %.
    """
    groups = list(dict.fromkeys(table["group"]))
    steps = list(dict.fromkeys(table["step"]))
    rows = -(-len(steps) // columns)
    figure, axes = new_figure(
        rows, columns, figsize=(9.6, rows * (0.3 * len(groups) + 0.95)), sharex=True, sharey=True, squeeze=False
    )
    y = {group: i for i, group in enumerate(groups)}
    for ax, step in zip(axes.flat, steps, strict=False):
        part = table[table["step"] == step]
        at = part["group"].map(y).to_numpy()
        ax.hlines(at, part["low"].astype(float), part["high"].astype(float), color=ACCENT, linewidth=2)
        ax.plot(part["value"].astype(float), at, "o", color=ACCENT, markersize=5)
        for i, row in zip(at, part.itertuples(), strict=True):
            text = "too few" if pd.isna(row.value) else percent(row.value)
            ax.annotate(f"{text} (n = {number(row.denominator)})", (1.04, i), va="center", fontsize=7.5, annotation_clip=False)
        ax.set_title(part["step_name"].iloc[0], fontsize=9, pad=6)
        ax.grid(axis="y", visible=False)
        ax.tick_params(axis="both", labelsize=8)
    for ax in axes.flat[len(steps):]:
        ax.set_visible(False)
    first = axes[0][0]
    first.set_yticks(np.arange(len(groups)), groups)
    first.set_ylim(len(groups) - 0.5, -0.5)
    first.set_xlim(0, 1.62)
    first.set_xticks([0, 0.5, 1.0])
    first.xaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    note = "share of those at the step before (the whole way: of those at the first step); line: 95 % interval"
    figure.supxlabel(note, fontsize=8, color=QUIET, x=0.01, ha="left")
    return figure
