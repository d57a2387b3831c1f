"""Is revenue counted once, in its month, and its concentration told truly?"""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.metrics.business.revenue import (
    average_revenue_per_account,
    concentration,
    logo_churn,
    revenue_by_month,
    revenue_shares,
)
from apijourney.metrics.uncertainty import wilson


def month_of(**accounts):
    return pd.DataFrame(
        {"account_id": list(accounts), "month": "2026-10", "mrr_minor": list(accounts.values())}
    )


def test_billed_revenue_counts_in_the_local_month_of_issue_less_credits():
    # October (Berlin): 500 one-off by a (00:30 local on the 1st), 300 usage by b, credit 100 to b = 700.
    # A year paid ahead counts whole in the month it was billed: 1200 in November.
    lines = pd.DataFrame(
        [
            ("a", "2026-09-30T22:30", 500, "one_off", None),
            ("b", "2026-10-31T22:30", 300, "usage", None),
            ("b", "2026-10-31T22:30", 100, "credit", "usage"),
            ("a", "2026-11-01T08:00", 1200, "subscription", None),
        ],
        columns=["account_id", "issued_at", "reporting_minor", "kind", "credits_kind"],
    ).assign(issued_at=lambda t: pd.to_datetime(t["issued_at"]))
    got = revenue_by_month(lines, ["2026-09", "2026-10", "2026-11"], "Europe/Berlin")
    assert got.to_numpy().tolist() == [["2026-09", 0, 0, 0], ["2026-10", 700, 3, 2], ["2026-11", 1200, 1, 1]]
    assert got["reporting_minor"].dtype == "int64"


def test_arpa_divides_by_accounts_that_pay():
    # a 100, b 300; c has a row of 0 and d a credit: 400 / 2 = 200.
    row = average_revenue_per_account(month_of(a=100, b=300, c=0, d=-50), ["2026-10"]).iloc[0]
    assert row[["arpa_minor", "numerator", "denominator"]].tolist() == [200, 400, 2]
    assert row["low"] == 100 and row["high"] == 300


def test_arpa_of_nobody_is_unknown():
    row = average_revenue_per_account(month_of(a=100), ["2026-09"]).iloc[0]
    assert np.isnan(row["arpa_minor"]) and row["denominator"] == 0


def test_shares_are_ranked_and_add_up():
    # 60 + 30 + 10 = 100; z pays nothing and is not ranked; equal accounts go by name.
    got = revenue_shares(month_of(b=30, a=60, z=0, c=10), "2026-10")
    assert got.to_numpy().tolist() == [[1, "a", 60, 0.6, 0.6], [2, "b", 30, 0.3, 0.9], [3, "c", 10, 0.1, 1.0]]
    assert revenue_shares(month_of(b=5, a=5), "2026-10")["account_id"].tolist() == ["a", "b"]


def test_concentration_by_hand():
    # shares .6 .3 .1: HHI = .36 + .09 + .01 = .46.
    # Gini = mean absolute difference / (2 × mean) = (2 × (30 + 50 + 20) / 9) / (2 × 100/3) = 1/3.
    row = concentration(month_of(a=60, b=30, c=10), "2026-10").iloc[0]
    assert row[["accounts", "mrr_minor", "top1_share", "top10_share"]].tolist() == [3, 100, 0.6, 1.0]
    assert row["hhi"] == pytest.approx(0.46) and row["gini"] == pytest.approx(1 / 3)


def test_equal_accounts_are_not_concentrated():
    # 20 equal accounts: the largest has 1/20, ten of them half, HHI 1/20, Gini 0.
    row = concentration(month_of(**{f"a{i}": 7 for i in range(20)}), "2026-10").iloc[0]
    assert row[["top1_share", "top10_share", "hhi"]].tolist() == pytest.approx([0.05, 0.5, 0.05])
    assert row["gini"] == pytest.approx(0, abs=1e-12)


def test_concentration_of_nobody_is_unknown():
    row = concentration(month_of(a=60), "2026-09").iloc[0]
    assert row["accounts"] == 0 and row[["top1_share", "top10_share", "hhi", "gini"]].isna().all()


@settings(max_examples=60)
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=15))
def test_concentration_equals_its_pairwise_definition(amounts):
    row = concentration(month_of(**{f"a{i}": v for i, v in enumerate(amounts)}), "2026-10").iloc[0]
    n, total = len(amounts), sum(amounts)
    differences = sum(abs(x - y) for x, y in itertools.product(amounts, repeat=2))
    assert row["gini"] == pytest.approx(differences / (2 * n * total), abs=1e-9)
    assert row["hhi"] == pytest.approx(sum((v / total) ** 2 for v in amounts))
    assert row["top10_share"] == pytest.approx(sum(sorted(amounts)[-10:]) / total)


def test_logo_churn_counts_heads_not_money():
    # January: a, b, c pay. February: a and d pay: b and c are lost, 2 of 3. March: a is lost, 1 of 2.
    rows = [("a", "2026-01", 9), ("b", "2026-01", 1), ("c", "2026-01", 1), ("a", "2026-02", 9),
            ("d", "2026-02", 1), ("c", "2026-02", 0), ("d", "2026-03", 1)]  # fmt: skip
    recurring = pd.DataFrame(rows, columns=["account_id", "month", "mrr_minor"])
    got = logo_churn(recurring, ["2026-01", "2026-02", "2026-03"])
    assert got[["month", "numerator", "denominator"]].to_numpy().tolist() == [["2026-02", 2, 3], ["2026-03", 1, 2]]
    assert got["share"].tolist() == pytest.approx([2 / 3, 1 / 2])
    low, high = wilson([2, 1], [3, 2])
    assert got["low"].tolist() == list(low) and got["high"].tolist() == list(high)


def test_logo_churn_of_nobody_is_unknown():
    got = logo_churn(month_of(a=1), ["2026-08", "2026-09"])
    assert got["denominator"].tolist() == [0] and got[["share", "low", "high"]].isna().all(axis=None)
