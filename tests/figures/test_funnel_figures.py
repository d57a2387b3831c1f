"""The funnel, trend, survival and rate figures draw the numbers of their tables, and no others."""

import matplotlib.dates as mdates
import numpy as np
import pandas as pd

from apijourney import NotMeasurable
from apijourney.figures.friction import draw_friction
from apijourney.figures.funnel import draw_funnel
from apijourney.figures.rates import draw_rates
from matplotlib.colors import to_rgba

from apijourney.figures.step_rates import draw_step_rates
from apijourney.figures.style import ACCENT, WARM
from apijourney.figures.survival import draw_time_to, draw_time_to_each
from apijourney.figures.trend import draw_trend

FUNNEL = pd.DataFrame(
    {
        "step": [0, 1, 2], "event": ["sign_up", "call", "invoice"], "accounts": [200, 100, 20],
        "share_of_first": [1.0, 0.5, 0.1], "share_of_previous": [np.nan, 0.5, 0.2],
        "low": [0.98, 0.43, 0.07], "high": [1.0, 0.57, 0.15],
    }
)  # fmt: skip
TREND = pd.DataFrame(
    {
        "month": ["2026-08", "2026-09", "2026-10"], "value": [0.4, 0.5, np.nan], "low": [0.3, 0.4, np.nan],
        "high": [0.5, 0.6, np.nan], "mature": [True, True, False],
    }
)  # fmt: skip


def test_funnel_bars_are_the_shares_and_lines_the_intervals():
    ax = draw_funnel(FUNNEL)
    assert [bar.get_width() for bar in ax.patches] == [1.0, 0.5, 0.1]
    segments = ax.collections[0].get_segments()
    assert [tuple(s[:, 0]) for s in segments] == [(0.98, 1.0), (0.43, 0.57), (0.07, 0.15)]


def test_the_step_that_loses_most_is_marked():
    colors = [bar.get_facecolor() for bar in draw_funnel(FUNNEL).patches]
    assert colors == [to_rgba(ACCENT), to_rgba(ACCENT), to_rgba(WARM)]


def test_every_funnel_bar_says_its_count_and_share():
    texts = [t.get_text() for t in draw_funnel(FUNNEL).texts]
    assert texts[1] == "100 accounts · 50 % · 50 % of the step before"


def test_a_bar_of_too_few_accounts_says_its_count_and_no_share():
    few = FUNNEL.assign(accounts=[3, 2, 1], share_of_first=np.nan, low=np.nan, high=np.nan, too_few=True)
    few["share_of_previous"] = np.nan
    assert [t.get_text() for t in draw_funnel(few).texts] == [
        "3 accounts · too few", "2 accounts · too few", "1 account · too few",
    ]  # fmt: skip
    late = FUNNEL.assign(share_of_previous=[np.nan, 0.5, np.nan], too_few=[False, False, True])
    assert draw_funnel(late).texts[2].get_text() == "20 accounts · 10 % · too few in the step before"


def test_a_month_not_yet_known_is_shaded_with_its_reason_and_no_value():
    ax = draw_trend(TREND, unit="share", title="t")
    assert np.isnan(ax.lines[0].get_ydata()[2])
    band, word = ax.patches[-1], ax.texts[-1]
    first, last = (mdates.num2date(v).strftime("%Y-%m-%d") for v in (band.get_x(), band.get_x() + band.get_width()))
    assert (first, last) == ("2026-09-30", "2026-10-30")  # the middle of October, 15 days either way
    assert word.get_text() == "not yet known"
    assert "not yet known" not in [line.get_label() for line in ax.lines]


