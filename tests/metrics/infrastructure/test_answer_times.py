"""Mean, longest and Apdex: calls one can count, with the threshold of the workbook file."""

import pytest

from apijourney import NotMeasurable, WorkbookError, measure, open_study
from apijourney.metrics.infrastructure.answer_times import answer_times

HEAD = "request_id,occurred_at,account_id,status,latency_ms,environment\n"
ROWS = [
    "1,2026-03-01T10:00,a,200,100,production",
    "2,2026-03-02T10:00,a,200,101,production",
    "3,2026-03-03T10:00,a,404,400,production",
    "4,2026-03-04T10:00,b,200,401,production",
    "5,2026-03-05T10:00,b,500,1,production",
    "6,2026-03-06T10:00,b,429,1,production",
    "7,2026-03-07T10:00,b,200,,production",
    "8,2026-03-08T10:00,b,200,9000,sandbox",
    "9,2026-03-31T10:00,,200,50,production",
]
BOOK = "observed_from: 2026-03-01\nslo: {apdex_ms: 100}\n"


@pytest.fixture
def study(company):
    return open_study(company({"requests.csv": HEAD + "\n".join(ROWS) + "\n"}, BOOK), month="2026-03")


def test_a_wait_of_the_threshold_satisfies_and_one_of_four_times_that_is_tolerated(study):
    # 100 and 50 satisfy; 101 and 400 are tolerated; 401 frustrates, and so does the failure
    row = measure(study, "apdex").iloc[0]
    assert row["numerator"] == 2 + 2 / 2 and row["denominator"] == 6
    assert row["value"] == 0.5


def test_throttled_sandbox_and_unmeasured_calls_are_in_no_mean(study):
    row = measure(study, "latency_mean").iloc[0]
    assert row["value"] == (100 + 101 + 400 + 401 + 50) / 5
    assert measure(study, "latency_max")["value"].iloc[0] == 401


def test_calls_without_an_account_are_one_unit(study):
    table = answer_times(study)
    assert table.loc[table["account_id"].isna(), "good"].tolist() == [1]
    of_a = table[table["account_id"] == "a"]
    assert of_a[["good", "satisfied", "tolerated", "failed"]].to_numpy().tolist() == [[3, 1, 2, 0]]


def test_without_any_latency_it_is_said_what_to_map(company):
    study = open_study(company({"requests.csv": "occurred_at,account_id,status\n2026-03-31T10:00,a,200\n"}), month="2026-03")
    for metric in ("apdex", "latency_mean", "latency_max"):
        answer = measure(study, metric)
        assert isinstance(answer, NotMeasurable)
        assert 'no row of "requests" fills "latency_ms"; map what the source has for it' in str(answer)


def test_a_threshold_that_is_no_time_is_refused(company):
    folder = company({"requests.csv": "occurred_at,account_id,status\n2026-03-31T10:00,a,200\n"}, "slo: {apdex_ms: 0}")
    with pytest.raises(WorkbookError, match='"slo.apdex_ms": must be greater than 0'):
        open_study(folder)
