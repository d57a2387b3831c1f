"""Which local day, week or month does an instant belong to?

Instants are UTC everywhere in the workbook. Local time comes from this one place, built on the
offset transitions of the zone, because a cast to a zoned type and then to a date silently gives
the UTC date on several engines.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError

DAY_US = 86_400_000_000
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2070, 1, 1, tzinfo=UTC)
_MONDAY = np.datetime64("1970-01-05", "D")  # a Monday near the epoch


def zone_info(zone: str) -> ZoneInfo:
    """Return the zone, or say in one sentence that its name is unknown."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise WorkbookError(
            f'unknown time zone "{zone}"; use a name such as "Europe/Berlin" or "UTC".'
        ) from None


@lru_cache(maxsize=64)
def offset_transitions(zone: str) -> tuple[np.ndarray, np.ndarray]:
    """When does the zone's distance from UTC change?

    Returns (instants, offsets), both int64 microseconds: from `instants[i]` (UTC) on, local time
    is UTC plus `offsets[i]`. Covers 1970 to 2069.
    """
    info = zone_info(zone)

    def offset(t: datetime) -> timedelta:
        return t.astimezone(info).utcoffset()

    starts, offsets = [np.iinfo(np.int64).min], [offset(_FIRST)]
    low = _FIRST
    while low < _LAST:
        high = low + timedelta(days=1)
        if offset(high) != offsets[-1]:
            before, after = low, high
            while after - before > timedelta(seconds=1):
                middle = before + (after - before) // 2
                middle = middle.replace(microsecond=0)
                if offset(middle) == offsets[-1]:
                    before = middle
                else:
                    after = middle
            starts.append(int(after.timestamp()) * 1_000_000)
            offsets.append(offset(after))
        low = high
    return (
        np.array(starts, dtype=np.int64),
        np.array([int(o.total_seconds()) * 1_000_000 for o in offsets], dtype=np.int64),
    )


def local_time(ts, zone: str, *, between: tuple[int, int] | None = None):
    """Move UTC instants to the wall clock of a zone.

    Parameters
    ----------
    ts : int64 array of microseconds since the epoch, a pandas Series of timestamps (naive is
        read as UTC), or an Ibis timestamp column (naive UTC).
    zone : an IANA name, such as "Europe/Berlin".
    between : for an Ibis column, the first and last instant in it (UTC microseconds), so that the
        expression names only the clock changes that can matter.

    Returns
    -------
    The same kind, naive: the local wall clock.

    >>> local_time(pd.Series(pd.to_datetime(["2026-03-29T00:59", "2026-03-29T01:00"])), "Europe/Berlin")
    0   2026-03-29 01:59:00
    1   2026-03-29 03:00:00
    dtype: datetime64[us]
    """
    starts, offsets = offset_transitions(zone)
    if isinstance(ts, np.ndarray):
        if len(starts) == 1:
            return ts + offsets[0]
        return ts + offsets[np.searchsorted(starts, ts, side="right") - 1]
    if isinstance(ts, pd.Series):
        utc = pd.to_datetime(ts, utc=True).dt.tz_localize(None).astype("datetime64[us]")
        micros = utc.to_numpy().astype("int64")
        local = local_time(micros, zone).astype("datetime64[us]")
        local[utc.isna().to_numpy()] = np.datetime64("NaT")
        return pd.Series(local, index=ts.index, name=ts.name)
    if between is not None:
        first = np.searchsorted(starts, between[0], side="right") - 1
        last = np.searchsorted(starts, between[1], side="right")
        starts, offsets = starts[first:last], offsets[first:last]
    return _local_time_in_engine(ts, starts, offsets)


