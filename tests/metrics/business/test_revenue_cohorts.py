"""What do cohorts of new payers bring, and does the curve of inequality end at one?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney.metrics.business.lorenz import lorenz
from apijourney.metrics.business.movements import movement_waterfall, mrr_movements
from apijourney.metrics.business.revenue import concentration, revenue_shares
from apijourney.metrics.business.revenue_cohorts import revenue_cohorts

MONTHS = [str(m) for m in pd.period_range("2026-01", "2026-05", freq="M")]


def paid(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["account_id", "month", "mrr_minor"])


def shares(table: pd.DataFrame, cohort: str) -> dict:
    part = table[(table["cohort"] == cohort) & table["share"].notna()]
    return dict(zip(part["period"], part["share"], strict=True))


TABLE = paid(
    ("old", "2026-01", 9), ("a", "2026-02", 5), ("a", "2026-03", 60), ("b", "2026-02", 5), ("b", "2026-03", 40),
    ("a", "2026-04", 30), ("a", "2026-05", 150), ("c", "2026-04", 7),
)  # fmt: skip


def test_a_cohort_is_measured_against_its_first_whole_month():
    # February's two bring 100 in March; 30 in April, when b has gone; 150 in May
    got = revenue_cohorts(TABLE, months=MONTHS)
    assert shares(got, "2026-02") == {1: 1.0, 2: 0.3, 3: 1.5}
    assert got.loc[got["cohort"] == "2026-02", "size"].iloc[0] == 2


def test_who_paid_in_the_first_month_has_no_known_start_and_nothing_to_divide_by_is_unknown():
    got = revenue_cohorts(TABLE, months=MONTHS)
    assert set(got["cohort"]) == {"2026-02", "2026-04"}
    assert shares(got, "2026-04") == {}  # c brought nothing in May


def test_months_that_are_not_over_or_not_billed_are_masked_and_not_zero():
    got = revenue_cohorts(TABLE, months=MONTHS, known=4)
    february = got[got["cohort"] == "2026-02"].set_index("period")
    assert february["mature"].to_dict() == {1: True, 2: True, 3: False}
    assert february.loc[3:, ["mrr_minor", "share"]].isna().all().all()


_rows = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(MONTHS), st.integers(-20, 90)), max_size=25)


@given(_rows)
def test_all_cohorts_together_are_all_that_is_paid_by_those_who_started(rows):
    table = paid(*rows).groupby(["account_id", "month"], as_index=False)["mrr_minor"].sum()
    got = revenue_cohorts(table, months=MONTHS)
    by = {(a, m): v for a, m, v in table.itertuples(index=False)}
    first = {a: min(m for (b, m), v in by.items() if a == b and v > 0) for a in {a for (a, _), v in by.items() if v > 0}}
    for row in got[got["mature"]].itertuples():
        month = MONTHS[MONTHS.index(row.cohort) + row.period]
        assert row.mrr_minor == sum(by.get((a, month), 0) for a, start in first.items() if start == row.cohort)


@given(_rows, st.integers(2, 5))
def test_the_waterfall_leads_from_opening_to_closing_and_its_changes_are_those_of_all_months(rows, n):
    table = paid(*rows).groupby(["account_id", "month"], as_index=False)["mrr_minor"].sum()
    moved = mrr_movements(table, months=MONTHS[:n])
    steps = movement_waterfall(moved).set_index("step")
    assert steps["minor"].drop("closing").sum() == steps.loc["closing", "minor"] == moved["closing_minor"].iloc[-1]
    assert steps.loc["churn", "minor"] == moved["churn_minor"].sum()
    inner = steps.drop(["opening", "closing"])
    assert (inner["to_minor"] - inner["from_minor"] == inner["minor"]).all()


def test_a_waterfall_over_a_hole_fails_instead_of_showing_a_wrong_sum():
    moved = mrr_movements(TABLE, months=MONTHS)
    with pytest.raises(ArithmeticError, match="months are missing between"):
        movement_waterfall(moved.drop(index=2))
    assert movement_waterfall(moved.head(0)).empty


def test_the_lorenz_curve_of_one_and_three_by_hand():
    got = lorenz(pd.DataFrame({"mrr_minor": [300, 100]}))
    assert got.values.tolist() == [[0, 0], [0.5, 0.25], [1, 1]]


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=40))
def test_the_lorenz_curve_ends_at_one_and_the_area_under_it_is_gini(amounts):
    table = paid(*[(f"a{i}", "2026-01", v) for i, v in enumerate(amounts)])
    curve = lorenz(revenue_shares(table, "2026-01"))
    assert curve.iloc[-1].tolist() == [1, 1] and curve["mrr_share"].is_monotonic_increasing
    area = np.trapezoid(curve["mrr_share"], curve["accounts_share"])
    assert 1 - 2 * area == pytest.approx(concentration(table, "2026-01")["gini"].iloc[0], abs=1e-9)
