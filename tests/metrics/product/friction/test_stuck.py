"""Stuck before the first success: seven accounts counted by hand."""

from apijourney import open_study
from apijourney.metrics.product.friction.stuck import stuck_accounts

ACCOUNTS = """account_id,created_at,closed_at,is_internal
never,2026-05-01T10:00:00,,false
failing,2026-05-02T10:00:00,,false
succeeded,2026-05-03T10:00:00,,false
sandbox,2026-05-04T10:00:00,,false
closed,2026-05-05T10:00:00,2026-05-20T10:00:00,false
justdue,2026-06-17T22:30:00,,false
tooyoung,2026-06-18T10:00:00,,false
older,2025-12-31T10:00:00,,false
ours,2026-05-01T10:00:00,,true
"""
REQUESTS = """request_id,occurred_at,account_id,endpoint,status,environment,key_id
1,2026-05-02T11:00:00,failing,/x,401,sandbox,k
2,2026-05-09T11:00:00,failing,/x,500,production,k
3,2026-05-03T11:00:00,succeeded,/x,201,production,k
4,2026-05-04T11:00:00,sandbox,/x,200,sandbox,k
5,2026-05-05T11:00:00,never,/x,200,sandbox,test_1
6,2026-06-30T11:00:00,succeeded,/x,200,production,k
"""
BOOK = "timezone: Europe/Berlin\nobserved_from: 2026-01-01\n"


def table_of(company, month="2026-06", requests=REQUESTS, **more):
    folder = company({"accounts.csv": ACCOUNTS, "requests.csv": requests}, BOOK)
    return stuck_accounts(open_study(folder, month=month), **more)


def test_open_accounts_without_a_success_are_named_those_who_tried_last_first(company):
    # "justdue" opened at 00:30 of June 18 in Berlin: 13 days before July 1. "older" opened unobserved;
    # "never" has only a test key's success, which does not count
    table = table_of(company)
    for column in ("opened_on", "last_call_on"):
        table[column] = table[column].dt.strftime("%Y-%m-%d").fillna("")
    assert table.to_dict("records") == [
        {"account_id": "failing", "opened_on": "2026-05-02", "waiting_days": 60, "calls": 2, "last_call_on": "2026-05-09"},
        {"account_id": "never", "opened_on": "2026-05-01", "waiting_days": 61, "calls": 0, "last_call_on": ""},
    ]  # fmt: skip


def test_the_days_to_wait_are_inclusive(company):
    assert "justdue" in table_of(company, days=13)["account_id"].tolist()


def test_a_later_closing_and_a_later_success_are_not_known_yet(company):
    rows = REQUESTS.replace("3,2026-05-03T11:00:00,succeeded", "3,2026-06-03T11:00:00,succeeded")
    rows += "7,2026-05-31T11:00:00,sandbox,/x,200,sandbox,k\n"
    assert table_of(company, month="2026-05", requests=rows)["account_id"].tolist() == ["failing", "succeeded", "never"]
