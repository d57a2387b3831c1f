"""Activity: rolling actives, DAU/MAU, the power curve."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.metrics.product.engagement.activity import active, active_share, stickiness

BASE = pd.Timestamp("2026-10-01")


def log(**accounts) -> pd.DataFrame:
    """log(a=[0, 1.5]) is account a active on 1 October 00:00 and on 2 October 12:00."""
    rows = [(a, "call", BASE + pd.Timedelta(d, "D")) for a, days in accounts.items() for d in days]
    return pd.DataFrame(rows, columns=["account_id", "event", "occurred_at"])


def test_rolling_actives_count_an_account_once_a_window():
    # Windows of 2 days ending on 1st: a; 2nd: a, b; 3rd: a, b; 4th: a; 5th: c.
    found = active(log(a=[0, 0.5, 2], b=[1], c=[4]), days=2)
    assert found["active"].tolist() == [1, 2, 2, 1, 1]
    assert found["mature"].tolist() == [False, True, True, True, True]


def test_a_day_on_which_nobody_was_active_is_0():
    assert active(log(a=[0, 3]), days=1)["active"].tolist() == [1, 0, 0, 1]


def test_only_days_that_are_over_are_listed():
    # Observed until 4 October 12:00: the 4th is not over, the quiet 3rd is.
    found = active(log(a=[0, 3.2]), days=1, observed_until="2026-10-04T12:00")
    assert found["active"].tolist() == [1, 0, 0]


def test_days_are_those_of_the_zone():
    # 22:30 UTC is the next day in Berlin: one day there, two in UTC.
    table = log(a=[0.9375, 1.5])
    assert len(active(table, days=1)) == 2
    assert len(active(table, days=1, timezone="Europe/Berlin")) == 1


def test_daily_actives_around_a_clock_change_equal_pandas():
    hours = pd.date_range("2026-10-23", "2026-10-27", freq="37min", inclusive="left")
    table = pd.DataFrame({"account_id": [str(i % 7) for i in range(len(hours))], "event": "call", "occurred_at": hours})
    local = hours.tz_localize("UTC").tz_convert("Europe/Berlin").date
    expected = table.groupby(local)["account_id"].nunique()
    assert active(table, days=1, timezone="Europe/Berlin")["active"].tolist() == expected.tolist()


def test_a_step_narrows_what_counts_as_active():
    table = log(a=[0], b=[0]).assign(event=["call", "login"])
    assert active(table, days=1, step="call")["active"].tolist() == [1]


def test_share_of_monthly_actives_who_were_active_today():
    # Last 2 days: 2nd a, b of whom b today; 3rd a, b of whom a today.
    found = active_share(log(a=[0, 2], b=[1]), 1, 2)
    assert np.isnan(found["share"][0]) and found["share"][1:].tolist() == [0.5, 0.5]


def test_stickiness_counts_accounts_by_their_number_of_active_days():
    # a 3 days, b 1, c 1; 3 days in all: one account in 1 … (2, 0, 1).
    found = stickiness(log(a=[0, 1, 2], b=[1, 1.5], c=[2]))
    assert found["accounts"].tolist() == [2, 0, 1]
    assert found["share"].tolist() == pytest.approx([2 / 3, 0, 1 / 3])


def test_stickiness_within_counts_only_periods_that_begin_in_it():
    found = stickiness(log(a=[0, 1, 2], b=[4]), within=("2026-10-02", "2026-10-04"))
    assert found["accounts"].tolist() == [0, 1]
    assert len(stickiness(log(a=[0]), within="2026-10")) == 31


def test_an_empty_log_gives_empty_tables():
    nothing = log(a=[0]).iloc[:0]
    assert active(nothing).empty and active_share(nothing).empty and stickiness(nothing).empty


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: active(log(a=[0]), days=0), "days: give a whole number"),
        (lambda: active_share(log(a=[0]), 28, 1), "give short ≤ long"),
        (lambda: stickiness(log(a=[0]), within="autumn"), "is no interval"),
    ],
)
def test_bad_arguments_end_in_one_sentence(make, sentence):
    with pytest.raises(WorkbookError, match=sentence):
        make()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 15)), min_size=1, max_size=15),
    st.integers(1, 6), st.none() | st.integers(0, 20),
)  # fmt: skip
def test_rolling_actives_and_stickiness_equal_their_definition(rows, days, until):
    table = pd.DataFrame(rows, columns=["account_id", "d"])
    table = table.assign(event="call", occurred_at=BASE + pd.to_timedelta(table["d"], unit="D"))
    options = {} if until is None else {"observed_until": BASE + pd.Timedelta(until, "D")}
    seen = [r for r in rows if until is None or r[1] < until]
    found = active(table, days=days, **options)
    first = min((d for _, d in seen), default=0)
    last = (max(d for _, d in seen) if until is None else until - 1) if seen else -1
    expected = [len({a for a, d in seen if day - days < d <= day}) for day in range(first, last + 1)]
    assert found["active"].tolist() == expected
    per_account = [len({d for a, d in seen if a == name}) for name in {a for a, _ in seen}]
    counts = [per_account.count(k) for k in range(1, last - first + 2)]
    assert stickiness(table, **options)["accounts"].tolist() == counts
