"""The table of accounts, on five accounts one can count by hand: behaviour first, outcomes afterwards."""

import math

import pandas as pd
import pytest

from apijourney import NotMeasurable, open_study
from apijourney.metrics.holistic.account_table import account_table, active_days_after
from apijourney.metrics.holistic.chain import chain, chain_accounts, who_enters

ACCOUNTS = """account_id,created_at,closed_at,segment,channel
a,2026-01-02T08:00:00,,startup,docs
b,2026-01-02T09:00:00,,startup,ads
c,2026-01-03T08:00:00,,enterprise,docs
d,2026-01-05T08:00:00,2026-01-09T12:00:00,startup,ads
e,2026-04-20T08:00:00,,startup,docs
"""
REQUESTS = """account_id,occurred_at,status,latency_ms,environment
a,2026-01-02T10:00:00,404,50,sandbox
a,2026-01-05T10:00:00,200,100,production
a,2026-01-05T11:00:00,200,300,production
a,2026-01-08T23:00:00,500,900,production
a,2026-01-09T00:30:00,200,700,production
a,2026-01-12T10:00:00,200,100,production
c,2026-01-10T10:00:00,200,,production
c,2026-01-20T10:00:00,200,,production
c,2026-02-10T10:00:00,200,,production
d,2026-01-06T10:00:00,429,10,production
d,2026-01-06T10:01:00,200,10,production
e,2026-04-28T10:00:00,200,10,production
"""
INVOICES = """account_id,issued_at,amount_minor,kind
a,2026-03-10,900,subscription
a,2026-04-10,1000,subscription
c,2026-04-12,500,one_off
"""


@pytest.fixture
def study(company):
    files = {"accounts.csv": ACCOUNTS, "requests.csv": REQUESTS, "invoices.csv": INVOICES}
    return open_study(company(files, "observed_from: 2026-01-01"), month="2026-04")


@pytest.fixture
def table(study):
    return account_table(study).set_index("account_id")


def test_there_is_one_row_an_account(table):
    assert list(table.index) == ["a", "b", "c", "d", "e"]
    assert table.loc["c", ["month", "segment", "channel"]].tolist() == ["2026-01", "enterprise", "docs"]


def test_the_first_week_is_the_seven_local_days_from_the_first_call_on(table):
    # a: 2 January to 8 January: 404, 200, 200, 500; the call half an hour into the 9th is not in it
    assert str(table.loc["a", "first_call_day"])[:10] == "2026-01-02"
    assert table.loc["a", ["week_calls", "week_error_share", "week_server_error_share", "week_throttled_share"]].tolist() == [4, 0.25, 0.25, 0]
    assert table.loc[["a", "c", "d"], "week_production_calls"].tolist() == [3, 1, 2]  # the 404 of a was in the sandbox
    assert table.loc["d", ["week_throttled_share", "week_error_share"]].tolist() == [0.5, 0]  # a 429 is no error of the account's making


def test_the_median_is_of_good_calls_within_one_per_cent(table):
    assert table.loc["a", "week_median_latency_ms"] == pytest.approx(100, rel=0.01)  # of 50, 100, 300; the 500 is not good
    assert math.isnan(table.loc["c", "week_median_latency_ms"])


def test_outcomes_begin_after_the_week(table):
    # a: active on the days 7 (9 January) and 10 (12 January) of the days 7 to 20: two days, so active later; c only on day 10
    assert table["active_later"].to_dict() == pytest.approx({"a": 1, "b": math.nan, "c": 0, "d": 0, "e": math.nan}, nan_ok=True)
    # days 28 to 55: a none of 30 January to 26 February; c on 10 February, day 31
    assert table.loc[["a", "c"], "kept"].tolist() == [0, 1]


def test_both_ends_of_a_window_of_days_belong_to_it(study):
    # a is active on the days 3, 7 and 10 after 2 January; of day 118, 30 April, the last, all is known, of day 119 nothing
    ids, day = pd.Series(["a"]), pd.Series([pd.Timestamp("2026-01-02")])
    found = [active_days_after(study, ids, day, *days).iloc[0] for days in ((3, 10), (4, 9), (7, 10), (8, 9), (100, 118), (100, 119))]
    assert found == pytest.approx([3, 1, 2, 0, 0, math.nan], nan_ok=True)


