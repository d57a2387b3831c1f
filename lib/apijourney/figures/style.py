"""The look of all figures: one palette, quiet axes, and the notes on a time axis.

Applied by an explicit call of `use_style`, never on import.
"""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK, QUIET, ACCENT, WARM, GOOD = "#1f2933", "#6b7785", "#1f5fa8", "#b5482a", "#2e7d4f"
PALETTE = [ACCENT, WARM, GOOD, "#7a4fa3", "#8a6d1a", "#3b8ea5", "#a23b6f"]
_NAME_INCHES = 0.75  # of "Oct 2026" and a space beside it
_apart: ContextVar[bool] = ContextVar("figures_apart", default=False)


def use_style() -> None:
    """Set the look for the session: readable sizes, no decoration, the same pixels every time."""
    sns.set_theme(style="ticks", palette=PALETTE)
    plt.rcParams.update(
        {
            "figure.figsize": (8, 4), "figure.dpi": 96, "savefig.dpi": 96, "figure.constrained_layout.use": True,
            "font.family": "DejaVu Sans", "font.size": 10, "axes.titlesize": 11, "axes.titleweight": "bold",
            "axes.titlelocation": "left", "axes.titlepad": 16, "axes.spines.top": False, "axes.spines.right": False,
            "axes.edgecolor": QUIET, "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK,
            "ytick.color": INK, "axes.grid": True, "axes.grid.axis": "y", "grid.color": "#e3e7eb",
            "legend.frameon": False, "svg.hashsalt": "apijourney",
        }
    )  # fmt: skip


def new_axes(ax: Axes | None, *, height: float = 4.0, width: float = 8.0) -> Axes:
    """Return the axes given, or a new figure's."""
    return ax if ax is not None else new_figure(figsize=(width, height))[1]


def new_figure(rows: int = 1, columns: int = 1, *, figsize: tuple[float, float], **options) -> tuple[Figure, Axes]:
    """A figure and its axes, as `pyplot.subplots` gives them; see `figures_apart` for when it is none of pyplot's."""
    if threading.current_thread() is threading.main_thread() and not _apart.get():
        return plt.subplots(rows, columns, figsize=figsize, **options)
    figure = Figure(figsize=figsize)
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, **options)


@contextmanager
def figures_apart() -> Iterator[None]:
    """Inside, as in any thread but the main one, a new figure is nobody's but its caller's.

    pyplot's figures belong to the cell that runs: whatever the kernel handles next, in whichever thread, draws and closes
    them at its end. A figure that is being drawn then for a moved control would be torn.
    """
    before = _apart.set(True)
    try:
        yield
    finally:
        _apart.reset(before)


def month_positions(months) -> pd.DatetimeIndex:
    """Months as instants on a time axis: the middle of each, so that a note stands within its month."""
    return pd.to_datetime([f"{m}-15" for m in months])


def time_axis(ax: Axes, days=None) -> None:
    """Write dates on an axis of days, at most a dozen labels. days : where it begins and ends."""
    if days is not None and len(days):
        half = pd.Timedelta(hours=12)  # the day after the last has no tick: it is not shown
        ax.set_xlim(pd.Timestamp(min(days)) - half, pd.Timestamp(max(days)) + half)
    ax.xaxis.set_major_locator(mdates.AutoDateLocator(minticks=3, maxticks=9))
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(ax.xaxis.get_major_locator()))
    ax.set_xlabel("")


def month_axis(ax: Axes, months: pd.DatetimeIndex) -> None:
    """An axis of monthly values: each month has its tick under its value, and the last one always its name.

    months : the positions of the values, from `month_positions`. As many names as have room are written.
    """
    # A figure's width is known before its axes are laid out; what stands beside the axes takes about a third.
    room = 0.75 * ax.figure.get_figwidth() / _across(ax)
    step = max(1, math.ceil(len(months) * _NAME_INCHES / room))
    named = months[::-1][::step][::-1]
    ax.set_xticks(named, [m.strftime("%b %Y") for m in named])
    ax.set_xticks(months, minor=True)
    ax.set_xlabel("")
    ax.set_xlim(months[0] - pd.Timedelta(days=17), months[-1] + pd.Timedelta(days=17))


