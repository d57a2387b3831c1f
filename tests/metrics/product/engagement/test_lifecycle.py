"""Lifecycle: every active account is new, returning or resurrecting."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.metrics.product.engagement.lifecycle import lifecycle

BASE = pd.Timestamp("2026-10-01")


def table(rows):
    frame = pd.DataFrame(rows, columns=["account_id", "d"])
    return frame.assign(event="call", occurred_at=BASE + pd.to_timedelta(frame["d"].astype(float), unit="D"))


ROWS = table([("a", 0), ("a", 1), ("a", 3), ("b", 1), ("b", 1.5)])


def test_accounts_are_new_then_return_go_dormant_and_resurrect():
    # Day 1: a new. Day 2: a returns, b new. Day 3: both dormant. Day 4: a resurrects.
    found = lifecycle(ROWS)
    assert found.drop(columns="period").values.tolist() == [
        [1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 2], [0, 0, 1, 0],
    ]  # fmt: skip


def test_dormant_shows_in_the_first_quiet_period_that_was_observed():
    # The 5th was observed in full: a, active on the 4th, is dormant. The 6th is not over.
    found = lifecycle(ROWS, observed_until="2026-10-06T12:00")
    assert found["dormant"].tolist() == [0, 0, 2, 0, 1]


def test_periods_may_be_weeks_and_months():
    # 1 October 2026 is a Thursday; day 4 a Monday.
    weekly = lifecycle(table([("a", 0), ("a", 4), ("b", 5)]), period="W")
    assert weekly["new"].tolist() == [1, 1] and weekly["returning"].tolist() == [0, 1]
    assert lifecycle(table([("a", 0), ("a", 40)]), period="M")["returning"].tolist() == [0, 1]


def test_an_empty_log_gives_an_empty_table():
    assert lifecycle(ROWS.iloc[:0]).empty and lifecycle(ROWS, step="login").empty


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 12)), min_size=1, max_size=12),
    st.none() | st.integers(1, 16),
)
def test_lifecycle_equals_its_definition(rows, until):
    options = {} if until is None else {"observed_until": BASE + pd.Timedelta(until, "D")}
    seen = [r for r in rows if until is None or r[1] < until]
    days = {name: {d for a, d in seen if a == name} for name in "abc"}
    first = min((d for _, d in seen), default=0)
    last = (max(d for _, d in seen) if until is None else until - 1) if seen else -1
    expected = []
    for d in range(first, last + 1):
        on = [n for n in days if d in days[n]]
        new = [n for n in on if d == min(days[n])]
        back = [n for n in on if d - 1 in days[n]]
        gone = [n for n in days if d - 1 in days[n] and d not in days[n]]
        expected.append([len(new), len(back), len(on) - len(new) - len(back), len(gone)])
    assert lifecycle(table(rows), **options).drop(columns="period").values.tolist() == expected
