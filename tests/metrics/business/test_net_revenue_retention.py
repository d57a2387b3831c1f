"""Does NRR follow the accounts of then, and GRR refuse their growth?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.metrics.business.net_revenue_retention import net_revenue_retention


def recurring(**accounts):
    """Write name=(then, now) as MRR of October 2025 and October 2026; 0 is a missing row."""
    rows = [
        (name, month, minor)
        for name, pair in accounts.items()
        for month, minor in zip(("2025-10", "2026-10"), pair, strict=False)
        if minor
    ]
    return pd.DataFrame(rows, columns=["account_id", "month", "mrr_minor"])


def test_nrr_counts_growth_of_old_accounts_and_grr_does_not():
    # then: a 100, b 100, c 200 = 400. now: a 150, b 0, c 180 = 330 → NRR 0.825.
    # capped at then: 100 + 0 + 180 = 280 → GRR 0.7. d came later and counts in neither.
    row = net_revenue_retention(recurring(a=(100, 150), b=(100, 0), c=(200, 180), d=(0, 900)), month="2026-10").iloc[0]
    assert (row["nrr"], row["grr"]) == (0.825, 0.7)
    assert row[["accounts", "then_minor", "now_minor", "kept_minor"]].tolist() == [3, 400, 330, 280]
    assert row["mature"]
    assert row["nrr_low"] <= row["nrr"] <= row["nrr_high"]
    assert row["grr_low"] <= row["grr"] <= row["grr_high"] <= 1


def test_before_a_year_of_data_it_is_unknown_and_not_zero():
    table = recurring(a=(100, 100))
    early = net_revenue_retention(table, month="2026-09").iloc[0]
    late = net_revenue_retention(table, month="2026-11").iloc[0]
    for row in (early, late):
        unknown = ["nrr", "nrr_low", "nrr_high", "grr", "accounts", "then_minor", "now_minor", "kept_minor"]
        assert row[unknown].isna().all()
        assert not row["mature"]
    assert not net_revenue_retention(table.iloc[:0], month="2026-10")["mature"].any()


def test_nobody_paying_then_is_unknown_but_mature():
    # b has a row then, but of 0; its growth from nothing is no retention.
    table = pd.DataFrame({"account_id": ["b", "b"], "month": ["2025-10", "2026-10"], "mrr_minor": [0, 50]})
    row = net_revenue_retention(table, month="2026-10").iloc[0]
    assert np.isnan(row["nrr"]) and row["accounts"] == 0 and row["mature"]


def test_one_whale_hides_that_the_others_shrink():
    # then 1000 + 9 × 100 = 1900; now 2000 + 9 × 50 = 2450: NRR 1.29, GRR (1000 + 450) / 1900 = 0.763.
    others = {f"small{i}": (100, 50) for i in range(9)}
    row = net_revenue_retention(recurring(whale=(1000, 2000), **others), month="2026-10").iloc[0]
    assert round(row["nrr"], 3) == 1.289 and round(row["grr"], 3) == 0.763
    assert row["nrr_low"] < 1  # draws without the whale shrink


def test_several_months_and_the_monthly_version():
    table = pd.DataFrame({"account_id": "a", "month": ["2026-01", "2026-02", "2026-03"], "mrr_minor": [100, 50, 75]})
    got = net_revenue_retention(table, month=["2026-02", "2026-03"], months_back=1)
    assert got["nrr"].tolist() == [0.5, 1.5] and got["grr"].tolist() == [0.5, 1.0]
    assert got["months_back"].tolist() == [1, 1]


def test_no_distance_is_one_sentence():
    with pytest.raises(WorkbookError) as error:
        net_revenue_retention(recurring(a=(1, 1)), month="2026-10", months_back=0)
    assert str(error.value) == "net_revenue_retention(months_back): must be at least 1, found 0."


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(-5, 50), st.integers(-5, 50))))
def test_retention_equals_its_definition(pairs):
    # A bystander paying in both months makes both months observed.
    table = recurring(**pairs, bystander=(10, 10))
    row = net_revenue_retention(table, month="2026-10", draws=20).iloc[0]
    paid = [p for p in [*pairs.values(), (10, 10)] if p[0] > 0]
    then = sum(t for t, _ in paid)
    assert row["accounts"] == len(paid) and row["then_minor"] == then
    assert row["nrr"] == pytest.approx(sum(n for _, n in paid) / then)
    assert row["grr"] == pytest.approx(sum(min(t, n) for t, n in paid) / then)
    assert row["grr"] <= min(row["nrr"], 1)
