"""The figures of the site draw the numbers of their tables."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.patches import FancyArrowPatch

from apijourney import NotMeasurable
from apijourney.figures.site import draw_first_steps, draw_path_graph

STEPS = pd.DataFrame(
    {
        "from_touchpoint": ["docs", "prices", "docs"],
        "from_stage": ["discover", "evaluate", "discover"],
        "to_touchpoint": ["prices", "docs", "search"],
        "to_stage": ["evaluate", "discover", "discover"],
        "count": [40, 20, 10],
    }
)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_first_steps_write_per_cent_and_leave_out_what_nobody_does():
    matrix = pd.DataFrame({1: [0.75, 0.0, 0.25], 2: [0.004, 0.004, 0.992]}, index=["docs", "rare", "(end)"])
    ax = draw_first_steps(matrix, title="First")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["docs", "(end)"]
    assert ax.collections[0].get_array().ravel().tolist() == [0.75, 0.004, 0.25, 0.992]
    assert [t.get_text() for t in ax.texts if t.get_text()] == ["75", "25", "99"]


def test_each_step_is_an_arrow_as_thick_as_it_is_frequent():
    ax = draw_path_graph(STEPS, title="Steps")
    arrows = {p.get_gid(): p.get_linewidth() for p in ax.patches if isinstance(p, FancyArrowPatch)}
    assert arrows == {"docs → prices": 7.0, "prices → docs": 3.5, "docs → search": 1.75}
    assert {t.get_text() for t in ax.texts} == {"docs", "prices", "search", "discover", "evaluate"}
    assert "10 times or more" in ax.get_xlabel() and "up to 40 times" in ax.get_xlabel()


def test_touchpoints_of_a_stage_stand_in_one_column_the_busiest_on_top():
    ax = draw_path_graph(STEPS, title="Steps")
    at = {t.get_text(): t.xy for t in ax.texts}
    assert at["docs"][0] == at["search"][0] == at["discover"][0] < at["prices"][0]
    assert at["docs"][1] > at["search"][1]


@pytest.mark.parametrize("draw", [draw_first_steps, draw_path_graph])
def test_what_cannot_be_measured_is_handed_on(draw):
    note = NotMeasurable("The steps", "add touchpoints.")
    assert draw(note, title="x") is note
