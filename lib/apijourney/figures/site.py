"""The site in pictures: the first steps of newcomers, and the paths as a graph.

Unit: that of the tables: a newcomer, or a step from one touchpoint to the next. Layout only: every number
drawn stands in the table.
"""

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from apijourney.figures.style import PALETTE, QUIET, new_axes
from apijourney.formats import number
from apijourney.measurable import passes_on
from apijourney.workbook import STAGES

_COLORS = dict(zip(STAGES, PALETTE, strict=True))
_LEAST_SHARE = 0.005
_WIDEST = 7.0  # points, of the most frequent step


@passes_on
def draw_first_steps(matrix: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw where newcomers are at their first, second, … touchpoint: a column's shares add up to 1.

    matrix : index = touchpoint, columns = position, shares, from `first_steps`. Shares below half a per
        cent are not written, touchpoints that have no other are left out.
    """
    matrix = matrix[(matrix >= _LEAST_SHARE).any(axis=1)]
    ax = new_axes(ax, height=0.33 * len(matrix) + 1.5)
    text = matrix.map(lambda v: "" if v < _LEAST_SHARE else f"{100 * v:.0f}")
    sns.heatmap(
        matrix, ax=ax, annot=text, fmt="", vmin=0, vmax=1, cmap="Blues", cbar=False, linewidths=1,
        linecolor="white", annot_kws={"fontsize": 9},
    )  # fmt: skip
    ax.grid(visible=False)
    ax.set_xlabel("touchpoint number; per cent of the newcomers, each column adds up to 100", fontsize=8, color=QUIET, loc="left")
    ax.set_ylabel("")
    ax.tick_params(axis="both", length=0)
    ax.tick_params(axis="y", rotation=0)
    ax.set_title(title)
    return ax


@passes_on
def draw_path_graph(steps: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw the most frequent steps between touchpoints as arrows; a thicker arrow is a more frequent step.

    steps : from_touchpoint, from_stage, to_touchpoint, to_stage, count, from `path_steps`.
    Touchpoints stand in the column of their stage. Only steps to another touchpoint are arrows.
    """
    places = _places(steps)
    tallest = max((y for _, y, _ in places.values()), default=0)
    ax = new_axes(ax, height=1.05 * (tallest + 1) + 1.6, width=9.6)
    most = steps["count"].max()
    for row in steps.rename(columns={"count": "taken"}).sort_values("taken").itertuples():
        (x0, y0, stage), (x1, y1, _) = places[row.from_touchpoint], places[row.to_touchpoint]
        bend = 0.18 if x0 != x1 else 0.45
        ax.add_patch(
            FancyArrowPatch(
                (x0, -y0), (x1, -y1), connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>", mutation_scale=9,
                linewidth=max(_WIDEST * row.taken / most, 0.5), color=_COLORS[stage], alpha=0.55, shrinkA=15, shrinkB=15,
                gid=f"{row.from_touchpoint} → {row.to_touchpoint}", zorder=1,
            )
        )  # fmt: skip
    for name, (x, y, stage) in places.items():
        ax.plot(x, -y, "o", markersize=15, color=_COLORS[stage], zorder=2)
        ax.annotate(
            name, (x, -y), xytext=(0, -12), textcoords="offset points", ha="center", va="top", fontsize=8, zorder=3,
            bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
        )  # fmt: skip
    columns = {x: stage for x, _, stage in places.values()}
    for x, stage in columns.items():
        ax.annotate(stage, (x, 0.75), ha="center", fontsize=9, color=_COLORS[stage], fontweight="bold")
    ax.set_xlim(min(columns, default=0) - 0.6, max(columns, default=0) + 0.6)
    ax.set_ylim(-tallest - 0.5, 1.0)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.spines[["left", "bottom"]].set_visible(False)
    least = number(steps["count"].min()) if len(steps) else "0"
    ax.set_xlabel(
        f"an arrow is a step taken {least} times or more, coloured as the stage it leaves; the thicker, the more "
        f"often, up to {number(most)} times",
        fontsize=8, color=QUIET, loc="left",
    )  # fmt: skip
    ax.set_title(title)
    return ax


def _places(steps: pd.DataFrame) -> dict[str, tuple[int, float, str]]:
    """Touchpoint → column of its stage, height in it (the busiest on top), stage."""
    ends = pd.concat(
        [
            steps[["from_touchpoint", "from_stage", "count"]].set_axis(["name", "stage", "count"], axis=1),
            steps[["to_touchpoint", "to_stage", "count"]].set_axis(["name", "stage", "count"], axis=1),
        ]
    )
    busy = ends.groupby(["name", "stage"])["count"].sum().reset_index()
    busy = busy.sort_values(["count", "name"], ascending=[False, True])
    stages = [s for s in STAGES if s in set(busy["stage"])]
    out = {}
    for x, stage in enumerate(stages):
        for y, name in enumerate(busy.loc[busy["stage"] == stage, "name"]):
            out[name] = (x, y + 0.9 * (x % 2), stage)
    return out
