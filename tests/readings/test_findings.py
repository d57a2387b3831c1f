"""Findings claim what the data carry, and stay silent otherwise."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.metrics.product.group_rates import rate_by
from apijourney.readings.findings import find_groups, find_whale


def people(**groups: tuple[int, int]) -> pd.DataFrame:
    """Accounts of groups, each given as (who did it, how many there are)."""
    rows = [{"group": g, "ok": i < hits} for g, (hits, n) in groups.items() for i in range(n)]
    return pd.DataFrame(rows)


def claimed(**groups) -> str:
    return find_groups(rate_by(people(**groups), by="group", outcome="ok"), group="sign-ups from", does="stay")


def test_a_large_and_sure_difference_is_claimed_with_n_and_interval():
    text = claimed(ads=(4, 80), docs=(200, 400), search=(200, 400))
    assert text.startswith("**5.0 %** of sign-ups from “ads” stay (95 % interval ")
    assert "n = 80), fewer than the 50 % of the 800 others." in text


@pytest.mark.parametrize(
    "groups",
    [
        {"ads": (40, 80), "docs": (200, 400)},  # no difference
        {"ads": (220, 500), "docs": (5000, 10000)},  # sure, but six points only
        {"ads": (0, 12), "docs": (200, 400)},  # large, but twelve accounts
        {"ads": (8, 30), "docs": (200, 400)},  # large, but may be chance
    ],
)
def test_a_difference_that_is_small_unsure_or_tiny_is_not_claimed(groups):
    assert claimed(**groups) == ""


def test_of_two_groups_only_the_higher_one_speaks():
    assert claimed(yes=(300, 400), no=(100, 400)).count("stay") == 1


def test_nothing_is_claimed_of_groups_drawn_at_chance():
    # 200 companies with eight channels of 40 accounts, all at 40 %: at q < 0.001 none should stand out
    rng = np.random.default_rng(0)
    names = [f"channel {i}" for i in range(8)]
    claims = sum(
        bool(claimed(**{n: (int(k), 40) for n, k in zip(names, rng.binomial(40, 0.4, 8), strict=True)}))
        for _ in range(200)
    )
    assert claims <= 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=2, max_size=5))
def test_rates_by_group_equal_counting(counts):
    groups = {f"g{i}": (hits, hits + misses) for i, (hits, misses) in enumerate(counts)}
    table = rate_by(people(**groups), by="group", outcome="ok") if any(n for _, n in groups.values()) else None
    for row in [] if table is None else table.itertuples():
        hits, n = groups[row.group]
        assert (row.numerator, row.denominator) == (hits, n)
        assert np.isnan(row.value) if n < 5 else row.value == hits / n
        rest_n = sum(m for g, (_, m) in groups.items() if g != row.group)
        rest = sum(h for g, (h, _) in groups.items() if g != row.group)
        assert np.isnan(row.others) if rest_n == 0 else row.others == pytest.approx(rest / rest_n)


def test_a_whale_is_named_only_above_a_fifth_of_the_revenue():
    def ranked(share):
        return pd.DataFrame({"account_id": ["big", "small"], "share": [share, 1 - share], "mrr_minor": [round(share * 400), 0]})

    now = pd.DataFrame({"nrr": [1.05], "nrr_low": [0.8], "nrr_high": [1.3], "accounts": [50]})
    without = pd.DataFrame({"nrr": [0.85], "nrr_low": [0.7], "nrr_high": [1.0], "accounts": [49]})
    assert find_whale(ranked(0.19), now, without) == ""
    text = find_whale(ranked(0.25), now, without)
    assert "big" in text and "without it **85 %**" in text
    assert "One account, Big Co (big), brings" in find_whale(ranked(0.25), now, without, names={"big": "Big Co"})
    assert (text.mrr_minor, text.accounts) == (100, 1)
