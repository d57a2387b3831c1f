"""Levers: the driver beside the steps of the funnel."""

import numpy as np
import pytest

from apijourney import NotMeasurable, WorkbookError, open_study
from apijourney.metrics.holistic.levers import driver_effects, levers


def test_the_driver_stands_beside_the_steps_with_the_effect_among_later_accounts(small_study):
    table = levers(small_study, points=2.0).set_index("lever")
    assert list(table["paying"].dropna()) == sorted(table["paying"].dropna(), reverse=True)
    assert (table["kind"] == "step").sum() == len(small_study.workbook.funnel) - 1
    found = driver_effects(small_study)
    if isinstance(found, NotMeasurable):
        assert (table["kind"] == "step").all()
        return
    label, paying, amount, share = found
    row = table.loc[label]
    assert row["kind"] == "driver" and row["now"] == share
    assert row["paying"] == pytest.approx(0.02 * row["entering"] * paying["adjusted"])
    assert row["mrr_minor"] == pytest.approx(0.02 * row["entering"] * amount["adjusted"])


def test_twice_the_points_bring_twice_as_much(small_study):
    one, two = (levers(small_study, points=p).set_index("lever") for p in (1.0, 2.0))
    free = one.index[(one["now"] < 0.97)]
    np.testing.assert_allclose(two.loc[free, "paying"].astype(float), 2 * one.loc[free, "paying"].astype(float))


def test_points_beyond_all_or_nothing_are_refused(small_study):
    for points in (0, -1, 101, True):
        with pytest.raises(WorkbookError, match="more than 0 and at most 100 percentage points"):
            levers(small_study, points=points)


def test_a_company_without_a_funnel_says_so(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-05,100\n"}))
    assert "the workbook file names no funnel" in str(levers(study))
