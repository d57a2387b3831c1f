"""Near quota: what was used, and what the pace of 28 days makes of it, worked out by hand."""

from datetime import date, timedelta

import pandas as pd
import pytest

from apijourney import open_study
from apijourney.measurable import NotMeasurable
from apijourney.metrics.business.near_quota import near_quota_accounts, quota_use

BOOK = "timezone: UTC\nobserved_from: 2026-01-01\n"


def use(used: int, pace: float, left: int = 0) -> dict:
    found = quota_use(pd.Series({"a": 100}), pd.Series({"a": used}), pd.Series({"a": pace}), days_left=left, following_days=30)
    return found.iloc[0].to_dict()


@pytest.mark.parametrize(
    ("used", "pace", "left", "near"),
    [
        (89, 0.0, 0, False), (90, 0.0, 0, True), (120, 0.0, 0, True),  # used
        (50, 100 / 30, 0, False), (50, 101 / 30, 0, True),  # the month after holds 30 days of the pace
        (50, 5.0, 10, False), (50, 5.1, 10, True),  # this month has 10 days left
    ],
)  # fmt: skip
def test_near_is_nine_tenths_used_or_more_than_all_at_the_pace(used, pace, left, near):
    assert use(used, pace, left)["near"] == near


def test_a_quota_of_nothing_is_no_limit_and_who_never_called_has_used_none():
    table = quota_use(
        pd.Series({"a": 100, "none": 0}), pd.Series(dtype="int64"), pd.Series(dtype="float64"), days_left=0, following_days=31
    )
    assert table[["account_id", "used", "used_share", "projected"]].to_numpy().tolist() == [["a", 0, 0.0, 0.0]]


def calls(*spans: tuple[str, str, str, int]) -> str:
    lines, number = ["request_id,occurred_at,account_id,endpoint,status,environment"], 0
    for account, first, last, a_day in spans:
        days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
        for day in (date.fromisoformat(first) + timedelta(days=i) for i in range(days)):
            for _ in range(a_day):
                number += 1
                lines.append(f"{number},{day}T12:00:00,{account},/x,{429 if number % 7 == 0 else 200},production")
    return "\n".join(lines) + "\n"


ACCOUNTS = """account_id,created_at,closed_at,quota_per_month
full,2026-01-01T00:00:00,,60
rising,2026-01-01T00:00:00,,60
calm,2026-01-01T00:00:00,,60
closed,2026-01-01T00:00:00,2026-06-29T00:00:00,60
free,2026-01-01T00:00:00,,
"""


def test_a_month_that_is_over_projects_the_next_one(company):
    # June: full 2 × 30 = 60 of 60, throttled calls included. rising 3 × 14 = 42 from June 17 on: 42 / 28 a day × 31 = 46.5
    spans = [
        ("full", "2026-06-01", "2026-06-30", 2), ("rising", "2026-06-17", "2026-06-30", 3),
        ("calm", "2026-06-01", "2026-06-30", 1), ("closed", "2026-06-01", "2026-06-28", 3),
        ("free", "2026-06-01", "2026-06-30", 5),
    ]  # fmt: skip
    folder = company({"accounts.csv": ACCOUNTS, "requests.csv": calls(*spans)}, BOOK)
    table = near_quota_accounts(open_study(folder, month="2026-06")).set_index("account_id")
    assert table.index.tolist() == ["full", "rising", "calm"]
    assert table["used"].tolist() == [60, 42, 30]
    assert table["projected"].tolist() == [pytest.approx(62), pytest.approx(46.5), pytest.approx(31)]
    assert set(table["projected_month"]) == {"next"}
    assert table["near"].tolist() == [True, False, False]


def test_a_month_that_goes_on_projects_its_own_end(company):
    # known up to June 20: rising made 3 × 10 = 30, 30 / 28 a day, 10 days left: 30 + 10.7
    spans = [("calm", "2026-05-01", "2026-06-20", 1), ("rising", "2026-06-11", "2026-06-20", 3)]
    folder = company({"accounts.csv": ACCOUNTS, "requests.csv": calls(*spans)}, BOOK)
    table = near_quota_accounts(open_study(folder, month="2026-06")).set_index("account_id")
    assert table.loc["rising", ["used", "projected_month"]].tolist() == [30, "this"]
    assert table.loc["rising", "projected"] == pytest.approx(30 + 30 / 28 * 10)
    assert table.loc["calm", "projected"] == pytest.approx(20 + 10)


def test_accounts_without_a_quota_are_said_with_what_to_add(company):
    accounts = "account_id,created_at\na,2026-01-01T00:00:00\n"
    folder = company({"accounts.csv": accounts, "requests.csv": calls(("a", "2026-06-01", "2026-06-30", 1))}, BOOK)
    answer = near_quota_accounts(open_study(folder, month="2026-06"))
    assert isinstance(answer, NotMeasurable) and 'add "quota_per_month" to accounts' in answer.reason


def test_the_pace_of_a_new_account_is_that_of_its_own_days(company):
    # opened on June 24, seven days ago, three calls a day: 3 x 31 = 93 in July, not 21 / 28 x 31 = 23
    accounts = "account_id,created_at,quota_per_month\nnew,2026-06-24T18:00:00,90\n"
    folder = company({"accounts.csv": accounts, "requests.csv": calls(("new", "2026-06-24", "2026-06-30", 3))}, BOOK)
    (row,) = near_quota_accounts(open_study(folder, month="2026-06")).to_dict("records")
    assert (row["used"], row["projected"], row["near"]) == (21, pytest.approx(93), True)
