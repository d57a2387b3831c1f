"""Which rows of a large table decide a funnel?

Unit: an event of an account, in an Ibis table. Nothing before an account's earliest first step or after
the latest one's window can be a step of an attempt, so the engine leaves that out. Of the rest it hands
over one number an event, with account, time and step packed into it; sorted, it is read piece by piece,
and of each account only the rows that fill a step of its counted attempt are kept. Those few rows give
the funnel that all rows give. The packing loses nothing: where a number would be too small for that, or
where a question reads more than account, time and name, the table is handed back as it is.
"""

from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from numba import njit

from apijourney.facts.event_log import EventLog, instant, never_seen
from apijourney.facts.in_engine import epoch_us, known, reducible
from apijourney.facts.steps import as_step
from apijourney.localtime import DAY_US
from apijourney.metrics.product.conversion.attempts import starts
from apijourney.metrics.product.conversion.question import Question, ask
from apijourney.metrics.product.conversion.rules import RULES
from apijourney.metrics.product.conversion.sequence import kernel
from apijourney.metrics.product.windows import NEVER

_PIECE = 4_000_000  # rows unpacked at a time
_CLOCK_DAYS = 2  # by so much at most do calendar days differ from elapsed ones, however a zone moves its clock
_RULES = ("workbook", "posthog")  # those whose counted attempt is found again among its own rows


def decisive_rows(events, steps, *, trend=False, **options):
    """The rows of an engine's table that decide a funnel, as an `EventLog`; any other input as it is.

    steps, options : as in `funnel`; trend : is it asked by period? See the module for which questions are
    answered this way.
    """
    if not reducible(events) or not _plain(steps, options):
        return events
    if trend and RULES[options.get("rules", "workbook")].each_period:  # then every period has a counted attempt
        return events
    until = instant(options.get("observed_until"), "observed_until")
    question = ask(EventLog.empty((), until), steps, **options)
    names = list(dict.fromkeys(step.event for step in question.steps))
    rows = known(events, until)
    reach = _reach(rows.filter(rows.event == names[0]), question.window)
    rows = rows.filter(rows.event.isin(names)).mutate(at_us=epoch_us(rows.occurred_at))
    rows = rows.inner_join(reach, "account_id")
    rows = rows.filter(rows.at_us >= rows.earliest, rows.at_us <= rows.latest)
    packing, keys = _packed(rows, reach, names, until)
    if keys is None:
        return events
    keys.sort()
    bits_of = np.zeros(2**packing.event_bits, np.int64)
    for k, step in enumerate(question.steps):
        bits_of[names.index(step.event)] |= 1 << k
    parts = []
    for piece in packing.pieces(keys):
        row = _rows_taken(piece, packing, bits_of, question)
        parts.append(packing.unpacked(piece[row]))
    log = _joined(parts, names, until) if parts else EventLog.empty(names, until)
    _warn_of_strangers(events, [name for k, name in enumerate(names) if not (log.event == k).any()])
    return log


def _warn_of_strangers(events, unseen: list[str]) -> None:
    """Warn of names that no row of the table has; it is read once more only where nobody took a step."""
    if unseen:
        there = events.select("event").distinct().to_pandas()["event"].astype("str").tolist()
        for name in unseen:
            if there and name not in there:
                never_seen(name, there)


def _reach(starts, window: tuple[str, int]):
    """From where to where can an account's attempts reach? In microseconds UTC, the end rounded up.

    starts : the events of the first step. Returns one row an account: account_id, earliest, latest
    (NEVER = without end).
    """
    kind, length = window
    length = (length + _CLOCK_DAYS) * DAY_US if kind == "days" else length
    at = epoch_us(starts.occurred_at)
    endless = kind == "never" or length > NEVER // 4
    latest = ibis.literal(NEVER, "int64") if endless else at.max() + length
    return starts.group_by("account_id").aggregate(earliest=at.min(), latest=latest)


def _rows_taken(piece: np.ndarray, packing: "_Packing", bits_of: np.ndarray, q: Question) -> np.ndarray:
    """Where in a piece are the rows that fill a step of an account's counted attempt?"""
    account, time, bits = _open(piece, packing.time_bits, packing.event_bits, packing.unit, packing.time, bits_of)
    begins, deadline, _ = starts(q, time, bits)
    size = np.count_nonzero(np.diff(account)) + 1
    machine = dict.fromkeys(("strict", "unordered", "excluding", "graced", "reusing"))
    _, _, rows = kernel.attempts(
        account, time, bits, begins, deadline, None, len(q.steps), kernel.LONGEST, size, ordered=True, **machine
    )
    return np.sort(rows[rows >= 0])


