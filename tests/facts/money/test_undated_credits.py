"""A credit or refund without service dates takes back what is left of the line it credits, to the cent."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney import measure, open_study
from apijourney.facts.money.undated_credits import with_credit_periods
from apijourney.metrics.business.recurring_revenue import recurring_revenue

YEAR = ("2025-07-01", "2025-07-01", "2026-07-01", 1200, "subscription", None)
MONTHS = [str(m) for m in pd.period_range("2025-07", "2026-07", freq="M")]


def mrr(*lines) -> list[int]:
    """The MRR of one account from July 2025 to July 2026; lines : issued, start, end, minor, kind, credits_kind."""
    table = pd.DataFrame(lines, columns=["issued_at", "service_start", "service_end", "reporting_minor", "kind", "credits_kind"])
    table = table.assign(account_id="a", issued_at=pd.to_datetime(table["issued_at"]))
    table[["service_start", "service_end"]] = table[["service_start", "service_end"]].apply(pd.to_datetime)
    return recurring_revenue(table, months=MONTHS).set_index("month")["mrr_minor"].reindex(MONTHS, fill_value=0).tolist()


def refund(minor: int, issued: str = "2026-01-20", kind: str = "refund", of: str | None = "subscription"):
    return (issued, None, None, minor, kind, of)


@pytest.mark.parametrize("minor, january", [(-600, 0), (-500, 100), (-550, 50)])
def test_a_refund_of_all_that_was_ahead_ends_the_plan(minor, january):
    # 1,200 a year are 100 a month. February to June are 500: they go back whole, the rest is January's
    assert mrr(YEAR, refund(minor)) == [100] * 6 + [january] + [0] * 6


def test_a_smaller_credit_lowers_each_of_the_months_that_remain():
    # 60 over the six months from January to June
    assert mrr(YEAR, refund(-60, kind="credit")) == [100] * 6 + [90] * 6 + [0]


def test_a_sum_that_leaves_a_remainder_cancels_to_the_cent():
    # 1,000 over twelve months: 84 four times, then 83. From October on 84 once and 83 eight times
    line = ("2025-07-01", "2025-07-01", "2026-07-01", 1000, "subscription", None)
    assert mrr(line, refund(-(84 + 8 * 83), issued="2025-10-02")) == [84] * 3 + [0] * 10


def test_without_a_line_that_runs_it_counts_in_its_month_of_issue():
    assert mrr(YEAR, refund(-30, issued="2026-07-02")) == [100] * 12 + [-30]
    assert mrr(YEAR, refund(-30, of="usage")) == [100] * 6 + [70] + [100] * 5 + [0]  # usage was never billed


def test_the_latest_line_before_it_is_meant_and_one_with_dates_keeps_them():
    month = ("2026-01-01", "2026-01-01", "2026-02-01", 40, "subscription", None)
    assert mrr(YEAR, month, refund(-40)) == [100] * 12 + [0]
    dated = ("2026-01-20", "2026-03-01", "2026-04-01", -40, "credit", "subscription")
    assert mrr(YEAR, dated) == [100] * 8 + [60] + [100] * 3 + [0]


def test_the_line_of_the_same_product_and_currency_is_meant():
    lines = pd.DataFrame(
        {"account_id": "a", "issued_at": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-20"]),
         "service_start": ["2026-01-01"] * 3 + [None], "service_end": ["2026-04-01", "2026-07-01", "2027-01-01", None],
         "amount_minor": [300, 600, 1200, -30], "currency": ["EUR", "EUR", "USD", "EUR"], "product": ["x", "y", "x", "x"],
         "kind": ["subscription"] * 3 + ["credit"], "credits_kind": [None] * 3 + ["subscription"]}
    )  # fmt: skip
    assert str(with_credit_periods(lines)["service_end"][3])[:10] == "2026-04-01"


@given(st.integers(1, 5000), st.integers(1, 6000), st.integers(0, 12))
def test_no_cent_is_lost_and_a_charge_that_is_taken_back_leaves_nothing_behind(paid, back, months):
    line = ("2025-07-01", "2025-07-01", "2026-07-01", paid, "subscription", None)
    issued = f"{pd.Period('2025-07') + months}-10"
    assert sum(mrr(line, refund(-back, issued=issued))) == paid - back
    ahead = sum(mrr(line)[months:])
    if ahead:
        assert mrr(line, refund(-ahead, issued=issued))[months:] == [0] * (13 - months)


def test_the_workbook_counts_it_so_and_the_refund_is_one_line(company):
    head = "invoice_id,account_id,issued_at,service_start,service_end,amount_minor,currency,kind,credits_kind\n"
    lines = "1,a,2025-07-01T12:00:00Z,2025-07-01,2026-07-01,1200,EUR,subscription,\n2,a,2026-01-20T12:00:00Z,,,-550,EUR,refund,subscription\n"
    other = "3,b,2025-07-01T12:00:00Z,2025-07-01,2026-07-01,12,EUR,subscription,\n4,b,2026-03-31T12:00:00Z,,,1,EUR,one_off,\n"
    study = open_study(company({"invoices.csv": head + lines + other}, "currency: EUR"), month="2026-03", months_back=4)
    assert measure(study, "mrr")["value"].tolist() == [101, 51, 1, 1]
    assert measure(study, "revenue")["value"].tolist() == [0, -550, 0, 1]
    assert study.fact("revenue").to_pandas().query("taken_off")["lines"].sum() == 1
