"""The service: who brings the traffic, how busy the machines are, how long callers wait, was it there?"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from apijourney.figures.style import (
    ACCENT, GOOD, PALETTE, QUIET, WARM, annotate, month_axis, month_positions, new_axes, new_figure, time_axis,
)  # fmt: skip
from apijourney.formats import counted, number, percent, tick
from apijourney.measurable import passes_on

_BESIDE = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "fontsize": 8}
_SHADES = ["#9dbfe3", "#5f93cb", ACCENT, "#0d2f57"]


@passes_on
def draw_traffic(table: pd.DataFrame, *, notes: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Draw the production calls a minute, stacked by segment, the largest segment at the bottom.

    table : month, segment, per_minute, from `traffic_by_segment`.
    """
    ax = new_axes(ax, height=3.4)
    segments = list(dict.fromkeys(table["segment"]))
    base = np.zeros(table["month"].nunique())
    for i, segment in enumerate(segments):
        part = table[table["segment"] == segment]
        color = QUIET if segment == "no account" else PALETTE[i % len(PALETTE)]
        ax.bar(month_positions(part["month"]), part["per_minute"], bottom=base, width=20, color=color, label=segment, linewidth=0)
        base = base + part["per_minute"].to_numpy()
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: number(v, 2)))
    ax.set_title("Production calls a minute, by the segment of the account")
    month_axis(ax, month_positions(table["month"].unique()))
    annotate(ax, notes)
    ax.legend(**_BESIDE)
    return ax


@passes_on
def draw_machines(table: pd.DataFrame, *, notes: pd.DataFrame | None = None) -> Figure:
    """Draw three rows over the same days: the highest processor load, memory and connections of each day.

    table : day, cpu_max, memory_max, connections_max, from `machines_of_day`; days without a sample stay blank.
    """
    figure, axes = new_figure(3, 1, figsize=(8, 5.0), sharex=True)
    rows = (
        ("cpu_max", "Processor, busiest sample of the day", ACCENT, percent),
        ("memory_max", "Memory, fullest sample of the day", PALETTE[3], percent),
        ("connections_max", "Connections at the same time, busiest hour of the day", GOOD, number),
    )
    for ax, (column, title, color, write) in zip(axes, rows, strict=True):
        ax.plot(table["day"], table[column].astype("float64"), color=color, linewidth=1.2)
        ax.set_ylim(0, 1 if write is percent else None)
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _, w=write: f"{100 * v:.0f} %" if w is percent else w(v)))
        ax.set_title(title, fontsize=9)
    time_axis(axes[-1], table["day"])
    for ax in axes:
        annotate(ax, notes)
    for ax in axes[:-1]:
        ax.set_xlabel("")
    return figure


