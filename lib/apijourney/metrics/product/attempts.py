"""Which attempts of which accounts count, given how a funnel is asked?

Unit: an attempt. This file reads and checks a funnel's arguments, hands the rows that matter to the
kernel, and gives each attempt its segment. It computes no shares: see `funnel`.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError, unknown
from apijourney.facts.event_log import EventLog, event_log
from apijourney.facts.steps import Exclude, Step, as_step
from apijourney.localtime import DAY_US
from apijourney.metrics.product import kernel
from apijourney.metrics.product.windows import as_interval, as_window, deadlines

ORDERS = {"ordered": 0, "strict": 1, "unordered": 2}
RULES = ("workbook", "posthog")
COUNTS = ("uniques", "totals")
NO_SEGMENT = "(none)"
_MOST = 62  # steps, and exclusions: one bit each


@dataclass(frozen=True)
class Question:
    """A funnel's arguments, read and checked."""

    log: EventLog
    steps: list[Step]
    window: tuple[str, int]
    order: str
    exclude: list[Exclude]
    by: object
    attribution: str | int
    rules: str
    totals: bool
    entered: tuple[int | None, int | None]
    timezone: str


@dataclass(frozen=True)
class Attempts:
    """The attempts that count, in order of account and time.

    account : code of the unit; level : steps taken; open : the window has not closed yet
    rows : attempt × step, the log's row that filled it (-1 = not taken)
    segment : label of each attempt, or None
    """

    account: np.ndarray
    level: np.ndarray
    open: np.ndarray
    rows: np.ndarray
    segment: np.ndarray | None = None

    def times(self, log: EventLog) -> np.ndarray:
        """When was each step taken? attempt × step, datetime64[us] UTC, NaT = not taken."""
        time = np.append(log.time, 0)[self.rows].astype("datetime64[us]")
        time[self.rows < 0] = np.datetime64("NaT")
        return time


def ask(
    events, steps, *, window, order, exclude, by, attribution, rules, count, entered,
    observed_until, timezone,
) -> Question:
    """Read a funnel's arguments; a mistake in them ends in one sentence."""
    for name, value, known in (("order", order, ORDERS), ("rules", rules, RULES), ("count", count, COUNTS)):
        if value not in known:
            raise unknown(name, value, known, where="funnel")
    if isinstance(steps, str | Step) or not 1 <= len(steps) <= _MOST:
        raise WorkbookError(f"steps: give a list of 1 to {_MOST} event names or Steps.")
    last = len(steps) - 1
    exclude = [exclude] if isinstance(exclude, str | Exclude | Step) else list(exclude)
    if exclude and order == "strict":
        raise WorkbookError('exclude: any other event already ends a "strict" attempt; leave exclude out.')
    if len(exclude) > _MOST:
        raise WorkbookError(f"exclude: give at most {_MOST} events.")
    index = isinstance(attribution, int | np.integer) and not isinstance(attribution, bool)
    if not (0 <= attribution <= last if index else attribution in ("first", "last", "all")):
        raise WorkbookError(
            'attribution: use "first", "last", "all" or the index of a step, '
            f"0 to {last}, not {attribution!r}."
        )
    log = event_log(events, observed_until=observed_until)
    if isinstance(by, str) and by not in log.properties:
        raise unknown("property", by, log.properties, where="by")
    if not (by is None or isinstance(by, str | pd.Series)):
        raise WorkbookError("by: name a property, or give a Series account_id → segment.")
    kind, length = as_window(window)
    if rules == "posthog" and kind == "days":
        kind, length = "micros", length * DAY_US
    return Question(
        log, [as_step(step) for step in steps], (kind, length), order,
        [_exclusion(x, last) for x in exclude], by, attribution, rules, count == "totals",
        as_interval(entered, timezone), timezone,
    )


def _exclusion(given, last: int) -> Exclude:
    given = given if isinstance(given, Exclude) else Exclude(given)
    before = last if given.before is None else given.before
    if not 0 <= given.after < before <= last:
        raise WorkbookError(
            f"exclude: after={given.after} and before={given.before} are not the indexes of an "
            f"earlier and a later step, 0 to {last}."
        )
    return Exclude(as_step(given.event, where="exclude"), given.after, before)


def find(q: Question) -> Attempts:
    """Find the attempts that count, with their segments."""
    if q.by is None:
        return _run(q)
    if isinstance(q.by, pd.Series):
        found = _run(q)
        segment = pd.Series(q.log.accounts.take(found.account)).map(q.by)
        return replace(found, segment=_labels(segment))
    values = q.log.properties[q.by]
    labels = np.append(values.categories.astype("str").to_numpy(object), NO_SEGMENT)
    if q.attribution == "all":
        codes = np.unique(values.codes)
        parts = [_run(q, values.codes == code) for code in codes] or [_run(q)]
        segments = [np.repeat(labels[c], len(p.level)) for c, p in zip(codes, parts, strict=False)]
        return Attempts(
            *(np.concatenate([getattr(p, f) for p in parts]) for f in ("account", "level", "open", "rows")),
            segment=np.concatenate(segments) if segments else np.zeros(0, dtype=object),
        )
    found = _run(q)
    step = {"first": 0, "last": found.level - 1}.get(q.attribution, q.attribution)
    row = found.rows[np.arange(len(found.rows)), step]
    code = np.append(values.codes, -1)[row]
    return replace(found, segment=labels[np.where(row < 0, -1, code)])


def _labels(segment: pd.Series) -> np.ndarray:
    return segment.astype("str").where(segment.notna(), NO_SEGMENT).to_numpy(object)


def _run(q: Question, keep: np.ndarray | None = None) -> Attempts:
    """Hand the rows that matter to the kernel, and bring its answer back to rows of the log."""
    log, n_steps = q.log, len(q.steps)
    bits = _bits(log, q.steps)
    spoils = _bits(log, [x.event for x in q.exclude]) if q.exclude else np.zeros(len(log), np.int64)
    if q.order == "strict":
        row = np.arange(len(log)) if keep is None else np.flatnonzero(keep)
    else:
        matter = (bits | spoils) != 0
        row = np.flatnonzero(matter if keep is None else matter & keep)
    account, time, bits, spoils = log.account[row], log.time[row], bits[row], spoils[row]
    start = np.flatnonzero(bits != 0 if q.order == "unordered" else bits & 1)
    low, high = q.entered
    if low is not None:
        start = start[time[start] >= low]
    if high is not None:
        start = start[time[start] < high]
    ends = deadlines(time[start], q.window, q.timezone)
    begins, deadline = np.zeros(len(row), np.int8), np.zeros(len(row), np.int64)
    deadline[start] = ends
    masked = q.rules == "workbook" and log.observed_until is not None
    closed = ends <= log.observed_until if masked else np.ones(len(start), dtype=bool)
    begins[start] = np.where(closed, kernel.CLOSED, kernel.OPEN)
    units = len(start) if q.totals else np.count_nonzero(np.diff(account[start])) + bool(len(start))
    level, still_open, found = kernel.attempts(
        account, time, bits, spoils, begins, deadline, n_steps,
        np.array([x.after for x in q.exclude], np.int64),
        np.array([x.before for x in q.exclude], np.int64),
        ORDERS[q.order], q.totals, _overlap(bits, n_steps), q.rules == "posthog", int(units),
    )
    took = level > 0  # a spoiled attempt counts nowhere
    level, still_open, found = level[took], still_open[took], found[took]
    return Attempts(account[found[:, 0]], level, still_open, np.append(row, -1)[found])


def _bits(log: EventLog, steps: list[Step]) -> np.ndarray:
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
