"""Calls at the same time: Little's law and the sweep agree with a count at every instant."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney import open_study
from apijourney.metrics.infrastructure.concurrency import concurrent, concurrent_by_month



def swept(calls: list[tuple[int, float]]) -> dict:
    begins, latencies = zip(*calls, strict=True)
    return concurrent(np.array(begins), np.array(latencies, dtype=float))


def test_three_calls_of_which_two_overlap():
    # 0 to 1000, 500 to 1500, 1000 to 1500: the first ends as the third begins
    row = swept([(1000, 500.0), (0, 1000.0), (500, 1000.0)])
    assert (row["peak"], row["busy_ms"]) == (2, 2500)


def test_without_a_call_nothing_is_open():
    assert concurrent(np.array([]), np.array([])) == {"calls": 0, "busy_ms": 0.0, "peak": 0}


def test_a_call_without_a_latency_is_left_out_and_a_month_without_one_is_not_known(tmp_path):
    rows = "1,2026-01-10T10:00:00Z,200,1000\n2,2026-01-10T10:00:00.5Z,200,\n3,2026-02-10T10:00:00Z,200,"
    (tmp_path / "requests.csv").write_text(f"request_id,occurred_at,status,latency_ms\n{rows}\n")
    (tmp_path / "workbook.yaml").write_text("company: Few\n")
    table = concurrent_by_month(open_study(tmp_path, month="2026-02", months_back=2))
    assert table["calls"].tolist() == [1, 0]
    assert table["peak"][0] == 1 and np.isnan(table["peak"][1]) and np.isnan(table["mean"][1])


@settings(max_examples=60, deadline=None)
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
