"""Figures of cohorts, days and habits draw exactly the numbers of their tables."""

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from apijourney.figures.cohorts import draw_lifecycle, draw_retention, draw_retention_curve
from apijourney.figures.daily import draw_daily
from apijourney.figures.habits import draw_comebacks, draw_power_curve
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.retention.retention import retention, retention_average

NOTHING = NotMeasurable("Cohort retention", "add requests.")
NOTES = pd.DataFrame({"date": pd.to_datetime(["2026-09-05", "2020-01-01"]), "text": ["release", "long ago"], "kind": "x"})


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.fixture
def cells():
    # six accounts begin in August, five in September, one in October; four of August return in September
    rows = [(f"a{i}", "2026-08-03") for i in range(6)] + [(f"a{i}", "2026-09-03") for i in range(4)]
    rows += [(f"b{i}", "2026-09-03") for i in range(5)] + [("c", "2026-10-03"), ("b0", "2026-10-09")]
    log = pd.DataFrame(rows, columns=["account_id", "occurred_at"]).assign(event="call")
    return retention(log, period="M", cohort="first_time", observed_until="2026-10-15")


def _texts(ax):
    return [t.get_text() for t in ax.texts]


def test_heatmap_leaves_open_cells_and_tiny_cohorts_blank(cells):
    ax = draw_retention(cells, title="t")
    drawn = ax.collections[0].get_array().filled(np.nan)
    # October is not over: August has months 0 and 1, September month 0, and October's one account is too few
    assert np.isnan(drawn).tolist() == [[False, False, True], [False, True, True], [True, True, True]]
    assert drawn[0, 1] == pytest.approx(4 / 6)
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels == ["2026-08  (6)", "2026-09  (5)", "2026-10  (1, too few)"]


def test_heatmap_leaves_out_cohorts_of_nobody(cells):
    empty = cells[cells["cohort"] == "2026-09-01"].assign(size=0, share=np.nan)
    ax = draw_retention(pd.concat([cells[cells["cohort"] != "2026-09-01"], empty]), title="t")
    assert [t.get_text()[:7] for t in ax.get_yticklabels()] == ["2026-08", "2026-10"]


def test_no_cohort_at_all_is_a_note_and_no_empty_picture(cells):
    for answer in (draw_retention(cells.head(0), title="t"), draw_retention_curve(retention_average(cells.head(0)), title="t")):
        assert str(answer).startswith("Cohort retention is not measurable: nobody is known to have begun")


def test_brackets_are_named_by_their_first_and_last_period(cells):
    ax = draw_retention(cells.assign(period_last=cells["period"].replace({2: 3})), title="t", period="W")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0", "1", "2–3"]


def test_curve_draws_the_pooled_share_and_the_accounts_behind_it(cells):
    average = retention_average(cells)
    ax = draw_retention_curve(average, title="t")
    line = ax.lines[0]
    np.testing.assert_allclose(line.get_ydata(), average["share"])
    np.testing.assert_array_equal(line.get_xdata(), average["period"])
    assert _texts(ax) == [str(n) for n in average["size"]]


def test_lifecycle_bars_stack_to_the_active_accounts_and_hang_the_dormant_below():
    table = pd.DataFrame(
        {"period": pd.to_datetime(["2026-09-01", "2026-10-01"]), "returning": [3, 4], "new": [2, 1],
         "resurrecting": [0, 1], "dormant": [0, 1]}
    )  # fmt: skip
    ax = draw_lifecycle(table, title="t", notes=NOTES)
    heights = {c.get_label(): [p.get_height() for p in c.patches] for c in ax.containers}
    assert heights == {"returning": [3, 4], "new": [2, 1], "resurrecting": [0, 1], "dormant": [0, -1]}
    tops = [p.get_y() + p.get_height() for p in ax.containers[2].patches]
    assert tops == [5, 6]
    assert ax.get_xlabel() == "1 release"
    assert [t.get_text() for t in ax.get_xticklabels()] == ["Sep 2026", "Oct 2026"]  # months, never days


def test_lifecycle_of_one_month_is_one_bar():
    table = pd.DataFrame({"period": pd.to_datetime(["2026-10-01"]), "returning": [3], "new": [2], "resurrecting": [0], "dormant": [1]})
    assert len(draw_lifecycle(table, title="t").containers[0].patches) == 1


def test_daily_lines_leave_unknown_days_blank_and_carry_the_notes():
    days = pd.date_range("2026-09-01", periods=10)
    short = pd.DataFrame({"day": days, "accounts": np.arange(10.0)})
    long = short.assign(accounts=short["accounts"].where(short.index > 5))
    ax = draw_daily({"on the day": short, "in 7 days": long}, title="t", notes=NOTES)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), short["accounts"])
    assert np.isnan(ax.lines[1].get_ydata()).sum() == 6
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["on the day", "in 7 days"]
    assert ax.get_xlabel() == "1 release"  # the note outside the axis is left out
    begin, end = (mdates.num2date(v).strftime("%m-%d %H") for v in ax.get_xlim())
    assert (begin, end) == ("08-31 12", "09-10 12")  # no tick of a day that is not shown


def test_power_curve_draws_one_bar_a_number_of_days():
    ax = draw_power_curve(pd.DataFrame({"periods_active": [1, 2, 3], "accounts": [5, 0, 2]}), title="t")
    assert [p.get_height() for p in ax.patches] == [5, 0, 2]


def test_comebacks_draw_counts_with_their_shares():
    table = pd.DataFrame({"repeat_days": ["0", "1"], "first": [0, 1], "accounts": [3, 1], "share": [0.75, 0.25]})
    ax = draw_comebacks(table, title="t")
    assert [p.get_width() for p in ax.patches] == [3, 1]
    assert _texts(ax) == ["3 (75 %)", "1 (25 %)"]


def test_figures_hand_a_missing_table_on():
    for draw in (draw_retention, draw_retention_curve, draw_lifecycle, draw_power_curve, draw_comebacks):
        assert draw(NOTHING, title="t") is NOTHING
    assert draw_daily(NOTHING, title="t") is NOTHING
    assert draw_daily({"x": NOTHING}, title="t") is NOTHING
