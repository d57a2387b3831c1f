"""Which rows of a large table decide a funnel?

Unit: an event of an account, in an Ibis table. The engine hands over one number an event, with account,
time and step packed into it; sorted, it is read piece by piece, and of each account only the rows that
fill a step of its counted attempt are kept. Those few rows give the funnel that all rows give. The
packing loses nothing: where a number would be too small for that, or where a question reads more than
account, time and name, the table is handed back as it is.
"""

from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from numba import njit

from apijourney.facts.event_log import EventLog, instant
from apijourney.facts.in_engine import epoch_us, known, reducible
from apijourney.facts.steps import as_step
from apijourney.metrics.product.attempts import starts
from apijourney.metrics.product.question import Question, ask
from apijourney.metrics.product.sequence import kernel

_PIECE = 4_000_000  # rows unpacked at a time
_RULES = ("workbook", "posthog")  # those whose counted attempt is found again among its own rows


def decisive_rows(events, steps, **options):
    """The rows of an engine's table that decide a funnel, as an `EventLog`; any other input as it is.

    steps, options : as in `funnel`. See the module for which questions are answered this way.
    """
    if not reducible(events) or not _plain(steps, options):
        return events
    names = list(dict.fromkeys(step if isinstance(step, str) else step.event for step in steps))
    until = instant(options.get("observed_until"), "observed_until")
    rows = known(events, until)
    rows = rows.filter(rows.event.isin(names))
    packing = _Packing.of(rows, names)
    if packing is None:
        return events
    keys = packing.keys(rows)
    keys.sort()
    question = ask(EventLog.empty(names, until), steps, **options)
    bits_of = np.zeros(2**packing.event_bits, np.int64)
    for k, step in enumerate(question.steps):
        bits_of[names.index(step.event)] |= 1 << k
    parts = []
    for piece in packing.pieces(keys):
        row = _rows_taken(piece, packing, bits_of, question)
        parts.append(packing.unpacked(piece[row]))
    return _joined(parts, names, until)


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


@dataclass(frozen=True)
class _Packing:
    """How account, time and event lie in one number: the highest bits are the account's.

    account, time : the lowest of each; unit : microseconds of a step of time; time_bits, event_bits :
    how many bits time and event take; rows : how many there are
    """

    names: list[str]
    account: int
    time: int
    unit: int
    time_bits: int
    event_bits: int
    rows: int

    @classmethod
    def of(cls, rows, names: list[str]) -> "_Packing | None":
        """Look the table over once; None where 63 bits do not hold it, or accounts are no whole numbers."""
        if not rows.schema()["account_id"].is_integer():
            return None
        time = epoch_us(rows.occurred_at)
        look = rows.aggregate(
            n=rows.count(), low=rows.account_id.min(), high=rows.account_id.max(), first=time.min(), last=time.max(),
            millis=(time % 1000 == 0).all(),
        ).to_pandas()  # fmt: skip
        look = look.iloc[0]
        if not look["n"]:
            return None
        unit = 1000 if look["millis"] else 1
        accounts = (int(look["high"]) - int(look["low"])).bit_length()
        time_bits = ((int(look["last"]) - int(look["first"])) // unit).bit_length()
        event_bits = (len(names) - 1).bit_length()
        if accounts > 31 or accounts + time_bits + event_bits > 63:
            return None
        return cls(names, int(look["low"]), int(look["first"]), unit, time_bits, event_bits, int(look["n"]))

    def keys(self, rows) -> np.ndarray:
        """One number an event, in the order they come."""
        account = rows.account_id.cast("int64") - self.account
        time = ((epoch_us(rows.occurred_at) - self.time) / self.unit).cast("int64")
        event = ibis.cases(*((rows.event == name, code) for code, name in enumerate(self.names)))
        scale = 2 ** (self.time_bits + self.event_bits)
        key = account * scale + time * 2**self.event_bits + event.cast("int64")
        out, filled = np.empty(self.rows, np.int64), 0
        for batch in rows.select(key=key).to_pyarrow_batches(chunk_size=2_000_000):
            values = batch.column(0).to_numpy()
            out[filled : filled + len(values)] = values
            filled += len(values)
        return out[:filled]

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
