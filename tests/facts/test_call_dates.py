"""First and last calls: from the facts of days, equal to those of the calls themselves."""

import pandas as pd

from apijourney import open_study
from apijourney.facts.call_dates import call_dates
from apijourney.facts.definitions import is_test_key

CALLS = """request_id,occurred_at,received_at,account_id,developer_id,status,environment,key_id
1,2026-01-10T10:00:00Z,,a,,500,sandbox,k
2,2026-01-10T11:00:00Z,,a,,200,sandbox,k
3,2026-02-10T10:00:00Z,,a,,201,production,k
4,2026-02-10T12:00:00Z,,a,,404,production,k
5,2026-02-11T12:00:00Z,2026-03-02T12:00:00Z,a,,200,production,k
6,2026-02-12T12:00:00Z,,,d,200,production,k
7,2026-02-13T12:00:00Z,,c,,401,production,k
8,2026-02-14T12:00:00Z,,c,,200,production,test_k
9,2026-02-28T12:00:00Z,,,nobody,200,production,k
"""
LINKS = "developer_id,account_id,linked_at\nd,b,2026-02-20\n"


def test_first_and_last_calls_of_a_hand_countable_log(company):
    folder = company({"requests.csv": CALLS, "identities.csv": LINKS})
    dates = call_dates(open_study(folder, month="2026-02")).set_index("account_id")
    at = pd.Timestamp
    # the call of the 11th was received in March; b is d's account; c's test key does not count
    assert dates.loc["a"].tolist() == [
        at("2026-01-10T10:00"), at("2026-02-10T12:00"), at("2026-01-10T11:00"), at("2026-02-10T10:00"),
        at("2026-02-10T10:00"), at("2026-02-10T10:00"),
    ]  # fmt: skip
    assert dates.loc["b"].tolist() == [at("2026-02-12T12:00")] * 6
    assert dates.loc["c", ["first_call", "last_call"]].tolist() == [at("2026-02-13T12:00")] * 2
    assert dates.loc["c"].drop(["first_call", "last_call"]).isna().all()
    assert list(dates.index) == ["a", "b", "c"]


def test_first_and_last_calls_equal_those_of_the_calls_themselves(small_study):
    calls = small_study.requests(small_study.store.months("requests"))
    calls = calls.filter(~is_test_key(calls, small_study.workbook)).to_pandas()
    calls = calls[calls["account_id"].notna() & (calls["occurred_at"] < small_study.until)]
    good = calls[calls["status"].between(200, 299)]
    live = good[good["environment"] == "production"]
    dates = call_dates(small_study).set_index("account_id")
    assert len(dates) > 50
    for name, rows in (("call", calls), ("success", good), ("production_success", live)):
        by = rows.groupby("account_id")["occurred_at"]
        for side, expected in (("first", by.min()), ("last", by.max())):
            found = dates[f"{side}_{name}"].dropna()
            pd.testing.assert_series_equal(found, expected, check_names=False, check_dtype=False)


def test_without_requests_it_says_what_to_add(company):
    study = open_study(company({"accounts.csv": "account_id,created_at\na,2026-01-01\n"}))
    assert str(call_dates(study)).startswith('The date of first and last calls is not measurable: the table "requests" is not there')
