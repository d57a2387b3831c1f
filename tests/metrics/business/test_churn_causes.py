"""Is a lost account told apart by what was seen before: faded away, decided, or neither?"""

import pandas as pd
import pytest

from apijourney import NotMeasurable, open_study
from apijourney.metrics.business.churn_causes import causes_together, churn_causes, lost_accounts

MONTHS = ["2026-01", "2026-02", "2026-03", "2026-04"]


def cause(use: list[int], decided: str = "", lost: str = "2026-04") -> str:
    """use : successful production calls of January, February, …"""
    table = pd.DataFrame({"account_id": ["a"], "month": [lost], "before_minor": [100]})
    acted = pd.DataFrame({"account_id": ["a"] * bool(decided), "month": [decided] * bool(decided)})
    calls = pd.DataFrame({"account_id": "a", "month": MONTHS[: len(use)], "calls": use})
    return churn_causes(table, acted, calls, months=MONTHS)["cause"].iloc[0]


@pytest.mark.parametrize(
    ("use", "decided", "expected"),
    [
        ([10, 10, 4], "", "decay"),  # less than half of ten
        ([10, 10, 5], "", "neither seen"),  # half is not less than half
        ([10, 10, 4], "2026-04", "decay"),  # who faded away and then closed, faded away
        ([10, 10, 10], "2026-04", "voluntary"),
        ([10, 10, 10], "2026-03", "voluntary"),  # the month before counts
        ([10, 10, 10], "2026-02", "neither seen"),  # earlier does not
        ([], "2026-04", "voluntary"),  # no use, hence none that fell
        ([], "", "neither seen"),
    ],
)
def test_decay_goes_before_a_decision_and_a_decision_before_nothing(use, decided, expected):
    assert cause(use, decided) == expected


def test_with_no_month_before_the_last_paid_one_nothing_can_have_fallen():
    assert cause([1], lost="2026-02") == "neither seen"


def test_accounts_and_money_lost_are_counted_by_cause():
    lost = pd.DataFrame(
        {"account_id": list("abc"), "month": ["2026-03", "2026-04", "2026-01"], "before_minor": [5, 7, 9],
         "cause": ["decay", "voluntary", "decay"]}
    )  # fmt: skip
    got = causes_together(lost, months=["2026-03", "2026-04"]).set_index("cause")
    assert got["accounts"].to_dict() == {"voluntary": 1, "decay": 1, "neither seen": 0}
    assert got["mrr_minor"].to_dict() == {"voluntary": 7, "decay": 5, "neither seen": 0}
    assert got["share"].sum() == 1


INVOICES = "account_id,issued_at,amount_minor,kind\na,2026-01-10,100,subscription\nb,2026-01-10,100,subscription\nb,2026-02-10,100,subscription\n"


def test_a_downgrade_of_the_journey_is_a_decision(company):
    touch = "event_id,occurred_at,account_id,touchpoint\n0,2026-01-01T10:00:00Z,b,docs_view\n1,2026-02-03T10:00:00Z,a,plan_downgraded\n2,2026-02-28T10:00:00Z,b,docs_view\n"
    accounts = "account_id,created_at\na,2026-01-01T10:00:00Z\nb,2026-01-01T10:00:00Z\n"
    book = "journey:\n  - {touchpoint: plan downgraded, stage: decline, owner: Success, event: plan_downgraded}\n"
    files = {"invoices.csv": INVOICES, "accounts.csv": accounts, "touchpoints.csv": touch}
    got = lost_accounts(open_study(company(files, book), month="2026-02"))
    assert got.values.tolist() == [["a", "2026-02", 100, "voluntary"]]


def test_without_any_sign_it_says_what_to_map(company):
    files = {"invoices.csv": INVOICES, "accounts.csv": "account_id,created_at\na,2026-01-01T10:00:00Z\n"}
    got = lost_accounts(open_study(company(files), month="2026-02"))
    assert isinstance(got, NotMeasurable)
    assert got.reason == (
        "no closing says its reason, and no key revoked or downgrade was seen; map close_reason of accounts, or name these "
        "events under journey with the stage decline."
    )