def _local_time_in_engine(column, starts: np.ndarray, offsets: np.ndarray):
    import ibis

    def shift(offset: int):
        return column if offset == 0 else column + ibis.interval(seconds=int(offset) // 1_000_000)

    if len(starts) == 1:
        return shift(offsets[0])
    branches = []
    for later, offset in zip(starts[1:], offsets[:-1], strict=True):
        instant = ibis.timestamp(datetime.fromtimestamp(later / 1e6, UTC).replace(tzinfo=None))
        branches.append((column < instant, shift(offset)))
    return ibis.cases(*branches, else_=shift(offsets[-1]))


def day_start(day: date | str, zone: str) -> int:
    """Return the first instant of a local day, in UTC microseconds.

    >>> day_start("2026-03-30", "Europe/Berlin") - day_start("2026-03-29", "Europe/Berlin") == 23 * 3_600_000_000
    True
    """
    return int(day_starts(np.array([np.datetime64(day, "D")]), zone)[0])


def day_starts(days: np.ndarray, zone: str) -> np.ndarray:
    """Return the first instant of each local day: datetime64[D] in, UTC microseconds out."""
    wall = days.astype("datetime64[D]").astype("int64") * DAY_US
    starts, offsets = offset_transitions(zone)
    # A midnight the clock skips belongs to the instant after the gap; one it repeats, to the first.
    guesses = np.stack([wall - o for o in np.unique(offsets)])
    local = local_time(guesses.ravel(), zone).reshape(guesses.shape)
    reached = np.where(local >= wall, guesses, np.iinfo(np.int64).max)
    exact = np.where(local == wall, guesses, np.iinfo(np.int64).max).min(axis=0)
    first = reached.min(axis=0)
    gap = exact == np.iinfo(np.int64).max
    if gap.any():
        at = starts[np.searchsorted(starts, first[gap], side="right") - 1]
        first[gap] = at
    return np.where(gap, first, exact)


def local_days(micros: np.ndarray, zone: str) -> np.ndarray:
    """Return the local day of each UTC instant: int64 microseconds in, datetime64[D] out."""
    return np.floor_divide(local_time(micros, zone), DAY_US).astype("datetime64[D]")


def local_day_of(instant: pd.Timestamp, zone: str) -> np.datetime64:
    """Return the local day of one naive UTC instant.

    >>> local_day_of(pd.Timestamp("2026-10-31 23:30"), "Europe/Berlin")
    np.datetime64('2026-11-01')
    """
    return local_days(np.array([instant.to_datetime64().astype("datetime64[us]").astype("int64")]), zone)[0]


def local_months(instants: pd.Series, zone: str) -> pd.Series:
    """Return the local month of each naive UTC instant, "2026-10"; empty where the instant is.

    >>> local_months(pd.Series(pd.to_datetime(["2026-10-31 23:30", None])), "Europe/Berlin").tolist()
    ['2026-11', nan]
    """
    known = instants.notna()
    micros = instants[known].to_numpy().astype("datetime64[us]").astype("int64")
    out = pd.Series(pd.NA, index=instants.index, dtype="str")
    out[known] = local_days(micros, zone).astype("datetime64[M]").astype(str)
    return out


def local_dates(instants: pd.Series, zone: str) -> pd.Series:
    """Return the local day of each naive UTC instant, as datetime64[s]; NaT where the instant is.

    >>> local_dates(pd.Series(pd.to_datetime(["2026-10-31 23:30", None])), "Europe/Berlin").dt.date.tolist()
    [datetime.date(2026, 11, 1), NaT]
    """
    micros = pd.to_datetime(instants).to_numpy("datetime64[us]")
    known, out = ~np.isnat(micros), np.full(len(micros), "NaT", dtype="datetime64[s]")
    out[known] = local_days(micros[known].astype("int64"), zone)
    return pd.Series(out, index=instants.index)


def period_of(days: np.ndarray, period: str, week_starts: str = "monday") -> np.ndarray:
    """Number the calendar period each local day belongs to: "D", "W" or "M", counted from the epoch.

    Consecutive periods have consecutive numbers, so a difference is a number of periods.
    """
    if period == "D":
        return days.astype("datetime64[D]").astype("int64")
    if period == "W":
        shift = {"monday": 0, "sunday": -1}[week_starts]
        return np.floor_divide((days - (_MONDAY + shift)).astype("int64"), 7)
    if period == "M":
        return days.astype("datetime64[M]").astype("int64")
    raise WorkbookError(f'unknown period "{period}"; use "D" (day), "W" (week) or "M" (month).')


def period_start(number: np.ndarray | int, period: str, week_starts: str = "monday") -> np.ndarray:
    """Return the first local day of numbered periods (the inverse of `period_of`)."""
    number = np.asarray(number, dtype="int64")
    if period == "D":
        return number.astype("datetime64[D]")
    if period == "W":
        shift = {"monday": 0, "sunday": -1}[week_starts]
        return _MONDAY + shift + number * 7
    if period == "M":
        return number.astype("datetime64[M]").astype("datetime64[D]")
    raise WorkbookError(f'unknown period "{period}"; use "D" (day), "W" (week) or "M" (month).')