def test_months_that_lack_a_value_for_another_reason_say_that_reason():
    table = pd.DataFrame(
        {"month": ["2026-07", "2026-08", "2026-09", "2026-10"], "value": [np.nan, np.nan, 0.5, np.nan], "low": np.nan,
         "high": np.nan, "mature": [False, False, True, True], "denominator": [np.nan, np.nan, 9, 0]}
    )  # fmt: skip
    ax = draw_trend(table, unit="share", title="t")
    assert [t.get_text() for t in ax.texts] == ["cannot look back", "nothing to measure"]
    assert [round(band.get_width()) for band in ax.patches] == [61, 30]  # two months in one band, then one


def test_ticks_of_months_stand_under_their_values_and_name_no_month_to_come():
    months = [f"{year}-{month:02}" for year, month in [(2025, 11), (2025, 12)] + [(2026, m) for m in range(1, 11)]]
    table = pd.DataFrame({"month": months, "value": 0.5, "low": np.nan, "high": np.nan, "mature": True})
    ax = draw_trend(table, unit="share", title="t")
    names = [t.get_text() for t in ax.get_xticklabels()]
    assert names[-1] == "Oct 2026" and set(ax.get_xticks()) <= set(ax.lines[0].get_xdata(orig=False))
    assert ax.get_xticks(minor=True).size + len(names) >= 12  # every month has a tick, named or not
    at = [mdates.num2date(v).strftime("%b %Y") for v in ax.get_xticks()]
    assert at == names


def test_milliseconds_begin_at_0_and_an_axis_that_does_not_says_so():
    wait = pd.DataFrame({"month": ["2026-09", "2026-10"], "value": [320.0, 340.0], "low": np.nan, "high": np.nan, "mature": True})
    ax = draw_trend(wait, unit="ms", title="t")
    assert ax.get_ylim()[0] == 0 and ax.get_ylabel() == ""
    near_one = draw_trend(wait.assign(value=[0.998, 0.999]), unit="share", title="t")
    assert near_one.get_ylim()[0] > 0.9 and near_one.get_ylabel() == "the axis does not start at 0"


def test_a_funnel_has_the_title_it_is_given():
    assert draw_funnel(FUNNEL, title="October 2026").get_title() == "October 2026"


def test_numbers_of_notes_that_would_touch_stand_together():
    notes = pd.DataFrame({"date": pd.to_datetime(["2026-08-20", "2026-09-15", "2026-09-16", "2026-10-10"]), "text": list("abcd")})
    ax = draw_trend(TREND, unit="share", title="t", notes=notes)
    numbers = [t.get_text() for t in ax.texts if t.get_text()[0].isdigit()]
    assert numbers == ["1", "2, 3", "4"]
    assert ax.get_xlabel() == "1 a   2 b   3 c   4 d"
    assert sum(line.get_linestyle() == ":" for line in ax.lines) == 4


def test_annotations_stand_on_the_time_axis_with_their_text():
    notes = pd.DataFrame({"date": pd.to_datetime(["2026-09-15", "2020-01-01"]), "text": ["SDK released", "old"]})
    ax = draw_trend(TREND, unit="share", title="t", notes=notes)
    assert ax.get_xlabel() == "1 SDK released"


def test_a_trend_of_which_nothing_is_known_has_no_scale_and_no_goal_line():
    unknown = TREND.assign(value=np.nan, low=np.nan, high=np.nan, mature=False)
    ax = draw_trend(unknown, unit="share", title="t", goal=0.5)
    assert list(ax.get_yticks()) == []
    assert [line.get_label() for line in ax.lines] == ["value"]
    assert [t.get_text() for t in ax.texts] == ["not yet known"] and len(ax.patches) == 1


def test_a_survival_curve_is_drawn_as_steps_of_its_table():
    curve = pd.DataFrame({"days": [0.0, 2.0], "reached": [0.0, 0.5], "low": [0.0, 0.2], "high": [0.0, 0.9]})
    ax = draw_time_to({"all": curve}, title="t")
    assert ax.lines[0].get_drawstyle() == "steps-post"
    assert ax.lines[0].get_ydata().tolist() == [0.0, 0.5]


