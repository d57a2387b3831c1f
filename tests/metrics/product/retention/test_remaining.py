"""What remains of the accounts of one month: three shares of the same accounts, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.product.account_use import use_by_month
from apijourney.metrics.product.retention.remaining import remaining

BOOK = "observed_from: 2026-01-01\ncurrency: EUR"
ACCOUNTS = "abcde"


def calls(**months) -> str:
    """calls(a=(2, 1)): account a calls twice in January and once in February."""
    rows, n = ["request_id,occurred_at,account_id,status,environment"], 0
    for account, counts in months.items():
        for i, count in enumerate(counts):
            for day in range(count):
                rows.append(f"{(n := n + 1)},2026-0{i + 1}-{day + 2:02d}T10:00:00Z,{account},200,production")
    return "\n".join(rows) + "\n"


LAST = "z,2026-02-28T10:00:00Z,new,200,production\n"  # so that February is over
CALLS = calls(a=(10, 20), b=(5, 0), c=(5, 2), d=(4, 0), e=(7, 0), new=(0, 9)) + LAST
INVOICES = """account_id,issued_at,amount_minor,kind
a,2026-01-05,100,subscription
a,2026-02-05,300,subscription
b,2026-01-05,100,subscription
new,2026-02-05,900,subscription
"""


def values(table, measure_name, column="value"):
    return table[table["measure"] == measure_name][column].tolist()


def test_three_shares_are_of_the_same_accounts(company):
    study = open_study(company({"requests.csv": CALLS, "invoices.csv": INVOICES}, BOOK), month="2026-02")
    table = remaining(study)
    # a and c of five are there; new was not there in January, and counts nowhere
    assert values(table, "accounts") == [1, 2 / 5]
    # 31 calls in 31 days, then 22 in 28
    assert values(table, "calls") == pytest.approx([1, (22 / 28) / (31 / 31)])
    # 200 cents of January, a's 300 of February
    assert values(table, "MRR") == [1, 300 / 200]
    assert (table["accounts"] == 5).all()
    later = table[table["month"] == "2026-02"]
    assert (later["low"] <= later["value"]).all() and (later["high"] >= later["value"]).all()


def test_without_invoices_revenue_is_unknown_and_not_zero(company):
    table = remaining(open_study(company({"requests.csv": CALLS}, BOOK), month="2026-02"))
    assert np.isnan(values(table, "MRR")).all() and np.isnan(values(table, "MRR", "numerator")).all()


def test_where_nothing_recurs_it_is_what_was_billed(company):
    lines = "account_id,issued_at,amount_minor\n" + "".join(f"{a},2026-01-05,10\n" for a in ACCOUNTS) + "a,2026-02-05,5\n"
    book = f"{BOOK}\ndefinitions: {{active: {{event: invoice}}}}"
    table = remaining(open_study(company({"invoices.csv": lines}, book), month="2026-02"))
    assert table["measure"].unique().tolist() == ["accounts", "active days", "billed revenue"]
    assert values(table, "billed revenue") == [1, 5 / 50]


def test_a_month_that_is_not_over_is_unknown(company):
    # Without the last call the data end on February 21.
    calls_only = CALLS.removesuffix(LAST)
    table = remaining(open_study(company({"requests.csv": calls_only, "invoices.csv": INVOICES}, BOOK), month="2026-02"))
    assert table[table["month"] == "2026-02"][["value", "low", "high", "numerator"]].isna().all().all()
    assert values(table, "calls")[0] == 1


def test_accounts_that_did_not_pay_have_no_revenue_to_keep(company):
    late = "account_id,issued_at,amount_minor,kind\na,2026-02-05,100,subscription\n"
    table = remaining(open_study(company({"requests.csv": CALLS, "invoices.csv": late}, BOOK), month="2026-02"))
    assert np.isnan(values(table, "MRR")).all()


def test_a_single_month_and_a_handful_of_accounts_are_not_measurable(company):
    study = open_study(company({"requests.csv": CALLS}, BOOK), month="2026-01")
    assert isinstance(remaining(study), NotMeasurable)
    few = open_study(company({"requests.csv": calls(a=(1, 1)) + LAST}, BOOK, name="few"), month="2026-02")
    assert "it follows at least 5 accounts over a whole month" in str(remaining(few))


def test_use_is_counted_once_for_all_who_ask(company):
    study = open_study(company({"requests.csv": CALLS}, BOOK), month="2026-02")
    use, unit = use_by_month(study)
    assert unit == "calls" and use.loc["a"].tolist() == [10, 20] and use.loc["new"].tolist() == [0, 10]
    # 31 calls of January's five accounts in 31 days, 22 in 28; a and c are of two months only
    found = measure(study, "usage_retention").set_index("month")
    assert found.loc["2026-02", "value"] == pytest.approx(22 / 28) and found["value"].isna().tolist() == [True, False]
    assert pd.isna(measure(study, "recurring_usage")["value"]).all()
