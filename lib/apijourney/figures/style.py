"""The look of all figures: one palette, quiet axes, and the notes on a time axis.

Applied by an explicit call of `use_style`, never on import.
"""

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

INK, QUIET, ACCENT, WARM, GOOD = "#1f2933", "#6b7785", "#1f5fa8", "#b5482a", "#2e7d4f"
PALETTE = [ACCENT, WARM, GOOD, "#7a4fa3", "#8a6d1a", "#3b8ea5", "#a23b6f"]


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
    return ax if ax is not None else plt.subplots(figsize=(width, height))[1]


def month_positions(months) -> pd.DatetimeIndex:
    """Months as instants on a time axis: the middle of each, so that a note stands within its month."""
    return pd.to_datetime([f"{m}-15" for m in months])


def time_axis(ax: Axes, *, monthly: bool = True) -> None:
    """Write months on a time axis, at most a dozen labels."""
    ax.xaxis.set_major_locator(mdates.AutoDateLocator(minticks=3, maxticks=9))
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(ax.xaxis.get_major_locator()))
    ax.set_xlabel("")


def month_axis(ax: Axes, months: pd.DatetimeIndex) -> None:
    """A time axis of monthly values: never days, however few the months are."""
    time_axis(ax)
    if len(months) <= 3:
        ax.set_xticks(months, [m.strftime("%b %Y") for m in months])
    ax.set_xlim(months[0] - pd.Timedelta(days=17), months[-1] + pd.Timedelta(days=17))


def annotate(ax: Axes, notes: pd.DataFrame) -> Axes:
    """Mark the notes of the workbook on a time axis: numbered lines, their texts below the plot.

    notes : date, text (and kind). Notes outside the axis are left out.
    """
    if notes is None or len(notes) == 0:
        return ax
    left, right = (mdates.num2date(v).replace(tzinfo=None) for v in ax.get_xlim())
    shown = notes[(notes["date"] >= left) & (notes["date"] <= right)].sort_values("date")
    texts = []
    for number, note in enumerate(shown.itertuples(), start=1):
        ax.axvline(note.date, color=QUIET, linewidth=0.9, linestyle=":", zorder=0)
        ax.annotate(
            str(number), (note.date, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 2),
            textcoords="offset points", ha="center", va="bottom", fontsize=8, color=QUIET,
        )  # fmt: skip
        texts.append(f"{number} {note.text}")
    if texts:
        ax.set_xlabel(_wrapped(texts), fontsize=8, color=QUIET, loc="left")
    return ax


def _wrapped(texts: list[str], width: int = 120) -> str:
    lines, line = [], ""
    for text in texts:
        if line and len(line) + len(text) + 3 > width:
            lines.append(line)
            line = text
        else:
            line = f"{line}   {text}" if line else text
    return "\n".join([*lines, line])
