"""Calls at the same time: Little's law and the sweep agree with a count at every instant."""

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney import open_study
from apijourney.metrics.infrastructure.concurrency import concurrent, concurrent_by_month

BEGIN = pd.Timestamp("2026-10-01")


def swept(calls: list[tuple[int, float | None]]):
    table = pd.DataFrame(
        {"month": "2026-10", "occurred_at": [BEGIN + pd.Timedelta(milliseconds=a) for a, _ in calls],
         "latency_ms": pd.array([w for _, w in calls], dtype="Float64")}
    )  # fmt: skip
    return concurrent(ibis.memtable(table)).to_pandas().iloc[0]


def test_three_calls_of_which_two_overlap():
    # 0 to 1000, 500 to 1500, 1000 to 1500: the first ends as the third begins
    row = swept([(0, 1000.0), (500, 1000.0), (1000, 500.0)])
    assert (row["peak"], row["busy_ms"]) == (2, 2500)


def test_a_call_without_a_latency_is_left_out():
    row = swept([(0, 1000.0), (10, None)])
    assert (row["peak"], row["calls"]) == (1, 1)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 120)), min_size=1, max_size=25))
def test_the_sweep_and_littles_law_equal_a_count_at_every_millisecond(calls):
    row = swept([(a, float(w)) for a, w in calls])
    open_at = [sum(a <= ms < a + w for a, w in calls) for ms in range(421)]
    assert row["peak"] == max(open_at)
    assert row["busy_ms"] / 421 == pytest.approx(sum(open_at) / 421)


def test_the_mean_is_arrivals_times_the_time_each_takes():
    table = concurrent_by_month(open_study("sample", month="2026-10", months_back=2))
    assert (table["per_second"] * table["mean_ms"] / 1000).tolist() == pytest.approx(table["mean"].tolist())
    assert (table["peak"] >= table["mean"]).all()
