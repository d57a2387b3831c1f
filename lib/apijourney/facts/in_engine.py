"""What of a large table does a question really read? The engine reduces it before a row is fetched.

Unit: an event of an account, in an Ibis table. Counting who was there in a period needs to know in which
periods an account was, and nothing else: one bit a period, so a hundred million events become a row or
a few an account, where they lie. The reduction loses nothing that the asking function looks at; where
it could, it is not made.
"""

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table
from numba import njit

from apijourney.facts.event_log import EventLog, instant
from apijourney.sources.engine import bridge_arrow_names
from apijourney.localtime import DAY_US, day_starts, local_days, local_time, period_of, period_start

_BITS = 62  # periods in one whole number, the first in its highest bit
_TOP = 1 << (_BITS - 1)
_OTHER_IDS = ("developer_id", "visitor_id")


def once_a_period(events, period: str, zone: str, week_starts: str, observed_until=None):
    """Of an engine's table, one event for each account and local period: all that "was it there?" needs.

    events : what `event_log` accepts; all but an Ibis table whose rows name the account is handed back
        as it is. period : "D", "W" or "M" of the zone; week_starts : "monday" or "sunday".

    Returns
    -------
    An `EventLog`: an event for each account and period, all of one name, at the period's first instant.
    """
    if not reducible(events) or period not in ("D", "W", "M") or week_starts not in ("monday", "sunday"):
        return events
    until = instant(observed_until, "observed_until")
    rows = known(events, until)
    ends = rows.aggregate(low=rows.occurred_at.min(), high=rows.occurred_at.max()).to_pandas().iloc[0]
    if ends.isna().any():
        return EventLog.empty(("event",), until)
    between = instant(ends["low"]), instant(ends["high"])
    first, last = period_of(local_days(np.array(between), zone), period, week_starts).tolist()
    local = local_time(rows.occurred_at, zone, between=None if zone == "UTC" else between)
    monday = int(period_start(0, "W", week_starts).astype("int64"))
    number = {
        "D": lambda: epoch_us(local) // DAY_US,
        "W": lambda: (epoch_us(local) - monday * DAY_US) // (7 * DAY_US),
        "M": lambda: (local.year() - 1970) * 12 + local.month() - 1,
    }[period]()
    seen = _presence(rows.select(rows.account_id, since=(number - first).cast("int32")), last - first)
    accounts, account, since = _unfolded(*seen)
    begins = day_starts(period_start(np.arange(first, last + 1), period, week_starts), zone)
    same_name = np.zeros(len(since), np.int32)
    return EventLog(accounts, account, begins[since], same_name, ("event",), observed_until=until, declared=False)


def _presence(rows: Table, span: int) -> tuple:
    """In which periods was each account? `since` counts them from 0 to span.

    Returns ids, and arrays by account and stretch of 2 × 62 periods: number of the stretch, and two whole
    numbers whose bits say whether the account was there in each period of the stretch's halves.
    """
    keys, place = ["account_id"], rows.since
    if span >= 2 * _BITS:
        rows = rows.mutate(stretch=rows.since // (2 * _BITS))
        keys, place = [*keys, "stretch"], rows.since - rows.stretch * (2 * _BITS)
    top = ibis.literal(_TOP, "int64")
    found = rows.group_by(keys).aggregate(
        early=ibis.ifelse(place < _BITS, top >> place, 0).bit_or(),
        late=ibis.ifelse(place >= _BITS, top >> (place - _BITS), 0).bit_or(),
    ).to_pandas()  # fmt: skip
    if "stretch" not in found:
        found["stretch"] = 0
    return tuple(found[name].to_numpy() for name in ("account_id", "stretch", "early", "late"))


def _unfolded(ids, stretch, early, late) -> tuple[pd.Index, np.ndarray, np.ndarray]:
    """Write presence out: the ids in the order of their text; account and period of each bit, sorted."""
    accounts, code = np.unique(ids.astype(str), return_inverse=True)
    order = np.lexsort((stretch, code))
    account, since = _bits(code[order].astype(np.int32), stretch[order], early[order], late[order])
    return pd.Index(accounts, dtype="str", name="account_id"), account, since


@njit(cache=True)
def _bits(code, stretch, early, late):
    """List every bit that is set: (account, period)."""
    size = 0
    for halves in (early, late):
        for bits in halves:
            while bits:
                bits &= bits - 1
                size += 1
    account, since = np.empty(size, np.int32), np.empty(size, np.int64)
    n = 0
    for row in range(len(code)):
        for half in range(2):
            bits = late[row] if half else early[row]
            begin = (2 * stretch[row] + half) * _BITS
            for place in range(_BITS):
                if bits & _TOP >> place:
                    account[n], since[n] = code[row], begin + place
                    n += 1
    return account, since


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
