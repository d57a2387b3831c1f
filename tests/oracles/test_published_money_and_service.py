"""Revenue, its concentration and the reliability of a service, as other sources publish them."""

import pandas as pd
import pytest
from published import cases

from apijourney.metrics.business.movements import mrr_movements
from apijourney.metrics.business.net_revenue_retention import net_revenue_retention
from apijourney.metrics.business.revenue import concentration
from apijourney.metrics.infrastructure.answer_times import apdex_of
from apijourney.metrics.infrastructure.availability import budget_of
from apijourney.metrics.infrastructure.burn_rate import burn_rates
from apijourney.metrics.infrastructure.reliability import reliability


def revenue(case) -> pd.DataFrame:
    return pd.DataFrame(case["events"], columns=["account_id", "month", "mrr_minor"])


@pytest.mark.parametrize("case", cases("mrr_movements"))
def test_mrr_movements_are_those_of_the_source(case):
    found = mrr_movements(revenue(case), months=case["params"]["months"]).set_index("month")
    for month, wanted in case["expected"].items():
        assert found.loc[month, list(wanted)].to_dict() == wanted
        if "opening_minor" not in wanted:
            others = found.loc[month].drop([*wanted, "opening_minor", "closing_minor", "quick_ratio"], errors="ignore")
            assert not others.any()


@pytest.mark.parametrize("case", cases("revenue_retention"))
def test_revenue_retention_is_that_of_the_source(case):
    found = net_revenue_retention(revenue(case), **case["params"])
    for column, share in case["expected"].items():
        assert found[column][0] == pytest.approx(share)


@pytest.mark.parametrize("case", cases("concentration"))
def test_concentration_is_that_of_the_source(case):
    found = concentration(revenue(case), **case["params"])
    for column, value in case["expected"].items():
        assert found[column][0] == pytest.approx(value)


@pytest.mark.parametrize("case", cases("apdex"))
def test_apdex_is_that_of_the_source(case):
    satisfaction, answers = apdex_of(pd.DataFrame([case["events"]]))
    assert satisfaction / answers == case["expected"]["apdex"]


@pytest.mark.parametrize("case", cases("burn_rate"))
def test_burn_rate_is_that_of_the_source(case):
    minutes = case["params"]["minutes"]
    blocks = pd.DataFrame({"block": pd.date_range("2026-01-01", periods=minutes // 5, freq="5min"), **case["events"]})
    found = burn_rates(blocks, minutes, slo=case["params"]["slo"])
    assert found["burn"].iloc[-1] == pytest.approx(case["expected"]["burn"])


@pytest.mark.parametrize("case", cases("reliability"))
def test_reliability_is_that_of_the_source(case):
    incidents = pd.DataFrame(case["events"], columns=["started_at", "ended_at"]).apply(pd.to_datetime)
    since, until = (pd.Timestamp(case["params"][name]) for name in ("since", "until"))
    row, expected = reliability(incidents, since=since, until=until).iloc[0], case["expected"]
    assert row["failures"] == expected["failures"]
    assert row["mtbf_days"] * 24 == pytest.approx(expected["mtbf_hours"])
    assert row["mttr_minutes"] / 60 == pytest.approx(expected["mttr_hours"])
    assert row["per_30_days"] / 30 * 365 == pytest.approx(expected["per_year"])


@pytest.mark.parametrize("case", cases("error_budget"))
def test_error_budget_is_that_of_the_source(case):
    days = pd.DataFrame(case["events"], index=pd.date_range("2026-01-01", periods=case["params"]["days"]))
    found = budget_of(days, **case["params"]).iloc[-1]
    assert found["allowed"] == pytest.approx(case["expected"]["allowed"])
    assert found["budget_left"] == pytest.approx(case["expected"]["budget_left"], abs=0.0005)
