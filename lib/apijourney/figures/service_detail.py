"""The service closer by: waits over the day, the hour after an error, days unlike the others, moving off a version."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from apijourney.figures.style import ACCENT, GOOD, PALETTE, QUIET, WARM, annotate, new_axes, new_figure, time_axis
from apijourney.formats import number, percent, tick
from apijourney.measurable import passes_on

_SHADES = ["#9dbfe3", "#5f93cb", "#0d2f57"]
_AFTER = {"success": ("succeeds", GOOD), "more_errors": ("only more errors", WARM), "silence": ("falls silent", "#c9d0d8")}
_UNUSUAL = {
    "calls": ("Calls a day", number),
    "failed_share": ("Share of them that ended in an error", percent),
    "p95_ms": ("95th percentile of the wait", lambda v: tick(v, "ms")),
}


@passes_on
def draw_hours(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw percentiles of the wait over the hours of the day, on a scale where doubling is the same step everywhere.

    table : group (hour), quantile, latency_ms, low, high, from `latency_by_group`; hours with too few calls stay blank.
    """
    ax = new_axes(ax, height=3.4)
    for color, (q, part) in zip(_SHADES, table.groupby("quantile"), strict=False):
        part = part.set_index("group").reindex(range(24))
        ax.fill_between(part.index, part["low"], part["high"], color=color, alpha=0.25, linewidth=0)
        ax.plot(part.index, part["latency_ms"], color=color, marker="o", markersize=3.5, label=f"p{100 * q:.0f}")
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.set_yticks([s for s in (v * 10.0**p for p in range(-1, 7) for v in (1, 2, 5)) if low <= s <= high])
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: tick(v, "ms")))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.minorticks_off()
    ax.set_xticks(range(0, 24, 3), [f"{h}:00" for h in range(0, 24, 3)])
    ax.set_xlim(-0.5, 23.5)
    ax.set_xlabel("local hour of the day; bands: 95 % intervals; log scale", fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1], loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return ax


@passes_on
def draw_after_errors(table: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw how the hour after each code goes: success, only more errors, or silence, adding up to all.

    table : code, accounts, encounters, after, value, from `after_errors`; code 0 is a good call. Codes of too few
        accounts have no value and are left out.
    """
    shown = table.dropna(subset="value")
    codes = list(dict.fromkeys(shown["code"]))
    ax = new_axes(ax, height=0.34 * max(len(codes), 2) + 1.3)
    y = np.arange(len(codes))
    left = np.zeros(len(codes))
    for after, (label, color) in _AFTER.items():
        width = shown[shown["after"] == after].set_index("code")["value"].reindex(codes).to_numpy()
        ax.barh(y, width, left=left, height=0.7, color=color, label=label, linewidth=0)
        left = left + width
    counts = shown.drop_duplicates("code").set_index("code")
    for i, code in enumerate(codes):
        row = counts.loc[code]
        ax.annotate(
            f"n = {number(row['encounters'])}, {number(row['accounts'])} accounts", (1.0, i), xytext=(6, 0),
            textcoords="offset points", va="center", fontsize=8,
        )  # fmt: skip
    ax.set_yticks(y, ["a good call" if code == 0 else str(code) for code in codes])
    ax.set_ylim(max(len(codes), 1) - 0.5, -0.5)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:.0f} %"))
    ax.grid(visible=False)
    ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(0.0, -0.12), ncol=3, fontsize=8)
    return ax


@passes_on
def draw_unusual(table: pd.DataFrame, *, notes: pd.DataFrame | None = None) -> Figure:
    """Draw each daily measure with the band that its weekday and trend let expect, unusual days as points.

    table : measure, day, value, low, high, unusual, from `marked_days`.
    """
    named = [m for m in _UNUSUAL if table.loc[table["measure"] == m, "value"].notna().any()]
    figure, axes = new_figure(len(named), 1, figsize=(8, 1.7 * len(named) + 0.8), sharex=True, squeeze=False)
    for ax, measure in zip(axes[:, 0], named, strict=True):
        part, (title, write) = table[table["measure"] == measure], _UNUSUAL[measure]
        ax.fill_between(part["day"], part["low"], part["high"], color=ACCENT, alpha=0.18, linewidth=0)
        ax.plot(part["day"], part["value"], color=ACCENT, linewidth=0.9)
        off = part[part["unusual"]]
        ax.plot(off["day"], off["value"], "o", color=WARM, markersize=4.5)
        ax.set_ylim(0, None)
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _, w=write: f"{100 * v:.0f} %" if w is percent else w(v)))
        ax.set_title(title, fontsize=9)
    time_axis(axes[-1, 0], table["day"])
    for ax in axes[:, 0]:
        annotate(ax, notes)
    for ax in axes[:-1, 0]:
        ax.set_xlabel("")
    return figure


@passes_on
def draw_migration(curve: pd.DataFrame, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw the share of accounts still on the old version, by days since its end was announced.

    curve : days, value, low, high, from `migration_curve`.
    """
    ax = new_axes(ax, height=3.4)
    ax.step(curve["days"], curve["value"], where="post", color=PALETTE[0])
    ax.fill_between(curve["days"], curve["low"], curve["high"], step="post", color=PALETTE[0], alpha=0.15, linewidth=0)
    ax.axhline(0.5, color=QUIET, linewidth=0.8, linestyle=":")
    ax.set_ylim(0, 1)
    ax.set_xlim(0, max(float(curve["days"].max()), 1.0))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: percent(v, 0)))
    ax.set_xlabel("days since the announcement; band: 95 % interval; dotted: half of them", fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    return ax
