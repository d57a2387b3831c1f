"""The journey: how much happens at each touchpoint, and where people go next."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from apijourney.figures.style import PALETTE, QUIET, new_axes
from apijourney.formats import number
from apijourney.measurable import passes_on
from apijourney.workbook import STAGES


@passes_on
def draw_touchpoints(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw how many accounts and visitors each touchpoint reached, by stage, on a log axis.

    table : touchpoint, stage, units (NaN = cannot be measured).
    """
    ax = new_axes(ax, height=0.27 * len(table) + 1.2)
    y = np.arange(len(table))
    colors = dict(zip(STAGES, PALETTE, strict=True))
    units = table["units"].to_numpy(dtype=float)
    ax.barh(y, np.nan_to_num(units), color=[colors[s] for s in table["stage"]], height=0.65)
    ax.set_xscale("log")
    ax.set_xlim(0.8, max(np.nanmax(units, initial=1), 10) * 4)
    for i, value in enumerate(units):
        blind = np.isnan(value)
        text = "not measured" if blind else number(value)
        ax.annotate(text, (0.8 if blind else max(value, 0.8), i), xytext=(5, 0), textcoords="offset points",
                    va="center", fontsize=8, color=QUIET if blind else "black")  # fmt: skip
    ax.set_yticks(y, [f"{t}" for t in table["touchpoint"]], fontsize=9)
    ax.invert_yaxis()
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v)))
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("accounts and visitors reached in the month, log scale", fontsize=8, color=QUIET, loc="left")
    handles = [
        Patch(color=colors[s], label=s)
        for s in STAGES if s in set(table["stage"])
    ]  # fmt: skip
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    ax.set_title(title)
    return ax


@passes_on
def draw_paths(matrix: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw which touchpoint follows which: a row's shares add up to 1.

    matrix : index = from, columns = to, shares.
    """
    ax = new_axes(ax, height=0.36 * len(matrix) + 1.6)
    text = matrix.map(lambda v: "" if pd.isna(v) or v < 0.005 else f"{100 * v:.0f}")
    sns.heatmap(
        matrix, ax=ax, annot=text, fmt="", vmin=0, vmax=1, cmap="Blues", cbar=False, linewidths=1,
        linecolor="white", annot_kws={"fontsize": 8},
    )  # fmt: skip
    ax.set_xlabel("next touchpoint; numbers in per cent of the row", fontsize=8, color=QUIET, loc="left")
    ax.set_ylabel("")
    ax.tick_params(axis="x", rotation=40)
    for label in ax.get_xticklabels():
        label.set_ha("right")
    ax.tick_params(axis="y", rotation=0)
    ax.set_title(title)
    return ax
