"""Percentiles of all groups at once are those of each group alone."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from apijourney.facts.latency_scheme import bucket_value
from apijourney.metrics.infrastructure.latency import percentiles
from apijourney.metrics.infrastructure.latency_by_account import quantile_bounds

rows = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", None]), st.integers(0, 9), st.integers(1, 60)), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None)
@given(rows, st.lists(st.sampled_from([0.9, 0.5, 0.75]), min_size=1, max_size=2, unique=True))
def test_without_intervals_the_percentiles_are_the_same(found, quantiles):
    histogram = pd.DataFrame(found, columns=["month", "account_id", "bucket", "calls"])
    quick = percentiles(histogram, quantiles=quantiles, draws=0)
    slow = percentiles(histogram, quantiles=quantiles, draws=2)
    pd.testing.assert_frame_equal(quick.drop(columns=["low", "high"]), slow.drop(columns=["low", "high"]))
    assert quick[["low", "high"]].isna().all(axis=None)


@settings(max_examples=100, deadline=None)
@given(rows, st.sampled_from([0.5, 0.9]))
def test_bounds_of_all_accounts_are_those_of_each(found, q):
    histogram = pd.DataFrame(found, columns=["account_id", "other", "bucket", "calls"])
    bounds = quantile_bounds(histogram, q).set_index("account_id")
    for account, part in histogram.groupby("account_id"):
        waits = np.sort(np.repeat(part["bucket"], part["calls"]).to_numpy())
        n = len(waits)
        least, most = max(int(binom.ppf(0.025, n, q)), 1), min(int(binom.ppf(0.975, n, q)) + 1, n)
        assert tuple(bounds.loc[account]) == tuple(bucket_value(waits[[least - 1, most - 1]]))
    assert list(bounds.index) == sorted(histogram["account_id"].unique())


def test_an_empty_histogram_has_no_bounds():
    assert quantile_bounds(pd.DataFrame({"account_id": pd.Series(dtype="str"), "bucket": pd.Series(dtype="int64"), "calls": pd.Series(dtype="int64")}), 0.9).empty
