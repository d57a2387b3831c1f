"""What was known at an instant: nothing that began later, no ending that had not come."""

from datetime import date

import pandas as pd
import pytest

from apijourney.facts.as_known import accounts_at, as_known

UNTIL = pd.Timestamp("2026-06-30T22:00")  # midnight of July 1st in Berlin
DAY = date(2026, 7, 1)
BEFORE, AFTER = UNTIL - pd.Timedelta(microseconds=1), UNTIL


def known(name, rows) -> pd.DataFrame:
    return as_known(name, pd.DataFrame(rows), UNTIL, DAY)


@pytest.mark.parametrize(
    ("name", "column"),
    {
        "accounts": "created_at", "identities": "linked_at", "account_history": "valid_from",
        "invoices": "issued_at", "tickets": "opened_at", "surveys": "answered_at", "hosts": "sampled_at",
        "incidents": "started_at", "releases": "released_at",
    }.items(),
)  # fmt: skip
def test_a_row_exists_from_its_instant_on_and_the_end_is_open(name, column):
    ends = {"accounts": ["closed_at", "close_reason"], "tickets": ["resolved_at"], "incidents": ["ended_at"]}
    rows = {column: [BEFORE, AFTER], "n": [1, 2]} | {c: [pd.NaT, pd.NaT] for c in ends.get(name, [])}
    assert known(name, rows)["n"].tolist() == [1]


def test_an_account_that_closes_later_is_open_without_a_reason():
    rows = {"created_at": [BEFORE] * 3, "closed_at": [BEFORE, AFTER, pd.NaT], "close_reason": ["cost", "cost", None]}
    found = known("accounts", rows)
    assert found["closed_at"].notna().tolist() == [True, False, False]
    assert found["close_reason"].notna().tolist() == [True, False, False]


def test_a_ticket_or_an_incident_that_ends_later_has_no_end():
    tickets = known("tickets", {"opened_at": [BEFORE, BEFORE], "resolved_at": [BEFORE, AFTER]})
    assert tickets["resolved_at"].notna().tolist() == [True, False]
    incidents = known("incidents", {"started_at": [BEFORE, BEFORE], "ended_at": [BEFORE, AFTER]})
    assert incidents["ended_at"].notna().tolist() == [True, False]


def test_days_and_months_are_cut_at_the_local_day():
    days = {"date": [date(2026, 6, 30), date(2026, 7, 1)], "n": [1, 2]}
    assert known("fx_rates", days)["n"].tolist() == known("annotations", days)["n"].tolist() == [1]
    assert known("costs", {"month": ["2026-06", "2026-07"], "n": [1, 2]})["n"].tolist() == [1]


def test_the_given_table_is_not_touched():
    rows = pd.DataFrame({"created_at": [BEFORE], "closed_at": [AFTER], "close_reason": ["cost"]})
    as_known("accounts", rows, UNTIL, DAY)
    assert rows["close_reason"].tolist() == ["cost"] and rows["closed_at"].tolist() == [AFTER]


ACCOUNTS = pd.DataFrame({"account_id": ["a", "b"], "plan": ["scale", "free"], "segment": ["big", "small"],
                         "quota_per_month": [9, 1]})  # fmt: skip


def test_plan_and_segment_are_those_that_held_and_entry_those_at_the_start():
    history = pd.DataFrame({
        "account_id": ["a", "a"], "valid_from": pd.to_datetime(["2026-05-01", "2026-01-01"]),
        "plan": ["pro", "free"], "segment": ["mid", "small"], "quota_per_month": [5, 1],
    })  # fmt: skip
    found = accounts_at(ACCOUNTS, history).set_index("account_id")
    assert found.loc["a", ["plan", "segment", "entry_segment"]].tolist() == ["pro", "mid", "small"]
    assert found.loc["a", "quota_per_month"] == 5
    assert found.loc["b", ["plan", "segment", "entry_segment"]].tolist() == ["free", "small", "small"]


def test_a_change_of_one_attribute_leaves_the_others():
    history = pd.DataFrame({
        "account_id": ["a", "a"], "valid_from": pd.to_datetime(["2026-01-01", "2026-05-01"]),
        "plan": ["free", "pro"], "segment": ["small", None], "quota_per_month": [1.0, None],
    })  # fmt: skip
    found = accounts_at(ACCOUNTS, history).set_index("account_id").loc["a"]
    assert found[["plan", "segment", "quota_per_month"]].tolist() == ["pro", "small", 1]


def test_without_history_the_attributes_of_the_table_stand():
    found = accounts_at(ACCOUNTS, pd.DataFrame())
    assert found["entry_segment"].tolist() == ["big", "small"] and found["plan"].tolist() == ["scale", "free"]
