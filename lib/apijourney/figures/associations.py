"""Differences between two groups of accounts: crude and adjusted, found and judged anew."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from apijourney.figures.style import ACCENT, INK, QUIET, WARM, new_axes, new_figure
from apijourney.formats import money
from apijourney.measurable import passes_on


@passes_on
def draw_links(
    table: pd.DataFrame, *, signals: dict[str, str], outcomes: dict[str, str], currency: str,
    title: str = "Accounts above the median of each signal in their first week, against the others",
) -> Figure:  # fmt: skip
    """Draw each link of the chain: hollow the crude difference, filled the adjusted one with its interval.

    table : from `chain`; signals, outcomes : id → what a reader calls it. One panel an outcome; shares in
    percentage points, MRR in money.
    """
    figure, axes = new_figure(1, len(outcomes), figsize=(9.6, 0.5 * len(signals) + 1.6), sharey=True)
    y = {signal: i for i, signal in enumerate(signals)}
    for ax, (outcome, words) in zip(np.atleast_1d(axes), outcomes.items(), strict=True):
        part = table[table["outcome"] == outcome]
        at = part["signal"].map(y).to_numpy()
        amounts = outcome == "mrr_minor"
        ax.axvline(0, color=QUIET, linewidth=0.9, linestyle=":")
        ax.hlines(at, part["low"], part["high"], color=ACCENT, linewidth=2)
        ax.plot(part["crude"], at - 0.2, "o", markersize=5, markerfacecolor="white", markeredgecolor=QUIET, label="crude")
        ax.plot(part["adjusted"], at, "o", color=ACCENT, label="adjusted, with its 95 % interval")
        for i, note in zip(at, part["note"], strict=True):
            if note:
                ax.text(0.5, i, note, fontsize=7.5, color=QUIET, ha="center", va="center", transform=ax.get_yaxis_transform(),
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
        ax.set_title(words.replace(" in ", "\nin ", 1), fontsize=9, pad=6)
        ends = part[["low", "high", "crude"]].to_numpy(dtype=float)
        reach = np.nanmax(np.abs(ends), initial=0.0) or 1.0
        ax.set_xlim(-1.1 * reach, 1.1 * reach)
        ax.xaxis.set_major_locator(MaxNLocator(3, symmetric=True))
        write = FuncFormatter(lambda v, _: money(v, currency)) if amounts else FuncFormatter(_points)
        ax.xaxis.set_major_formatter(write)
        ax.tick_params(axis="x", labelsize=8)
        ax.set_xlabel("" if amounts else "percentage points", fontsize=8, color=QUIET)
        ax.grid(axis="y", visible=False)
    first = np.atleast_1d(axes)[0]
    first.set_yticks(list(y.values()), list(signals.values()), fontsize=9)
    figure.legend(*first.get_legend_handles_labels(), loc="outside lower right", ncol=2, fontsize=8)
    first.set_ylim(len(y) - 0.5, -0.6)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    return figure


def _points(value: float, _) -> str:
    return f"{100 * value:+.0f}" if value else "0"


@passes_on
def draw_drivers(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw each early behaviour: hollow where the choice was made, filled where it was judged.

    table : from `drivers`: behaviour, cut, kind, earlier, adjusted, low, high, note.
    """
    ax = new_axes(ax, height=0.34 * len(table) + 1.4)
    y = np.arange(len(table))
    colors = np.where(table["kind"] == "before use", ACCENT, QUIET)
    ax.axvline(0, color=QUIET, linewidth=0.9, linestyle=":")
    ax.hlines(y, table["low"], table["high"], color=colors, linewidth=2)
    for kind, color, label in (("before use", ACCENT, "before use, later accounts"), ("use", QUIET, "use itself, later accounts")):
        inside = (table["kind"] == kind).to_numpy()
        ax.plot(table["adjusted"][inside], y[inside], "o", color=color, label=label)
    chosen = {"markersize": 6, "markerfacecolor": "none", "markeredgecolor": WARM}
    ax.plot(table["earlier"], y, "o", label="where it was chosen: earlier accounts", **chosen)
    for i, note in zip(y, table["note"], strict=True):
        if note:
            ax.text(1.0, i, note, fontsize=8, color=QUIET, ha="right", va="center", transform=ax.get_yaxis_transform())
    names = [b if c == 1 else f"{b} ≥ {c}" for b, c in zip(table["behaviour"], table["cut"], strict=True)]
    ax.set_yticks(y, names)
    ax.set_ylim(len(table) - 0.4, -0.6)
    ax.xaxis.set_major_formatter(FuncFormatter(_points))
    ax.grid(axis="y", visible=False)
    note = "accounts that stayed: difference in percentage points, adjusted; line: 95 % interval"
    ax.set_xlabel(note, fontsize=8, color=QUIET, loc="left")
    ax.set_title("Accounts that showed the behaviour early, against the others")
    ax.legend(loc="lower right", fontsize=8)
    for text in ax.get_legend().get_texts():
        text.set_color(INK)
    return ax
