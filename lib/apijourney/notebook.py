"""What a notebook cell says and shows: figures with alt text, computed sentences, small tables.

Every helper hands a `NotMeasurable` on as a note, and shows nothing for an empty sentence. What is
displayed is deterministic, so that stored outputs can be compared when a notebook runs again.
"""

import io
import math
import threading

import matplotlib.pyplot as plt
import pandas as pd
from IPython import get_ipython
from IPython.display import Image, Markdown, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from apijourney.errors import WorkbookError
from apijourney.formats import is_missing, month_name, number
from apijourney.measurable import NotMeasurable
from apijourney.metrics.records import as_records

METRICS_MIME = "application/vnd.apijourney.metrics+json"
DRAWING = threading.RLock()
"""One figure at a time: while matplotlib measures one, another that is drawn meanwhile stays blank. JupyterLab answers
moved controls in threads of their own, so several may ask at once."""
SIMULATED = "*All data are simulated. No number here describes a real company.*"


_noted: set[tuple[int, str]] = set()


def _note(answer: NotMeasurable) -> None:
    """Show why something is not measurable, once a cell, though figure, table and sentence all say it."""
    shell = get_ipython()
    cell = (shell.execution_count if shell else 0, str(answer))
    if shell is None or cell not in _noted:
        display(answer)
    _noted.add(cell)


def show(figure, alt: str) -> None:
    """Show a figure (or its axes) as a picture with alt text, and close it.

    alt : what the picture shows, for those who cannot see it.
    """
    if isinstance(figure, NotMeasurable):
        _note(figure)
        return
    if not str(alt).strip():
        raise WorkbookError("show(figure, alt): the alt text is empty; say what the picture shows.")
    alt = str(alt).replace("**", "")  # computed sentences are Markdown, alt text is not
    figure = figure.figure if isinstance(figure, Axes) else figure
    picture = png(figure)
    plt.close(figure)
    display(Image(picture, format="png", alt=alt), metadata={"image/png": {"alt": alt}})


def png(figure: Figure) -> bytes:
    """The picture of a figure, cut to what it shows.

    It is laid out once, measured, and drawn once. `savefig(bbox_inches="tight")` makes the same pixels, and
    draws everything twice for them.
    """
    with DRAWING:
        engine = figure.get_layout_engine()
        if engine is not None and figure.axes:
            engine.execute(figure)
            figure.set_layout_engine("none")
        shown = figure.get_tightbbox().padded(plt.rcParams["savefig.pad_inches"])
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi="figure", bbox_inches=shown, metadata={"Software": None})
    return buffer.getvalue()


def say(text) -> None:
    """Show a computed sentence, as Markdown."""
    if isinstance(text, NotMeasurable):
        _note(text)
    elif text and text.strip():
        display(Markdown(text))


def finding(text) -> None:
    """Show a verdict; nothing where there is none. The report gathers them on its cover, by their weight.

    text : a `Finding`, which says what it concerns, or a sentence, which then weighs least.
    """
    if not isinstance(text, NotMeasurable) and text and text.strip():
        mrr = getattr(text, "mrr_minor", math.nan)
        weight = {"mrr_minor": None if math.isnan(mrr) else mrr, "accounts": getattr(text, "accounts", 0)}
        display(Markdown(f"**Finding:** {text}"), metadata={"apijourney": {"finding": True} | weight})


class _Plain:
    """A small table whose text and HTML are the same every time."""

    def __init__(self, frame: pd.DataFrame):
        self._frame = frame

    def __repr__(self) -> str:
        return self._frame.to_string(index=False)

    def _repr_html_(self) -> str:
        return self._frame.to_html(index=False, border=0, classes="plain", escape=True)


def table(frame, formats: dict | None = None, most: int = 30, columns: list[str] | None = None) -> None:
    """Show a small table as it would be printed.

    frame : at most `most` rows are shown. formats : column → function that writes a value.
    columns : which to show, all by default. Missing text is empty; a missing number is "not yet known".
    Nothing is shown of a table without rows.
    """
    if isinstance(frame, NotMeasurable):
        _note(frame)
        return
    if not len(frame):
        return
    shown = frame.head(most)[list(columns or frame.columns)].copy()
    for column in shown.columns:
        plain = _plain if pd.api.types.is_numeric_dtype(shown[column]) else _text
        write = (formats or {}).get(column, plain)
        shown[column] = [write(v) for v in shown[column]]
    shown.columns = [str(c).removesuffix("_minor").replace("_", " ") for c in shown.columns]
    display(_Plain(shown))
    if len(frame) > most:
        display(Markdown(f"{len(frame) - most:,} more rows are not shown."))


def _text(value) -> str:
    return "" if is_missing(value) else _plain(value)


def _plain(value) -> str:
    if isinstance(value, float):
        if is_missing(value) or math.isinf(value):
            return number(value)
        return f"{value:,.3f}".rstrip("0").rstrip(".")
    if is_missing(value):
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def record(metrics: dict) -> None:
    """Attach metrics (id → table by month, or `NotMeasurable`) to the notebook, for the report."""
    display({METRICS_MIME: as_records(metrics), "text/plain": f"{len(metrics)} metrics recorded."}, raw=True)


def about(study) -> None:
    """Say whose data these are, which month, and what interval was observed."""
    book = study.workbook
    first = pd.Timestamp(study.observed_from, unit="us").tz_localize("UTC").tz_convert(study.zone)
    last = study.until.tz_localize("UTC").tz_convert(study.zone) - pd.Timedelta(days=1)
    say(
        f"**{book.company}**{', a simulated company' if book.simulated else ''} · {month_name(study.month)} · "
        f"observed {first:%Y-%m-%d} to {last:%Y-%m-%d} in {study.zone}. {study.scope}"
    )
    if book.simulated:
        say(SIMULATED)
