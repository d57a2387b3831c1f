"""The error budget at the end of a month, over the days, by account and by revenue."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.business.ledger import recurring_lines
from apijourney.metrics.infrastructure.availability import error_budget
from apijourney.metrics.infrastructure.budget_by_account import budget_groups, error_budget_by_account, hardest_hit
from apijourney.metrics.infrastructure.budget_metrics import budget_over_time, month_end_calls, mrr_over_budget

BOOK = "timezone: UTC\nobserved_from: 2026-02-01\nslo: {availability: 0.5}\n"
HEAD = "request_id,occurred_at,account_id,status\n"
CALLS = HEAD + """1,2026-02-10T10:00,a,500
2,2026-03-03T10:00,a,500
3,2026-03-04T10:00,a,200
4,2026-03-05T10:00,a,500
5,2026-03-06T10:00,b,200
6,2026-03-07T10:00,c,500
7,2026-03-31T10:00,b,200
"""
INVOICES = """account_id,issued_at,amount_minor,kind
a,2026-03-02,100,subscription
b,2026-03-02,300,subscription
c,2026-03-02,600,subscription
d,2026-03-02,999,subscription
"""


def test_the_window_is_the_last_28_days_whatever_the_length_of_the_month():
    counted = pd.DataFrame(
        {"account_id": "a", "day": pd.to_datetime(["2026-02-01", "2026-03-03", "2026-03-04", "2026-03-31"]), "good": 1, "bad": 0}
    )
    found = month_end_calls(counted, ["2026-02", "2026-03"])
    assert found[["month", "good"]].to_numpy().tolist() == [["2026-02", 1], ["2026-03", 2]]


def test_budget_of_all_of_accounts_and_of_revenue(company):
    # March 4 to 31: a 1 good 1 bad (1 may fail: within), b 2 good, c 1 bad where 0.5 may (beyond)
    study = open_study(company({"requests.csv": CALLS, "invoices.csv": INVOICES}, BOOK), month="2026-03", months_back=1)
    row = measure(study, "error_budget_left").iloc[0]
    assert row[["value", "numerator", "denominator"]].tolist() == [0.5 / 2.5, 0.5, 2.5]
    assert measure(study, "accounts_over_budget")["value"].iloc[0] == 1 / 3
    assert measure(study, "mrr_over_budget")["value"].iloc[0] == 600 / 1000


def test_a_window_that_began_before_observing_is_not_known_yet(company):
    book = BOOK.replace("2026-02-01", "2026-03-05")
    study = open_study(company({"requests.csv": CALLS}, book), month="2026-03", months_back=1)
    row = measure(study, "error_budget_left").iloc[0]
    assert not row["mature"] and np.isnan(row["value"])


def test_the_days_shown_look_back_into_the_months_before(company):
    study = open_study(company({"requests.csv": CALLS}, BOOK), month="2026-03", months_back=1)
    table = budget_over_time(study).set_index("day")
    assert table.index[0] == pd.Timestamp("2026-03-01") and table.index[-1] == pd.Timestamp("2026-03-31")
    assert table.loc["2026-03-09", ["bad", "valid"]].tolist() == [4, 6]  # from February 10 on
    assert table.loc["2026-03-10", ["bad", "valid"]].tolist() == [3, 5]
    assert table.loc["2026-03-31", "budget_left"] == 1 - 2 / 2.5


def test_another_promise_and_window_can_be_asked_for(company):
    study = open_study(company({"requests.csv": CALLS}, BOOK), month="2026-03", months_back=1)
    last = budget_over_time(study, days=1, slo=0.9).iloc[-1]
    assert last[["valid", "bad", "budget_left"]].tolist() == [1, 0, 1]


def test_without_requests_the_budget_is_a_note(company):
    study = open_study(company({"invoices.csv": INVOICES}), month="2026-03")
    assert isinstance(budget_over_time(study), NotMeasurable)
    assert isinstance(measure(study, "mrr_over_budget"), NotMeasurable)


@given(st.lists(st.tuples(st.integers(0, 58), st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=30))
def test_the_end_of_the_month_is_the_last_day_of_the_rolling_budget(rows):
    day = [pd.Timestamp("2026-02-01") + pd.Timedelta(days=d) for d, _, _ in rows] + [pd.Timestamp("2026-03-31")]
    counted = pd.DataFrame({"account_id": "a", "day": day, "good": [g for _, g, _ in rows] + [1], "bad": [b for _, _, b in rows] + [0]})
    good = counted.assign(status=200, calls=counted["good"])
    bad = counted.assign(status=500, calls=counted["bad"])
    rolling = error_budget(pd.concat([good, bad])[["account_id", "day", "status", "calls"]], 0.9)
    ends = month_end_calls(counted, ["2026-03"])
    assert (ends["good"] + ends["bad"]).sum() == rolling["valid"].iloc[-1]
    assert ends["bad"].sum() == rolling["bad"].iloc[-1]


def test_accounts_calls_and_revenue_are_spread_over_three_states(company):
    study = open_study(company({"requests.csv": CALLS, "invoices.csv": INVOICES}, BOOK), month="2026-03")
    groups = budget_groups(error_budget_by_account(study)).set_index("group")
    assert groups["accounts"].to_dict() == {"no failed call": 1, "within the budget": 1, "beyond the budget": 1}
    assert groups["valid"].tolist() == [2, 2, 1]
    assert groups["mrr_share"].tolist() == [0.3, 0.1, 0.6]
    assert groups["valid_share"].sum() == 1


def test_revenue_beyond_and_within_the_budget_is_the_revenue_of_all_who_called(small_study):
    each = error_budget_by_account(small_study)
    groups = budget_groups(each).set_index("group")
    last = mrr_over_budget(small_study).iloc[-1]
    assert last["numerator"] == groups.loc["beyond the budget", "mrr_minor"] > 0
    assert last["denominator"] == groups["mrr_minor"].sum()
    recurring = recurring_lines(small_study)
    mrr = recurring[recurring["month"] == small_study.month].groupby("account_id")["mrr_minor"].sum().clip(lower=0)
    called = each.loc[each["valid"] > 0, "account_id"]
    assert last["denominator"] + mrr[~mrr.index.isin(called)].sum() == mrr.sum()
    assert last["value"] + groups.loc[["no failed call", "within the budget"], "mrr_share"].sum() == pytest.approx(1)


def test_without_revenue_its_shares_are_unknown(company):
    study = open_study(company({"requests.csv": CALLS}, BOOK), month="2026-03")
    assert budget_groups(error_budget_by_account(study))["mrr_share"].isna().all()


def accounts(*rows) -> pd.DataFrame:
    """Each row is (account, valid, failed); one in a thousand may fail."""
    table = pd.DataFrame(rows, columns=["account_id", "valid", "failed"])
    return table.assign(allowed=table["valid"] / 1000, availability=1 - table["failed"] / table["valid"], mrr_minor=1.0)


def test_the_hardest_hit_are_those_with_most_failures_not_those_with_fewest_calls():
    found = hardest_hit(accounts(("small", 8, 1), ("large", 3000, 9), ("fine", 3000, 2)), slo=0.999)
    assert found["account_id"].tolist() == ["large", "small"]


def test_a_single_failure_among_many_accounts_is_chance():
    # one failure in 8 calls has p = 0.8 %; among 200 accounts that is nothing
    many = [(f"a{i}", 1000, 0) for i in range(199)]
    found = hardest_hit(accounts(("small", 8, 1), *many), slo=0.999).iloc[0]
    assert found["q"] > 0.5
    alone = hardest_hit(accounts(("small", 8, 1)), slo=0.999).iloc[0]
    np.testing.assert_allclose(alone["q"], 1 - 0.999**8)
