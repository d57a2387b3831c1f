"""Intervals and multiplicity, against published values and other implementations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from apijourney.errors import WorkbookError
from apijourney.metrics.uncertainty import (
    benjamini_hochberg,
    bootstrap_quantile,
    bootstrap_ratio,
    wilson,
)


def test_wilson_gives_the_published_values_of_newcombe_1998():
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3 (score, no continuity).
    low, high = wilson([81, 15, 0, 1], [263, 148, 20, 29])
    assert low.round(4).tolist() == [0.2553, 0.0624, 0.0, 0.0061]
    assert high.round(4).tolist() == [0.3662, 0.1605, 0.1611, 0.1718]


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_equals_scipy_and_holds_the_share(case):
    s, n = case
    low, high = wilson(s, n)
    ours = binomtest(s, n).proportion_ci(0.95, method="wilson")
    assert float(low) == pytest.approx(ours.low, abs=1e-12)
    assert float(high) == pytest.approx(ours.high, abs=1e-12)
    assert 0 <= low <= s / n <= high <= 1


def test_nobody_tried_is_unknown_not_zero():
    low, high = wilson([0], [0])
    assert np.isnan(low[0]) and np.isnan(high[0])


def test_a_bootstrap_in_blocks_is_the_bootstrap(monkeypatch):
    failed, calls = np.arange(50) % 7, np.arange(50) + 20
    whole = bootstrap_ratio(failed, calls)
    monkeypatch.setattr("apijourney.metrics.uncertainty._HELD", 50 * 3)  # three draws at a time, the last block shorter
    assert bootstrap_ratio(failed, calls) == pytest.approx(whole, rel=1e-12)


def test_bootstrap_ratio_draws_whole_accounts():
    # 100 accounts with 100 calls each; in half of them every call failed. Drawn as calls the
    # interval would be ±0.01; drawn as accounts it is that of 50 of 100: about ±0.1.
    low, high = bootstrap_ratio([100, 0] * 50, [100] * 100, draws=2000)
    assert low == pytest.approx(0.40, abs=0.02) and high == pytest.approx(0.60, abs=0.02)


def test_bootstrap_ratio_equals_a_plain_resampling():
    rng = np.random.default_rng(3)
    num, den = rng.poisson(3, 60), rng.poisson(9, 60) + 1
    index = np.random.default_rng(9).integers(0, 60, (4000, 60))
    plain = np.quantile(num[index].sum(1) / den[index].sum(1), [0.025, 0.975])
    assert bootstrap_ratio(num, den, draws=4000) == pytest.approx(tuple(plain), abs=0.01)


def test_the_same_seed_gives_the_same_interval():
    assert bootstrap_ratio([1, 2, 3], [4, 5, 9]) == bootstrap_ratio([1, 2, 3], [4, 5, 9])


def test_one_account_says_nothing_about_others():
    assert np.isnan(bootstrap_ratio([1], [2])).all()
    assert np.isnan(bootstrap_quantile([[1, 2]], [1.0, 2.0], 0.5)).all()


def test_bootstrap_quantile_spans_what_redrawn_accounts_give():
    # Half of the accounts are at 10 ms, half at 90 ms: the median jumps with the draw.
    counts = np.array([[5, 0], [0, 5]] * 10)
    assert bootstrap_quantile(counts, [10.0, 90.0], 0.5) == (10.0, 90.0)
    assert bootstrap_quantile(counts[::2], [10.0, 90.0], 0.5) == (10.0, 10.0)


def test_bootstrap_quantile_reads_sparse_counts():
    from scipy.sparse import csr_array

    counts = np.array([[3, 1, 0], [1, 1, 5], [2, 2, 2]])
    dense = bootstrap_quantile(counts, [1.0, 2.0, 3.0], 0.9)
    assert bootstrap_quantile(csr_array(counts), [1.0, 2.0, 3.0], 0.9) == dense


def test_q_values_by_hand():
    # Sorted p·m/rank: 0.01·3/1 = 0.03, 0.03·3/2 = 0.045, 0.04·3/3 = 0.04; then the running minimum
    # from the largest: 0.03, 0.04, 0.04.
    assert benjamini_hochberg([0.01, 0.04, 0.03]).round(10).tolist() == [0.03, 0.04, 0.04]


def test_what_cannot_be_tested_is_not_in_the_family():
    assert benjamini_hochberg([0.01, np.nan]).tolist()[0] == 0.01
    assert np.isnan(benjamini_hochberg([np.nan])).all()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: wilson(1, 2, level=95), "level: a confidence lies between 0 and 1"),
        (lambda: bootstrap_quantile([[1], [1]], [1.0], 90), "q: a quantile lies between 0 and 1"),
    ],
)
def test_bad_input_ends_in_one_sentence(make, sentence):
    with pytest.raises(WorkbookError, match=sentence):
        make()
