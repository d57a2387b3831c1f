"""Scale of use: growing and fading accounts, expansion, quotas, and the mark of those that stay."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from apijourney.figures.habits import STATES, count_bars
from apijourney.figures.style import (
    ACCENT, GOOD, PALETTE, QUIET, WARM, annotate, month_axis, month_positions, new_axes, shade_unknown,
)  # fmt: skip
from apijourney.formats import number, percent
from apijourney.measurable import passes_on

GROWTH = {"grew": "used far more", "steady": "about as much", "shrank": "far less", "silent": "nothing"}


@passes_on
def draw_growth(table: pd.DataFrame, *, title: str, notes: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Draw which share of the accounts of the month before grew, stayed, shrank or fell silent.

    table : month, state, share, from `growth_by_month`. Months without shares are shaded, never empty bars.
    """
    ax = new_axes(ax, height=3.4)
    grid = table.pivot(index="month", columns="state", values="share").sort_index()
    x = month_positions(grid.index)
    base = np.zeros(len(grid))
    for state, words in GROWTH.items():
        share = grid[state].fillna(0).to_numpy()
        ax.bar(x, share, bottom=base, width=pd.Timedelta(days=26), color=STATES[state], label=words)
        for at, low, height in zip(x, base, share, strict=True):
            if height >= 0.06:
                ax.annotate(f"{100 * height:.0f}", (at, low + height / 2), ha="center", va="center", fontsize=7, color="white")
        base = base + share
    unknown = grid.isna().all(axis=1).to_numpy()
    if unknown.any():
        shade_unknown(ax, x[unknown], "nothing to hold it against")
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    ax.set_title(title)
    month_axis(ax, x)
    annotate(ax, notes)
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1], loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, title="against the month before", title_fontsize=8)
    return ax


@passes_on
def draw_expansion(table: pd.DataFrame, *, title: str, notes: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Draw which share of the accounts took up something new, a line a kind. table : from `expansion`."""
    ax = new_axes(ax, height=3.4)
    months = sorted(table["month"].unique())
    for i, (kind, part) in enumerate(table.groupby("kind", sort=False)):
        part = part.set_index("month").reindex(months)
        x = month_positions(part.index)
        color = PALETTE[i % len(PALETTE)]
        ax.fill_between(x, part["low"], part["high"], color=color, alpha=0.12, linewidth=0)
        ax.plot(x, part["value"], color=color, marker="o", markersize=4, label=kind)
    x = month_positions(months)
    unknown = table.groupby("month")["value"].apply(lambda v: v.isna().all()).reindex(months).to_numpy()
    if unknown.any():
        shade_unknown(ax, x[unknown], "not yet known")
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    ax.set_title(title)
    month_axis(ax, x)
    annotate(ax, notes)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8, title="another …\nband: 95 % interval", title_fontsize=8)
    return ax


@passes_on
def draw_quota(bands: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw how many accounts used how much of their quota. bands : from `quota_bands`."""
    ax = new_axes(ax, height=0.34 * len(bands) + 1.0)
    colors = [WARM if first >= 1 else PALETTE[4] if first >= 0.8 else ACCENT for first in bands["first"]]
    count_bars(ax, bands["band"], bands["accounts"], bands["share"], colors)
    ax.set_ylabel("of the quota")
    ax.set_title(title)
    return ax


@passes_on
def draw_threshold(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw, by quarter of sign-up, which share stayed of those that reached the mark and of the others.

    table : from `by_quarter`; groups that are too few have no point, but their number stands there.
    """
    ax = new_axes(ax, height=3.2)
    quarters = list(dict.fromkeys(table["quarter"]))
    for reached, color, shift in (("reached it", GOOD, -0.08), ("did not", WARM, 0.08)):
        part = table[table["reached"] == reached].set_index("quarter").reindex(quarters)
        x = np.arange(len(quarters)) + shift
        ax.vlines(x, part["low"], part["high"], color=color, linewidth=2)
        ax.plot(x, part["value"], "o", color=color, label=reached)
        for at, row in zip(x, part.itertuples(), strict=True):
            if pd.notna(row.denominator):
                text = f"n = {number(row.denominator)}" if pd.notna(row.value) else f"too few ({number(row.denominator)})"
                height = row.value if pd.notna(row.value) else 0.02
                ax.annotate(text, (at, height), xytext=(6, 0), textcoords="offset points", va="center", fontsize=7, color=color)
    ax.set_xticks(range(len(quarters)), quarters)
    ax.set_xlim(-0.4, len(quarters) - 0.3)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    ax.set_ylabel("active in days 29 to 56")
    ax.set_xlabel("quarter of sign-up; line: 95 % interval", fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax
