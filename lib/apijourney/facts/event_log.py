"""Event log: who did what, when?

Unit of observation: one event of one unit (an account; before it is linked, a developer or a
visitor). The log is sorted by unit, then time, then input order, and its ids, names and properties
are coded as integers, so that every sequence and cohort metric reads plain arrays.
It does not judge the events: duplicates, bots and test keys are the quality gate's.
"""

import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError, did_you_mean, unknown
from apijourney.facts.actors import IDS as _IDS
from apijourney.facts.event_table import as_frame, coded_text, instant, micros
from apijourney.facts.steps import Exclude, Step, as_step, wanted
from apijourney.facts.units import units_of

__all__ = ["EventLog", "Exclude", "Step", "event_log", "instant"]

_NOT_PROPERTIES = {*_IDS, "actor", "event", "occurred_at", "received_at", "event_id", "request_id"}


@dataclass(frozen=True, eq=False)
class EventLog:
    """Events as arrays, sorted by (unit, time, input order).

    accounts : ids of the units (str); `account` holds positions in it
    account : int32, time : int64 microseconds UTC, event : int32 position in `events`
    properties : name → Categorical, one value a row, code -1 = not known
    observed_until : first instant that was not observed (microseconds UTC); None = no censoring
    received : arrival of each row (microseconds UTC), when known
    declared : True if `events` lists every name that exists, so that another name is a mistake;
        False if it lists only the names that happened to occur
    known : names that exist though they may not have occurred; empty = nobody says. Where it is given, any other
        name is a mistake, and one of them that did not occur is a plain zero
    journey : touchpoints that are no events but names for some of them, so that the mistake can be told
    zone : in whose days and months the log is meant to be counted; empty = not said
    """

    accounts: pd.Index
    account: np.ndarray
    time: np.ndarray
    event: np.ndarray
    events: tuple[str, ...]
    properties: Mapping[str, pd.Categorical] = field(default_factory=dict)
    observed_until: int | None = None
    received: np.ndarray | None = None
    declared: bool = True
    known: frozenset[str] = frozenset()
    journey: frozenset[str] = frozenset()
    zone: str = ""

    @classmethod
    def empty(cls, events, observed_until: int | None = None) -> "EventLog":
        """A log of these names without a row."""
        none = np.zeros(0, np.int64)
        code = none.astype(np.int32)
        return cls(pd.Index([], dtype="str"), code, none, code, tuple(events), observed_until=observed_until, declared=False)

    def __len__(self) -> int:
        return len(self.time)

    def mask(self, step: str | Step) -> np.ndarray:
        """Which rows take this step? A boolean for each row.

        An event that the log does not know is refused. Where nobody says which there are, as in a plain table, one
        that does not occur is warned of and taken by nobody.
        """
        step = as_step(step)
        if step.event in self.events:
            hit = self.event == self.events.index(step.event)
        elif self.declared or (self.known and step.event not in self.known):
            if step.event in self.journey:
                raise WorkbookError(
                    f'"{step.event}" is a touchpoint of the journey and no event; give study.step("{step.event}") as the step.'
                )
            raise unknown("step", step.event, {*self.events, *self.known})
        else:
            if len(self) and not self.known:
                never_seen(step.event, self.events)
            hit = np.zeros(len(self), dtype=bool)
        for name, value in step.where.items():
            if name not in self.properties:
                raise unknown("property", name, self.properties, where=f'step "{step.event}"')
            values = self.properties[name]
            match = values.categories.astype(str).isin([str(v) for v in wanted(value)])
            hit &= np.append(np.asarray(match, dtype=bool), False)[values.codes]
        return hit

    def select(self, mask: np.ndarray) -> "EventLog":
        """Keep some rows. The units keep their codes, also those left without a row."""
        return replace(
            self,
            account=self.account[mask],
            time=self.time[mask],
            event=self.event[mask],
            properties={name: values[mask] for name, values in self.properties.items()},
            received=None if self.received is None else self.received[mask],
        )

    def bounds(self) -> np.ndarray:
        """Where does each unit begin? Unit u has the rows bounds[u]:bounds[u + 1]."""
        return np.searchsorted(self.account, np.arange(len(self.accounts) + 1))

    def instant_starts(self) -> np.ndarray:
        """Which is the first row of each row's instant, within its unit?"""
        new = (self.account[1:] != self.account[:-1]) | (self.time[1:] != self.time[:-1])
        first = np.append(True, new)[: len(self)]
        return np.maximum.accumulate(np.where(first, np.arange(len(self)), 0))

    def to_frame(self) -> pd.DataFrame:
        """Return the log as a table: account_id, event, occurred_at (naive UTC), properties."""
        frame = {
            "account_id": self.accounts.take(self.account),
            "event": pd.Index(self.events, dtype="str").take(self.event),
            "occurred_at": self.time.astype("datetime64[us]"),
        }
        return pd.DataFrame(frame | dict(self.properties))


