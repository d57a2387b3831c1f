"""Which share of the month was the API up, by the clock?

Unit: a month. Time is counted, not calls: a night without customers weighs as much as a busy noon,
and an outage in which nothing was logged is still seen. It does not know how many were hurt: see
`availability`.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.localtime import day_starts, zone_info
from apijourney.columns import required

_MINUTE_US = 60_000_000


def incident_minutes(
    incidents: pd.DataFrame,
    *,
    months: Iterable[str],
    timezone: str = "UTC",
    observed_until: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """How many minutes of each month lay inside an incident?

    Parameters
    ----------
    incidents : started_at, ended_at (UTC; null = still going on). Overlaps count once. Filter by
        scope first if only some count.
    months : the months asked for, each as "2026-10".
    timezone : the zone whose calendar months count.
    observed_until : nothing at or after this instant is known (naive UTC). None: all is known.

    Returns
    -------
    One row a month: month, incidents (that touched it), incident_minutes, month_minutes (floats;
    of the whole month, daylight saving included), mature (the month was over by observed_until).
    incident_minutes is NaN where the month is not over; 0 means observed and without incident.

    Raises
    ------
    WorkbookError : an incident without a start, or one that ends before it starts.

    >>> incidents = pd.DataFrame({"started_at": pd.to_datetime(["2026-02-01T10:00", "2026-02-01T10:30"]),
    ...                           "ended_at": pd.to_datetime(["2026-02-01T11:00", "2026-02-01T11:30"])})
    >>> incident_minutes(incidents, months=["2026-02"])[["incidents", "incident_minutes", "month_minutes"]]
       incidents  incident_minutes  month_minutes
    0          2              90.0        40320.0
    """
    zone_info(timezone)
    first = _first_days(months)
    opens = day_starts(first.astype("datetime64[D]"), timezone)
    closes = day_starts((first + 1).astype("datetime64[D]"), timezone)
    until = np.iinfo(np.int64).max if observed_until is None else _micros(observed_until)
    starts, ends = _intervals(incidents, until)
    merged_starts, merged_ends = _merged(starts, ends)
    down = _overlap(merged_starts, merged_ends, opens, closes).sum(axis=1)
    touches = (starts < closes[:, None]) & (ends > opens[:, None])
    mature = closes <= until
    return pd.DataFrame(
        {
            "month": pd.Series(first.astype(str), dtype="str"),
            "incidents": touches.sum(axis=1),
            "incident_minutes": np.where(mature, down / _MINUTE_US, np.nan),
            "month_minutes": (closes - opens) / _MINUTE_US,
            "mature": mature,
        }
    )


def uptime(
    incidents: pd.DataFrame,
    *,
    months: Iterable[str],
    timezone: str = "UTC",
    observed_until: pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Which share of each month's minutes lay outside every incident?

    Parameters
    ----------
    incidents, months, timezone, observed_until : as in `incident_minutes`.

    Returns
    -------
    One row a month: month, share, numerator (minutes up), denominator (minutes of the month),
    incidents, mature. share and numerator are NaN where the month is not over.
    A measured length of time is no sample, so it carries no interval.

    >>> incidents = pd.DataFrame({"started_at": pd.to_datetime(["2026-02-01T00:00"]),
    ...                           "ended_at": pd.to_datetime(["2026-02-08T00:00"])})
    >>> uptime(incidents, months=["2026-02"])["share"].tolist()
    [0.75]
    """
    minutes = incident_minutes(
        incidents, months=months, timezone=timezone, observed_until=observed_until
    )
    up = minutes["month_minutes"] - minutes["incident_minutes"]
    return pd.DataFrame(
        {
            "month": minutes["month"],
            "share": up / minutes["month_minutes"],
            "numerator": up,
            "denominator": minutes["month_minutes"],
            "incidents": minutes["incidents"],
            "mature": minutes["mature"],
        }
    )


def merged_spans(incidents: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """The stretches of time in which at least one incident went on, up to an instant.

    incidents, as in `incident_minutes`; until : naive UTC.
    Returns one row a stretch, in order: started_at, ended_at (naive UTC), open (it went on at `until`).

    >>> incidents = pd.DataFrame({"started_at": pd.to_datetime(["2026-02-01T10:00", "2026-02-01T10:30"]),
    ...                           "ended_at": pd.to_datetime(["2026-02-01T11:00", None])})
    >>> merged_spans(incidents, pd.Timestamp("2026-02-02"))
               started_at   ended_at  open
    0 2026-02-01 10:00:00 2026-02-02  True
    """
    limit = _micros(until)
    starts, ends = _merged(*_intervals(incidents, limit))
    went_on = pd.to_datetime(incidents["ended_at"], utc=True).isna()
    open_since = _series_micros(pd.to_datetime(incidents.loc[went_on, "started_at"], utc=True))
    instants = [v.astype("datetime64[us]") for v in (starts, ends)]
    is_open = [bool(((s <= open_since) & (open_since <= e)).any()) for s, e in zip(starts, ends, strict=True)]
    return pd.DataFrame({"started_at": instants[0], "ended_at": instants[1], "open": np.array(is_open, dtype=bool)})


def _first_days(months: Iterable[str]) -> np.ndarray:
    try:
        return np.array(list(months), dtype="datetime64[M]")
    except ValueError as error:
        raise WorkbookError(f'uptime(months): {error}; write each month as "2026-10".') from None


def _intervals(incidents: pd.DataFrame, until: int) -> tuple[np.ndarray, np.ndarray]:
    required(incidents, ["started_at", "ended_at"], where="uptime(incidents)")
    start, end = (pd.to_datetime(incidents[c], utc=True) for c in ("started_at", "ended_at"))
    if start.isna().any():
        raise WorkbookError("uptime(incidents): an incident has no started_at; fill it in.")
    if (end < start).any():
        raise WorkbookError(
            f"uptime(incidents): the incident of {start[end < start].iloc[0]:%Y-%m-%d %H:%M} UTC ends "
            "before it starts; mend started_at or ended_at."
        )
    starts = _series_micros(start)
    ends = np.where(end.isna(), until, _series_micros(end))
    seen = starts < until
    return starts[seen], np.minimum(ends[seen], until)


def _merged(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(starts, kind="stable")
    starts, reach = starts[order], np.maximum.accumulate(ends[order])
    fresh = np.r_[True, starts[1:] > reach[:-1]][: len(starts)]
    last = np.r_[fresh[1:], True][: len(starts)]
    return starts[fresh], reach[last]


def _overlap(starts, ends, opens, closes) -> np.ndarray:
    inside = np.minimum(ends, closes[:, None]) - np.maximum(starts, opens[:, None])
    return np.maximum(inside, 0)


def _micros(instant) -> int:
    return int(_series_micros(pd.to_datetime(pd.Series([instant]), utc=True))[0])


def _series_micros(instants: pd.Series) -> np.ndarray:
    return instants.dt.tz_localize(None).to_numpy("datetime64[us]").astype("int64")
