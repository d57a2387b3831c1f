"""Money: how recurring revenue moves from month to month, and on how few accounts it rests."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from apijourney.figures.style import ACCENT, PALETTE, QUIET, WARM, annotate, month_positions, new_axes, time_axis
from apijourney.formats import money, percent
from apijourney.measurable import passes_on

_UP = {"new_minor": "new", "expansion_minor": "expansion", "reactivation_minor": "reactivation"}
_DOWN = {"contraction_minor": "contraction", "churn_minor": "churn"}


@passes_on
def draw_movements(
    table: pd.DataFrame, *, currency: str, notes: pd.DataFrame | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what was won above the axis and what was lost below it, by month, with the net as a line.

    table : month and the movements in minor units, from `mrr_movements`.
    """
    ax = new_axes(ax, height=3.8)
    x = month_positions(table["month"])
    colors = [PALETTE[2], ACCENT, PALETTE[3], PALETTE[4], WARM]
    for group in (_UP, _DOWN):
        base = np.zeros(len(table))
        for column, label in group.items():
            height = table[column].to_numpy(dtype=float)
            ax.bar(x, height, bottom=base, width=22, color=colors.pop(0), label=label)
            base = base + height
    net = table[[*_UP, *_DOWN]].sum(axis=1)
    ax.plot(x, net, color="#111827", marker="o", markersize=3.5, linewidth=1.2, label="net change")
    ax.axhline(0, color=QUIET, linewidth=0.8)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: money(v, currency)))
    time_axis(ax)
    ax.set_title("Monthly recurring revenue won and lost")
    annotate(ax, notes)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax


@passes_on
def draw_concentration(ranked: pd.DataFrame, *, currency: str, largest: int = 10, ax: Axes | None = None) -> Axes:
    """Draw the MRR of the largest accounts and of all the others together.

    ranked : rank, account_id, mrr_minor, share, from `revenue_shares`.
    """
    top = ranked.head(largest)
    rest = ranked.iloc[largest:]
    names = [*top["account_id"], f"{len(rest):,} others"] if len(rest) else [*top["account_id"]]
    minor = [*top["mrr_minor"], rest["mrr_minor"].sum()] if len(rest) else [*top["mrr_minor"]]
    share = [*top["share"], rest["share"].sum()] if len(rest) else [*top["share"]]
    ax = new_axes(ax, height=0.36 * len(names) + 1.1)
    y = np.arange(len(names))
    ax.barh(y, share, color=[ACCENT] * len(top) + [QUIET] * (len(names) - len(top)), height=0.65)
    for i, (s, m) in enumerate(zip(share, minor, strict=True)):
        ax.annotate(f"{percent(s)} · {money(m, currency)}", (s, i), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8)
    ax.set_yticks(y, names)
    ax.invert_yaxis()
    ax.set_xlim(0, max(share, default=0.1) * 1.35)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    ax.grid(axis="y", visible=False)
    ax.set_title("Share of monthly recurring revenue by account")
    return ax