def never_seen(event: str, events) -> None:
    """Warn that no event of a table is called so; it may be misspelt, or it has not happened yet.

    events : the names that occur.
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("apijourney."):
        frame, level = frame.f_back, level + 1  # the line to be named is the asker's
    text = f'no event is called "{event}", so nobody took it; {did_you_mean(event, events)}'
    warnings.warn(text, stacklevel=level)


def zone_of(events, timezone: str | None) -> str:
    """In which zone are days and months counted: the one asked for, else that of the log, else UTC?

    >>> zone_of(EventLog.empty(("call",)), None), zone_of(None, "Europe/Berlin")
    ('UTC', 'Europe/Berlin')
    """
    return timezone or (events.zone if isinstance(events, EventLog) else "") or "UTC"


def event_log(events, *, identities=None, observed_until=None) -> EventLog:
    """Sort and code a table of events once, so that many questions can be asked of it.

    Parameters
    ----------
    events : pandas, Arrow or Ibis table with event, occurred_at (naive = UTC) and account_id;
        every other column becomes a property. developer_id and visitor_id stand in where
        account_id is null; a row with no id belongs to nobody and is left out. An `EventLog` is
        returned as it is, or cut at an earlier `observed_until` (its units stay as linked).
    identities : table with visitor_id, developer_id, account_id, linked_at. The unit is the account
        if linked, else the developer, else the visitor; of several links the earliest holds.
    observed_until : first instant not observed (UTC). Hides the rows that occurred or, with a
        received_at column, arrived at or after it, and the links made at or after it.

    Returns
    -------
    EventLog. Ids are prefixed ("visitor:…", "developer:…") only where kinds share an id.

    >>> log = event_log(pd.DataFrame({"account_id": ["b", "a"], "event": ["sign_up", "key_created"],
    ...     "occurred_at": ["2026-10-01", "2026-10-02"]}))
    >>> log.to_frame()
      account_id        event occurred_at
    0          a  key_created  2026-10-02
    1          b      sign_up  2026-10-01
    """
    until = instant(observed_until, "observed_until")
    if isinstance(events, EventLog):
        return _cut(events, until)
    frame = as_frame(events, "events", ("event", "occurred_at"))
    if not any(name in frame for name in _IDS):
        raise WorkbookError('events: no column "account_id"; name the column that says who acted.')
    seen = _seen(frame, until)
    unit = units_of(frame, seen.visible, identities, until)
    order = np.flatnonzero(seen.visible & (unit.codes >= 0))
    code, names = _present(unit, unit.codes[order])
    sorting = _order(code, seen.time[order])
    # A categorical column of the caller names all events there are; text names those that occur.
    declared = isinstance(events, pd.DataFrame) and isinstance(events["event"].dtype, pd.CategoricalDtype)
    return _log(frame, seen, order[sorting], code[sorting], names, until, declared)


def coded_event_log(events, actors: pd.DataFrame, *, identities=None, observed_until=None) -> EventLog:
    """Open events that carry the number of their actor in the place of ids: the stored form.

    events : table with actor, event, occurred_at (naive = UTC) and properties, in any order.
    actors : visitor_id, developer_id, account_id of each number, see `apijourney.facts.actors`.
    identities, observed_until : as in `event_log`; only the list of actors is looked through for them.

    Returns
    -------
    The EventLog that `event_log` makes of the ids themselves. Events of one unit at one instant stand
    in the order of their names, then of their actors' ids, whatever numbers these have.
    """
    until = instant(observed_until, "observed_until")
    frame = as_frame(events, "events", ("actor", "event", "occurred_at"))
    seen = _seen(frame, until)
    actor = frame["actor"].to_numpy()
    there = np.zeros(len(actors), dtype=bool)
    there[actor[seen.visible]] = True
    unit = units_of(actors[there], np.ones(there.sum(), dtype=bool), identities, until)
    unit_of = np.full(len(actors), -1, dtype=np.int32)
    unit_of[there] = unit.codes
    order = np.flatnonzero(seen.visible & (unit_of[actor] >= 0))
    code, names = _present(unit, unit_of[actor[order]])
    sorting = _order(code, seen.time[order])
    order, code = order[sorting], code[sorting]
    by_name = np.argsort(np.argsort(np.asarray(seen.names.categories.astype(str))))
    rank = pd.Series(range(len(actors)), index=actors.fillna("").sort_values(list(_IDS)).index).sort_index().to_numpy()
    order = _settle_ties(order, code, seen.time[order], by_name[seen.names.codes[order]], rank[actor[order]])
    return _log(frame, seen, order, code, names, until, declared=False)


def _log(frame, seen: "_Seen", order, code, names, until, declared: bool) -> EventLog:
    return EventLog(
        accounts=names,
        account=code,
        time=seen.time[order],
        event=seen.names.codes[order].astype(np.int32),
        events=tuple(seen.names.categories.astype(str)),
        properties={
            name: coded_text(frame[name], name)[order] for name in frame.columns if name not in _NOT_PROPERTIES
        },
        observed_until=until,
        received=None if seen.received is None else seen.received[order],
        declared=declared,
    )


@dataclass(frozen=True)
class _Seen:
    """When each row happened and arrived, what it is called, and whether it was known in time."""

    time: np.ndarray
    received: np.ndarray | None
    names: pd.Categorical
    visible: np.ndarray


def _seen(frame: pd.DataFrame, until: int | None) -> _Seen:
    time = micros(frame, "occurred_at", "events")
    received = micros(frame, "received_at", "events", nulls=True) if "received_at" in frame else None
    names = coded_text(frame["event"], "event")
    if (names.codes < 0).any():
        raise WorkbookError('events: column "event" is empty in some rows; name or remove them.')
    visible = np.ones(len(time), dtype=bool)
    if until is not None:
        visible &= time < until
        if received is not None:
            visible &= received < until
    return _Seen(time, received, names, visible)


def _present(unit: pd.Categorical, codes: np.ndarray) -> tuple[np.ndarray, pd.Index]:
    """Number only the units that have a row: new codes, and the ids they stand for."""
    present = np.zeros(len(unit.categories), dtype=bool)
    present[codes] = True
    return (np.cumsum(present, dtype=np.int32) - 1)[codes], pd.Index(unit.categories[present], name="account_id")


def _cut(log: EventLog, until: int | None) -> EventLog:
    if until is None or until == log.observed_until:
        return log
    if log.observed_until is not None and until > log.observed_until:
        seen = np.datetime64(log.observed_until, "us")
        raise WorkbookError(
            f"observed_until: this event log ends at {seen} UTC and cannot answer for later; "
            "build it again with the later instant."
        )
    visible = log.time < until
    if log.received is not None:
        visible &= log.received < until
    return replace(log if visible.all() else log.select(visible), observed_until=until)


def _order(account: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Positions that sort by (account, time), equal ones in input order."""
    if not len(time):
        return np.zeros(0, dtype=np.int64)
    low, span = int(time.min()), int(time.max()) - int(time.min())
    if (int(account.max()) + 1) * (span + 1) < 2**63:  # both fit one integer: a single sort
        key = account.astype(np.int64) * (span + 1) + (time - low)
        return np.arange(len(key)) if (key[1:] >= key[:-1]).all() else np.argsort(key, kind="stable")
    return np.lexsort((time, account))


def _settle_ties(order: np.ndarray, account: np.ndarray, time: np.ndarray, *keys: np.ndarray) -> np.ndarray:
    """Order the rows of one account at one instant by further keys; all others stay where they are."""
    same = (account[1:] == account[:-1]) & (time[1:] == time[:-1])
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same)[: len(account)])
    within = np.lexsort([key[tied] for key in (*reversed(keys), time, account)])
    settled = order.copy()
    settled[tied] = order[tied[within]]
    return settled
