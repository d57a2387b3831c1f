"""Local days and months: one definition, the same in numpy, pandas and the engine."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.localtime import (
    DAY_US, day_start, day_starts, local_days, local_time, offset_transitions, period_of, period_start,
)  # fmt: skip
from apijourney.sources.engine import connect

# Sao Paulo and Beirut have days without midnight, Apia a day that never was, Kathmandu and Chatham
# odd quarters of hours, Havana a midnight that comes twice.
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Beirut", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "America/Havana", "Africa/Casablanca",
]  # fmt: skip
EPOCH = datetime(1970, 1, 1)
instants = st.integers(631_152_000_000_000, 2_524_608_000_000_000)  # 1990 to 2049, microseconds
near_changes = st.tuples(st.integers(0, 10_000), st.integers(-7_200_000_000, 7_200_000_000))


def wall_clock(micros: int, zone: str) -> datetime:
    """The independent definition: what zoneinfo says of one instant."""
    return (EPOCH.replace(tzinfo=UTC) + timedelta(microseconds=micros)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def micros_of(naive: datetime) -> int:
    return (naive - EPOCH) // timedelta(microseconds=1)


def close_to_a_change(zone: str, pick: tuple[int, int]) -> int:
    starts = offset_transitions(zone)[0][1:]
    starts = starts[(starts > 631_152_000_000_000) & (starts < 2_524_608_000_000_000)]
    return int(starts[pick[0] % len(starts)] + pick[1]) if len(starts) else 10**15 + pick[1]


@given(st.sampled_from(ZONES), st.lists(instants, max_size=20), st.lists(near_changes, max_size=20))
def test_numpy_and_pandas_agree_with_zoneinfo(zone, anywhere, near):
    micros = anywhere + [close_to_a_change(zone, pick) for pick in near]
    expected = [micros_of(wall_clock(m, zone)) for m in micros]
    array = np.array(micros, dtype="int64")
    assert local_time(array, zone).tolist() == expected
    series = pd.Series(array.astype("datetime64[us]"))
    assert local_time(series, zone).to_numpy().astype("int64").tolist() == expected
    aware = local_time(series.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"), zone)
    assert aware.to_numpy().astype("int64").tolist() == expected
    assert local_days(array, zone).tolist() == [wall_clock(m, zone).date() for m in micros]


@settings(max_examples=15)
@given(st.sampled_from(ZONES), st.lists(near_changes, min_size=1, max_size=20), st.booleans())
def test_the_engine_agrees_with_zoneinfo(engine, zone, near, bounded):
    micros = [close_to_a_change(zone, pick) for pick in near]
    column = np.array(micros, dtype="int64").astype("datetime64[us]")
    table = ibis.memtable(pd.DataFrame({"n": range(len(micros)), "at": column}))
    between = (min(micros), max(micros)) if bounded else None
    local = table.mutate(local=local_time(table["at"], zone, between=between)).order_by("n")
    found = engine.to_pandas(local)["local"].to_numpy().astype("datetime64[us]").astype("int64")
    assert found.tolist() == [micros_of(wall_clock(m, zone)) for m in micros]


@pytest.fixture(scope="module")
def engine():
    return connect()


def test_a_missing_instant_stays_missing():
    local = local_time(pd.Series(pd.to_datetime(["2026-01-01", None])), "Europe/Berlin")
    assert local.isna().tolist() == [False, True]


@given(st.sampled_from(ZONES), st.integers(7_305, 29_000))
def test_a_day_starts_at_its_first_instant(zone, number):
    day = np.datetime64(number, "D")
    start = day_start(str(day), zone)
    assert local_days(np.array([start]), zone)[0] >= day  # later only where the day does not exist
    assert local_days(np.array([start - 1]), zone)[0] < day
    wall = wall_clock(start, zone)
    skipped = micros_of(wall) != number * DAY_US
    if skipped:  # only a jump of the clock may do that, and the day starts right at the jump
        assert start in offset_transitions(zone)[0]


@pytest.mark.parametrize(
    ("zone", "day", "first"),
    [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00"),  # clocks jumped from 24:00 to 01:00
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00"),  # a day that was left out
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00"),
        ("America/Havana", "2025-11-02", "2025-11-02T04:00"),  # midnight came twice: the first counts
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00"),
        ("Europe/Berlin", "2026-03-30", "2026-03-29T22:00"),
    ],
)
def test_days_with_a_missing_or_doubled_midnight(zone, day, first):
    assert np.datetime64(day_start(day, zone), "us") == np.datetime64(first)


def test_a_day_of_a_clock_change_has_23_or_25_hours():
    days = np.array(["2026-03-29", "2026-03-30", "2026-10-25", "2026-10-26"], dtype="datetime64[D]")
    starts = day_starts(days, "Europe/Berlin") // 3_600_000_000
    assert (starts[1] - starts[0], starts[3] - starts[2]) == (23, 25)


@given(st.integers(-3000, 30_000), st.sampled_from("DWM"), st.sampled_from(["monday", "sunday"]))
def test_a_period_starts_on_its_first_day_and_holds_it(number, period, week_starts):
    start = period_start(number, period, week_starts)
    assert period_of(np.array([start]), period, week_starts)[0] == number
    assert period_of(np.array([start - 1]), period, week_starts)[0] == number - 1
    if period == "W":
        assert start.astype(object).strftime("%A").lower() == week_starts


def test_an_unknown_zone_is_one_sentence():
    for wrong in ("Europe/Berlim", "", "../etc", None):
        with pytest.raises(WorkbookError, match=r'unknown time zone .*; use a name such as "Europe/Berlin" or "UTC"'):
            local_time(np.array([0]), wrong)


def test_an_unknown_period_is_one_sentence():
    with pytest.raises(WorkbookError, match=r'unknown period "Q"; use "D" \(day\), "W" \(week\) or "M" \(month\)'):
        period_of(np.array(["2026-01-01"], dtype="datetime64[D]"), "Q")
