"""The journey: how much happens at each touchpoint, how that moves, and where people go next."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

from apijourney.figures.style import PALETTE, QUIET, annotate, month_axis, month_positions, new_axes, new_figure
from apijourney.formats import number
from apijourney.measurable import passes_on
from apijourney.workbook import STAGES

_LEAST = 0.8  # where the log axis begins: nobody at all has no place on it
_COLORS = dict(zip(STAGES, PALETTE, strict=True))


@passes_on
def draw_touchpoints(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw how many accounts and visitors each touchpoint reached, by stage, on a log axis.

    table : touchpoint, owner, stage, units (NaN = cannot be measured), from `touchpoint_map`.
    """
    ax = new_axes(ax, height=0.27 * len(table) + 1.2)
    y = np.arange(len(table))
    units = table["units"].to_numpy(dtype=float)
    most = max(np.nanmax(units, initial=1), 10)
    ax.barh(y, np.nan_to_num(units), color=[_COLORS[s] for s in table["stage"]], height=0.65)
    ax.set_xscale("log")
    ax.set_xlim(_LEAST, most * 9)
    for i, (value, owner) in enumerate(zip(units, table["owner"], strict=True)):
        blind = np.isnan(value)
        text = "cannot be measured yet" if blind else number(value)
        ax.annotate(
            f"{text} · {owner}", (_LEAST if blind else max(value, _LEAST), i), xytext=(5, 0),
            textcoords="offset points", va="center", fontsize=8, color=QUIET if blind else "black",
        )  # fmt: skip
    ax.set_yticks(y, table["touchpoint"], fontsize=9)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.xaxis.set_major_locator(LogLocator(base=10))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v)))
    ax.xaxis.minorticks_off()
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set_axisbelow(True)
    ax.set_xlabel(
        "accounts and visitors reached in the month, log scale · owner", fontsize=8, color=QUIET, loc="left"
    )
    stages = set(table["stage"])
    handles = [Patch(color=c, label=s) for s, c in _COLORS.items() if s in stages]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, title="stage",
              title_fontsize=8, alignment="left")  # fmt: skip
    ax.set_title(title)
    return ax


@passes_on
def draw_stages(table: pd.DataFrame, *, title: str, notes: pd.DataFrame | None = None) -> Figure:
    """Draw how many were at each stage by month, one small plot a stage, each with its own scale.

    table : month, stage, units (NaN = nothing was seen yet), from `stage_volume`.
    notes : `study.annotations`; their texts stand below the last row.
    """
    stages = [s for s in STAGES if s in set(table["stage"])]
    across = min(len(stages), 4)
    down = -(-len(stages) // across)
    figure, axes = new_figure(down, across, figsize=(9.6, 1.9 * down + 0.9), sharex=True, squeeze=False)
    for ax, stage in zip(axes.flat, stages, strict=False):
        rows = table[table["stage"] == stage]
        x = month_positions(rows["month"])
        ax.plot(x, rows["units"], color=_COLORS[stage], marker="o", markersize=3)
        ax.fill_between(x, 0, rows["units"], color=_COLORS[stage], alpha=0.12, linewidth=0)
        ax.set_ylim(bottom=0, top=max(np.nanmax(rows["units"], initial=0), 1) * 1.15)
        ax.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v)))
        ax.tick_params(labelsize=8)
        ax.set_title(stage, fontsize=9, color=_COLORS[stage])
        month_axis(ax, x)
        annotate(ax, notes)
        ax.tick_params(labelbottom=True)
    listing = axes.flat[0].get_xlabel()
    for ax in axes.flat:
        ax.set_xlabel("")
    for ax in axes.flat[len(stages) :]:
        ax.set_axis_off()
    figure.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
    if listing:
        figure.supxlabel(listing, fontsize=8, color=QUIET, x=0.01, ha="left")
    return figure


@passes_on
def draw_paths(matrix: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw which touchpoint follows which: a row's shares add up to 1.

    matrix : index = from, columns = to, shares, from `path_shares`. Shares below half a per cent are
        not written; a row of NaN says "too few".
    """
    ax = new_axes(ax, height=0.33 * len(matrix) + 1.6, width=9.6)
    text = matrix.map(lambda v: "" if pd.isna(v) or v < 0.005 else f"{100 * v:.0f}")
    sns.heatmap(
        matrix, ax=ax, annot=text, fmt="", vmin=0, vmax=1, cmap="Blues", cbar=False, linewidths=1,
        linecolor="white", annot_kws={"fontsize": 8},
    )  # fmt: skip
    ax.grid(visible=False)
    for i in np.flatnonzero(matrix.isna().all(axis=1)):
        ax.annotate("too few", (0.1, i + 0.5), va="center", fontsize=8, color=QUIET)
    ax.set_xlabel("next touchpoint; numbers in per cent of the row", fontsize=8, color=QUIET, loc="left")
    ax.set_ylabel("")
    ax.tick_params(axis="both", length=0)
    ax.set_xticks(np.arange(len(matrix.columns)) + 0.5, matrix.columns, rotation=40, ha="right", rotation_mode="anchor")
    ax.tick_params(axis="y", rotation=0)
    ax.set_title(title)
    return ax
