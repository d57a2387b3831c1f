"""Retention: cohorts, kinds, clocks, maturity, averages."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.metrics.product.retention.frequency_recency import frequency_recency
from apijourney.metrics.product.retention.retention import retention, retention_average

BASE = pd.Timestamp("2026-10-01")


def log(**accounts) -> pd.DataFrame:
    """log(a="S0 c1.5") is account a with S on 1 October 00:00 and c on 2 October 12:00."""
    rows = [
        (name, item[0], BASE + pd.Timedelta(float(item[1:]), "D"))
        for name, items in accounts.items()
        for item in items.split()
    ]
    return pd.DataFrame(rows, columns=["account_id", "event", "occurred_at"])


def triangle(table, value="retained") -> list[list]:
    return table.groupby("cohort")[value].agg(list).tolist()


ONE = log(a="c0 c1 c3", b="c0 c2", c="c1")  # cohorts of 1, 2, 3, 4 October


def test_recurring_puts_an_account_into_every_period_in_which_it_started():
    # 1st: a, b; back on day 1: a, day 2: b, day 3: a. 2nd: a, c; back 2 days later: a.
    # 3rd: b. 4th: a.
    found = retention(ONE)
    assert triangle(found) == [[2, 1, 1, 1], [2, 0, 1], [1, 0], [1]]
    assert triangle(found, "size") == [[2] * 4, [2] * 3, [1] * 2, [1]]
    assert found["share"][1] == 0.5


def test_first_time_puts_an_account_into_one_cohort():
    assert triangle(retention(ONE, cohort="first_time")) == [[2, 1, 1, 1], [1, 0, 0], [0, 0], [0]]


def test_first_ever_leaves_out_accounts_that_started_before():
    # Entered from 2 October: first time has a (2nd), b (3rd), c (2nd); first ever only c.
    span = ("2026-10-02", None)
    first_time = retention(ONE, cohort="first_time", entered=span)
    assert triangle(first_time) == [[2, 0, 1], [1, 0], [0]]
    assert triangle(retention(ONE, cohort="first_ever", entered=span)) == [[1, 0, 0], [0, 0], [0]]


def test_on_or_after_counts_a_return_in_any_later_period():
    assert triangle(retention(ONE, kind="on_or_after", cohort="first_time"))[0] == [2, 2, 2, 1]


def test_bracket_counts_a_return_within_its_periods():
    # Periods 1-2: a (day 1) and b (day 2); period 3: a.
    found = retention(ONE, kind="bracket", cohort="first_time", brackets=[(1, 2), (3, 3)])
    assert triangle(found)[0] == [2, 1] and found["period_last"].tolist()[:2] == [2, 3]


def test_default_brackets_double():
    found = retention(log(a="c0 c9"), kind="bracket", cohort="first_time")
    first = found[found["cohort"] == BASE]
    assert first[["period", "period_last"]].values.tolist() == [[0, 0], [1, 1], [2, 3], [4, 7], [8, 15]]
    assert first["retained"].tolist() == [1, 0, 0, 0, 1]


def test_period_0_is_the_return_after_the_start_if_the_events_differ():
    # a calls after its sign-up, b before it, c at the same instant, d the day after.
    table = log(a="S0.1 c0.2", b="c0.1 S0.2", c="S0.5 c0.5", d="S0.1 c1.1")
    found = retention(table, start="S", back="c")
    assert triangle(found)[0] == [2, 1] and found["size"][0] == 4


def test_a_start_is_not_its_own_return():
    # Any event is a return, also a second one of the same instant, but not the sign-up itself.
    assert triangle(retention(log(a="S0", b="S0 c0"), start="S"))[0] == [1]


def test_minimum_asks_for_so_many_returns_in_the_period():
    table = log(a="c0 c1.1 c1.2 c2", b="c0 c1")
    assert triangle(retention(table, minimum=2, cohort="first_time"))[0] == [2, 1, 0]


def test_rolling_periods_start_with_the_account():
    # a starts at 18:00; 12 hours later is the next day but still its period 0.
    table = log(a="S0.75 c1.25 c1.75")
    assert triangle(retention(table, start="S", back="c", clock="rolling"))[0] == [1, 1]
    assert triangle(retention(table, start="S", back="c"))[0] == [0, 1]


def test_days_are_those_of_the_zone():
    # 22:30 UTC on 1 October is 2 October in Berlin, the day of the second call.
    table = log(a="c0.9375 c1.5")
    assert triangle(retention(table)) == [[1, 1], [1]]
    assert triangle(retention(table, timezone="Europe/Berlin")) == [[1]]


def test_weeks_start_when_told():
    # 1 October 2026 is a Thursday, day 3 a Sunday, day 4 a Monday.
    table = log(a="c0 c3", b="c3 c4")
    assert triangle(retention(table, period="W")) == [[2, 1], [1]]
    assert triangle(retention(table, period="W", week_starts="sunday")) == [[1, 1], [2]]


def test_a_clock_that_falls_back_across_midnight_splits_no_day():
    # St. John's, 7 November 2010: at 00:01 (02:31 UTC) the clock went back to 23:01 of the 6th.
    # The calls lie on the 7th, the 6th and the 7th: two on the 7th.
    table = pd.DataFrame(
        {"account_id": "a", "event": "c",
         "occurred_at": pd.to_datetime(["2010-11-07T02:30:30", "2010-11-07T02:32:00", "2010-11-07T03:40:00"])}
    )
    found = retention(table, timezone="America/St_Johns", minimum=2)
    assert triangle(found) == [[1, 1], [1]] and str(found["cohort"][0].date()) == "2010-11-06"


def test_cells_whose_period_is_not_over_carry_no_rate():
    # Observed until 3 October noon: the 3rd is not over.
    found = retention(ONE, observed_until="2026-10-03T12:00")
    assert triangle(found, "mature") == [[True, True, False], [True, False], [False]]
    masked = found.loc[~found["mature"], ["share", "low", "high"]]
    assert masked.isna().all().all() and found.loc[found["mature"], "share"].notna().all()


def test_a_period_without_events_is_still_a_cell():
    # Nothing happens on 3 and 4 October, and they were observed: nobody came back.
    found = retention(log(a="c0 c1"), cohort="first_time", observed_until="2026-10-05")
    assert found["share"].tolist()[:4] == [1, 1, 0, 0]


def test_on_or_after_is_mature_only_after_the_silence_limit():
    options = {"kind": "on_or_after", "observed_until": "2026-10-06", "cohort": "first_time"}
    found = retention(ONE, silence="2D", **options)
    assert triangle(found, "mature")[0] == [True, True, True, False, False]
    assert not retention(ONE, **options)["mature"].any()


def test_rolling_cells_wait_for_the_last_starter_of_the_cohort():
    found = retention(log(a="c0.9 c1"), clock="rolling", observed_until="2026-10-03")
    assert triangle(found, "mature")[0] == [True, False]


def test_average_pools_mature_cells_only():
    # Day 1, observed until 4 October 12:00: cohorts 1st (1 of 2) and 2nd (0 of 2) are mature, the
    # 3rd is not. Pooled 1 of 4; the mean of 0.5 and 0 is 0.25, too.
    table = retention(ONE, observed_until="2026-10-04T12:00")
    pooled = retention_average(table).set_index("period").loc[1]
    assert pooled[["cohorts", "size", "retained", "share"]].tolist() == [2, 4, 1, 0.25]
    assert retention_average(table, "mean").set_index("period")["share"][1] == 0.25
    assert 3 not in retention_average(table)["period"].tolist()


def test_frequency_counts_active_days_after_the_first():
    # a: 3 active days (two calls on the 2nd count once), the last three days after the first.
    table = log(a="c0 c1 c1.5 c3", b="c2")
    found = frequency_recency(table, observed_until="2026-10-08T06:00")
    assert found.values.tolist() == [["a", 2, 3, 7], ["b", 0, 0, 5]]


def test_an_empty_log_gives_an_empty_table():
    assert retention(ONE.iloc[:0]).empty and retention(ONE, start="X").empty
    assert retention_average(retention(ONE.iloc[:0])).empty


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"kind": "rolling"}, 'unknown kind "rolling"; known are: bracket, on, on_or_after'),
        ({"cohort": "first"}, 'unknown cohort "first"; did you mean "first_'),
        ({"clock": "wall"}, 'unknown clock "wall"'),
        ({"period": "Q"}, 'unknown period "Q"'),
        ({"week_starts": "friday"}, "week_starts: use"),
        ({"clock": "rolling", "period": "M"}, "a month has no fixed length"),
        ({"minimum": 0}, "minimum: give a whole number"),
        ({"kind": "bracket", "brackets": [(3, 1)]}, "brackets: give pairs"),
        ({"kind": "bracket", "brackets": [(0, 2), (2, 3)]}, "brackets: give pairs"),
    ],
)
def test_bad_arguments_end_in_one_sentence(options, sentence):
    with pytest.raises(WorkbookError, match=sentence):
        retention(ONE, **options)


def test_an_average_knows_its_ways():
    with pytest.raises(WorkbookError, match='unknown how "median"'):
        retention_average(retention(ONE), "median")
    with pytest.raises(WorkbookError, match="say until when"):
        frequency_recency(ONE)


rows_drawn = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("Sc"), st.integers(0, 30)), min_size=1, max_size=12
)


@settings(max_examples=100, deadline=None)
@given(
    rows_drawn, st.sampled_from(["on", "on_or_after", "bracket"]),
    st.sampled_from(["recurring", "first_time", "first_ever"]), st.sampled_from(["S", None]),
    st.sampled_from(["S", "c", None]), st.sampled_from(["D", "W"]), st.sampled_from(["calendar", "rolling"]),
    st.integers(1, 2), st.integers(0, 20), st.none() | st.integers(10, 40),
)  # fmt: skip
def test_every_cell_equals_its_definition(
    rows, kind, cohort, start, back, period, clock, minimum, entered, until
):
    """Times are quarters of a day; 1 October 2026 is a Thursday, so weeks break at day 4, 11, …"""
    table = pd.DataFrame(rows, columns=["account_id", "event", "t"])
    table["occurred_at"] = BASE + pd.to_timedelta(table["t"] * 6, unit="h")
    found = retention(
        table, start=start, back=back, period=period, kind=kind, cohort=cohort, minimum=minimum,
        clock=clock, entered=(BASE + pd.Timedelta(entered * 6, "h"), None), silence="1D",
        brackets=[(0, 1), (3, 4)] if kind == "bracket" else None,
        observed_until=None if until is None else BASE + pd.Timedelta(until * 6, "h"),
    )  # fmt: skip
    days = {"D": 1, "W": 7}[period]
    number = (lambda t: t // 4) if period == "D" else (lambda t: (t // 4 + 3) // 7)
    rows = [r for r in rows if until is None or r[2] < until]
    cohorts = {}  # period → {account: its start row}
    for name in "abc":
        mine = sorted((r[2], i) for i, r in enumerate(rows) if r[0] == name and start in (None, r[1]))
        if cohort == "first_ever":
            mine = mine[:1]
        mine = [m for m in mine if m[0] >= entered]
        for m in mine[:1] if cohort == "first_time" else mine:
            cohorts.setdefault(number(m[0]), {}).setdefault(name, m)

    def returns(name, begin, first, last, p):
        """How many returns in periods first to last after the start?"""
        t0, own = begin
        k = [
            (t - t0) // (4 * days) if clock == "rolling" else number(t) - p
            for i, (who, event, t) in enumerate(rows)
            if who == name and back in (None, event) and t >= t0 and i != own
        ]
        return sum(first <= x <= last for x in k)

    for cell in found.itertuples():
        p = int(number((cell.cohort - BASE).days * 4))
        members = cohorts.get(p, {})
        first, last = cell.period, getattr(cell, "period_last", cell.period)
        retained = 0
        for name, begin in members.items():
            here = start == back and first == 0
            if kind == "on_or_after":
                here |= any(returns(name, begin, k, k, p) >= minimum for k in range(first, 40))
            else:
                here |= returns(name, begin, first, last, p) >= minimum
            retained += here
        assert (cell.size, cell.retained) == (len(members), retained)
        end = (p + 1) * days * 4 - (12 if period == "W" else 0) + (last + (clock == "rolling")) * days * 4
        mature = until is None or end + (4 if kind == "on_or_after" else 0) <= until
        assert cell.mature == mature
        expected = retained / len(members) if members and mature else np.nan
        assert cell.share == pytest.approx(expected, nan_ok=True)
    assert set(cohorts) <= {int(number((c - BASE).days * 4)) for c in found["cohort"]}
