"""Medians by month of sign-up: known, or not yet, on cohorts one can count."""

import numpy as np
import pytest

from apijourney import measure, open_study


def files(early: int, late: int) -> dict[str, str]:
    """`early` accounts open on 1 January and succeed, and are charged, 30 days later; `late` ones open on the 30th."""
    accounts, requests, invoices = (
        "account_id,created_at\n", "request_id,occurred_at,account_id,status,environment\n",
        "invoice_id,account_id,issued_at,amount_minor,currency,kind\n",
    )  # fmt: skip
    for i in range(early):
        accounts += f"e{i},2026-01-01T00:00:00Z\n"
        requests += f"{i},2026-01-31T00:00:00Z,e{i},200,production\n"
        invoices += f"{i},e{i},2026-01-31T00:00:00Z,100,EUR,usage\n"
    for i in range(late):
        accounts += f"l{i},2026-01-30T00:00:00Z\n"
    return {"accounts.csv": accounts, "requests.csv": requests, "invoices.csv": invoices}


@pytest.mark.parametrize("metric", ["time_to_paid_days", "first_hello_world_days", "first_production_call_days"])
def test_a_young_cohort_has_no_median_where_its_last_few_decide(company, metric):
    book = "observed_from: 2026-01-01\ncurrency: EUR\n"
    # 2 of 12 were watched for thirty days, and both got there: the curve falls from 0 to all of them on two accounts
    row = measure(open_study(company(files(2, 10), book), month="2026-01"), metric).iloc[-1]
    assert not row["mature"] and np.isnan(row["value"])


@pytest.mark.parametrize("metric", ["time_to_paid_days", "first_hello_world_days", "first_production_call_days"])
def test_a_median_that_many_were_watched_for_is_known(company, metric):
    book = "observed_from: 2026-01-01\ncurrency: EUR\n"
    # 10 of 50 were watched for thirty days: ten, and a fifth
    row = measure(open_study(company(files(10, 40), book), month="2026-01"), metric).iloc[-1]
    assert row["mature"] and row[["value", "numerator", "denominator"]].tolist() == [30, 10, 50]
