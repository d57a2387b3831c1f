"""What of a large table does a question really read? The engine reduces it before a row is fetched.

Unit: an event of an account, in an Ibis table. Counting who was there in a period needs each account's
first event of each period and nothing else: a hundred million events become a few million rows, where
they lie. The reduction loses nothing that the asking function looks at; where it could, it is not made.
"""

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table

from apijourney.facts.event_log import instant
from apijourney.sources.engine import bridge_arrow_names
from apijourney.localtime import DAY_US, day_starts, local_time

_SINCE_MONDAY = 3  # days from a Monday to January 1st, 1970
_OTHER_IDS = ("developer_id", "visitor_id")


def once_a_period(events, period: str, zone: str, week_starts: str, observed_until=None):
    """Of an engine's table, one event for each account and local period: all that "was it there?" needs.

    events : what `event_log` accepts; all but an Ibis table whose rows name the account is handed back
        as it is. period : "D", "W" or "M" of the zone; week_starts : "monday" or "sunday".

    Returns
    -------
    account_id, event (all alike), occurred_at (naive UTC: the first instant of the period).
    """
    if not reducible(events) or period not in ("D", "W", "M") or week_starts not in ("monday", "sunday"):
        return events
    rows = known(events, instant(observed_until, "observed_until"))
    between = None
    if zone != "UTC":
        ends = rows.aggregate(low=rows.occurred_at.min(), high=rows.occurred_at.max()).to_pandas().iloc[0]
        between = None if ends.isna().any() else (instant(ends["low"]), instant(ends["high"]))
    local = local_time(rows.occurred_at, zone, between=between)
    sunday = int(week_starts == "sunday")
    number = {
        "D": lambda: epoch_us(local) // DAY_US,
        "W": lambda: (epoch_us(local) + (_SINCE_MONDAY + sunday) * DAY_US) // (7 * DAY_US),
        "M": lambda: local.year() * 12 + local.month() - 1,
    }[period]()
    found = rows.select(rows.account_id, number=number.cast("int32")).distinct().to_pandas()
    numbers, at = np.unique(found.pop("number").to_numpy("int64"), return_inverse=True)
    first_day = {
        "D": lambda: numbers.astype("datetime64[D]"),
        "W": lambda: (7 * numbers - _SINCE_MONDAY - sunday).astype("datetime64[D]"),
        "M": lambda: (numbers - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]"),
    }[period]()
    begins = day_starts(first_day, zone).astype("datetime64[us]")
    return found.assign(event="event", occurred_at=begins[at])


def known(events: Table, until: int | None) -> Table:
    """The rows that happened and, where the table says it, arrived before an instant (microseconds UTC)."""
    bridge_arrow_names()
    rows = events.filter(events.account_id.notnull())
    if until is None:
        return rows
    limit = ibis.timestamp(pd.Timestamp(until, unit="us").to_pydatetime())
    rows = rows.filter(rows.occurred_at < limit)
    if "received_at" in rows.columns:
        rows = rows.filter(rows.received_at.isnull() | (rows.received_at < limit))
    return rows


def reducible(events) -> bool:
    """Is this a table of an engine whose rows name the account themselves, with plain timestamps?"""
    if not isinstance(events, Table) or not {"account_id", "event", "occurred_at"} <= set(events.columns):
        return False
    kind = events.schema()["occurred_at"]
    return not set(_OTHER_IDS) & set(events.columns) and kind.is_timestamp() and kind.timezone is None


@ibis.udf.scalar.builtin(name="epoch_us")
def epoch_us(moment: ibis.dtype("timestamp")) -> int:  # type: ignore[valid-type]
    """Microseconds since the epoch."""
