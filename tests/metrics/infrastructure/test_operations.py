"""Retries collapsed into operations: a few calls one can follow, and a walk through random ones."""

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney import measure, open_study
from apijourney.errors import WorkbookError
from apijourney.metrics.infrastructure.operations import attempts_and_operations

COUNTS = ["attempts", "failed_attempts", "operations", "failed_operations"]


def calls_of(*rows) -> pd.DataFrame:
    """Each row is (seconds, status) or (seconds, status, endpoint, account); account a and /x by default."""
    full = [(*row, *("/x", "a")[len(row) - 2 :]) for row in rows]
    table = pd.DataFrame(full, columns=["seconds", "status", "endpoint", "account_id"])
    return table.assign(
        request_id=[f"r{i:03d}" for i in range(len(table))], method="POST", month="2026-10",
        occurred_at=pd.Timestamp("2026-10-01T10:00") + pd.to_timedelta(table["seconds"], unit="s"),
    )  # fmt: skip


def counted(table: pd.DataFrame) -> dict:
    found = attempts_and_operations(ibis.memtable(table)).to_pandas()
    return {row.account_id: [int(getattr(row, c)) for c in COUNTS] for row in found.itertuples()}


def test_two_failures_and_a_success_within_a_minute_each_are_one_operation_that_succeeded():
    assert counted(calls_of((0, 500), (20, 503), (70, 200))) == {"a": [3, 2, 1, 0]}


def test_the_minute_is_counted_from_the_last_try_and_includes_its_end():
    assert counted(calls_of((0, 500), (60, 200))) == {"a": [2, 1, 1, 0]}
    assert counted(calls_of((0, 500), (61, 200))) == {"a": [2, 1, 2, 1]}


def test_a_call_after_a_success_is_something_new():
    assert counted(calls_of((0, 200), (1, 500), (2, 200), (3, 200))) == {"a": [4, 1, 3, 0]}


def test_tries_that_all_fail_are_one_failed_operation():
    assert counted(calls_of((0, 500), (10, 500), (20, 429))) == {"a": [3, 3, 1, 1]}


def test_another_endpoint_or_account_repeats_nothing():
    assert counted(calls_of((0, 500), (5, 200, "/y"), (6, 200, "/x", "b"))) == {"a": [2, 1, 2, 1], "b": [1, 0, 1, 0]}


def test_calls_of_nobody_known_are_left_out():
    assert counted(calls_of((0, 401, "/x", None), (1, 200))) == {"a": [1, 0, 1, 0]}


def test_a_missing_column_is_named():
    with pytest.raises(WorkbookError, match='column "method" is missing'):
        attempts_and_operations(ibis.memtable(calls_of((0, 200)).drop(columns="method")))


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from([200, 404, 500]), st.sampled_from(["/x", "/y"])), min_size=1, max_size=25))
def test_every_operation_is_found_by_a_walk_through_the_calls(rows):
    table = calls_of(*[(*row, "a") for row in rows])
    attempts = operations = failed = 0
    for _, part in table.sort_values(["seconds", "request_id"]).groupby("endpoint"):
        pending = None  # the time of the last try, while its operation goes on
        for row in part.itertuples():
            attempts += 1
            if pending is not None and row.seconds - pending > 60:
                failed += 1  # nobody tried again in time
                pending = None
            operations += pending is None
            pending = row.seconds if row.status >= 400 else None
        failed += pending is not None
    assert counted(table)["a"] == [attempts, int((table["status"] >= 400).sum()), operations, failed]


@pytest.mark.parametrize("metric", ["errors_per_attempt", "errors_per_operation"])
def test_calls_of_nobody_have_no_attempts_to_count(company, metric):
    calls = "occurred_at,status\n2026-02-01T00:00Z,200\n2026-02-28T10:00Z,500\n"
    answer = measure(open_study(company({"requests.csv": calls}), month="2026-02"), metric)
    assert answer.reason == (
        'no row of "requests" fills "account_id"; map what the source has for it under tables.requests.columns in the workbook file.'
    )
