"""Retention: of the accounts that started in a period, how many came back later?

Unit: an account in a cohort. A cohort is everybody who started in one period; period k is the k-th
after it. Cells whose period is not over carry no rate. It does not say what made accounts return,
nor how much they used: an account counts once a cell.
"""

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError, unknown
from apijourney.facts.event_log import EventLog, event_log, zone_of
from apijourney.facts.in_engine import once_a_period
from apijourney.localtime import DAY_US
from apijourney.metrics.by_month import ratio
from apijourney.metrics.product import periods
from apijourney.metrics.product.retention.cohort_returns import cohort_rows, count_returns
from apijourney.metrics.product.windows import NEVER, as_interval, as_window, deadlines
from apijourney.metrics.uncertainty import wilson

KINDS = ("on", "on_or_after", "bracket")
COHORTS = ("recurring", "first_time", "first_ever")
CLOCKS = ("calendar", "rolling")
_COLUMNS = ["cohort", "period", "size", "retained", "share", "low", "high", "mature"]


def retention(
    events,
    *,
    start=None,
    back=None,
    period="D",
    kind="on",
    cohort="recurring",
    minimum=1,
    clock="calendar",
    timezone=None,
    week_starts="monday",
    observed_until=None,
    entered=None,
    brackets=None,
    silence="28D",
) -> pd.DataFrame:
    """Of the accounts that started in a period, which share came back in each later one?

    Parameters
    ----------
    events : an `EventLog`, or a table that `event_log` accepts.
    start, back : the step that opens a cohort and the one that counts as a return; None = any event.
    period : "D", "W" or "M" of the zone; week_starts : "monday" or "sunday". timezone : the zone; None: that
        of the log, else UTC.
    kind : "on", returned in exactly that period; "on_or_after", in that or a later one; "bracket",
        within a group of periods.
    cohort : "recurring", every period's starters; "first_time", each account in the period of its
        first start within `entered`; "first_ever", only if it never started before `entered`.
    minimum : how many returns it takes in a period (in a bracket).
    clock : "calendar", or "rolling": periods of 24 hours (7 × 24) from each account's own start.
    observed_until : first instant not observed (UTC). None: that of the log, else no censoring.
    entered : when cohorts may start: a month "2026-10" or a pair of instants; None = any time.
    brackets : pairs (first, last) of periods; by default 0, 1, 2-3, 4-7, 8-15, …
    silence : how long an account must be followed beyond a period before "on_or_after" may call it
        gone, as a funnel's window.

    Returns
    -------
    One row a cohort and period: cohort (first local day), period (0, 1, …; of a bracket its first,
    and period_last), size (accounts), retained, share (NaN = nobody started, or not mature), low,
    high (95 % Wilson interval), mature (the period is over for the whole cohort). In cells that are
    not mature `retained` counts those seen so far. In period 0 everybody is retained if start and
    back are the same; otherwise those who returned after the start within it.

    >>> log = pd.DataFrame({"account_id": ["a", "a", "b"], "event": ["call"] * 3,
    ...     "occurred_at": ["2026-10-01", "2026-10-02", "2026-10-01"]})
    >>> retention(log)[["cohort", "period", "size", "retained", "share"]]
          cohort  period  size  retained  share
    0 2026-10-01       0     2         2    1.0
    1 2026-10-01       1     2         1    0.5
    2 2026-10-02       0     1         1    1.0
    """
    for name, value, known in (("kind", kind, KINDS), ("cohort", cohort, COHORTS), ("clock", clock, CLOCKS)):
        if value not in known:
            raise unknown(name, value, known, where="retention")
    if clock == "rolling" and period == "M":
        raise WorkbookError('clock: a month has no fixed length; use "rolling" with period "D" or "W".')
    if isinstance(minimum, bool) or not isinstance(minimum, int | np.integer) or minimum < 1:
        raise WorkbookError(f"minimum: give a whole number of returns from 1 on, not {minimum!r}.")
    timezone = zone_of(events, timezone)
    zone = (period, timezone, week_starts)
    if start is back is None and minimum == 1 and clock == "calendar" and entered is None:
        events = once_a_period(events, *zone, observed_until)
    log = event_log(events, observed_until=observed_until)
    low, high = as_interval(entered, timezone)
    log, number = _in_periods(log, zone)
    opens = cohort_rows(
        log.account, log.time, number, periods.rows_of(log, start),
        -NEVER if low is None else low, NEVER if high is None else high, COHORTS.index(cohort),
    )  # fmt: skip
    first, final, last = _span(log, number[opens], zone, low, high)
    groups = _groups(kind, brackets, max(last - first, 0) + 1)
    cohorts = np.arange(first, final + 1)
    counts = count_returns(
        log, number, opens, back, clock, period, first, len(cohorts), groups, minimum,
        same=start == back, after=kind == "on_or_after",
    )  # fmt: skip
    size = np.bincount(number[opens] - first, minlength=len(cohorts))
    limit = None
    if log.observed_until is not None:
        followed = silence if kind == "on_or_after" else 0
        limit = _limits(log.observed_until, cohorts, groups, clock, zone, followed)
    return _cells(cohorts, counts, size, groups, kind, zone, limit, last)