def test_paying_is_the_third_month_after_that_of_the_first_call_and_one_off_sales_do_not_count(table):
    assert table.loc["a", ["paying", "mrr_minor"]].tolist() == [1, 1000]
    assert table.loc["c", ["paying", "mrr_minor"]].tolist() == [0, 0]
    assert math.isnan(table.loc["e", "paying"])  # July is not over


def test_a_window_that_is_open_is_not_known_rather_than_lost(table):
    assert not table.loc["e", "week_over"] and table.loc["a", "week_over"]
    assert math.isnan(table.loc["e", "kept"]) and math.isnan(table.loc["e", "active_later"])


def test_outcomes_of_an_earlier_month_do_not_know_the_later_ones(company):
    files = {"accounts.csv": ACCOUNTS, "requests.csv": REQUESTS, "invoices.csv": INVOICES}
    early = account_table(open_study(company(files, "observed_from: 2026-01-01"), month="2026-02")).set_index("account_id")
    assert "e" not in early.index
    assert early.loc["a", "kept"] == 0 and math.isnan(early.loc["c", "kept"])  # c's day 55 is 6 March
    assert early["paying"].isna().all()


def test_who_does_not_enter_the_chain_is_counted_with_the_reason(study):
    accounts = chain_accounts(study).set_index("account_id")
    assert accounts["why_not"].to_dict() == {"a": "", "b": "never called", "c": "", "d": "closed in its first week", "e": "first week not over"}
    counts = who_enters(chain_accounts(study)).set_index("group")["accounts"]
    assert counts["opened in the observed interval"] == 5
    assert counts["enter the chain"] == 5 - counts[[g for g in counts.index if g.startswith("left out")]].sum() == 2
    assert counts["followed to the end: paying in the third month"] == 2


def test_without_invoices_money_is_not_known_and_the_rest_is(company):
    files = {"accounts.csv": ACCOUNTS, "requests.csv": REQUESTS}
    table = account_table(open_study(company(files, "observed_from: 2026-01-01"), month="2026-04")).set_index("account_id")
    assert table["paying"].isna().all() and table.loc["c", "kept"] == 1


def test_without_requests_it_says_what_to_add(company):
    study = open_study(company({"accounts.csv": ACCOUNTS}), month="2026-04")
    found = account_table(study)
    assert isinstance(found, NotMeasurable) and 'the table "requests" is not there; add requests.parquet' in str(found)
    assert isinstance(chain_accounts(study), NotMeasurable) and isinstance(who_enters(found), NotMeasurable)


def test_calls_of_nobody_opened_lately_leave_a_table_without_a_first_week(company):
    old = ACCOUNTS.replace("2026-0", "2025-0").replace("e,2025-04-20", "e,2026-04-20")
    calls = "account_id,occurred_at,status\na,2026-01-05T10:00:00,200\na,2026-04-29T10:00:00,200\n"
    study = open_study(company({"accounts.csv": old, "requests.csv": calls}, "observed_from: 2026-01-01"), month="2026-04")
    table = account_table(study)
    assert table["account_id"].tolist() == ["e"] and table["first_call_day"].isna().all() and table["week_calls"].isna().all()
    assert chain_accounts(study)["why_not"].tolist() == ["never called"]
    assert "no account has a first week that is over" in str(chain(study))


def test_a_month_before_the_first_call_says_so(company):
    calls = "account_id,occurred_at,status\na,2026-04-05T10:00:00,200\na,2026-04-29T10:00:00,200\n"
    files = {"accounts.csv": ACCOUNTS, "requests.csv": calls, "touchpoints.csv": "account_id,occurred_at,touchpoint\na,2026-01-02T08:30:00,sign_up\n"}
    study = open_study(company(files, "observed_from: 2026-01-01"), month="2026-01")
    assert '"requests" has no row before the end of 2026-01' in str(account_table(study))
    assert isinstance(chain(study), NotMeasurable)
