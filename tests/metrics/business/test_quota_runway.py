"""How long does a quota last, on paces one can count by hand?"""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from apijourney import open_study
from apijourney.metrics.business.near_quota import runway_of_quotas
from apijourney.metrics.business.quota_runway import quota_runway


def days(**accounts) -> pd.DataFrame:
    return pd.DataFrame(accounts).T


def test_ten_a_day_use_up_ninety_five_on_the_tenth_day_and_one_a_day_does_not_in_thirty():
    got = quota_runway(pd.Series({"a": 95, "b": 95}), days(a=[10] * 28, b=[1] * 28), days=30).set_index("account_id")
    assert got.loc["a", "runway_days"] == 10 and np.isnan(got.loc["b", "runway_days"])
    assert got.loc["a", "low_days"] <= 10 <= got.loc["a", "high_days"]
    assert got.loc["a", "within"] > 0.99 and got.loc["b", "within"] < 0.01


def test_a_quota_that_is_used_up_has_no_days_left_and_no_calls_never_use_one_up():
    got = quota_runway(pd.Series({"a": 0, "b": 10}), days(a=[1] * 28, b=[0] * 28), days=30).set_index("account_id")
    assert got.loc["a", ["runway_days", "low_days", "high_days", "within"]].tolist() == [0, 0, 0, 1]
    assert np.isnan(got.loc["b", "runway_days"]) and got.loc["b", "within"] == 0


def test_uneven_days_make_the_interval_wider():
    even, uneven = [10] * 28, [20, 0] * 14
    got = quota_runway(pd.Series({"a": 100, "b": 100}), days(a=even, b=uneven), days=30).set_index("account_id")
    width = got["high_days"] - got["low_days"]
    assert got["runway_days"].tolist() == [10, 10] and width["b"] > width["a"]


@given(st.lists(st.integers(0, 40), min_size=28, max_size=28), st.integers(1, 900), st.integers(1, 31))
def test_the_day_is_the_first_on_which_the_pace_has_used_all(counts, left, ahead):
    got = quota_runway(pd.Series({"a": left}), days(a=counts), days=ahead).iloc[0]
    pace = sum(counts) / 28
    slow = next((n for n in range(1, ahead + 1) if n * pace >= left), None)
    assert (slow is None and np.isnan(got["runway_days"])) or got["runway_days"] == slow
    if slow:
        assert got["low_days"] <= slow and (np.isnan(got["high_days"]) or got["high_days"] >= slow)


def test_a_month_that_is_over_begins_with_a_full_quota(company):
    rows = ["request_id,occurred_at,account_id,endpoint,status,environment,latency_ms"]
    rows += [f"{d}-{i},2026-01-{d:02}T{8 + i:02}:00:00Z,a,/x,200,production,10" for d in range(1, 32) for i in range(4)]
    accounts = "account_id,created_at,quota_per_month\na,2025-12-01T10:00:00Z,50\n"
    study = open_study(company({"requests.csv": "\n".join(rows) + "\n", "accounts.csv": accounts}), month="2026-01")
    got = runway_of_quotas(study)
    # four calls a day: fifty on the thirteenth day of February
    assert got[["account_id", "quota", "left", "pace", "runway_days"]].values.tolist() == [["a", 50, 50, 4.0, 13.0]]


def test_days_before_an_account_was_opened_are_not_days_without_calls(company):
    rows = ["request_id,occurred_at,account_id,endpoint,status,environment,latency_ms"]
    rows += [f"{d}-{i},2026-01-{d:02}T{8 + i:02}:00:00Z,new,/x,200,production,10" for d in range(25, 32) for i in range(10)]
    rows += ["0,2026-01-01T08:00:00Z,old,/x,200,production,10"]
    accounts = "account_id,created_at,quota_per_month\nnew,2026-01-25T10:00:00Z,200\nold,2026-01-01T08:00:00Z,200\n"
    folder = company({"requests.csv": "\n".join(rows) + "\n", "accounts.csv": accounts}, "observed_from: 2026-01-01")
    got = runway_of_quotas(open_study(folder, month="2026-01"))
    # ten calls on each of its seven days: two hundred on the twentieth of February, not 70 / 28 a day and never
    assert got[["account_id", "left", "pace", "runway_days"]].values.tolist() == [["new", 200, 10.0, 20.0]]


def test_the_interval_of_a_new_account_stands_on_its_own_days():
    new = [float("nan")] * 21 + [9, 11, 10, 10, 10, 9, 11]
    got = quota_runway(pd.Series({"new": 200}), days(new=new), days=40).iloc[0]
    short = quota_runway(pd.Series({"new": 200}), days(new=new[21:]), days=40).iloc[0]
    assert got.to_dict() == short.to_dict() and got["runway_days"] == 20


def test_one_day_is_enough_for_a_pace_and_says_little():
    got = quota_runway(pd.Series({"new": 100}), days(new=[float("nan")] * 27 + [10]), days=30).iloc[0]
    assert got["runway_days"] == 10 and got["low_days"] < 8 and got["high_days"] > 14
