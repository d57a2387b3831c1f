"""Companies whose data go wrong in the usual ways: no chapter of staying divides by zero or prints a NaN."""

import warnings

import pandas as pd
import pytest

from apijourney import NotMeasurable, measure, open_study
from apijourney.figures.cohorts import draw_retention, draw_retention_curve
from apijourney.figures.staying import draw_fixed_days, draw_hazard, draw_remaining, draw_silence_choice, draw_survival
from apijourney.metrics.product.retention.account_life import account_lives, hazard_by_age, life_log_rank, lives_by, survival_of
from apijourney.metrics.product.retention.fixed_days import fixed_days
from apijourney.metrics.product.retention.loyalty import pooled_retention, retention_triangle
from apijourney.metrics.product.retention.remaining import remaining
from apijourney.metrics.product.retention.retention_averages import average_ways
from apijourney.metrics.product.retention.silence_limit import silence_choice, silence_limit
from apijourney.readings import staying as says
from apijourney.readings.metric import read_metric
from apijourney.readings.retention import read_retention

METRICS = (
    "day_30_retention", "rolling_retention", "usage_retention", "recurring_usage", "power_user_share",
    "account_survival_6m", "month_1_retention",
)  # fmt: skip
ACCOUNTS = "account_id,created_at,segment\n"
FROM = "observed_from: 2026-01-01"
CALLS = "request_id,occurred_at,account_id,status,environment\n"


def calls(*rows) -> str:
    lines = [f"{i},{at},{account},200,production" for i, (account, at) in enumerate(rows)]
    return CALLS + "\n".join(lines) + "\n"


def everything_said(study) -> list[str]:
    """Each table of the chapter computed, each figure drawn, and every sentence about it."""
    import matplotlib.pyplot as plt

    limit, lives, days, left = silence_limit(study), account_lives(study), fixed_days(study), remaining(study)
    triangle, hazard, choice = retention_triangle(study), hazard_by_age(lives), silence_choice(study)
    groups = lives_by(study, "segment")
    draw_fixed_days(days, title="t", notes=study.annotations)
    draw_remaining(left, title="t")
    draw_survival(survival_of({"all": lives}), title="t")
    draw_survival(survival_of(groups), title="t")
    draw_hazard(hazard, title="t")
    draw_silence_choice(choice, title="t", limit=limit)
    draw_retention(triangle, title="t")
    draw_retention_curve(pooled_retention(triangle), title="t", cohorts=triangle)
    plt.close("all")
    said = [
        says.read_life(lives, limit), says.read_hazard(hazard), says.read_fixed_days(days), says.read_remaining(left),
        says.read_lives_by(groups), says.read_silence_choice(choice, limit), says.read_life_log_rank(life_log_rank(study)),
        says.read_average_ways(average_ways(triangle)), read_retention(pooled_retention(triangle)),
    ]  # fmt: skip
    return [str(text) for text in [*said, *(read_metric(measure(study, m), m) for m in METRICS)]]


