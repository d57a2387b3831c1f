"""Figures of scale draw exactly the numbers of their tables."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from apijourney.figures.scale import draw_expansion, draw_growth, draw_quota, draw_threshold
from apijourney.measurable import NotMeasurable

NOTHING = NotMeasurable("Scale", "add requests.")
NAN = np.nan


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def _texts(ax):
    return [t.get_text() for t in ax.texts]


def test_growth_stacks_the_shares_to_the_whole_and_shades_what_is_unknown():
    states = ["grew", "steady", "shrank", "silent"]
    table = pd.DataFrame(
        {"month": ["2026-01"] * 4 + ["2026-02"] * 4, "state": states * 2, "share": [NAN] * 4 + [0.25, 0.5, 0.2, 0.05]}
    )
    ax = draw_growth(table, title="t")
    drawn = {c.get_label(): [p.get_height() for p in c] for c in ax.containers}
    assert drawn == {"used far more": [0, 0.25], "about as much": [0, 0.5], "far less": [0, 0.2], "nothing": [0, 0.05]}
    assert [p.get_y() for p in ax.containers[-1]][1] == pytest.approx(0.95)
    assert _texts(ax) == ["25", "50", "20", "nothing to hold it against"]  # a sliver of 5 % carries no number


def test_expansion_draws_a_line_a_kind_and_no_zero_for_the_unknown():
    table = pd.DataFrame(
        {"kind": ["endpoint"] * 3 + ["region"] * 3, "month": ["2026-01", "2026-02", "2026-03"] * 2,
         "value": [NAN, 0.1, 0.2, NAN, 0.0, 0.05], "low": [NAN, 0.05, 0.1, NAN, 0, 0.01], "high": [NAN, 0.2, 0.3, NAN, 0.1, 0.1]}
    )  # fmt: skip
    ax = draw_expansion(table, title="t")
    lines = {line.get_label(): line.get_ydata() for line in ax.lines}
    np.testing.assert_array_equal(lines["endpoint"], [NAN, 0.1, 0.2])
    np.testing.assert_array_equal(lines["region"], [NAN, 0.0, 0.05])
    assert _texts(ax) == ["not yet known"] and ax.get_ylim()[0] == 0


def test_quota_draws_counts_with_their_shares():
    bands = pd.DataFrame({"band": ["under 20 %", "100 % or more"], "first": [0, 1.0], "last": [0.2, NAN], "accounts": [3, 1], "share": [0.75, 0.25]})
    ax = draw_quota(bands, title="t")
    assert [p.get_width() for p in ax.patches] == [3, 1] and _texts(ax) == ["3 (75 %)", "1 (25 %)"]


def test_threshold_draws_both_groups_and_says_too_few_instead_of_a_point():
    table = pd.DataFrame(
        {"quarter": ["2026 Q1", "2026 Q1", "2026 Q2", "2026 Q2"], "reached": ["reached it", "did not"] * 2,
         "value": [0.8, 0.2, NAN, 0.3], "low": [0.7, 0.1, NAN, 0.2], "high": [0.9, 0.3, NAN, 0.4],
         "numerator": [40, 10, 5, 30], "denominator": [50, 50, 7, 100]}
    )  # fmt: skip
    ax = draw_threshold(table, title="t")
    points = {line.get_label(): line.get_ydata() for line in ax.lines}
    np.testing.assert_array_equal(points["reached it"], [0.8, NAN])
    np.testing.assert_array_equal(points["did not"], [0.2, 0.3])
    assert _texts(ax) == ["n = 50", "too few (7)", "n = 50", "n = 100"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["2026 Q1", "2026 Q2"]


def test_figures_hand_a_missing_table_on():
    for draw in (draw_growth, draw_expansion, draw_quota, draw_threshold):
        assert draw(NOTHING, title="t") is NOTHING
