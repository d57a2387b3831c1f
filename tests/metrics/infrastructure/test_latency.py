"""Are percentiles within a percent, never averaged, and silent where they would be chance?"""

import math

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.facts.latency_scheme import bucket_expression, bucket_of, bucket_value
from apijourney.metrics.infrastructure.latency import exact_percentiles, percentiles


def histogram(*rows):
    """Write (month, account, latency_ms, calls) as bucket counts."""
    table = pd.DataFrame(rows, columns=["month", "account_id", "latency_ms", "calls"])
    return table.assign(bucket=bucket_of(table["latency_ms"])).drop(columns="latency_ms")


def test_every_bucket_value_is_within_one_percent():
    # From 1 ms to 10 minutes, the ends of each bucket included.
    edges = 1.02 ** np.arange(0, 673)
    ms = np.concatenate([edges, edges * (1 + 1e-9), np.arange(1, 50_000)])
    error = np.abs(bucket_value(bucket_of(ms)) - ms) / ms
    assert error.max() <= 0.01


def test_buckets_follow_the_written_formula():
    assert bucket_of(np.array([0, 0.5, 1])).tolist() == [0, 0, 0]
    for ms in (1.01, 1.5, 2, 100, 12345):
        assert bucket_of(np.array([ms]))[0] == math.ceil(math.log(ms) / math.log(1.02))


def test_the_engine_makes_the_same_buckets():
    table = ibis.memtable(pd.DataFrame({"latency_ms": range(3000)}))
    got = table.select(table.latency_ms, bucket=bucket_expression(table.latency_ms)).to_pyarrow().to_pandas()
    assert got.sort_values("latency_ms")["bucket"].tolist() == bucket_of(np.arange(3000)).tolist()


def test_a_percentile_is_of_requests_and_no_average_of_accounts():
    # a: 90 fast calls (100 ms); b: 110 slow ones (1000 ms). 200 calls: the 90th is fast, the 91st slow.
    # The median (rank 100) is 1000 ms; the mean of both medians would be 550.
    table = histogram(("2026-10", "a", 100, 90), ("2026-10", "b", 1000, 110))
    got = percentiles(table, quantiles=[0.45, 0.5])
    assert got["latency_ms"].tolist() == pytest.approx([100, 1000], rel=0.01)
    assert got[["calls", "accounts"]].to_numpy().tolist() == [[200, 2]] * 2
    # Draws hold a twice (always 100), b twice (always 1000) or both.
    assert got["low"].tolist() == pytest.approx([100, 100], rel=0.01)
    assert got["high"].tolist() == pytest.approx([1000, 1000], rel=0.01)


def test_a_percentile_needs_ten_requests_beyond_it():
    # 100 × (1 − 0.9) = 10 shows (in floats it is 9.999999999999998); 99 × 0.1 = 9.9 does not.
    for n, shown in ((100, True), (99, False)):
        row = percentiles(histogram(("2026-10", "a", 50, n)), quantiles=[0.9]).iloc[0]
        assert np.isfinite(row["latency_ms"]) == shown and row["calls"] == n
    one_in_hundred = percentiles(histogram(("2026-10", "a", 50, 999)), quantiles=[0.95, 0.99])
    assert one_in_hundred["latency_ms"].isna().tolist() == [False, True]


def test_one_account_gives_no_interval_and_no_draws_give_none():
    table = histogram(("2026-10", "a", 50, 100), ("2026-11", "a", 50, 100), ("2026-11", "b", 50, 100))
    assert percentiles(table, quantiles=[0.5])["low"].isna().tolist() == [True, False]
    assert percentiles(table, quantiles=[0.5], draws=0)["low"].isna().all()


def test_histograms_of_parts_add_up_to_the_whole():
    days = [("2026-10", "a", 100, 30), ("2026-10", "a", 100, 30), ("2026-10", None, 300, 40)]
    parts = percentiles(histogram(*days), draws=50)
    whole = percentiles(histogram(("2026-10", "a", 100, 60), ("2026-10", None, 300, 40)), draws=50)
    pd.testing.assert_frame_equal(parts, whole)
    assert parts["accounts"].tolist() == [2] * 4


def test_exact_percentiles_interpolate_between_neighbours():
    # 20 requests of 10, 20, …, 200 ms: the median lies between 100 and 110; 2 requests lie beyond p90.
    table = ibis.memtable(pd.DataFrame({"month": "2026-10", "latency_ms": [10 * i for i in range(1, 21)]}))
    got = exact_percentiles(table, by="month", quantiles=[0.5, 0.9])
    assert got.drop(columns="latency_ms").to_numpy().tolist() == [["2026-10", 0.5, 20], ["2026-10", 0.9, 20]]
    assert got["latency_ms"][0] == 105 and np.isnan(got["latency_ms"][1])


def test_exact_percentiles_leave_out_null_latencies():
    ms = pd.array([*range(1, 102), None, None], dtype="Int64")
    got = exact_percentiles(ibis.memtable(pd.DataFrame({"latency_ms": ms})), quantiles=[0.5])
    assert got[["latency_ms", "calls"]].to_numpy().tolist() == [[51, 101]]


def test_exact_percentiles_of_groups_are_sorted():
    rows = [(m, e, i) for m in ("2026-11", "2026-10") for e in "yx" for i in range(101)]
    table = ibis.memtable(pd.DataFrame(rows, columns=["month", "endpoint", "latency_ms"]))
    got = exact_percentiles(table, by=["month", "endpoint"], quantiles=[0.9, 0.5])
    assert got["latency_ms"].tolist() == [50, 90] * 4
    assert got["month"].tolist() == ["2026-10"] * 4 + ["2026-11"] * 4
    assert got["endpoint"].tolist() == ["x", "x", "y", "y"] * 2


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda: percentiles(histogram(("2026-10", "a", 1, 1)), quantiles=[95]),
            "quantiles: each lies between 0 and 1 (0.95), not at 95.0.",
        ),
        (
            lambda: percentiles(histogram(("2026-10", "a", 1, 1)), by="monthly"),
            'percentiles(histogram): column "monthly" is missing; did you mean "month"? Add or rename it.',
        ),
    ],
)
def test_a_mistake_is_one_sentence(call, sentence):
    with pytest.raises(WorkbookError) as error:
        call()
    assert str(error.value) == sentence


calls = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 60_000)), min_size=1, max_size=200)


@settings(max_examples=60)
@given(calls, st.sampled_from([0.1, 0.25, 0.5, 0.9]))
def test_percentiles_are_within_one_percent_of_the_sorted_requests(drawn, q):
    table = histogram(*[("2026-10", a, ms, 1) for a, ms in drawn])
    got = percentiles(table, quantiles=[q], draws=0)["latency_ms"].iloc[0]
    n, percent = len(drawn), round(100 * q)
    if n * (100 - percent) < 1000:
        assert np.isnan(got)
    else:
        rank = -(-n * percent // 100)  # whole numbers: ceil(q × n)
        assert got == pytest.approx(sorted(ms for _, ms in drawn)[rank - 1], rel=0.01)
