"""The quality gate: every row in is used or put aside with its reason, none is lost."""

import pandas as pd
import pytest

from apijourney import load_workbook
from apijourney.sources.gate import COPY, count_values, stop_if_unfit, with_reason
from apijourney.sources.tables import Sources

# Nine rows. Used: 1, 2 (its first arrival), 7 and 8 (no id: nobody can say whether it is a repeat).
REQUESTS = """request_id,occurred_at,received_at,account_id,status,latency_ms
1,2026-01-10T10:00:00Z,2026-01-10T10:00:01Z,a,200,10
2,2026-01-10T10:00:00Z,2026-01-12T10:00:00Z,a,200,10
2,2026-01-10T10:00:00Z,2026-01-10T10:00:01Z,a,200,10
3,2026-01-10T10:00:00Z,2026-01-10T10:00:01Z,a,200,-5
4,2026-01-10T10:00:00Z,2026-01-10T10:00:01Z,a,999,10
5,2026-01-10T10:05:02Z,2026-01-10T10:00:01Z,a,200,10
6,9999-12-31T10:00:00Z,,a,200,10
,2026-01-10T10:00:00Z,2026-01-10T10:00:01Z,a,200,10
,2026-01-10T10:00:00Z,2026-01-10T10:00:01Z,a,200,10
"""


def rows_of(folder, name) -> int:
    source = Sources(load_workbook(folder))[name]
    return stop_if_unfit(source, count_values(source))


def judged(folder, name) -> pd.DataFrame:
    return with_reason(Sources(load_workbook(folder))[name]).execute()


def test_rows_in_are_rows_used_and_rows_put_aside(company):
    folder = company({"requests.csv": REQUESTS})
    rows = judged(folder, "requests")
    assert rows_of(folder, "requests") == len(rows) == 9
    reasons = rows["reason"].dropna().value_counts().to_dict()
    assert reasons == {
        "duplicate request_id": 1, "negative latency": 1, "no HTTP status": 1,
        "received before it happened": 1, "not between 2000 and 2069": 1,
    }  # fmt: skip
    assert rows["reason"].isna().sum() == 4


def test_of_a_duplicate_the_first_to_arrive_is_used(company):
    rows = judged(company({"requests.csv": REQUESTS}), "requests")
    used = rows[(rows["request_id"] == "2") & rows["reason"].isna()]
    assert used["received_at"].tolist() == [pd.Timestamp("2026-01-10 10:00:01")]


def test_a_bad_row_does_not_make_its_good_twin_a_duplicate(company):
    text = "request_id,occurred_at,status\n1,2026-01-10,0\n1,2026-01-10,200\n"
    rows = judged(company({"requests.csv": text}), "requests").sort_values("status")
    assert rows["reason"].fillna("used").tolist() == ["no HTTP status", "used"]


def test_a_clock_may_be_five_minutes_wrong(company):
    text = "occurred_at,received_at\n2026-01-10T10:05:00Z,2026-01-10T10:00:00Z\n2026-01-10T10:05:01Z,2026-01-10T10:00:00Z\n"
    rows = judged(company({"requests.csv": text}), "requests").sort_values("occurred_at")
    assert rows["reason"].isna().tolist() == [True, False]


def test_a_touchpoint_of_nobody_is_put_aside(company):
    text = "visitor_id,account_id,occurred_at,touchpoint\nv,,2026-01-10,docs_view\n,,2026-01-10,docs_view\n"
    rows = judged(company({"touchpoints.csv": text}), "touchpoints")
    assert rows["reason"].dropna().tolist() == ["no id of anybody"]


def test_one_unreadable_value_in_a_hundred_is_put_aside_and_two_stop(company):
    good = "".join(f"a{i},2026-01-10,{i}\n" for i in range(99))
    header = "account_id,issued_at,amount_minor\n"
    one = company({"invoices.csv": header + good + "x,2026-01-10,free\n"}, name="one")
    assert judged(one, "invoices")["reason"].dropna().tolist() == ["unreadable amount_minor"]
    assert rows_of(one, "invoices") == 100
    two = company({"invoices.csv": header + good[:-18] + "x,2026-01-10,free\ny,2026-01-10,free\n"}, name="two")
    with pytest.raises(ValueError, match="2 of 100 values cannot be read as a whole number"):
        rows_of(two, "invoices")


def test_of_lines_alike_in_all_columns_and_their_invoice_one_is_used_and_equal_lines_without_id_stay(company):
    # without an id nobody can say whether two equal lines are copies or both owed
    text = "invoice_id,account_id,issued_at,amount_minor\n1,a,2026-01-10,100\n1,a,2026-01-10,100\n1,a,2026-01-10,101\n"
    reasons = judged(company({"invoices.csv": text + ",a,2026-01-10,100\n" * 2}), "invoices")["reason"]
    assert reasons.dropna().tolist() == [COPY] and len(reasons) == 5
