"""Levers side by side, what changed, and where a change sits: differences as bars and dots."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from apijourney.figures.style import ACCENT, GOOD, PALETTE, QUIET, WARM, new_axes
from apijourney.formats import accounts, money, month_name, number
from apijourney.measurable import NotMeasurable, passes_on


@passes_on
def draw_levers(table: pd.DataFrame, *, currency: str, title: str, ax: Axes | None = None) -> Axes:
    """Draw the further paying accounts a month each lever would bring, with its MRR written beside it.

    table : from `levers`. The driver stands out from the steps of the funnel.
    """
    ax = new_axes(ax, height=0.45 * len(table) + 1.3)
    y = np.arange(len(table))
    colors = [WARM if kind == "driver" else ACCENT for kind in table["kind"]]
    ax.barh(y, table["paying"].astype(float), color=colors, height=0.6, alpha=0.85)
    ax.hlines(y, table["low"].astype(float), table["high"].astype(float), color="black", linewidth=1.2)
    right = np.nanmax([0.0, *table["high"].astype(float), *table["paying"].astype(float)])
    for i, row in enumerate(table.itertuples()):
        mrr = "unknown" if pd.isna(row.mrr_minor) else money(round(row.mrr_minor), currency)
        text = "too few to say" if pd.isna(row.paying) else f"{accounts(row.paying)} · MRR {mrr}"
        ax.annotate(text, (right, i), xytext=(8, 0), textcoords="offset points", va="center", fontsize=8)
    ax.axvline(0, color=QUIET, linewidth=0.9)
    ax.set_yticks(y, table["lever"])
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    note = "further paying accounts a month; line: 95 % interval"
    ax.set_xlabel(note, fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    if set(table["kind"]) == {"step", "driver"}:
        bars = [Patch(color=ACCENT, alpha=0.85, label="a step of the funnel"), Patch(color=WARM, alpha=0.85, label="the early behaviour (driver)")]
        ax.figure.legend(handles=bars, loc="outside lower right", ncol=2, fontsize=8)
    return ax


@passes_on
def draw_changes(table: pd.DataFrame, *, most: int | None = None, ax: Axes | None = None) -> Axes | NotMeasurable:
    """Draw each metric's change in units of its own uncertainty: within the band it may be chance.

    table : from `changes`; metrics without an interval are left out. The band is that of one metric looked at
    alone; of many, some lie outside by chance, and only those beyond it after allowing for all are in color.
    most : how many are drawn, the surest first; all by default.
    """
    judged = table[table["in_intervals"].notna()]
    shown = judged.head(len(judged) if most is None else most)
    if shown.empty:
        return NotMeasurable("What changed beyond chance", "no metric has an interval in two months in a row; choose a later month.")
    ax = new_axes(ax, height=0.27 * len(shown) + 1.4)
    y, x = np.arange(len(shown)), shown["in_intervals"].to_numpy(dtype=float)
    colors = [{"better": GOOD, "worse": WARM, "": QUIET}.get(m, ACCENT) for m in shown["moved"]]
    ax.axvspan(-1, 1, color=QUIET, alpha=0.12, linewidth=0)
    ax.axvline(0, color=QUIET, linewidth=0.9, linestyle=":")
    ax.hlines(y, 0, x, color=colors, linewidth=1.5)
    ax.scatter(x, y, color=colors, s=26, zorder=3)
    ax.set_yticks(y, [f"{r.name}, {month_name(r.month)[:3]} {r.month[:4]}" for r in shown.itertuples()])
    ax.set_ylim(len(shown) - 0.5, -0.5)
    reach = max(2.0, 1.1 * np.max(np.abs(x), initial=0.0))
    ax.set_xlim(-reach, reach)
    ax.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    ax.grid(axis="y", visible=False)
    note = (
        "change of the month named against the month before; beyond 1: chance brings as much to a single metric less than "
        f"5 times in 100\nin color: beyond chance among all {number(len(judged))} metrics looked at together; grey: may be "
        "chance, outside the band too"
    )
    if len(shown) < len(judged):
        note += f"\nthe {number(len(shown))} surest are shown"
    ax.figure.supxlabel(note, x=0.01, ha="left", fontsize=8, color=QUIET)
    ax.set_title("Which metrics moved, and is it more than chance?")
    return ax


@passes_on
def draw_mix_and_rate(found: tuple, *, by: str, ax: Axes | None = None) -> Axes:
    """Draw for each group how much of the change is its mix and how much its own rate.

    found : from `activation_mix`: the table of `mix_and_rate`, its intervals, the month. The last row, all
    groups together, stands apart. by : what a group is.
    """
    table, parts, month = found
    ax = new_axes(ax, height=0.42 * len(table) + 1.3)
    y = np.arange(len(table), dtype=float)
    y[-1] += 0.3
    columns = (("mix", -0.18, PALETTE[4], "mix: more or fewer of them"), ("rate", 0.18, ACCENT, "rate: they do better or worse"))
    for column, shift, color, label in columns:
        ax.barh(y + shift, table[column], height=0.32, color=color, label=label)
        bounds = parts.set_index("part").loc[column]
        ax.hlines(y[-1] + shift, bounds["low"], bounds["high"], color="black", linewidth=1.2)
    ax.axvline(0, color=QUIET, linewidth=0.9)
    names = [f"{row.group} (n = {number(row.n_before)}, then {number(row.n_now)})" for row in table.itertuples()]
    ax.set_yticks(y, names)
    ax.set_ylim(y[-1] + 0.6, -0.6)
    drawn = [*table["mix"], *table["rate"], *parts["low"].iloc[:2], *parts["high"].iloc[:2]]
    reach = 1.05 * np.max(np.abs(drawn), initial=0.001)
    ax.set_xlim(-reach, reach)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:+.3g}" if abs(v) > 1e-12 else "0"))
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("part of the change, percentage points; line: 95 % interval", fontsize=8, color=QUIET, loc="left")
    ax.set_title(f"Activated share of {month_name(month)} against the month before, by {by}")
    ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside lower right", ncol=2, fontsize=8)
    return ax
