"""Crude and adjusted differences: worked out by hand, true to planted effects, silent where they must be."""

import numpy as np
import pandas as pd
import pytest

from apijourney.metrics.holistic.adjusted import adjusted_difference
from apijourney.metrics.product.association import association


def accounts(*cells):
    """(segment, did, reached, how many) → one row an account."""
    rows = [(s, d, r) for s, d, r, n in cells for _ in range(n)]
    return pd.DataFrame(rows, columns=["segment", "did", "reached"])


def difference(table, confounders=("segment",), outcome="reached"):
    return adjusted_difference(table, exposure="did", outcome=outcome, confounders=list(confounders))


def test_simpson_within_either_segment_nothing_differs_yet_the_crude_difference_is_large():
    # large: 32 of 40 with, 8 of 10 without: 80 % each. small: 2 of 10 with, 8 of 40 without: 20 % each
    table = accounts(("large", 1, 1, 32), ("large", 1, 0, 8), ("large", 0, 1, 8), ("large", 0, 0, 2),
                     ("small", 1, 1, 2), ("small", 1, 0, 8), ("small", 0, 1, 8), ("small", 0, 0, 32))  # fmt: skip
    found = difference(table)
    assert (found["n"], found["exposed"]) == (100, 50)
    assert (found["with_exposed"], found["with_others"]) == (0.68, 0.32)
    assert found["crude"] == pytest.approx(0.36)
    assert found["adjusted"] == pytest.approx(0, abs=1e-6)
    assert found["crude_low"] > 0 and found["low"] < 0 < found["high"]


def test_the_adjusted_difference_is_the_average_over_all_accounts():
    # large (60 accounts): 50 % with, 25 % without. small (40): 75 % with, 50 % without; the odds ratio is 3 in both
    table = accounts(("large", 1, 1, 10), ("large", 1, 0, 10), ("large", 0, 1, 10), ("large", 0, 0, 30),
                     ("small", 1, 1, 15), ("small", 1, 0, 5), ("small", 0, 1, 10), ("small", 0, 0, 10))  # fmt: skip
    assert difference(table)["adjusted"] == pytest.approx(0.25, abs=1e-6)


def test_the_crude_interval_is_that_of_association():
    table = accounts(("a", 1, 1, 56), ("a", 1, 0, 14), ("a", 0, 1, 48), ("a", 0, 0, 32))
    row = association(table[["did"]].astype(bool), table["reached"].astype(bool)).iloc[0]
    found = difference(table)
    assert (found["crude_low"], found["crude_high"]) == (row["low"], row["high"])


def test_an_amount_is_compared_by_means():
    table = accounts(("a", 1, 0, 20), ("a", 0, 0, 20)).assign(amount=[300, 500] * 10 + [100, 200] * 10)
    found = difference(table, outcome="amount")
    assert found["crude"] == pytest.approx(250) and found["adjusted"] == pytest.approx(250)
    # both variances with n - 1: 10,526 and 2,632; sqrt of their twentieths' sum is 25.65, times 1.96
    assert found["crude_high"] - found["crude"] == pytest.approx(1.959964 * 25.649, abs=0.01)


def test_too_few_accounts_on_either_side_are_said():
    found = difference(accounts(("a", 1, 1, 19), ("a", 0, 0, 100), ("a", 0, 1, 50)))
    assert found["note"] == "too few to say" and np.isnan(found["crude"]) and np.isnan(found["p"])
    assert (found["n"], found["exposed"]) == (169, 19)
    few_reach = difference(accounts(("a", 1, 1, 4), ("a", 1, 0, 40), ("a", 0, 1, 5), ("a", 0, 0, 60)))
    assert few_reach["note"] == "too few to say" and few_reach["crude"] == pytest.approx(4 / 44 - 5 / 65)


def test_a_group_that_is_all_or_nothing_has_no_adjusted_difference():
    found = difference(accounts(("a", 1, 1, 40), ("a", 0, 1, 20), ("a", 0, 0, 20)))
    assert found["note"] == "all or nothing in one group" and found["crude"] == 0.5 and np.isnan(found["adjusted"])


def test_a_confounder_that_tells_the_outcome_leaves_too_little_to_say():
    table = accounts(("a", 1, 1, 30), ("a", 1, 0, 30), ("a", 0, 1, 30), ("a", 0, 0, 30))
    found = difference(table.assign(score=table["reached"] * 10.0), confounders=["score"])
    assert found["note"] == "too few to say" and np.isnan(found["adjusted"])


def test_a_rare_or_repeated_confounder_does_not_break_the_model():
    table = accounts(("a", 1, 1, 30), ("a", 1, 0, 30), ("b", 0, 1, 30), ("b", 0, 0, 30), ("c", 0, 1, 3))
    found = difference(table.assign(again=table["segment"], empty=None), confounders=["again", "empty"])
    assert found["note"] in ("", "too few to say")
    plain = accounts(("a", 1, 1, 30), ("a", 1, 0, 30), ("a", 0, 1, 20), ("b", 0, 0, 20), ("b", 1, 1, 20), ("b", 0, 1, 10))
    twice = difference(plain.assign(again=plain["segment"]), confounders=["segment", "again"])
    assert twice["adjusted"] == pytest.approx(difference(plain)["adjusted"], abs=1e-9)


def test_accounts_with_an_unknown_outcome_do_not_count():
    table = accounts(("a", 1, 1, 30), ("a", 1, 0, 20), ("a", 0, 1, 20), ("a", 0, 0, 30)).astype({"reached": float})
    unknown = table.assign(reached=np.nan)
    assert difference(pd.concat([table, unknown])) == difference(table)


def drawn(rng, effect, n=300):
    """Accounts whose segment drives behaviour and outcome; `effect` is the true difference of the behaviour."""
    large = rng.random(n) < 0.5
    did = rng.random(n) < np.where(large, 0.7, 0.3)
    reached = rng.random(n) < np.where(large, 0.55, 0.25) + effect * did
    return pd.DataFrame({"segment": np.where(large, "large", "small"), "did": did, "reached": reached.astype(float)})


def test_without_an_effect_the_interval_misses_zero_at_the_nominal_rate_where_the_crude_one_does_not():
    rng = np.random.default_rng(11)
    found = [difference(drawn(rng, 0.0)) for _ in range(200)]
    false = sum(not f["low"] <= 0 <= f["high"] for f in found)
    assert false <= 19  # 10 expected of 200, 3 standard errors are 9
    assert sum(f["p"] < 0.05 for f in found) == false
    assert sum(f["crude_low"] > 0 for f in found) > 60  # the segment alone makes the crude one claim it


def test_a_planted_effect_is_found_at_its_size():
    rng = np.random.default_rng(12)
    found = [difference(drawn(rng, 0.2)) for _ in range(100)]
    assert np.mean([f["adjusted"] for f in found]) == pytest.approx(0.2, abs=0.02)
    assert sum(f["low"] <= 0.2 <= f["high"] for f in found) >= 88
    assert sum(f["p"] < 0.05 for f in found) >= 85
