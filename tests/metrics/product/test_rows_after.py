"""Rows after an instant are found by halving as by looking at every row."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.facts.event_log import event_log
from apijourney.metrics.product.rows_after import first_row_after, rows_after

US = 1_000_000


def log_of(rows):
    table = pd.DataFrame(rows, columns=["account_id", "second"])
    return event_log(pd.DataFrame({"account_id": table["account_id"], "event": "call", "occurred_at": pd.to_datetime(table["second"], unit="s")}))


def test_the_instant_itself_is_not_after_it_and_the_end_is_within():
    log = log_of([("a", 1), ("a", 2), ("a", 3), ("b", 2), ("b", 9)])
    assert rows_after(log, np.array([0, 1]), np.array([1 * US, 2 * US]), 2 * US).tolist() == [1, 2]
    first, end = first_row_after(log, np.array([1, 0]), np.array([2 * US, 3 * US]))
    assert (first.tolist(), end.tolist()) == ([4, 3], [5, 3])  # b has one later, a has none


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20)), min_size=1, max_size=30), st.lists(st.integers(-1, 21), min_size=3, max_size=3), st.integers(0, 10))
def test_every_row_within_and_no_other(rows, instants, length):
    log = log_of(rows)
    unit = np.arange(len(log.accounts))
    after = np.array(instants[: len(unit)]) * US
    begun = after[log.account]
    wanted = np.flatnonzero((log.time > begun) & (log.time <= begun + length * US))
    assert rows_after(log, unit, after, length * US).tolist() == wanted.tolist()
