"""One line to a figure that claims nothing: highest, lowest, and whether that may be chance."""

import numpy as np
import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.readings.funnel import read_going_through
from apijourney.readings.rates import read_rates
from apijourney.readings.retention import read_spread
from apijourney.readings.versions import read_forecast_on_ending

NAN = np.nan
RATES = pd.DataFrame(
    {"group": ["a", "b", "c", "few"], "value": [0.5, 0.2, 0.4, 1.0], "denominator": [100, 40, 20, 19], "q": [0.5, 0.01, 0.9, 0.001]}
)


def test_highest_and_lowest_are_named_and_who_differs_and_small_groups_are_passed_over():
    assert read_rates(RATES, what="Activated") == (
        "Activated: highest for “a” (**50 %**, n = 100), lowest for “b” (**20 %**, n = 40); by more than chance differs “b” "
        "(groups of 20 accounts or more)."
    )


def test_where_nobody_differs_that_is_said_and_one_group_alone_says_nothing():
    assert "no group differs from all others by more than chance" in read_rates(RATES.assign(q=0.2), what="Activated")
    assert read_rates(RATES.head(1), what="Activated") == read_rates(RATES.assign(value=NAN), what="Activated") == ""
    note = NotMeasurable("Rates", "add accounts.")
    assert read_rates(note, what="x") is note


TREND = pd.DataFrame(
    {"month": ["2026-07", "2026-08", "2026-09"], "value": [0.3, 0.2, NAN], "low": [0.2, 0.1, NAN], "high": [0.4, 0.3, NAN], "denominator": [50, 40, 0]}
)


def test_the_way_through_is_said_for_the_latest_known_month_and_the_span_of_the_others():
    assert read_going_through(TREND) == (
        "Of the accounts of August 2026, **20 %** went all the way (95 % interval 10 % to 30 %; n = 40); the months known lie between "
        "20 % (August 2026) and 30 % (July 2026)."
    )
    assert read_going_through(TREND.tail(2)).endswith("n = 40).")
    assert read_going_through(TREND.tail(1)) == "No month shown is known yet: the windows of its accounts are still open."


def cohorts(first, second):
    rows = [("2026-07-01", 1, 40, *first), ("2026-08-01", 1, 30, *second), ("2026-09-01", 1, 3, 1.0, 0.4, 1.0), ("2026-07-01", 2, 40, 0.0, 0.0, 0.1)]
    table = pd.DataFrame(rows, columns=["cohort", "period", "size", "share", "low", "high"])
    return table.assign(cohort=pd.to_datetime(table["cohort"]))


def test_cohorts_lie_between_the_least_and_the_most_of_month_1_and_small_ones_are_passed_over():
    assert read_spread(cohorts((0.5, 0.4, 0.6), (0.7, 0.55, 0.8))) == (
        "In month 1 the cohorts lie between **50 %** of those who began in July 2026 (n = 40) and **70 %** of those who began in "
        "August 2026 (n = 30); the intervals of these two overlap."
    )
    assert read_spread(cohorts((0.5, 0.4, 0.6), (0.8, 0.65, 0.9))).endswith("lie apart.")
    assert read_spread(cohorts((0.5, 0.4, 0.6), (NAN, NAN, NAN))) == ""


AHEAD = pd.DataFrame({"month": ["2026-11", "2026-12"], "value": [100.0, 110.0]})


def radar(ends_on="2026-12-31", days_left=61.0, mrr_minor=58_604_00.0, accounts=43):
    row = {"api_version": "v1", "ends_on": ends_on, "days_left": days_left, "accounts": accounts, "mrr_minor": mrr_minor}
    return pd.DataFrame([row])


def test_revenue_on_a_version_that_ends_before_the_forecast_does_is_said():
    assert read_forecast_on_ending(radar(), AHEAD, currency="EUR") == (
        "It takes for granted that the **EUR 58,604** a month of 43 accounts still on v1 stays, though that version ends on 2026-12-31."
    )
    assert "ended on 2026-10-01" in read_forecast_on_ending(radar("2026-10-01", -30.0), AHEAD, currency="EUR")


def test_an_end_after_the_forecast_or_without_revenue_and_a_forecast_that_is_not_known_add_nothing():
    later, none = radar("2027-01-01", 62.0), radar(mrr_minor=NAN)
    unknown, lacking = AHEAD.assign(value=NAN), NotMeasurable("Versions", "add releases.")
    open_end = radar("", NAN)
    for table, ahead in ((later, AHEAD), (none, AHEAD), (open_end, AHEAD), (radar(), unknown), (lacking, AHEAD), (radar(), lacking)):
        assert read_forecast_on_ending(table, ahead, currency="EUR") == ""
