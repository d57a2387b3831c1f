"""Step levers: what a point more at a step brings at the end is worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney.metrics.holistic.levers import levers
from apijourney.metrics.product.conversion.step_levers import journey_levers, step_levers


def steps(names, reached, **more):
    more = {"entering": 100, "points": 1, "mrr_minor": [1000, 3000]} | more
    return step_levers(names, reached, **more).set_index("lever")


def test_a_point_more_at_a_step_grows_the_end_in_the_ratio_of_its_share():
    # 200 open, 100 call (50 %), 20 pay (20 %). A point more: the end grows by 1/50, by 1/20. Of 100 a month 10 pay
    found = steps(["opened", "called", "paid"], [200, 100, 20])
    assert found["paying"].to_dict() == pytest.approx({"opened → called": 0.2, "called → paid": 0.5})
    assert found["mrr_minor"].to_dict() == pytest.approx({"opened → called": 400, "called → paid": 1000})  # 2,000 each
    assert found["entering"].to_dict() == pytest.approx({"opened → called": 100, "called → paid": 50})
    assert found["now"].tolist() == [0.5, 0.2] and found["moved_to"].tolist() == pytest.approx([0.51, 0.21])
    assert (found["low"] < found["paying"]).all() and (found["paying"] < found["high"]).all()


@given(st.lists(st.integers(1, 500), min_size=2, max_size=5), st.floats(0.1, 5), st.integers(1, 300))
def test_the_gain_is_that_of_walking_the_funnel_anew(counts, points, entering):
    reached = sorted(counts, reverse=True)
    names = [f"s{i}" for i in range(len(reached))]
    found = step_levers(names, reached, entering=entering, points=points, mrr_minor=[], draws=2)
    shares = [b / a for a, b in zip(reached, reached[1:], strict=False)]
    for k in range(len(shares)):
        moved = [min(s + points / 100, 1) if i == k else s for i, s in enumerate(shares)]
        assert found["paying"].iloc[k] == pytest.approx(entering * (np.prod(moved) - np.prod(shares)), abs=1e-9)


def test_a_step_that_all_take_cannot_be_moved():
    found = steps(["opened", "called", "paid"], [100, 100, 20], points=5)
    assert found.loc["opened → called", ["moved_to", "paying"]].tolist() == [1.0, 0.0]
    assert found.loc["called → paid", "paying"] == pytest.approx(5)


def test_a_step_that_nobody_takes_is_not_known():
    assert steps(["opened", "called"], [100, 0])["paying"].isna().all()


def test_without_the_revenue_of_new_accounts_only_accounts_are_told():
    found = steps(["opened", "paid"], [100, 20], mrr_minor=[])
    assert found["paying"].tolist() == pytest.approx([1.0]) and found["mrr_minor"].isna().all()
    one = steps(["opened", "paid"], [100, 20], mrr_minor=[700])
    assert one["mrr_minor"].tolist() == pytest.approx([700]) and one["mrr_low"].isna().all()  # one account says nothing of others


def test_the_interval_holds_the_truth_at_its_rate():
    rng, holds = np.random.default_rng(3), 0
    for i in range(100):
        called = rng.binomial(300, 0.5)
        counts = [300, called, rng.binomial(called, 0.2)]
        row = step_levers(["o", "c", "p"], counts, entering=100, points=1, mrr_minor=[], draws=300, seed=i).iloc[1]
        holds += row["low"] <= 100 * 0.5 * 0.01 <= row["high"]
    assert holds >= 88


def test_the_same_numbers_come_twice():
    assert steps(["o", "p"], [100, 20]).equals(steps(["o", "p"], [100, 20]))


def test_the_levers_of_the_journey_are_those_beside_the_driver(small_study):
    own = journey_levers(small_study, points=2.0).set_index("lever")
    beside = levers(small_study, points=2.0).set_index("lever")
    beside = beside[beside["kind"] == "step"].loc[own.index]
    columns = ["now", "moved_to", "entering", "paying", "low", "high", "n"]
    np.testing.assert_array_equal(own[columns].to_numpy(float), beside[columns].to_numpy(float))
    assert own["mrr_minor"].isna().all()
