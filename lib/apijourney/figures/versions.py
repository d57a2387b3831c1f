"""Versions: how a new one replaces the old, of the API and of each SDK, month by month."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from apijourney.figures.style import PALETTE, QUIET, annotate, month_axis, month_positions, new_figure
from apijourney.formats import number, percent
from apijourney.measurable import passes_on


@passes_on
def draw_adoption(table: pd.DataFrame, *, notes: pd.DataFrame | None = None, most: int = 4) -> Figure:
    """Draw the share of accounts on each version, one panel for the API and one for each SDK.

    table : of, month, version, value, low, high, denominator, from `adoption`; at most `most` panels. The
        name of a version stands where its line ends.
    """
    names = list(dict.fromkeys(table["of"]))[:most]
    rows = -(-len(names) // 2) if len(names) > 1 else 1
    columns = 2 if len(names) > 1 else 1
    figure, axes = new_figure(rows, columns, figsize=(8, 2.6 * rows + 0.4), sharex=True, sharey=True, squeeze=False)
    flat = list(axes.flat)
    for ax, name in zip(flat, names, strict=False):
        part = table[table["of"] == name]
        ends = {}
        for color, (version, line) in zip(PALETTE * 3, part.groupby("version", sort=False), strict=False):
            x = month_positions(line["month"])
            ax.fill_between(x, line["low"], line["high"], color=color, alpha=0.12, linewidth=0)
            ax.plot(x, line["value"], color=color, marker="o", markersize=3, linewidth=1.4, label=str(version))
            ends[version] = (x[-1], line["value"].iloc[-1], color)
        _name_ends(ax, ends)
        n = part.drop_duplicates("month")["denominator"].iloc[-1]
        what = "accounts that use it" if name != "API" else "accounts"
        ax.set_title(f"{name} (n = {number(n)} {what})", fontsize=9)
        ax.set_ylim(-0.03, 1.05)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
        month_axis(ax, month_positions(part["month"].unique()))
        annotate(ax, notes)
    for ax in flat[len(names) :]:
        ax.set_visible(False)
    texts = flat[len(names) - 1].get_xlabel()
    for ax in flat:
        ax.set_xlabel("")
    figure.supxlabel(texts, fontsize=8, color=QUIET, x=0.01, ha="left")
    figure.suptitle("Share of accounts on each version; bands: 95 % intervals", fontsize=11, fontweight="bold", x=0.01, ha="left")
    return figure


def _name_ends(ax, ends: dict) -> None:
    """Write the names of the lines at their ends, moved apart where they would cover each other."""
    gap, last = 0.085, -1.0
    for version, (x, y, color) in sorted(ends.items(), key=lambda end: end[1][1]):
        if pd.isna(y):
            continue
        last = max(y, last + gap)
        ax.annotate(str(version), (x, last), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8, color=color, annotation_clip=False)
