"""Is lifetime value survival times margin, discounted, by hand and by brute force?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney import WorkbookError
from apijourney.metrics.business.lifetime_value import lifetime_value


def paid(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["account_id", "month", "mrr_minor"])


def margin(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["account_id", "month", "margin_minor"])


JAN, FEB, MAR = "2026-01", "2026-02", "2026-03"
PAID = paid(("a", JAN, 100), ("a", FEB, 100), ("b", JAN, 100), ("b", FEB, 100), ("a", MAR, 100))
EARNED = margin(*[(a, m, 60) for a in "ab" for m in (JAN, FEB)], ("a", MAR, 60))


def test_two_months_ahead_without_discount_by_hand():
    # four account-months could be lost, one was: 60 × (1 + 3/4)
    got = lifetime_value(PAID, EARNED, months=[MAR], first=JAN, yearly_rate=0, horizon=2).iloc[0]
    assert (got["at_risk"], got["lost"], got["churn"]) == (4, 1, 0.25)
    assert got["clv_minor"] == pytest.approx(60 * 1.75) and got["low"] <= got["clv_minor"] <= got["high"]


def test_a_year_ahead_is_worth_less_by_the_yearly_rate():
    stays = paid(*[("a", m, 100) for m in (JAN, FEB)])
    got = lifetime_value(stays, margin(("a", FEB, 100)), months=[FEB], first=JAN, yearly_rate=0.21, horizon=13)
    assert got["clv_minor"].iloc[0] == pytest.approx(100 * sum(1.21 ** (-t / 12) for t in range(13)))


def test_a_long_horizon_is_the_formula_of_gupta_and_lehmann_with_a_first_payment():
    # m r / (1 + i − r) without the first payment, and m more with it
    got = lifetime_value(PAID, EARNED, months=[MAR], first=JAN, yearly_rate=0.10, horizon=10_000)["clv_minor"].iloc[0]
    i = 1.10 ** (1 / 12) - 1
    assert got == pytest.approx(60 + 60 * 0.75 / (1 + i - 0.75))


def test_the_first_month_and_a_month_without_costs_are_not_known():
    got = lifetime_value(PAID, EARNED[EARNED["month"] != MAR], months=[JAN, FEB, MAR], first=JAN)
    assert got["mature"].tolist() == [False, True, False]
    assert got["clv_minor"].isna().tolist() == [True, False, True]


def test_only_the_window_counts():
    # b left in March; seen from a window of one month in April nobody left
    table = pd.concat([PAID, paid(("a", "2026-04", 100))])
    got = lifetime_value(table, pd.concat([EARNED, margin(("a", "2026-04", 60))]), months=["2026-04"], first=JAN, window=1)
    assert got["churn"].iloc[0] == 0 and got["at_risk"].iloc[0] == 1


def test_one_account_says_nothing_of_others():
    stays = paid(*[("a", m, 100) for m in (JAN, FEB)])
    got = lifetime_value(stays, margin(("a", FEB, 100)), months=[FEB], first=JAN).iloc[0]
    assert np.isnan(got["low"]) and np.isnan(got["high"])


def test_a_rate_below_nothing_is_one_sentence():
    with pytest.raises(WorkbookError, match="yearly_rate is 0 or more, horizon and window are 1 month or more"):
        lifetime_value(PAID, EARNED, months=[MAR], first=JAN, yearly_rate=-0.1)


MONTHS = [str(m) for m in pd.period_range("2026-01", "2026-05", freq="M")]
_rows = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(MONTHS), st.integers(1, 50)), min_size=1, max_size=20)


@given(_rows.map(lambda rows: list({(a, m): (a, m, v) for a, m, v in rows}.values())), st.integers(1, 6))
def test_it_equals_walking_through_the_months(rows, window):
    table, earned = paid(*rows), margin(*[(a, m, v - 10) for a, m, v in rows])
    got = lifetime_value(table, earned, months=MONTHS[-1:], first=MONTHS[0], window=window, horizon=7, draws=2).iloc[0]
    pays = {(a, m): v for a, m, v in rows}
    inside = MONTHS[max(0, len(MONTHS) - window) :]
    risk = [(a, m) for m in inside for a in "abcd" if m != MONTHS[0] and (a, MONTHS[MONTHS.index(m) - 1]) in pays]
    lost = [1 for a, m in risk if (a, m) not in pays]
    sums = [v - 10 for (a, m), v in pays.items() if m in inside]
    if not risk or not sums or MONTHS[-1] not in {m for _, m in pays}:
        assert np.isnan(got["clv_minor"])
        return
    stay = (1 - len(lost) / len(risk)) / 1.1 ** (1 / 12)
    assert got["clv_minor"] == pytest.approx(np.mean(sums) * sum(stay**t for t in range(7)), abs=1e-9)
