"""Retention in zones whose clocks change, over leap days, years and months: every cell equals its definition.

The definition here is a second one: plain Python with zoneinfo and loops, no array and no shared helper.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apijourney.metrics.product.retention.retention import retention

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu"]
# A few days around: clocks forward and back in Berlin and New York, the leap day, the turn of the year.
BEGINS = [datetime(2026, 3, 27), datetime(2026, 10, 23), datetime(2026, 3, 6), datetime(2026, 10, 30), datetime(2024, 2, 27), datetime(2025, 12, 28)]
HOUR = timedelta(hours=1)


def local(t: datetime, zone: str) -> date:
    return t.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def number(day: date, period: str, sunday: bool) -> int:
    if period == "M":
        return day.year * 12 + day.month
    if period == "W":
        return (day.toordinal() - (0 if sunday else 1)) // 7  # ordinal 1 was a Monday
    return day.toordinal()


def first_day(n: int, period: str, sunday: bool) -> date:
    if period == "M":
        return date((n - 1) // 12, (n - 1) % 12 + 1, 1)
    if period == "W":
        return date.fromordinal(n * 7 + (0 if sunday else 1))
    return date.fromordinal(n)


def midnight(day: date, zone: str) -> datetime:
    """The first instant of a local day, as naive UTC: the first minute that shows this date."""
    t = datetime(day.year, day.month, day.day) - 16 * HOUR
    while local(t, zone) < day:
        t += timedelta(minutes=1)
    return t


def expected_cells(rows, *, zone, period, kind, cohort, start, back, minimum, clock, sunday, until, silence_days, brackets):
    rows = [r for r in rows if r[2] < until]
    n_of = lambda t: number(local(t, zone), period, sunday)  # noqa: E731
    length = {"D": 24, "W": 168}.get(period)
    cohorts: dict[int, dict] = {}
    for name in sorted({r[0] for r in rows}):
        mine = sorted((r[2], i) for i, r in enumerate(rows) if r[0] == name and start in (None, r[1]))
        for t, i in mine[:1] if cohort != "recurring" else mine:
            cohorts.setdefault(n_of(t), {}).setdefault(name, (t, i))
    cells = {}
    if not cohorts:
        return cells
    last = n_of(until - timedelta(microseconds=1))
    for c in range(min(cohorts), last + 1):
        members = cohorts.get(c, {})
        groups = brackets if kind == "bracket" else [(k, k) for k in range(last - c + 1)]
        for a, b in groups:
            if c + a > last:
                continue
            retained = 0
            for name, (t0, own) in members.items():
                periods = [
                    (t - t0) // (length * HOUR) if clock == "rolling" else n_of(t) - c
                    for i, (who, event, t) in enumerate(rows)
                    if who == name and back in (None, event) and t >= t0 and i != own
                ]
                here = start == back and a == 0
                if kind == "on_or_after":
                    here |= any(periods.count(k) >= minimum for k in set(periods) if k >= a)
                else:
                    here |= sum(a <= k <= b for k in periods) >= minimum
                retained += here
            if clock == "rolling":
                end = midnight(first_day(c + 1, period, sunday), zone) + (b + 1) * length * HOUR
            else:
                end = midnight(first_day(c + b + 1, period, sunday), zone)
            if kind == "on_or_after":  # calendar days of silence, on the wall clock
                wall = end.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) + timedelta(days=silence_days)
                end = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
            cells[c, a] = (len(members), retained, end <= until)
    return cells


drawn = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("Sc"), st.integers(0, 8 * 24 * 2)), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    rows=drawn, zone=st.sampled_from(ZONES), begin=st.sampled_from(BEGINS), period=st.sampled_from(["D", "W", "M"]),
    kind=st.sampled_from(["on", "on_or_after", "bracket"]), cohort=st.sampled_from(["recurring", "first_time"]),
    start=st.sampled_from(["S", None]), back=st.sampled_from(["S", "c", None]), minimum=st.integers(1, 2),
    clock=st.sampled_from(["calendar", "rolling"]), sunday=st.booleans(), until=st.integers(20, 12 * 24 * 2),
)  # fmt: skip
@example(  # Berlin skips an hour on March 29: a day later is 23 hours later there, and the second day has not come
    rows=[("a", "S", 30), ("a", "c", 77), ("a", "c", 78)], zone="Europe/Berlin", begin=datetime(2026, 3, 27), period="D",
    kind="on", cohort="first_time", start="S", back="c", minimum=1, clock="rolling", sunday=False, until=400,
)  # fmt: skip
def test_every_cell_equals_its_definition_where_clocks_change(
    rows, zone, begin, period, kind, cohort, start, back, minimum, clock, sunday, until
):
    if period == "M":
        clock = "calendar"
    events = [(who, event, begin + half_hours * HOUR / 2) for who, event, half_hours in rows]
    until = begin + until * HOUR / 2
    brackets = [(0, 0), (1, 2), (4, 6)]
    table = pd.DataFrame(events, columns=["account_id", "event", "occurred_at"])
    found = retention(
        table, start=start, back=back, period=period, kind=kind, cohort=cohort, minimum=minimum, clock=clock,
        timezone=zone, week_starts="sunday" if sunday else "monday", observed_until=until, silence="1D",
        brackets=brackets if kind == "bracket" else None,
    )  # fmt: skip
    wanted = expected_cells(
        events, zone=zone, period=period, kind=kind, cohort=cohort, start=start, back=back, minimum=minimum,
        clock=clock, sunday=sunday, until=until, silence_days=1, brackets=brackets,
    )  # fmt: skip
    got = {
        (number(c.cohort.date(), period, sunday), c.period): (c.size, c.retained, c.mature) for c in found.itertuples()
    }
    assert got == wanted
    known = found[found["mature"] & (found["size"] > 0)]
    assert np.allclose(known["share"], known["retained"] / known["size"])
    assert found.loc[~found["mature"] | (found["size"] == 0), ["share", "low", "high"]].isna().all().all()


def test_the_leap_day_is_a_day_of_its_own():
    # February 28 to 29 is one day, to March 1 two; and February has one month with its leap day in it.
    log = pd.DataFrame({"account_id": "a", "event": "c", "occurred_at": pd.to_datetime(["2024-02-28", "2024-02-29", "2024-03-01"])})
    assert retention(log, cohort="first_time")["retained"].tolist()[:3] == [1, 1, 1]
    months = retention(log, period="M", cohort="first_time", observed_until="2024-04-01")
    assert months["period"].tolist()[:2] == [0, 1] and months["share"].tolist()[:2] == [1, 1]


def test_a_return_on_the_day_of_the_start_counts_by_its_time():
    # Berlin, the night the clock goes back: sign-up at 02:30 summer time, calls at 02:10 (before), 02:10 winter
    # time (40 minutes after, though the clock shows less).
    times = pd.to_datetime(["2026-10-25T00:30", "2026-10-25T00:10", "2026-10-25T01:10"])
    early = pd.DataFrame({"account_id": "a", "event": ["S", "c"], "occurred_at": times[[0, 1]]})
    late = pd.DataFrame({"account_id": "a", "event": ["S", "c"], "occurred_at": times[[0, 2]]})
    for log, retained in ((early, 0), (late, 1)):
        assert retention(log, start="S", back="c", timezone="Europe/Berlin")["retained"][0] == retained


@pytest.mark.parametrize(("cohort", "size"), [("first_time", 1), ("recurring", 1)])
def test_a_cohort_of_one_has_an_interval_that_says_so(cohort, size):
    log = pd.DataFrame({"account_id": ["a"], "event": "c", "occurred_at": pd.to_datetime(["2026-10-01"])})
    (row,) = retention(log, cohort=cohort, period="M", observed_until="2026-11-01").itertuples()
    assert (row.size, row.share) == (size, 1) and row.low < 0.3 and row.high == 1