# Each company: what goes wrong, its tables, and its workbook file.
COMPANIES = {
    "a call before its account was opened": (
        {"accounts.csv": ACCOUNTS + "a,2026-02-10T00:00:00Z,s\nb,2026-01-02T00:00:00Z,s\n",
         "requests.csv": calls(("a", "2026-01-20T10:00:00Z"), ("a", "2026-02-20T10:00:00Z"), ("b", "2026-02-28T10:00:00Z"))}, FROM),
    "accounts that were never active": (
        {"accounts.csv": ACCOUNTS + "".join(f"a{i},2026-01-0{i + 1}T00:00:00Z,s\n" for i in range(9)),
         "requests.csv": calls(("a1", "2026-02-28T10:00:00Z"))}, FROM),
    "nobody is active at all": (
        {"accounts.csv": ACCOUNTS + "a,2026-01-10T00:00:00Z,s\n",
         "requests.csv": CALLS + "1,2026-01-20T10:00:00Z,a,500,production\n2,2026-02-28T10:00:00Z,a,500,production\n"}, ""),
    "a cohort of one in a single month": ({"requests.csv": calls(("a", "2026-01-31T10:00:00Z"))}, ""),
    "months without any event": (
        {"requests.csv": calls(("a", "2026-01-01T10:00:00Z"), ("b", "2026-02-02T10:00:00Z"), ("b", "2026-07-31T10:00:00Z"))}, ""),
    "a leap day": (
        {"requests.csv": calls(("z", "2024-01-01T10:00:00Z"), ("a", "2024-02-29T10:00:00Z"), ("a", "2024-03-29T10:00:00Z"), ("a", "2024-03-31T23:00:00Z"))}, ""),
    "the night the clock changes": (
        {"requests.csv": calls(("z", "2026-02-01T10:00:00Z"), ("a", "2026-03-28T23:30:00Z"), ("a", "2026-03-29T00:59:00Z"), ("a", "2026-03-29T01:00:00Z"),
                               ("a", "2026-04-30T21:30:00Z"))}, "timezone: Europe/Berlin"),
}  # fmt: skip


@pytest.mark.parametrize("what", COMPANIES)
def test_nothing_divides_by_zero_or_says_nan(what, company):
    files, book = COMPANIES[what]
    study = open_study(company(files, book))
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.filterwarnings("error", "Attempting to set identical")  # an axis without any length
        said = everything_said(study)
    wrong = [text for text in said if "nan" in text.lower().replace("finance", "") or "inf " in text or "None" in text]
    assert wrong == [] and all(text.strip() for text in said)


def test_a_call_before_the_opening_counts_and_moves_no_cohort(company):
    files, book = COMPANIES["a call before its account was opened"]
    triangle = retention_triangle(open_study(company(files, book), month="2026-02"))
    # a was opened in February and already active in January: its cohort is that of its first activity.
    sizes = triangle[triangle["period"] == 0].set_index("cohort")["size"]
    assert sizes.tolist() == [1, 1] and triangle.query("cohort == @sizes.index[0] and period == 1")["share"].tolist() == [1]


def test_accounts_never_active_are_in_no_cohort_and_have_no_life(company):
    files, book = COMPANIES["accounts that were never active"]
    study = open_study(company(files, book), month="2026-02")
    assert retention_triangle(study)["size"].max() == 1
    assert isinstance(account_lives(study), NotMeasurable)


def test_months_without_events_are_zero_where_they_were_watched(company):
    files, book = COMPANIES["months without any event"]
    study = open_study(company(files, book), month="2026-07", months_back=7)
    cells = retention_triangle(study)
    of_b = cells[cells["cohort"] == pd.Timestamp("2026-02-01")]
    assert of_b["retained"].tolist() == [1, 0, 0, 0, 0, 1] and of_b["mature"].all()
    kept = measure(study, "usage_retention").set_index("month")["value"]
    assert kept["2026-03"] == 0 and pd.isna(kept["2026-04"])  # of nothing in March nobody can keep a share


def test_a_leap_day_is_thirty_days_before_the_thirtieth_of_march(company):
    # February 29 + 30 days is March 30; the call of March 29 is on day 29.
    files, book = COMPANIES["a leap day"]
    study = open_study(company(files, book), month="2024-03", months_back=2)
    assert measure(study, "day_30_retention")["value"].iloc[0] == 1


def test_the_night_of_the_clock_change_is_one_local_day(company):
    # In Berlin 23:30 UTC of March 28 is half past midnight of the 29th: all three calls are of one day.
    files, book = COMPANIES["the night the clock changes"]
    study = open_study(company(files, book), month="2026-04", months_back=2)
    table = measure(study, "power_user_share")
    assert table["denominator"].tolist() == [1, 1]
    assert measure(study, "stickiness")["numerator"].tolist() == [1, 1]