def retention_average(table: pd.DataFrame, how: str = "pooled") -> pd.DataFrame:
    """Over all cohorts, which share came back after k periods?

    table : what `retention` returns. Only mature cells of cohorts with accounts count.
    how : "pooled", sum of retained over sum of sizes; "mean", every cohort weighs the same.

    Returns one row a period: period, cohorts (how many count), size, retained, share, low, high
    (95 % Wilson interval of the pooled share, too narrow where one account stands in several
    cohorts; NaN for a mean).

    >>> cells = pd.DataFrame({"period": [1, 1, 1], "size": [1000, 500, 700],
    ...     "retained": [500, 400, 10], "mature": [True, True, False]})
    >>> retention_average(cells)["share"].tolist(), retention_average(cells, "mean")["share"].tolist()
    ([0.6], [0.65])
    """
    if how not in ("pooled", "mean"):
        raise unknown("how", how, ("pooled", "mean"), where="retention_average")
    counted = table[table["mature"] & (table["size"] > 0)]
    counted = counted.assign(share=counted["retained"] / counted["size"])
    pooled = counted.groupby("period", as_index=False).agg(
        cohorts=("size", "size"), size=("size", "sum"), retained=("retained", "sum"), share=("share", "mean")
    )
    if how == "mean":
        return pooled.assign(low=np.nan, high=np.nan)
    low, high = wilson(pooled["retained"], pooled["size"])
    return pooled.assign(share=ratio(pooled["retained"], pooled["size"]), low=low, high=high)


def _in_periods(log: EventLog, zone) -> tuple[EventLog, np.ndarray]:
    """Number each row's period, with the rows of a period side by side."""
    number = periods.period_numbers(log.time, *zone)
    falls = (number[1:] < number[:-1]) & (log.account[1:] == log.account[:-1])
    if falls.any():  # the clock of some zones falls back across midnight
        order = np.lexsort((log.time, number, log.account))
        log, number = log.select(order), number[order]
    return log, number


def _span(log: EventLog, starts: np.ndarray, zone, low, high) -> tuple[int, int, int]:
    """Which are the first and last period of a cohort, and the last one observed?"""
    period_at = lambda micros: int(periods.period_numbers(np.array([micros]), *zone)[0])  # noqa: E731
    if not len(starts) and (low is None or not len(log)):
        return 0, -1, -1  # nobody started, and nobody said when one might have
    last = periods.last_period(log, *zone)
    first = int(starts.min()) if low is None else period_at(low)
    return first, last if high is None else min(last, period_at(high - 1)), last


def _groups(kind: str, brackets, n: int) -> list[tuple[int, int]]:
    """Which periods does each column cover, first and last?"""
    if kind != "bracket":
        return [(k, k) for k in range(n)]
    if brackets is None:
        brackets = [(0, 0)] + [(2**i, 2 ** (i + 1) - 1) for i in range(int(n - 1).bit_length())]
    try:
        groups = [(int(a), int(b)) for a, b in brackets]
    except (TypeError, ValueError):
        groups = []
    ordered = [edge for pair in groups for edge in pair]
    if not groups or groups[0][0] < 0 or any(a > b for a, b in groups) or ordered != sorted(ordered) or any(
        a[1] >= b[0] for a, b in zip(groups, groups[1:], strict=False)
    ):
        raise WorkbookError(
            "brackets: give pairs (first, last) of periods that follow each other, such as "
            f"[(0, 0), (1, 6), (7, 13)], not {brackets!r}."
        )
    return [g for g in groups if g[0] < n]


def _limits(until: int, cohorts, groups, clock: str, zone, silence) -> np.ndarray:
    """Which cells are over? cohort × group, boolean."""
    last = np.array([b for _, b in groups])
    if clock == "rolling":
        length = DAY_US * {"D": 1, "W": 7}[zone[0]]
        over = periods.period_ends(cohorts, *zone)[:, None] + (last + 1) * length
    else:
        over = periods.period_ends((cohorts[:, None] + last).ravel(), *zone).reshape(len(cohorts), len(last))
    return deadlines(over.ravel(), as_window(silence), zone[1]).reshape(over.shape) <= until


def _cells(cohorts, counts, size, groups, kind, zone, limit, last) -> pd.DataFrame:
    """Lay the matrix out as one row a cell, as far as the observation reaches."""
    begin = np.array([a for a, _ in groups])
    c, g = np.nonzero(cohorts[:, None] + begin <= last)
    mature = np.ones(len(c), dtype=bool) if limit is None else limit[c, g]
    shown = np.where(mature, size[c], 0)
    low, high = wilson(counts[c, g], shown)
    table = pd.DataFrame(
        {
            "cohort": periods.period_labels(cohorts, zone[0], zone[2])[c],
            "period": begin[g],
            "size": size[c],
            "retained": counts[c, g],
            "share": ratio(counts[c, g], shown),
            "low": low,
            "high": high,
            "mature": mature,
        }
    )[_COLUMNS]
    if kind == "bracket":
        table.insert(2, "period_last", np.array([b for _, b in groups])[g])
    return table
