"""Figures of staying draw exactly the numbers of their tables, and blank what is not known."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from apijourney.figures.cohorts import draw_retention_curve
from apijourney.figures.staying import draw_fixed_days, draw_hazard, draw_remaining, draw_silence_choice, draw_survival
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.retention.account_life import survival_curve
from apijourney.metrics.product.retention.silence_limit import SilenceLimit

NOTHING = NotMeasurable("How long accounts stay", "observe for longer.")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def _line(ax, label):
    (line,) = [line for line in ax.lines if line.get_label() == label]
    return line


def _texts(ax):
    return [t.get_text() for t in ax.texts]


def test_fixed_days_draw_each_group_and_shade_the_open_month():
    table = pd.DataFrame(
        {"month": ["2026-08", "2026-09", "2026-10"], "value": [0.5, 0.6, np.nan], "low": [0.4, 0.5, np.nan],
         "high": [0.6, 0.7, np.nan], "denominator": [20, 20, np.nan], "mature": [True, True, False]}
    )  # fmt: skip
    ax = draw_fixed_days({"on days 1 to 7": table, "on days 24 to 30": table.assign(value=[0.3, np.nan, np.nan])}, title="t")
    np.testing.assert_array_equal(_line(ax, "on days 1 to 7").get_ydata(), [0.5, 0.6, np.nan])
    np.testing.assert_array_equal(_line(ax, "on days 24 to 30").get_ydata(), [0.3, np.nan, np.nan])
    assert _texts(ax).count("not yet known") == 1  # one of the groups is known in September


def test_remaining_names_a_measure_that_is_not_measurable():
    table = pd.DataFrame(
        {"measure": ["accounts"] * 2 + ["MRR"] * 2, "month": ["2026-09", "2026-10"] * 2, "value": [1, 0.4, np.nan, np.nan],
         "low": [0.8, 0.3, np.nan, np.nan], "high": [1, 0.5, np.nan, np.nan]}
    )  # fmt: skip
    ax = draw_remaining(table, title="t")
    assert _line(ax, "accounts").get_ydata().tolist() == [1, 0.4]
    assert np.isnan(_line(ax, "MRR: not measurable").get_ydata()).all()


def test_survival_falls_by_age_in_months_of_30_days():
    curve = survival_curve(pd.DataFrame({"days": [30, 60, 60], "ended": [True, False, False]}))
    ax = draw_survival({"all": curve}, title="t")
    line = _line(ax, "all")
    assert line.get_xdata().tolist() == [0, 1, 2] and line.get_ydata().tolist() == pytest.approx([1, 2 / 3, 2 / 3])
    assert ax.get_legend() is None and draw_survival({"a": curve, "b": curve}, title="t").get_legend() is not None


def test_hazard_shows_the_accounts_behind_each_month():
    table = pd.DataFrame({"age": [0, 1], "value": [0.4, 0.1], "low": [0.3, 0.05], "high": [0.5, 0.2], "denominator": [1200, 9]})
    ax = draw_hazard(table, title="t")
    assert ax.lines[0].get_xdata().tolist() == [1, 2] and ax.lines[0].get_ydata().tolist() == [0.4, 0.1]
    assert _texts(ax) == ["1,200", "9"]
    draw_hazard(table.head(0), title="t")  # nobody was followed for a month: an empty figure, no failure


def test_the_chosen_silence_is_marked_and_none_where_none_was_chosen():
    table = pd.DataFrame({"limit_days": [1, 2], "share": [0.5, 0.04], "low": [0.4, 0.0], "high": [0.6, 0.1]})
    ax = draw_silence_choice(table, title="t", limit=SilenceLimit(2, True, 25, 1))
    assert ax.lines[0].get_ydata().tolist() == [0.5, 0.04] and _texts(ax) == ["2 days"]
    assert _texts(draw_silence_choice(table, title="t", limit=NOTHING)) == []
    assert draw_silence_choice(NOTHING, title="t", limit=SilenceLimit(28, False, 0, 0)) is NOTHING


def test_each_cohort_with_enough_accounts_is_a_thin_line():
    average = pd.DataFrame({"period": [0, 1], "share": [1, 0.5], "low": [0.9, 0.4], "high": [1, 0.6], "size": [30, 30]})
    cohorts = pd.DataFrame(
        {"cohort": ["a", "a", "b", "b", "c"], "period": [0, 1, 0, 1, 0], "size": [20, 20, 10, 10, 3],
         "share": [1, 0.6, 1, np.nan, 1], "mature": [True, True, True, False, True]}
    )  # fmt: skip
    ax = draw_retention_curve(average, title="t", cohorts=cohorts)
    assert [line.get_ydata().tolist() for line in ax.lines] == [[1, 0.6], [1], [1, 0.5]]
    assert len(draw_retention_curve(average, title="t").lines) == 1


def test_what_is_not_measurable_is_handed_on():
    for draw in (draw_fixed_days, draw_remaining, draw_survival, draw_hazard):
        assert draw(NOTHING, title="t") is NOTHING
