"""A column that no row fills answers nothing: no number is made of it."""

import pandas as pd
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


TICKETS = "ticket_id,account_id,opened_at\n1,a,2026-02-03T10:00:00Z\n2,a,2026-02-04T10:00:00Z\n"


def test_a_month_before_a_table_begins_is_not_a_month_without(company):
    folder = company({"requests.csv": calls(account_id="a", status=200), "accounts.csv": ACCOUNTS, "tickets.csv": TICKETS})
    table = measure(open_study(folder), "tickets_per_active_account").set_index("month")
    assert not table.loc["2026-01", "mature"] and table.loc["2026-01", ["value", "numerator"]].isna().all()
    assert table.loc["2026-02", ["value", "numerator", "mature"]].tolist() == [2.0, 2.0, True]


def test_a_table_that_begins_after_the_month_reported_on_was_not_there(company):
    files = {"requests.csv": calls(account_id="a", status=200), "accounts.csv": ACCOUNTS}
    study = open_study(company(files | {"tickets.csv": TICKETS}), month="2026-01")
    assert study.lacks("tickets") == ["tickets"] and not study.lacks("requests", "accounts")
    assert measure(study, "tickets_per_active_account").reason == (
        'the table "tickets" has no row before the end of 2026-01; add what was recorded before, or choose a later month.'
    )


def test_of_months_that_know_less_the_numbers_are_those_of_data_that_end_there(company):
    later = "2026-02-10T10:00:00Z"
    files = {
        "tickets.csv": f"ticket_id,account_id,opened_at\n1,a,{later}\n",
        "surveys.csv": f"account_id,answered_at,kind,score\na,{later},nps,9\n",
        "hosts.csv": f"sampled_at,host,cpu_share,memory_share,connections\n{later},h,0.5,0.5,3\n",
        "releases.csv": f"released_at,team,version,breaking,announced_at\n{later},x,2,false,{later}\n",
        "invoices.csv": f"invoice_id,account_id,issued_at,amount_minor,currency,kind\n1,a,{later},100,USD,subscription\n",
        "touchpoints.csv": f"event_id,visitor_id,account_id,touchpoint,page,occurred_at\n1,v,a,docs_view,/x,{later}\n",
        "costs.csv": "month,category,amount_minor\n2026-02,infrastructure,100\n",
        "workbook.yaml": "company: Two months\nobserved_from: 2026-01-01\n",
    }
    now = {"requests.csv": calls(account_id="a", status=200), "accounts.csv": ACCOUNTS}
    then = {name: "".join(line for line in text.splitlines(True) if ",2026-02" not in line) for name, text in now.items()}
    then["workbook.yaml"] = files["workbook.yaml"]
    full, cut = (measure_all(open_study(company(f, name=n), month="2026-01")) for n, f in {"full": now | files, "cut": then}.items())
    assert {m for m, t in full.items() if isinstance(t, NotMeasurable)} == {
        m for m, t in cut.items() if isinstance(t, NotMeasurable)
    }
    for name, table in full.items():
        if not isinstance(table, NotMeasurable):
            pd.testing.assert_frame_equal(table, cut[name], obj=name)
