"""The figures of the journey draw the numbers of their tables."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable
from apijourney.figures.journey import draw_paths, draw_stages, draw_touchpoints


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


REACHED = pd.DataFrame(
    {
        "touchpoint": ["docs", "webhook", "sign-up"],
        "stage": ["discover", "measure", "evaluate"],
        "owner": ["Docs", "Portal", "Growth"],
        "units": [1200.0, np.nan, 0.0],
    }
)


def test_touchpoints_are_bars_and_a_blind_spot_is_a_note():
    ax = draw_touchpoints(REACHED, title="Reached")
    assert [bar.get_width() for bar in ax.patches] == [1200, 0, 0]
    assert [t.get_text() for t in ax.texts] == [
        "1,200 · Docs", "cannot be measured yet · Portal", "0 · Growth",
    ]  # fmt: skip
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["discover", "evaluate", "measure"]


def test_a_journey_nobody_can_measure_is_drawn_all_the_same():
    ax = draw_touchpoints(REACHED.assign(units=np.nan), title="Reached")
    assert all("cannot be measured" in t.get_text() for t in ax.texts)


def test_each_stage_has_its_own_line_and_the_notes():
    table = pd.DataFrame(
        {
            "month": ["2026-01", "2026-02"] * 2,
            "stage": ["discover"] * 2 + ["scale"] * 2,
            "units": [10.0, 12.0, np.nan, 3.0],
        }
    )
    notes = pd.DataFrame({"date": [pd.Timestamp("2026-01-20")], "text": ["a release"]})
    figure = draw_stages(table, title="By stage", notes=notes)
    first, second = figure.axes
    assert first.lines[0].get_ydata().tolist() == [10, 12]
    assert np.array_equal(second.lines[0].get_ydata(), [np.nan, 3], equal_nan=True)
    assert [ax.get_title(loc="left") or ax.get_title() for ax in figure.axes] == ["discover", "scale"]
    assert first.texts[0].get_text() == "1" and figure.get_supxlabel() == "1 a release"


def test_few_months_are_written_as_months_not_days():
    table = pd.DataFrame({"month": ["2026-01"], "stage": ["scale"], "units": [4.0]})
    figure = draw_stages(table, title="By stage")
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["Jan 2026"]


def test_paths_write_per_cent_and_say_too_few():
    shares = pd.DataFrame(
        {"docs": [0.25, np.nan], "(end)": [0.75, np.nan]}, index=["docs", "prices"]
    )
    ax = draw_paths(shares, title="What follows what")
    assert ax.collections[0].get_array().compressed().tolist() == [0.25, 0.75]
    texts = [t.get_text() for t in ax.texts if t.get_text()]
    assert texts == ["25", "75", "too few"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["docs", "(end)"]


@pytest.mark.parametrize("draw", [draw_touchpoints, draw_stages, draw_paths])
def test_what_cannot_be_measured_is_handed_on(draw):
    note = NotMeasurable("The journey", "add touchpoints.")
    assert draw(note, title="x") is note
