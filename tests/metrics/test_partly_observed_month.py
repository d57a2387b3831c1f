"""A month that was observed from its middle on is never measured as if it were a whole one."""

import pandas as pd
import pytest

from apijourney import CATALOG, NotMeasurable, measure, open_study
from apijourney.metrics.infrastructure.usage import traffic_by_segment

BEGINS, FIRST = "2025-11-16", "2025-11"
# calls of January: one before the 16th, three from then on, of them one failed; two of February
CALLS = """request_id,occurred_at,account_id,status,latency_ms
1,2026-01-10T10:00Z,a,500,900
2,2026-01-16T00:00Z,a,200,10
3,2026-01-20T10:00Z,a,503,10
4,2026-01-31T10:00Z,b,200,20
5,2026-02-10T10:00Z,b,200,30
6,2026-02-28T10:00Z,b,200,30
"""
COSTS = "month,category,amount_minor,currency\n2026-01,infrastructure,300,EUR\n2026-02,infrastructure,200,EUR\n"
ACCOUNTS = "account_id,created_at\na,2026-01-01\nb,2026-01-02\n"
LAST_16_DAYS, FEBRUARY = 16 * 1440, 28 * 1440  # minutes


@pytest.fixture
def by_hand(company):
    files = {"requests.csv": CALLS, "costs.csv": COSTS, "accounts.csv": ACCOUNTS}
    return open_study(company(files, "currency: EUR\nobserved_from: 2026-01-16\n"), month="2026-02", months_back=2)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("requests_per_minute", [3 / LAST_16_DAYS, 2 / FEBRUARY]), ("errors_per_minute", [1 / LAST_16_DAYS, 0])],
)
def test_a_rate_per_minute_is_over_the_minutes_observed(by_hand, metric, expected):
    table = measure(by_hand, metric)
    assert table["value"].tolist() == expected
    assert table["denominator"].tolist() == [LAST_16_DAYS, FEBRUARY]


def test_traffic_by_segment_is_over_the_minutes_observed(by_hand):
    table = traffic_by_segment(by_hand).groupby("month")[["calls", "per_minute"]].sum()
    assert table["calls"].tolist() == [3, 2]
    assert table["per_minute"].tolist() == [3 / LAST_16_DAYS, 2 / FEBRUARY]


def test_a_whole_months_costs_are_not_set_against_half_a_months_calls(by_hand):
    table = measure(by_hand, "cost_per_thousand_calls")
    assert table["mature"].tolist() == [False, True]
    assert table["value"].isna().tolist() == [True, False]
    assert table["value"].iloc[1] == 200 / 2 * 1000


def test_calls_before_the_first_day_observed_are_in_no_share(by_hand):
    # of the three calls since the 16th two were answered well
    assert measure(by_hand, "availability")[["numerator", "denominator"]].iloc[0].tolist() == [2, 3]
    assert measure(by_hand, "latency_mean")["value"].iloc[0] == (10 + 20) / 2


def test_an_observed_interval_that_begins_at_local_midnight_keeps_the_day_that_begins_in_utc_the_day_before(company):
    # midnight of January 16th in Berlin is 23:00 of the 15th in UTC
    calls = "request_id,occurred_at,account_id,status\n1,2026-01-15T22:59:59Z,a,200\n2,2026-01-15T23:00Z,a,200\n3,2026-01-31T10:00Z,a,200\n"
    book = "timezone: Europe/Berlin\nobserved_from: 2026-01-16\n"
    study = open_study(company({"requests.csv": calls}, book), month="2026-01")
    assert measure(study, "availability")["denominator"].tolist() == [2]
    assert study.requests().count().execute() == 2


# -- all metrics, on a company whose data begin on November 16th -------------------------------------

OVER_THE_TIME_OBSERVED = {
    "requests_per_minute": "its denominator is the minutes observed",
    "errors_per_minute": "its denominator is the minutes observed",
    "daily_active_accounts": "a mean over the days observed",
    "weekly_active_accounts": "a mean over the days whose week was observed",
    "rate_of_occurrence_of_failure": "its denominator is the days observed",
}
FROM_A_LEDGER = {"sign_ups", "revenue", "mrr", "annual_recurring_revenue", "average_mrr_per_account"}  # known as a whole, before the streams begin
VOLUMES = ("count", "money", "per minute", "per 30 days")


@pytest.fixture(scope="module")
def late(small_company, tmp_path_factory):
    """Observed since November 16th, by the workbook file; and the same without any row before it."""
    studies = []
    for name in ("observed", "truncated"):
        folder = tmp_path_factory.mktemp(name)
        for file in small_company.glob("*.parquet"):
            rows = pd.read_parquet(file)
            if name == "truncated" and file.stem in ("requests", "touchpoints"):
                rows = rows[rows["occurred_at"] >= pd.Timestamp(BEGINS, tz="Europe/Berlin")]
            rows.to_parquet(folder / file.name, index=False)
        book = (small_company / "workbook.yaml").read_text()
        (folder / "workbook.yaml").write_text(book.replace("observed_from: 2025-05-01", f"observed_from: {BEGINS}"))
        studies.append(open_study(folder, month="2026-01", months_back=3))
    return studies


@pytest.mark.parametrize("metric", sorted(CATALOG))
def test_rows_before_the_first_day_observed_change_nothing(late, metric):
    observed, truncated = (measure(study, metric) for study in late)
    if isinstance(observed, NotMeasurable):
        assert observed == truncated
    else:
        pd.testing.assert_frame_equal(observed, truncated)


@pytest.mark.parametrize("metric", sorted(m for m, entry in CATALOG.items() if entry.unit in VOLUMES))
def test_a_volume_of_a_month_observed_in_part_is_not_known(late, metric):
    first = measure(late[0], metric).iloc[0]
    assert first["month"] == FIRST
    if metric in OVER_THE_TIME_OBSERVED:
        assert first["mature"]
    elif metric not in FROM_A_LEDGER:
        assert pd.isna(first["value"])


@pytest.mark.parametrize("metric", sorted(m for m, entry in CATALOG.items() if entry.whole_month))
def test_what_needs_a_whole_month_is_known_of_the_second_alone(late, metric):
    table = measure(late[0], metric)
    assert not table["mature"].iloc[0]
    assert table.iloc[0][["value", "low", "high", "numerator", "denominator"]].isna().all()
