"""A column that no row fills answers nothing: no number is made of it."""

import pytest

from apijourney import NotMeasurable, measure, measure_all, open_study
from apijourney.facts.carried import needs_of
from apijourney.workbook import EventFilter

ACCOUNTS = "account_id,created_at\na,2026-01-02\nb,2026-01-03\nc,2026-02-02\n"
COSTS = "month,category,amount_minor\n2026-01,infrastructure,100\n2026-02,infrastructure,100\n"
COUNTS = {"requests_per_minute", "cost_per_thousand_calls", "sign_ups"}
"""What needs neither a status, a latency nor an account of calls."""


def calls(**fields) -> str:
    """A call on each of the days of two months, with the fields given."""
    days = [f"2026-0{m}-{d:02}" for m, n in ((1, 31), (2, 28)) for d in range(1, n + 1)]
    lines = ["request_id,occurred_at," + ",".join(fields)]
    lines += [f"{i},{day}T10:00:00Z," + ",".join(map(str, fields.values())) for i, day in enumerate(days)]
    return "\n".join(lines) + "\n"


def measured(study) -> set[str]:
    answers = measure_all(study)
    return {m for m, t in answers.items() if not isinstance(t, NotMeasurable) and t["value"].notna().any()}


def test_calls_without_a_status_give_no_number_that_needs_one(company):
    files = {"requests.csv": calls(account_id="a", latency_ms=5), "accounts.csv": ACCOUNTS, "costs.csv": COSTS}
    study = open_study(company(files))
    assert study.whole("2026-02")
    assert measured(study) == COUNTS | {
        "top_10_usage_share", "usage_gini",  # these ask only whose calls they are, or how long they took
        "cost_to_serve", "infrastructure_cost_share", "concurrent_requests", "peak_concurrent_requests",
    }  # fmt: skip
    assert measure(study, "errors_per_minute").reason == (
        'no row of "requests" fills "status"; map what the source has for it under tables.requests.columns in the '
        "workbook file."
    )


def test_calls_of_nobody_make_nobody_inactive(company):
    files = {"requests.csv": calls(status=200), "accounts.csv": ACCOUNTS, "costs.csv": COSTS}
    study = open_study(company(files))
    of_status = {"availability", "errors_per_minute", "error_budget_left", "time_uptime", "fastest_burn", "cost_of_errors"}
    of_costs = {"infrastructure_cost_share"}
    assert measured(study) == COUNTS | of_status | of_costs | {"rate_of_occurrence_of_failure", "probability_of_failure_on_demand"}
    assert study.lacks("active") == ["requests.account_id"]


def test_one_filled_row_is_enough_and_a_month_without_any_status_stays_unknown(company):
    text = calls(account_id="a", status="").replace("2026-02-28T10:00:00Z,a,", "2026-02-28T10:00:00Z,a,500")
    table = measure(open_study(company({"requests.csv": text})), "errors_per_minute").set_index("month")
    assert table["value"].isna().to_dict() == {"2026-01": True, "2026-02": False}
    assert table.loc["2026-02", "numerator"] == 1


def test_a_developer_is_somebody(company):
    study = open_study(company({"requests.csv": calls(developer_id="d", status=200)}))
    assert study.lacks("active") == []


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, ("requests", "requests.account_id")),
        ({"environment": "production"}, ("requests", "requests.account_id")),
        ({"status": "200", "endpoint": "/v1"}, ("requests", "requests.account_id", "requests.status", "requests.endpoint")),
    ],
)
def test_an_event_of_calls_needs_the_columns_it_asks(where, expected):
    assert needs_of(EventFilter(event="request", where=where), "requests") == expected
    assert needs_of(EventFilter(event="docs_view", where={"page": "/"}), "touchpoints") == ("touchpoints",)
