"""Time to an event: Kaplan-Meier, censoring, medians that were not reached."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.metrics.product.conversion.time_to import time_to, time_to_summary

BASE = pd.Timestamp("2026-10-01")
UNTIL = {"observed_until": BASE + pd.Timedelta(10, "D")}


def log(**accounts) -> pd.DataFrame:
    """log(a="s0 e2") is account a with s on day 0 and e on day 2."""
    rows = [
        (name, item[0], BASE + pd.Timedelta(float(item[1:]), "D"))
        for name, items in accounts.items()
        for item in items.split()
    ]
    return pd.DataFrame(rows, columns=["account_id", "event", "occurred_at"])


FOUR = log(a="s0 e1", b="s0 e3", c="s8", d="s1")  # c is watched for 2 days, d for 9


def test_who_is_still_waiting_stays_in_the_curve():
    # Day 1: 1 of 4 gets there: 3/4 wait. c leaves at 2 days. Day 3: 1 of 2: 3/4 · 1/2 = 3/8 wait.
    found = time_to(FOUR, "s", "e", **UNTIL)
    assert found["days"].tolist() == [0, 1, 3, 9]
    assert found["reached"].tolist() == pytest.approx([0, 0.25, 0.625, 0.625])
    assert found["at_risk"].tolist() == [4, 4, 2, 1]
    # A mean of those who got there would claim that all are there after 3 days.


def test_a_median_that_half_have_not_reached_is_not_a_time():
    row = time_to_summary(FOUR, "s", "e", **UNTIL).iloc[0]
    assert (row["n"], row["reached"], row["censored"]) == (4, 2, 2)
    assert row["median"] == pd.Timedelta(3, "D") and pd.isna(row["p90"])
    assert pd.isna(time_to_summary(log(a="s0"), "s", "e", **UNTIL)["median"][0])


def waiting(reach: int, stay: int, *, left: int):
    """`reach` get there on day 9, `stay` never do and are watched to day 10, `left` were watched for one day only."""
    parts = {f"r{i}": "s0 e9" for i in range(reach)} | {f"w{i}": "s0" for i in range(stay)} | {f"l{i}": "s9" for i in range(left)}
    return time_to_summary(log(**parts), "s", "e", **UNTIL).iloc[0]


def test_a_median_that_stands_on_the_last_few_is_not_steady():
    # The curve falls to a half on day 9 in every case; who was watched so long differs.
    assert not waiting(3, 3, left=30)["steady"]  # 6 of 36 are still waiting just before
    assert not waiting(3, 6, left=0)["steady"]  # half do not get there: no median
    assert waiting(5, 5, left=40)["steady"]  # 10 of 50 are the fifth, and ten
    assert not waiting(5, 5, left=41)["steady"]  # 10 of 51 are less
    assert not waiting(5, 4, left=1)["steady"]  # 9 of 10 are most, but fewer than ten
    assert waiting(2, 2, left=0)["steady"]  # nobody left earlier: the plain median of four
    assert waiting(3, 3, left=30)["median"] == pd.Timedelta(9, "D")


def test_interval_of_the_curve_is_that_of_log_log_greenwood():
    # S = 3/4 after 1 event of 4: var(log(−log S)) = (1/(4·3)) / log(3/4)², z = 1.96:
    # S^exp(±z·se) → 0.1279 to 0.9605, so reached lies between 0.0395 and 0.8721.
    row = time_to(FOUR, "s", "e", **UNTIL).iloc[1]
    assert (round(row["low"], 4), round(row["high"], 4)) == (0.0395, 0.8721)


def test_only_an_end_after_the_first_start_counts():
    # The end on day 0 came before; the second start does not restart the clock.
    row = time_to_summary(log(a="e0 s1 s2 e5"), "s", "e", **UNTIL).iloc[0]
    assert row["median"] == pd.Timedelta(4, "D")


def test_an_end_at_the_instant_of_the_start_took_no_time():
    assert time_to_summary(log(a="e1 s1"), "s", "e", **UNTIL)["median"][0] == pd.Timedelta(0)


def test_one_event_is_not_both_start_and_end():
    assert time_to_summary(log(a="s0 s3"), "s", "s", **UNTIL)["median"][0] == pd.Timedelta(3, "D")
    assert time_to_summary(log(a="s0"), "s", "s", **UNTIL)["censored"][0] == 1


def test_accounts_that_started_before_the_interval_are_left_out():
    # a's first start lies before 2 October: its beginning was not observed, also if it starts again.
    found = time_to_summary(log(a="s0 s2 e3", b="s2"), "s", "e", entered=("2026-10-02", None), **UNTIL)
    assert found[["n", "reached"]].values.tolist() == [[1, 0]]


def test_events_after_the_observed_moment_do_not_exist():
    found = time_to_summary(log(a="s0 e11", b="s12 e13"), "s", "e", **UNTIL)
    assert found[["n", "reached", "censored"]].values.tolist() == [[1, 0, 1]]


def test_once_everybody_is_there_the_band_says_nothing():
    last = time_to(log(a="s0 e1", b="s0 e2"), "s", "e", **UNTIL).iloc[-1]
    assert last["reached"] == 1 and np.isnan(last["low"]) and np.isnan(last["high"])


def test_nobody_started():
    assert time_to(FOUR, "x", "e", **UNTIL).empty
    row = time_to_summary(FOUR, "x", "e", **UNTIL).iloc[0]
    assert row["n"] == 0 and pd.isna(row["median"])


def test_it_must_be_told_until_when_accounts_were_observed():
    with pytest.raises(WorkbookError, match="observed_until: say until when"):
        time_to(FOUR, "s", "e")
    with pytest.raises(WorkbookError, match="level: a confidence"):
        time_to(FOUR, "s", "e", level=95, **UNTIL)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("sex"), st.integers(0, 9)), max_size=16))
def test_curve_equals_the_product_limit(rows):
    table = pd.DataFrame(rows, columns=["account_id", "event", "d"]).astype({"event": "str"})
    table["occurred_at"] = BASE + pd.to_timedelta(table["d"].astype("int64"), unit="D")
    watched = []
    for name in "abcdef":
        starts = [d for a, e, d in rows if (a, e) == (name, "s")]
        if starts:
            ends = [d for a, e, d in rows if (a, e) == (name, "e") and d >= min(starts)]
            watched.append((min(ends) - min(starts), True) if ends else (10 - min(starts), False))
    found = time_to(table, "s", "e", **UNTIL)
    assert found["at_risk"].tolist()[:1] == ([len(watched)] if watched else [])
    for row in found.itertuples():
        waiting = 1.0
        for t in sorted({t for t, there in watched if there and t <= row.days}):
            at_risk = sum(u >= t for u, _ in watched)
            waiting *= 1 - sum((u, there) == (t, True) for u, there in watched) / at_risk
        assert row.reached == pytest.approx(1 - waiting)
