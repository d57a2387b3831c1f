"""The wait of each customer: order statistics one can count, and the calls behind them."""

import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable, open_study
from apijourney.facts.latency_scheme import bucket_of, bucket_value
from apijourney.metrics.infrastructure.latency_by_account import latency_by_account, quantile_bounds, wait_of_all


def test_bounds_are_the_waits_at_the_binomial_ranks():
    # of 100 calls with waits 1 to 100 in buckets of their own: ranks 84 and 96 hold p90 in 95 of 100 samples
    histogram = pd.DataFrame({"account_id": "a", "bucket": range(1, 101), "calls": 1})
    row = quantile_bounds(histogram, 0.9).iloc[0]
    assert row["low"] == bucket_value(np.array([84]))[0]
    assert row["high"] == bucket_value(np.array([96]))[0]


def test_bounds_hold_the_true_percentile_in_about_95_of_100_samples():
    rng = np.random.default_rng(3)
    draws = pd.DataFrame({"account_id": np.repeat(np.arange(400), 150), "latency": rng.exponential(200, 400 * 150)})
    histogram = draws.assign(bucket=bucket_of(draws["latency"]), calls=1).groupby(["account_id", "bucket"])["calls"].sum().reset_index()
    bounds = quantile_bounds(histogram, 0.9)
    truth = 200 * np.log(10)
    inside = ((bounds["low"] <= truth * 1.01) & (bounds["high"] >= truth * 0.99)).mean()
    assert 0.92 <= inside <= 0.995


def test_each_account_has_the_percentile_of_its_own_good_calls(small_study):
    table = latency_by_account(small_study)
    calls = small_study.requests([small_study.month]).to_pandas()
    calls = calls[(calls["environment"] == "production") & ~calls["key_id"].fillna("").str.startswith("test_")]
    calls = calls[(calls["status"] < 500) & (calls["status"] != 429) & calls["account_id"].notna()]
    known = table.dropna(subset="latency_ms")
    assert len(known) >= 3
    for row in known.itertuples():
        waits = calls.loc[calls["account_id"] == row.account_id, "latency_ms"]
        assert row.calls == len(waits) >= 100
        assert row.latency_ms == pytest.approx(np.quantile(waits, 0.9))
        assert row.low <= row.latency_ms <= row.high
    assert known["latency_ms"].is_monotonic_decreasing
    assert table.loc[table["latency_ms"].isna(), "calls"].lt(100).all()
    assert table.loc[table["latency_ms"].isna(), ["low", "high"]].isna().all(axis=None)


def test_the_histogram_is_within_one_per_cent_of_the_calls(small_study):
    exact, quick = latency_by_account(small_study), latency_by_account(small_study, exact=False)
    both = exact.merge(quick, on="account_id").dropna(subset="latency_ms_x")
    # the histogram takes the call at a rank, the engine interpolates between two: neighbours may differ more
    np.testing.assert_allclose(both["latency_ms_y"], both["latency_ms_x"], rtol=0.05)
    assert (both["calls_x"] == both["calls_y"]).all()


def test_one_endpoint_counts_only_its_own_calls(small_study):
    every = latency_by_account(small_study).set_index("account_id")["calls"]
    one = latency_by_account(small_study, endpoint="/v1/payments").set_index("account_id")["calls"]
    assert (one <= every.reindex(one.index)).all() and one.sum() < every.sum()
    assert isinstance(latency_by_account(small_study, endpoint="/nowhere"), NotMeasurable)


def test_the_wait_of_all_is_the_metric_of_the_month(small_study):
    from apijourney import measure

    assert wait_of_all(small_study) == measure(small_study, "latency_p90")["value"].iloc[-1]


def test_without_requests_there_is_no_wait(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-10,100\n"}))
    assert isinstance(latency_by_account(study), NotMeasurable)
    assert wait_of_all(study) is None
