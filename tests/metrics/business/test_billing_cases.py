"""The awkward invoices, each counted by hand: what recurs, what was billed, and what moved MRR.

Amounts are cents; months are January to March 2026 unless said.
"""

import pandas as pd
import pytest

from apijourney import WorkbookError
from apijourney.facts.money.currency import to_reporting_currency
from apijourney.metrics.business.movements import mrr_movements
from apijourney.metrics.business.recurring_revenue import recurring_revenue
from apijourney.metrics.business.revenue import revenue_by_month

MONTHS = ["2026-01", "2026-02", "2026-03"]


def lines(*rows) -> pd.DataFrame:
    """issued, service start, service end, cents, kind, what it credits; account a unless a seventh says another."""
    columns = ["issued_at", "service_start", "service_end", "reporting_minor", "kind", "credits_kind", "account_id"]
    table = pd.DataFrame([(*row, "a")[:7] if len(row) < 7 else row for row in rows], columns=columns)
    for column in columns[:3]:
        table[column] = pd.to_datetime(table[column])
    return table


def mrr(table: pd.DataFrame) -> list[int]:
    found = recurring_revenue(table, months=MONTHS).groupby("month")["mrr_minor"].sum()
    return found.reindex(MONTHS, fill_value=0).tolist()


def billed(table: pd.DataFrame) -> list[int]:
    return revenue_by_month(table, MONTHS)["reporting_minor"].tolist()


def test_an_upgrade_in_mid_month_counts_what_the_month_costs_in_the_end():
    # 100 for January; on the 16th the rest of it, 52, is given back, and 155 are charged for the rest on the new plan
    table = lines(
        ("2026-01-01", "2026-01-01", "2026-02-01", 100, "subscription", None),
        ("2026-01-16", "2026-01-16", "2026-02-01", 52, "credit", "subscription"),
        ("2026-01-16", "2026-01-16", "2026-02-01", 155, "subscription", None),
        ("2026-02-01", "2026-02-01", "2026-03-01", 300, "subscription", None),
        ("2026-03-01", "2026-03-01", "2026-04-01", 300, "subscription", None),
    )
    assert mrr(table) == [203, 300, 300]
    moved = mrr_movements(recurring_revenue(table, months=MONTHS), months=MONTHS)
    assert moved["expansion_minor"].tolist() == [97, 0] and moved["contraction_minor"].tolist() == [0, 0]


def test_a_year_paid_up_front_recurs_monthly_though_it_is_billed_once():
    table = lines(("2026-01-05", "2026-01-01", "2027-01-01", 1_200, "subscription", None))
    assert mrr(table) == [100, 100, 100] and billed(table) == [1_200, 0, 0]


def test_a_year_given_back_after_two_months_stops_recurring_from_then_on():
    # ten of twelve months are refunded: 1,000 laid over March to December
    table = lines(
        ("2026-01-05", "2026-01-01", "2027-01-01", 1_200, "subscription", None),
        ("2026-03-01", "2026-03-01", "2027-01-01", 1_000, "refund", "subscription"),
    )
    assert mrr(table) == [100, 100, 0] and billed(table) == [1_200, 0, -1_000]
    moved = mrr_movements(recurring_revenue(table, months=MONTHS), months=MONTHS)
    assert moved["churn_minor"].tolist() == [0, -100]


def test_a_negative_invoice_takes_away_like_a_credit():
    table = lines(
        ("2026-01-01", "2026-01-01", "2026-02-01", 100, "subscription", None),
        ("2026-01-20", "2026-01-01", "2026-02-01", -30, "subscription", None),
    )
    assert mrr(table) == [70, 0, 0] and billed(table) == [70, 0, 0]


def test_credits_beyond_the_month_make_it_negative_and_such_an_account_does_not_pay():
    table = lines(
        ("2026-01-01", "2026-01-01", "2026-02-01", 100, "usage", None),
        ("2026-02-01", "2026-02-01", "2026-03-01", 40, "usage", None),
        ("2026-02-10", "2026-02-01", "2026-03-01", 60, "credit", "usage"),
    )
    assert mrr(table) == [100, -20, 0]
    moved = mrr_movements(recurring_revenue(table, months=MONTHS), months=MONTHS)
    assert moved["churn_minor"].tolist() == [-120, 0] and moved["closing_minor"].tolist() == [-20, 0]


def test_a_refund_of_a_one_off_and_a_credit_of_nothing_named_are_revenue_but_never_recur():
    table = lines(
        ("2026-01-01", "2026-01-01", "2026-02-01", 100, "subscription", None),
        ("2026-01-02", None, None, 500, "one_off", None),
        ("2026-02-02", None, None, 500, "refund", "one_off"),
        ("2026-02-03", None, None, 20, "credit", None),
    )
    assert mrr(table) == [100, 0, 0] and billed(table) == [600, -520, 0]


def test_a_late_refund_changes_the_months_it_is_for_and_not_that_of_its_issue():
    table = lines(
        ("2026-01-01", "2026-01-01", "2026-02-01", 100, "subscription", None),
        ("2026-03-20", "2026-01-01", "2026-02-01", 40, "refund", "subscription"),
    )
    assert mrr(table) == [60, 0, 0] and billed(table) == [100, 0, -40]


def test_a_missing_rate_names_currency_and_day():
    table = pd.DataFrame({"issued_at": pd.to_datetime(["2026-01-01", "2026-02-03"]), "amount_minor": [100, 100], "currency": ["EUR", "SEK"]})
    rates = pd.DataFrame({"date": ["2026-02-02"], "currency": ["SEK"], "rate": ["0.09"]})
    with pytest.raises(WorkbookError, match="rates into EUR are missing: SEK on 1 day of 2026-02; add a line for each, such as .2026-02-03,SEK,1.25."):
        to_reporting_currency(table, rates, currency="EUR")
