"""A direction is claimed only where months without one would rarely rise or fall so steadily."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney.metrics.holistic.trends import MOST_MONTHS, moved, trend, without_direction
from apijourney.metrics.uncertainty import benjamini_hochberg

NAN = math.nan
FAMILY = 12


def test_the_last_three_months_stand_beside_those_before():
    found = trend([2, 4, 2, 4, 3, 6, 6, 9])
    assert (found["months"], found["recent"], found["earlier"]) == (8, 7.0, 3.0)  # 21 / 3; 15 / 5


def test_rises_are_the_pairs_of_months_that_rise_less_those_that_fall():
    # 1 < 3, 1 < 2, 3 > 2; 2 = 2 counts as neither: 1-3, 1-2, 1-2 rise, 3-2, 3-2 fall
    assert trend([1, 3, 2, 2])["rises"] == 1
    assert trend(range(12))["rises"] == 66 == -trend(range(12, 0, -1))["rises"]


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=MOST_MONTHS))
def test_rises_are_those_of_a_count_over_all_pairs(values):
    slow = sum((b > a) - (b < a) for i, a in enumerate(values) for b in values[i + 1 :])
    assert trend(values)["rises"] == slow


def test_p_is_the_share_of_series_without_direction_that_go_as_far():
    values = [1, 2, 4, 3, 5, 6, 8, 7, 9, 10]  # of 45 pairs two fall
    chance = without_direction(10)
    assert trend(values)["p"] == pytest.approx((np.sum(chance >= 41) + 1) / (len(chance) + 1))
    assert trend([-v for v in values])["p"] == trend(values)["p"]


def test_months_not_known_or_without_a_number_do_not_count():
    assert trend([NAN, *range(10), math.inf]) == trend(range(10))


def test_with_fewer_than_ten_months_nothing_can_be_claimed():
    assert math.isnan(trend(range(9))["p"]) and trend(range(9))["months"] == 9
    assert trend([])["months"] == 0 and math.isnan(trend([1, 2])["recent"])


def test_a_metric_that_never_moves_has_no_direction():
    assert trend([5.0] * 12)["p"] == 1.0


def carried_over(rng, memory, months, series=FAMILY):
    """Series without direction: each month is so much of the one before, and normal noise."""
    out = np.empty((series, months))
    out[:, 0] = rng.normal(size=series)
    for i in range(1, months):
        out[:, i] = memory * out[:, i - 1] + math.sqrt(1 - memory**2) * rng.normal(size=series)
    return out


def yearly(rng, months, height, series=FAMILY):
    """A wave of a year that begins at any of its points, so many times as high as the noise."""
    return height * np.sin(2 * np.pi * (np.arange(months) / 12 + rng.random((series, 1))))


def claimed(family) -> int:
    """How many of a family of series are called a direction, as the scorecard does."""
    return int((benjamini_hochberg(np.array([trend(series)["p"] for series in family])) < 0.05).sum())


NO_DIRECTION = {
    "chance alone": lambda rng, n: rng.normal(size=(FAMILY, n)),
    "a third carried over": lambda rng, n: carried_over(rng, 0.3, n),
    "a half carried over": lambda rng, n: carried_over(rng, 0.5, n),
    "a season": lambda rng, n: yearly(rng, n, 1) + rng.normal(size=(FAMILY, n)),
    "a strong season": lambda rng, n: yearly(rng, n, 2) + rng.normal(size=(FAMILY, n)),
    "a season, a third carried over": lambda rng, n: yearly(rng, n, 1) + carried_over(rng, 0.3, n),
    "outliers": lambda rng, n: rng.standard_t(2, size=(FAMILY, n)),
    "an outage": lambda rng, n: rng.normal(size=(FAMILY, n)) + 9 * (rng.integers(0, n, (FAMILY, 1)) == np.arange(n)),
}


@pytest.mark.parametrize("kind", NO_DIRECTION)
@pytest.mark.parametrize("months", [12, 18])
def test_of_scorecards_without_any_direction_at_most_one_in_twenty_claims_one(kind, months):
    rng = np.random.default_rng(1)
    false = sum(claimed(NO_DIRECTION[kind](rng, months)) > 0 for _ in range(300))
    assert false <= 300 * 0.05 + 3 * math.sqrt(300 * 0.05 * 0.95)  # 15 expected at the stated rate, and three standard errors


def test_where_more_than_half_is_carried_over_more_is_claimed_and_the_module_says_so():
    rng = np.random.default_rng(1)
    false = np.mean([claimed(carried_over(rng, 0.9, 12)) > 0 for _ in range(100)])
    assert false > 0.2


@pytest.mark.parametrize(("slope", "memory", "least"), [(1.0, 0.0, 0.95), (1.0, 0.5, 0.95), (0.7, 0.3, 0.75)])
def test_a_planted_slope_is_found_among_eleven_series_without_one(slope, memory, least):
    # the slope a month is in lengths of the noise
    rng = np.random.default_rng(2)

    def found():
        family = carried_over(rng, memory, 12)
        family[0] += slope * np.arange(12)
        return benjamini_hochberg(np.array([trend(series)["p"] for series in family]))[0] < 0.05

    assert np.mean([found() for _ in range(100)]) >= least


def test_better_is_the_way_the_metric_should_go():
    assert moved(9, 0.01, "up") == "better" and moved(9, 0.01, "down") == "worse"
    assert moved(-9, 0.01, "none") == "down"
    assert moved(9, 0.05, "up") == moved(9, NAN, "up") == ""
