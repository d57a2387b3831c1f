"""What a cell shows: alt text always, nothing for empty text, the same bytes every time."""

import math

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from apijourney import notebook
from apijourney.errors import WorkbookError
from apijourney.measurable import NotMeasurable
from apijourney.readings.findings import Finding

MISSING = NotMeasurable("MRR", "add invoices.")


@pytest.fixture
def shown(monkeypatch):
    """What was displayed: a list of (object, keywords)."""
    seen = []
    monkeypatch.setattr(notebook, "display", lambda thing, **more: seen.append((thing, more)))
    return seen


def draw():
    figure, ax = plt.subplots(figsize=(2, 1))
    ax.plot([1, 2], [3, 4])
    return figure


def test_a_figure_is_shown_with_its_alt_text_without_emphasis_and_closed(shown):
    before = plt.get_fignums()
    notebook.show(draw(), alt="Up by **3 %**")
    assert shown[0][1]["metadata"] == {"image/png": {"alt": "Up by 3 %"}}
    assert shown[0][0].alt == "Up by 3 %"
    assert plt.get_fignums() == before


def test_axes_are_shown_as_their_figure(shown):
    notebook.show(draw().axes[0], alt="A line")
    assert shown[0][0].data.startswith(b"\x89PNG")


def test_the_same_figure_is_the_same_bytes(shown):
    notebook.show(draw(), alt="A line")
    notebook.show(draw(), alt="A line")
    assert shown[0][0].data == shown[1][0].data


def _with_more_than_axes():
    figure, axes = plt.subplots(2, 2, figsize=(6, 4), sharex=True, layout="constrained")
    for ax in axes.flat:
        ax.plot([0.1, 20_000], label="a line")
        ax.annotate("beside the axes", (1.02, 0.5), xycoords="axes fraction", annotation_clip=False)
    axes[0, 1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes[1, 0].set_yscale("symlog")
    figure.suptitle("Two rows", x=0.01, ha="left")
    figure.supxlabel("1 a note below   2 another", fontsize=8)
    return figure


@pytest.mark.parametrize("drawn", [draw, _with_more_than_axes])
def test_a_figure_drawn_once_is_the_picture_that_drawing_it_twice_makes(drawn):
    import io

    twice, figure = io.BytesIO(), drawn()
    figure.savefig(twice, format="png", dpi=figure.dpi, bbox_inches="tight", metadata={"Software": None})
    assert notebook.png(drawn()) == twice.getvalue()
    plt.close("all")


@pytest.mark.parametrize("alt", ["", "  "])
def test_a_figure_without_alt_text_is_refused(shown, alt):
    with pytest.raises(WorkbookError, match="say what the picture shows"):
        notebook.show(draw(), alt=alt)
    plt.close("all")
    assert not shown


@pytest.mark.parametrize("text", ["", "   ", None])
def test_nothing_is_shown_for_empty_text(shown, text):
    notebook.say(text)
    notebook.finding(text)
    assert shown == []


def test_what_cannot_be_measured_is_a_note_and_never_a_finding(shown):
    notebook.show(MISSING, alt="")
    notebook.say(MISSING)
    notebook.table(MISSING)
    notebook.finding(MISSING)
    assert [thing for thing, _ in shown] == [MISSING] * 3


def test_a_finding_is_marked_for_the_reports_cover(shown):
    notebook.finding("It **fell**.")
    assert shown[0][0].data == "**Finding:** It **fell**."
    assert shown[0][1]["metadata"] == {"apijourney": {"finding": True, "mrr_minor": None, "accounts": 0}}


def test_a_finding_carries_what_it_concerns(shown):
    notebook.finding(Finding("It fell.", mrr_minor=500, accounts=3))
    assert shown[0][1]["metadata"]["apijourney"] == {"finding": True, "mrr_minor": 500.0, "accounts": 3}


def test_a_table_writes_numbers_for_readers_and_escapes_names(shown):
    frame = pd.DataFrame({"who": ["<b>ada</b>", "bo", "cy"], "n": [1234, 2, 3], "rate": [0.25, math.nan, math.inf]})
    notebook.table(frame, {"rate": lambda v: "?" if v == 0.25 else notebook.number(v)})
    lines = [line.split(maxsplit=2) for line in repr(shown[0][0]).splitlines()]
    assert lines == [
        ["who", "n", "rate"], ["<b>ada</b>", "1,234", "?"], ["bo", "2", "not yet known"], ["cy", "3", "∞"],
    ]  # fmt: skip
    assert "&lt;b&gt;ada" in shown[0][0]._repr_html_()


def test_a_plain_number_shows_three_decimals_at_most(shown):
    notebook.table(pd.DataFrame({"v": [0.12345, 2.0, math.nan, math.inf]}))
    assert repr(shown[0][0]).split() == ["v", "0.123", "2", "not", "yet", "known", "∞"]


def test_a_table_without_rows_is_not_shown(shown):
    notebook.table(pd.DataFrame({"a": []}))
    assert shown == []


def test_a_long_table_says_how_many_rows_it_leaves_out(shown):
    notebook.table(pd.DataFrame({"n": range(5)}), most=3)
    assert len(repr(shown[0][0]).splitlines()) == 1 + 3
    assert shown[1][0].data == "2 more rows are not shown."


def test_recorded_metrics_travel_unseen_as_strict_rows(shown):
    notebook.record({"quick": pd.DataFrame({"month": ["2026-10"], "value": [math.inf]}), "mrr": MISSING})
    bundle, more = shown[0]
    assert more == {"raw": True}
    assert bundle[notebook.METRICS_MIME] == [
        {"metric": "quick", "month": "2026-10", "value": "Infinity"},
        {"metric": "mrr", "not_measurable": "add invoices."},
    ]
    assert bundle["text/plain"] == "2 metrics recorded."