@njit(cache=True)
def _open(keys, time_bits, event_bits, unit, first, bits_of):
    """Take packed numbers apart: account, microseconds UTC, and the steps an event may take."""
    account = np.empty(len(keys), np.int32)
    time, bits = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
    for e in range(len(keys)):
        key = keys[e]
        account[e] = key >> (time_bits + event_bits)
        time[e] = (key >> event_bits & (1 << time_bits) - 1) * unit + first
        bits[e] = bits_of[key & (1 << event_bits) - 1]
    return account, time, bits


def _plain(steps, options: dict) -> bool:
    """Does the question read only who, when and which event, in order, once an account?"""
    if isinstance(steps, str) or not 1 <= len(steps) <= 62:
        return False
    by = options.get("by")
    return (
        all(isinstance(step, str) or not as_step(step).where for step in steps)
        and options.get("order", "ordered") == "ordered"
        and options.get("count", "uniques") == "uniques"
        and options.get("rules", "workbook") in _RULES
        and not any(len(options.get(name, ())) for name in ("exclude", "optional", "hold"))
        and (by is None or isinstance(by, pd.Series))
    )


def _packed(rows, reach, names: list[str], until: int | None):
    """The events as numbers, and how they are packed; None where no packing holds them without loss."""
    if not rows.schema()["account_id"].is_integer():
        return None, None
    look = reach.aggregate(
        low=reach.account_id.min(), high=reach.account_id.max(), first=reach.earliest.min(), last=reach.latest.max()
    )
    extent = {name: value or 0 for name, value in look.to_pyarrow().to_pylist()[0].items()}  # nobody started: NULL
    low, high, first, last = extent.values()
    if last == NEVER:
        last = rows.at_us.max().to_pandas()
    if until is not None:
        last = min(last, until)
    accounts, span = (high - low).bit_length(), max(last - first, 0)
    for unit in (1, 1000):
        bits = accounts, (span // unit).bit_length(), (len(names) - 1).bit_length()
        packing = _Packing(names, low, first, unit, *bits)
        keys = packing.keys(rows) if packing.fits() else None
        if keys is not None:
            return packing, keys
    return None, None


@dataclass(frozen=True)
class _Packing:
    """How account, time and event lie in one number: the highest bits are the account's.

    account, time : the lowest of each; unit : microseconds of a step of time
    account_bits, time_bits, event_bits : how many bits each takes
    """

    names: list[str]
    account: int
    time: int
    unit: int
    account_bits: int
    time_bits: int
    event_bits: int

    def fits(self) -> bool:
        """Is there room for all in 63 bits, and for the accounts in the 31 that the kernel counts with?"""
        return self.account_bits <= 31 and self.account_bits + self.time_bits + self.event_bits <= 63

    def keys(self, rows) -> np.ndarray | None:
        """One number an event, in the order they come; None where a time is not whole in this unit."""
        since = rows.at_us - self.time
        event = ibis.cases(*((rows.event == name, code) for code, name in enumerate(self.names)))
        scale = 2 ** (self.time_bits + self.event_bits)
        account = (rows.account_id.cast("int64") - self.account) * scale
        key = account + (since // self.unit).cast("int64") * 2**self.event_bits + event.cast("int64")
        parts = []
        for batch in rows.select(key=key, rest=(since % self.unit).cast("int16")).to_pyarrow_batches(chunk_size=1_000_000):
            if batch.column(1).to_numpy().any():
                return None
            parts.append(batch.column(0).to_numpy())
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def pieces(self, keys: np.ndarray):
        """Cut sorted numbers into pieces of whole accounts."""
        begin, bits = 0, self.time_bits + self.event_bits
        while begin < len(keys):
            end = min(begin + _PIECE, len(keys))
            if end < len(keys):
                end = int(np.searchsorted(keys, (int(keys[end - 1]) >> bits) + 1 << bits))
            yield keys[begin:end]
            begin = end

    def unpacked(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Accounts, microseconds UTC and positions of the event's name."""
        account = (keys >> self.time_bits + self.event_bits) + self.account
        time = (keys >> self.event_bits & (1 << self.time_bits) - 1) * self.unit + self.time
        return account, time, (keys & (1 << self.event_bits) - 1).astype(np.int32)


def _joined(parts: list[tuple], names: list[str], until: int | None) -> EventLog:
    """The kept rows of all pieces as one log, its accounts in the order of their ids as text."""
    account, time, event = (np.concatenate(column) for column in zip(*parts, strict=True))
    numbers, code = np.unique(account, return_inverse=True)
    ids, position = np.unique(numbers.astype(str), return_inverse=True)
    account = position[code].astype(np.int32)
    order = np.lexsort((time, account))
    return EventLog(
        pd.Index(ids, dtype="str", name="account_id"), account[order], time[order], event[order], tuple(names),
        observed_until=until, declared=False,
    )  # fmt: skip
