"""Do the movements explain MRR from opening to closing, each account by one name?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.metrics.business.movements import MOVEMENTS, mrr_movement_accounts, mrr_movements

MONTHS = ["2026-01", "2026-02", "2026-03", "2026-04"]


def recurring(table):
    """Write {account: [MRR of each month]} as rows; 0 is a missing row."""
    rows = [(a, m, v) for a, values in table.items() for m, v in zip(MONTHS, values, strict=False) if v]
    frame = pd.DataFrame(rows, columns=["account_id", "month", "mrr_minor"])
    return frame.astype({"mrr_minor": "int64"})


def test_each_account_moves_by_one_name_and_the_table_closes():
    # a: 100 → 150 expands by 50, → 150 stays, → 120 contracts by 30
    # b: 80 → 0 churns, 0 → 0, 0 → 90 comes back: a reactivation, not new
    # c: 0 → 40 is new, → 40 stays, → 0 churns
    table = recurring({"a": [100, 150, 150, 120], "b": [80, 0, 0, 90], "c": [0, 40, 40, 0]})
    got = mrr_movements(table, months=MONTHS).set_index("month")
    assert got.loc["2026-02"].tolist() == [180, 40, 50, 0, -80, 0, 190, 90 / 80]
    assert got.loc["2026-03"].drop("quick_ratio").tolist() == [190, 0, 0, 0, 0, 0, 190]
    assert got.loc["2026-04"].tolist() == [190, 0, 0, -30, -40, 90, 210, 90 / 70]
    assert got.columns.tolist() == [
        "opening_minor", "new_minor", "expansion_minor", "contraction_minor", "churn_minor",
        "reactivation_minor", "closing_minor", "quick_ratio",
    ]  # fmt: skip


def test_the_first_observed_month_has_no_movements():
    # What an account paid before the data began is unknown: its first month is not "new".
    got = mrr_movements(recurring({"a": [100, 100, 0, 0]}), months=MONTHS[:2])
    assert got["month"].tolist() == ["2026-02"]
    assert got["new_minor"].tolist() == [0]


def test_revenue_before_the_months_asked_for_makes_a_return_a_reactivation():
    # b paid in January, not in March, again in April.
    table = recurring({"b": [80, 0, 0, 90]})
    moves = mrr_movement_accounts(table, months=MONTHS[2:])
    assert moves[["movement", "change_minor"]].to_numpy().tolist() == [["reactivation", 90]]


def test_quick_ratio_is_infinite_without_losses_and_unknown_without_movement():
    got = mrr_movements(recurring({"a": [10, 30, 30, 30]}), months=MONTHS)["quick_ratio"]
    assert got.iloc[0] == np.inf and got.iloc[1:].isna().all()


def test_the_accounts_behind_a_number_are_named():
    table = recurring({"a": [100, 150, 0, 0], "b": [0, 10, 10, 10]})
    moves = mrr_movement_accounts(table, months=MONTHS[:3])
    assert moves.to_numpy().tolist() == [
        ["a", "2026-02", "expansion", 100, 150, 50],
        ["b", "2026-02", "new", 0, 10, 10],
        ["a", "2026-03", "churn", 150, 0, -150],
    ]


def test_a_hole_between_months_is_one_sentence():
    with pytest.raises(WorkbookError) as error:
        mrr_movements(recurring({"a": [1, 1, 1, 1]}), months=["2026-01", "2026-03"])
    assert str(error.value) == (
        "mrr_movements(months): months must be given in order and without a gap, found "
        "['2026-01', '2026-03']; list every month from the first to the last."
    )


values = st.lists(st.sampled_from([-20, 0, 0, 10, 30]), min_size=4, max_size=4)


@settings(max_examples=80)
@given(st.dictionaries(st.sampled_from("abcde"), values, min_size=1), st.integers(0, 2))
def test_movements_equal_the_definition_and_add_up(table, skipped):
    asked = MONTHS[skipped:]
    got = mrr_movements(recurring(table), months=asked)
    for row, t in zip(got.to_dict("records"), range(skipped + 1, 4), strict=True):
        expected = dict.fromkeys(MOVEMENTS, 0)
        for series in table.values():
            before, after = series[t - 1], series[t]
            if before <= 0 < after:
                name = "reactivation" if any(v > 0 for v in series[:t]) else "new"
            elif after <= 0 < before:
                name = "churn"
            else:
                name = "expansion" if after > before else "contraction"
            expected[name] += after - before
        assert {m: row[f"{m}_minor"] for m in MOVEMENTS} == expected
        assert row["opening_minor"] == sum(s[t - 1] for s in table.values())
        assert row["opening_minor"] + sum(expected.values()) == row["closing_minor"]
        assert row["closing_minor"] == sum(s[t] for s in table.values())
