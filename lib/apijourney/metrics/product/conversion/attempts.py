"""Which attempts of which accounts count, given how a funnel is asked?

Unit: an attempt. This file hands the rows that matter to the kernel, brings its answer back to rows of
the log, and gives each attempt its segment. It computes no shares: see `funnel`.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.event_log import EventLog
from apijourney.facts.steps import Step
from apijourney.localtime import local_days, period_of
from apijourney.metrics.product.conversion.held import by_held_values, once_an_account
from apijourney.metrics.product.conversion.question import Question
from apijourney.metrics.product.conversion.sequence import kernel
from apijourney.metrics.product.conversion.sequence.optional import fill_optional
from apijourney.metrics.product.windows import deadlines

NO_SEGMENT = "(none)"
_SECOND = 1_000_000


@dataclass(frozen=True)
class Attempts:
    """The attempts that count, in order of account and time.

    account : code of the unit; level : required steps taken; open : the window has not closed yet
    rows : attempt × step, the log's row that filled it (-1 = not taken)
    entry : instant of the first step (microseconds UTC, rounded where the rules round)
    segment : label of each attempt, or None
    """

    account: np.ndarray
    level: np.ndarray
    open: np.ndarray
    rows: np.ndarray
    entry: np.ndarray
    segment: np.ndarray | None = None

    def times(self, log: EventLog) -> np.ndarray:
        """When was each step taken? attempt × step, datetime64[us] UTC, NaT = not taken."""
        time = np.append(log.time, 0)[self.rows].astype("datetime64[us]")
        time[self.rows < 0] = np.datetime64("NaT")
        return time

    def take(self, keep: np.ndarray) -> "Attempts":
        """Some of them, by mask or position."""
        segment = None if self.segment is None else self.segment[keep]
        return Attempts(
            self.account[keep], self.level[keep], self.open[keep], self.rows[keep], self.entry[keep], segment
        )


def find(q: Question) -> Attempts:
    """Find the attempts that count, with their segments."""
    if q.by is None:
        return _run(q)
    once = q.rules.once_a_segment and not q.totals
    if isinstance(q.by, str) and q.attribution == "all":
        return _of_each_value(q)
    found = _run(replace(q, totals=True) if once else q)
    if isinstance(q.by, pd.Series):
        segment = pd.Series(q.log.accounts.take(found.account)).map(q.by)
        segment = segment.astype("str").where(segment.notna(), NO_SEGMENT).to_numpy(object)
    else:
        values = q.log.properties[q.by]
        labels = np.append(values.categories.astype("str").to_numpy(object), NO_SEGMENT)
        segment = labels[_segment_codes(q, found, values)]
    found = replace(found, segment=segment)
    if once:
        found = found.take(np.lexsort((-found.level, found.entry, found.account)))
        again = pd.DataFrame({"account": found.account, "segment": found.segment}).duplicated()
        found = found.take(~again.to_numpy())
    return found


def _segment_codes(q: Question, found: Attempts, values: pd.Categorical) -> np.ndarray:
    """Code of each attempt's segment: the property's value at the step that the question names."""
    codes = np.append(values.codes, -1)[found.rows]  # row -1 reads the last: not known
    if q.attribution not in ("first", "last"):
        return codes[:, q.attribution]
    counts = codes >= 0 if q.rules.known_value else found.rows >= 0
    if q.attribution == "first":
        step = counts.argmax(axis=1) if counts.size else np.zeros(len(codes), np.int64)
    else:
        step = codes.shape[1] - 1 - counts[:, ::-1].argmax(axis=1) if counts.size else np.zeros(0, np.int64)
    return codes[np.arange(len(codes)), step]


def _of_each_value(q: Question) -> Attempts:
    """Attempts within the events of one value of a property, one value after the other."""
    values = q.log.properties[q.by]
    labels = np.append(values.categories.astype("str").to_numpy(object), NO_SEGMENT)
    codes = np.unique(values.codes)
    parts = [_run(q, values.codes == code) for code in codes] or [_run(q)]
    segment = [np.repeat(labels[c], len(p.level)) for c, p in zip(codes, parts, strict=False)]
    names = ("account", "level", "open", "rows", "entry")
    return Attempts(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in names),
        segment=np.concatenate(segment) if segment else np.zeros(0, dtype=object),
    )


def _run(q: Question, keep: np.ndarray | None = None) -> Attempts:
    """Hand the rows that matter to the kernel, and bring its answer back to rows of the log."""
    log, n_steps = q.log, len(q.required)
    every = bits_of(log, q.steps)  # of all steps, optional ones too
    bits = every
    if n_steps < len(q.steps):
        bits = np.zeros(len(log), np.int64)
        for k, step in enumerate(q.required):
            bits |= (every >> step & 1) << k
    spoils = bits_of(log, [x.event for x in q.exclude]) if q.exclude else np.zeros(len(log), np.int64)
    matter = np.ones(len(log), dtype=bool) if q.order == "strict" else (every | spoils) != 0
    row = np.flatnonzero(matter if keep is None else matter & keep)
    time = (log.time[row] + _SECOND // 2) // _SECOND * _SECOND if q.rules.whole_seconds else log.time[row]
    unit = log.account[row]
    if q.hold:
        row, unit, time = by_held_values(q, row, time)
    if q.rules.exclusive and _overlap(bits[row], n_steps):
        raise WorkbookError(
            "steps: these rules do not say which of two different steps an event takes that could take "
            'either; let the conditions of the steps exclude each other, or use rules="workbook".'
        )
    if q.rules.whole_seconds:
        once = ~_repeated(unit, time, bits[row])
        row, unit, time = row[once], unit[once], time[once]
    bits, spoils, every = bits[row], spoils[row], every[row]
    begins, deadline, group = starts(q, time, bits)
    start = np.flatnonzero(begins)
    if q.totals or group is not None:
        size = len(start)
    else:
        size = np.count_nonzero(np.diff(unit[start])) + bool(len(start))
    counted = kernel.EVERY if q.totals else kernel.FIRST if q.rules.first_entry else kernel.LONGEST
    level, still_open, found = kernel.attempts(
        unit, time, bits, begins, deadline, group, n_steps, counted, int(size),
        **_machine(q, bits, spoils, n_steps),
    )
    took = level > 0  # a spoiled attempt counts nowhere
    level, still_open, found = level[took], still_open[took], found[took]
    if n_steps < len(q.steps):
        found = _with_optional(q, unit, time, every, deadline, found)
    attempts = Attempts(
        log.account[row[found[:, 0]]], level, still_open, np.append(row, -1)[found], time[found[:, 0]]
    )
    return once_an_account(q, attempts) if q.hold and not q.totals and not q.rules.each_value else attempts


def starts(q: Question, time: np.ndarray, bits: np.ndarray):
    """Where may an attempt begin, until when does it run, and which period does it belong to?"""
    start = np.flatnonzero(bits != 0 if q.order == "unordered" else bits & 1)
    low, high = q.entered
    if low is not None:
        start = start[time[start] >= low]
    if high is not None:
        start = start[time[start] < high]
    begins, deadline = np.zeros(len(time), np.int8), np.zeros(len(time), np.int64)
    ends = deadlines(time[start], q.window, q.timezone)
    deadline[start] = ends
    masked = q.rules.masks and q.log.observed_until is not None
    closed = ends <= q.log.observed_until if masked else np.ones(len(start), dtype=bool)
    begins[start] = np.where(closed, kernel.CLOSED, kernel.OPEN)
    if q.every is None:
        return begins, deadline, None
    group = np.zeros(len(time), np.int64)
    number = period_of(local_days(time[start], q.timezone), *q.every)
    group[start] = number - number.min(initial=0) + 1
    return begins, deadline, group


def _machine(q: Question, bits: np.ndarray, spoils: np.ndarray, n_steps: int) -> dict:
    """Which state machine follows the attempts, and what does it need?"""
    after = np.array([x.after for x in q.exclude], np.int64)
    before = np.array([x.before for x in q.exclude], np.int64)
    machine = dict.fromkeys(("ordered", "strict", "unordered", "excluding", "graced", "reusing"))
    if q.rules.grace_us:
        machine["graced"] = (q.rules.grace_us, spoils, after, before)
    elif q.rules.reuses:
        machine["reusing"] = True
    elif q.order == "unordered":
        machine["unordered"] = (_overlap(bits, n_steps), q.rules.keeps_first, spoils, after, before)
    elif q.exclude:
        machine["excluding"] = (spoils, after, before, q.rules.drops_lost)
    else:
        machine[q.order] = True
    return machine


def _with_optional(q: Question, unit, time, every, deadline, found: np.ndarray) -> np.ndarray:
    """Spread the required steps over all steps, and fill in the optional ones that were taken."""
    rows = np.full((len(found), len(q.steps)), -1, np.int64)
    rows[:, q.required] = found
    until = deadline[found[:, 0]]
    if q.totals:  # what comes after the next attempt has begun is the next attempt's
        following = unit[found[1:, 0]] == unit[found[:-1, 0]]
        next_entry = time[found[1:, 0]] - 1
        until[:-1] = np.where(following, np.minimum(until[:-1], next_entry), until[:-1])
    fill_optional(unit, time, every, until, np.array(q.required), len(q.steps), rows)
    return rows


def _repeated(unit: np.ndarray, time: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """Which rows repeat an earlier one: same unit, same time, same steps?"""
    same = (unit[1:] == unit[:-1]) & (time[1:] == time[:-1])
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same)[: len(unit)])
    repeated = np.zeros(len(unit), dtype=bool)
    rows = pd.DataFrame({"unit": unit[tied], "time": time[tied], "bits": bits[tied]})
    repeated[tied] = rows.duplicated().to_numpy()
    return repeated


def bits_of(log: EventLog, steps: list[Step]) -> np.ndarray:
    """Which steps does each row match? Bit k for step k."""
    named = np.zeros(len(log.events) + 1, np.int64)
    narrowed = np.zeros(0, np.int64)
    for k, step in enumerate(steps):
        if not step.where and step.event in log.events:
            named[log.events.index(step.event)] |= 1 << k
        else:
            narrowed = narrowed if len(narrowed) else np.zeros(len(log), np.int64)
            narrowed = narrowed | log.mask(step).astype(np.int64) << k
    bits = named[log.event]
    return bits | narrowed if len(narrowed) else bits


def _overlap(bits: np.ndarray, n_steps: int) -> bool:
    """May a row choose between steps that another row may not? Then filling them needs matching."""
    patterns = np.unique(bits[bits != 0])
    return len(patterns) > 1 and bool((patterns[:, None] & patterns != 0).sum() > len(patterns))