@passes_on
def draw_percentiles(
    table: pd.DataFrame, *, goal: float | None = None, notes: pd.DataFrame | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the percentiles of the wait month by month, on a scale where doubling is the same step everywhere.

    table : month, quantile, latency_ms, low, high, from `latency_table`; what has too few calls stays blank.
    goal : of the 95th percentile.
    """
    ax = new_axes(ax, height=3.8)
    months = month_positions(table["month"].unique())
    for color, (q, part) in zip(_SHADES, table.groupby("quantile"), strict=False):
        x = month_positions(part["month"])
        ax.fill_between(x, part["low"], part["high"], color=color, alpha=0.2, linewidth=0)
        ax.plot(x, part["latency_ms"], color=color, marker="o", markersize=3.5, label=f"p{100 * q:.0f}")
    if goal is not None:
        ax.axhline(goal, color=GOOD, linestyle="--", linewidth=1.2, label=f"goal of p95, {tick(goal, 'ms')}")
    ax.set_yscale("log")
    _plain_log(ax)
    ax.set_title("How long good calls take; bands: 95 % intervals; log scale")
    month_axis(ax, months)
    annotate(ax, notes)
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1], **_BESIDE)
    return ax


def _plain_log(ax: Axes) -> None:
    low, high = ax.get_ylim()
    steps = [v * 10.0**p for p in range(-1, 7) for v in (1, 2, 5)]
    ax.set_yticks([s for s in steps if low <= s <= high])
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: tick(v, "ms")))
    ax.yaxis.set_minor_formatter(NullFormatter())


@passes_on
def draw_waits(
    table: pd.DataFrame, *, title: str, overall: float | None = None, most: int = 12, ax: Axes | None = None
) -> Axes:
    """Draw the accounts that wait longest: a point, its interval and its calls.

    table : account_id, latency_ms, low, high, calls, from `latency_by_account`; accounts with too few
        calls are left out. overall : the same percentile of all calls, as a dotted line.
    """
    shown = table[table["latency_ms"].notna()].head(most)
    ax = new_axes(ax, height=0.3 * max(len(shown), 2) + 1.2)
    y = np.arange(len(shown))
    ax.hlines(y, shown["low"], shown["high"], color=ACCENT, linewidth=2)
    ax.plot(shown["latency_ms"], y, "o", color=ACCENT)
    right = np.nanmax([1.0, *shown["high"], overall or 0])
    for i, row in enumerate(shown.itertuples()):
        ax.annotate(
            f"{tick(row.latency_ms, 'ms')} (n = {number(row.calls)})", (right, i), xytext=(8, 0),
            textcoords="offset points", va="center", fontsize=8,
        )  # fmt: skip
    if overall is not None:
        ax.axvline(overall, color=QUIET, linestyle=":", linewidth=1.2)
    ax.set_yticks(y, shown["account_id"])
    ax.set_ylim(max(len(shown), 1) - 0.5, -0.5)
    ax.set_xlim(0, right * 1.02)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: tick(v, "ms")))
    ax.grid(axis="y", visible=False)
    note = "line: 95 % interval; n: good calls" + ("; dotted: all calls together" if overall is not None else "")
    ax.set_xlabel(note, fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    return ax


@passes_on
def draw_codes(table: pd.DataFrame, *, title: str = "Error codes of the month", ax: Axes | None = None) -> Axes:
    """Draw how often each error code was met, on a scale where ten times as often is the same step everywhere.

    table : status, share, low, high, numerator, accounts, from `error_codes`. A lower bound of 0 ends at the
        edge of the plot; a code without an interval is a point alone.
    """
    ax = new_axes(ax, height=0.3 * max(len(table), 2) + 1.2)
    y = np.arange(len(table))
    left = 10.0 ** np.floor(np.log10(table["share"].min() / 2)) if len(table) else 1e-4
    colors = [WARM if status >= 500 else ACCENT for status in table["status"]]
    ax.hlines(y, table["low"].clip(lower=left), table["high"], color=colors, linewidth=2)
    ax.scatter(table["share"], y, color=colors, zorder=3)
    right = max([left * 10, *table["high"].fillna(0), *table["share"]])
    for i, row in enumerate(table.itertuples()):
        whom = counted(row.accounts, "account") if row.accounts else "no account"
        ax.annotate(
            f"{percent(row.share)} · {counted(row.numerator, 'call')} · {whom}", (right, i), xytext=(12, 0),
            textcoords="offset points", va="center", fontsize=8,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_xlim(left, right * 1.1)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: tick(v, "share")))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_yticks(y, table["status"].astype(str))
    ax.set_ylim(max(len(table), 1) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    ax.set_xlabel("share of all production calls, log scale; line: 95 % interval; red: the server's errors", fontsize=8, color=QUIET, loc="left")
    ax.set_title(title)
    return ax


@passes_on
def draw_up_and_available(
    availability: pd.DataFrame, uptime: pd.DataFrame, *, slo: float, notes: pd.DataFrame | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the share of calls answered well and the share of minutes without an incident, month by month.

    availability, uptime : the metrics "availability" and "time_uptime". slo : the promise, as a line.
    """
    ax = new_axes(ax, height=3.6)
    x = month_positions(availability["month"])
    ax.fill_between(x, availability["low"], availability["high"], color=ACCENT, alpha=0.15, linewidth=0)
    ax.plot(x, availability["value"], color=ACCENT, marker="o", markersize=4, label="calls answered well")
    ax.plot(x, uptime["value"], color=WARM, marker="s", markersize=4, linewidth=1.2, label="minutes without\nan incident")
    ax.axhline(slo, color=GOOD, linestyle="--", linewidth=1.2, label=f"promised {percent(slo)}")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: tick(round(v, 6), "share")))
    ax.set_title("Counted in calls and counted in minutes; band: 95 % interval")
    month_axis(ax, x)
    annotate(ax, notes)
    ax.legend(**_BESIDE)
    return ax
