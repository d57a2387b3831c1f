"""Habits of accounts: on how many days they come, how often they come back, whose use changes."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from apijourney.figures.style import ACCENT, GOOD, PALETTE, QUIET, WARM, new_axes
from apijourney.formats import number, percent
from apijourney.measurable import passes_on

STATES = {"new": GOOD, "back": PALETTE[3], "grew": ACCENT, "steady": QUIET, "shrank": PALETTE[4], "silent": WARM}


@passes_on
def draw_power_curve(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw how many accounts were active on exactly k days. table : periods_active, accounts."""
    ax = new_axes(ax, height=3.0)
    ax.bar(table["periods_active"], table["accounts"], color=ACCENT, width=0.8)
    ax.set_xlim(0.3, len(table) + 0.7)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=16, integer=True, min_n_ticks=2))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v)))
    ax.set_ylabel("accounts")
    ax.set_xlabel("active days in the month", fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    return ax


@passes_on
def draw_comebacks(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw how many accounts came back on how many days. table : repeat_days, accounts, share."""
    ax = new_axes(ax, height=0.34 * len(table) + 1.0)
    colors = [WARM if first == 0 else ACCENT for first in table["first"]]
    count_bars(ax, table["repeat_days"], table["accounts"], table["share"], colors)
    ax.set_ylabel("days after the first")
    ax.set_title(title)
    return ax


def count_bars(ax: Axes, labels, counts, shares, colors) -> None:
    """Draw counts as bars that lie, each with its share behind it, the first one on top."""
    y = np.arange(len(counts))
    ax.barh(y, counts, color=colors, height=0.7)
    for i, (count, share) in enumerate(zip(counts, shares, strict=True)):
        text = number(count) if pd.isna(share) else f"{number(count)} ({percent(share)})"
        ax.annotate(text, (count, i), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8)
    ax.set_yticks(y, labels)
    ax.invert_yaxis()
    ax.set_xlim(0, max([*counts, 1]) * 1.15)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v)))
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set_xlabel("accounts", fontsize=8, color=QUIET, loc="left")
