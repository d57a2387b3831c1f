"""A direction is claimed only where three months in any order would rarely lie so far from the rest."""

import math
from itertools import combinations

import numpy as np
import pytest

from apijourney.metrics.holistic.trends import moved, trend

NAN = math.nan


def test_the_last_three_months_are_compared_with_those_before():
    found = trend([2, 4, 2, 4, 3, 6, 6, 9])
    assert (found["months"], found["recent"], found["earlier"]) == (8, 7.0, 3.0)  # 21 / 3; 15 / 5


def test_p_counts_the_picks_of_three_that_lie_as_far_out():
    # of the 56 picks of three in 0 … 7 the last (5, 6, 7) and the first (0, 1, 2) lie farthest out
    assert trend(range(8))["p"] == pytest.approx(2 / 56)
    # one outlier: all 21 picks with it lie as far out as the last three, which hold it
    assert trend([0, 0, 0, 0, 0, 0, 0, 1])["p"] == pytest.approx(21 / 56)


def test_p_is_that_of_a_count_over_all_picks():
    values = np.random.default_rng(4).normal(size=9).round(2)

    def gap(pick):
        inside = np.isin(np.arange(9), pick)
        return abs(values[inside].mean() - values[~inside].mean())

    gaps = [gap(p) for p in combinations(range(9), 3)]
    assert trend(values)["p"] == pytest.approx(np.mean([g >= gap((6, 7, 8)) - 1e-12 for g in gaps]))


def test_months_not_known_or_without_a_number_do_not_count():
    assert trend([NAN, *range(8), math.inf]) == trend(range(8))


def test_with_fewer_than_eight_months_nothing_can_be_claimed():
    assert math.isnan(trend(range(7))["p"]) and trend(range(7))["months"] == 7
    assert trend([1, 2]) == {"months": 2, "recent": pytest.approx(NAN, nan_ok=True), "earlier": pytest.approx(NAN, nan_ok=True), "p": pytest.approx(NAN, nan_ok=True)}


def test_a_metric_that_never_moves_has_no_direction():
    assert trend([5.0] * 12)["p"] == 1.0


def test_chance_alone_is_called_a_direction_at_the_nominal_rate():
    rng = np.random.default_rng(1)
    p = np.array([trend(rng.normal(size=12))["p"] for _ in range(600)])
    # of 600 series without a trend 30 are expected below 0.05; 3 standard errors are 16
    assert 14 <= (p <= 0.05).sum() <= 46


def test_a_planted_rise_is_found():
    rng = np.random.default_rng(2)
    rising = [trend(np.r_[rng.normal(0, 1, 9), rng.normal(4, 1, 3)])["p"] for _ in range(50)]
    assert np.mean(np.array(rising) <= 0.05) > 0.9


def test_better_is_the_way_the_metric_should_go():
    assert moved(2, 1, 0.01, "up") == "better" and moved(2, 1, 0.01, "down") == "worse"
    assert moved(1, 2, 0.01, "none") == "down"
    assert moved(2, 1, 0.05, "up") == moved(2, 1, NAN, "up") == ""