def test_a_group_too_small_says_so_instead_of_a_rate():
    rates = pd.DataFrame(
        {"group": ["big", "tiny"], "value": [0.5, np.nan], "low": [0.4, np.nan], "high": [0.6, np.nan], "denominator": [80, 2]}
    )
    ax = draw_rates(rates, label="group", title="t")
    assert ax.lines[0].get_xdata()[0] == 0.5
    assert [t.get_text() for t in ax.texts] == ["50 % (n = 80)", "too few (n = 2)"]


def test_a_figure_of_what_cannot_be_measured_is_that_answer():
    answer = NotMeasurable("The funnel", "add accounts.")
    assert draw_funnel(answer) is answer


def test_each_milestone_has_a_panel_and_each_group_one_colour():
    curve = pd.DataFrame({"days": [0.0, 2.0], "reached": [0.0, 0.5], "low": [0.0, 0.2], "high": [0.0, 0.9]})
    other = curve.assign(reached=[0.0, 0.25])
    figure = draw_time_to_each({"one": {"a": curve, "b": other}, "two": {"a": other, "b": curve}}, days=30)
    lines = [[line for line in ax.lines if line.get_label() in ("a", "b")] for ax in figure.axes]
    assert [[line.get_ydata().tolist() for line in part] for part in lines] == [
        [[0.0, 0.5], [0.0, 0.25]], [[0.0, 0.25], [0.0, 0.5]]
    ]  # fmt: skip
    assert [line.get_color() for line in lines[0]] == [line.get_color() for line in lines[1]]
    assert [text.get_text() for text in figure.legends[0].texts] == ["a", "b"]
    assert [ax.get_title() for ax in figure.axes] == ["one", "two"]


STEPS = pd.DataFrame(
    {"step": [1, 1, 2, 2], "step_name": ["called", "called", "the whole way", "the whole way"], "group": ["a", "b"] * 2,
     "value": [0.5, np.nan, 0.25, 0.75], "low": [0.4, np.nan, 0.2, 0.6], "high": [0.6, np.nan, 0.3, 0.9],
     "denominator": [80, 2, 80, 60]}
)  # fmt: skip


def test_each_step_is_a_panel_of_its_groups_and_too_few_say_so():
    figure = draw_step_rates(STEPS)
    shown = [ax for ax in figure.axes if ax.get_visible()]
    assert [ax.get_title() for ax in shown] == ["called", "the whole way"]
    np.testing.assert_array_equal([ax.lines[0].get_xdata() for ax in shown], [[0.5, np.nan], [0.25, 0.75]])
    assert [t.get_text() for t in shown[0].texts] == ["50 % (n = 80)", "too few (n = 2)"]
    segments = shown[1].collections[0].get_segments()
    assert [tuple(s[:, 0]) for s in segments] == [(0.2, 0.3), (0.6, 0.9)]


FRICTION = pd.DataFrame(
    {"behaviour": ["an error", "a ticket", "a search"], "difference": [0.2, np.nan, np.nan], "low": [0.1, np.nan, np.nan],
     "high": [0.3, np.nan, np.nan], "exposed": [50, 2, 0], "others": [100, 148, 0], "share": [0.5, np.nan, np.nan],
     "others_share": [0.3, np.nan, np.nan], "note": ["", "too few", "not known: needs searches"], "before": "called",
     "step_name": "paid", "hours": 24.0}
)  # fmt: skip


def test_friction_is_the_difference_with_its_interval_and_says_what_was_not_compared():
    ax = draw_friction(FRICTION)
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), [0.2, np.nan, np.nan])
    assert tuple(ax.collections[0].get_segments()[0][:, 0]) == (0.1, 0.3)
    assert [t.get_text() for t in ax.texts] == [
        "50 % of 50 stopped, others 30 % of 100", "too few (2 of 150 met it)", "not known: needs searches"
    ]  # fmt: skip
    left, right = ax.get_xlim()
    assert left == -right and right > 0.3
    assert "24 hours after “called”" in ax.get_title()