def shade_unknown(ax: Axes, months: pd.DatetimeIndex, words) -> None:
    """Shade months that have no value, and write why, so that nothing there is read as one.

    months : positions from `month_positions`, ascending. words : the reason, one for all or one a month;
        neighbours of the same reason share one band.
    """
    words = [words] * len(months) if isinstance(words, str) else list(words)
    begin = 0
    for i, month in enumerate(months):
        goes_on = i + 1 < len(months) and words[i + 1] == words[i] and (months[i + 1] - month).days < 40
        if goes_on:
            continue
        first, last = months[begin] - pd.Timedelta(days=15), month + pd.Timedelta(days=15)
        ax.axvspan(first, last, color=QUIET, alpha=0.12, linewidth=0, zorder=0)
        upright = i - begin < 3  # words along a band of a few months would run out of it
        ax.annotate(
            words[i], (first + (last - first) / 2, 0.5), xycoords=("data", "axes fraction"), ha="center", va="center",
            bbox={"facecolor": "#eeeff1", "edgecolor": "none", "pad": 2}, rotation=90 if upright else 0, fontsize=8, color=QUIET,
        )  # fmt: skip
        begin = i + 1


def annotate(ax: Axes, notes: pd.DataFrame) -> Axes:
    """Mark the notes of the workbook on a time axis: numbered lines, their texts below the plot.

    notes : date, text (and kind). Notes outside the axis are left out. Where the numbers of neighbours would
    write over each other, they stand together above the middle of their lines: "2, 3".
    """
    if notes is None or len(notes) == 0:
        return ax
    left, right = (mdates.num2date(v).replace(tzinfo=None) for v in ax.get_xlim())
    shown = notes[(notes["date"] >= left) & (notes["date"] <= right)].sort_values("date")
    texts = []
    for number, note in enumerate(shown.itertuples(), start=1):
        # Above bars (1), which would hide it, and below lines of values (2).
        ax.axvline(note.date, color=INK, alpha=0.6, linewidth=0.9, linestyle=":", zorder=1.5)
        texts.append(f"{number} {note.text}")
    for first, last, at in _together(ax, mdates.date2num(shown["date"])):
        ax.annotate(
            ", ".join(str(n) for n in range(first, last + 1)), (at, 1.0), xycoords=("data", "axes fraction"),
            xytext=(0, 2), textcoords="offset points", ha="center", va="bottom", fontsize=8, color=QUIET,
        )  # fmt: skip
    if texts:
        ax.set_xlabel(wrapped(texts), fontsize=8, color=QUIET, loc="left")
    return ax


def _across(ax: Axes) -> int:
    spec = ax.get_subplotspec()
    return spec.get_gridspec().ncols if spec is not None else 1


def _together(ax: Axes, dates) -> list[tuple[int, int, float]]:
    """Numbers whose texts would touch: first, last, and the middle of their lines (matplotlib days)."""
    left, right = ax.get_xlim()
    days_an_inch = (right - left) / (0.75 * ax.figure.get_figwidth() / _across(ax))
    groups: list[tuple[int, int, float]] = []
    for number, date in enumerate(dates, start=1):
        group = (number, number, float(date))
        while groups and group[2] - groups[-1][2] < days_an_inch * (_inches(groups[-1]) + _inches(group)) / 2:
            first = groups.pop()[0]
            group = (first, number, float(dates[first - 1] + date) / 2)
        groups.append(group)
    return groups


def _inches(group: tuple[int, int, float]) -> float:
    """The width of "2, 3" at 8 points, with a space beside it."""
    numbers = range(group[0], group[1] + 1)
    return 0.07 * (sum(len(str(n)) for n in numbers) + 1.2 * (len(numbers) - 1) + 1)


def mark_months(ax: Axes, months: pd.Series, notes: pd.DataFrame | None) -> list[str]:
    """Mark the notes at the foot of an axis on which each month is one step, the first at 0, its middle on the step.

    notes : date, text. Those outside the months are left out. Returns the texts, numbered in order of time.
    """
    if notes is None or len(notes) == 0:
        return []
    place = {month: i for i, month in enumerate(months)}
    shown = notes[notes["date"].dt.strftime("%Y-%m").isin(place)].sort_values("date")
    for date in shown["date"]:
        at = place[f"{date:%Y-%m}"] + (date.day - 1) / date.days_in_month - 0.5
        ax.axvline(at, ymax=0.14, color=INK, linewidth=1)
    return [f"{number} {text}" for number, text in enumerate(shown["text"], start=1)]


def wrapped(texts: list[str], width: int = 120) -> str:
    """Write texts side by side, three blanks apart, in lines of at most so many letters."""
    lines, line = [], ""
    for text in texts:
        if line and len(line) + len(text) + 3 > width:
            lines.append(line)
            line = text
        else:
            line = f"{line}   {text}" if line else text
    return "\n".join([*lines, line])
