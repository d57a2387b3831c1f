"""Where in a log do the events of some units after an instant stand?

Unit: an event. A log is sorted by unit and time, so these rows are found by halving, without reading the others.
"""

import numpy as np

from apijourney.facts.event_log import EventLog


def first_row_after(log: EventLog, unit: np.ndarray, instant: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first row of each unit later than its instant, and where the unit ends (also the first, if there is none).

    unit : codes of the log. instant : microseconds UTC, one a unit.
    """
    unit = np.asarray(unit, dtype=log.account.dtype)
    low, end = np.searchsorted(log.account, unit), np.searchsorted(log.account, unit, side="right")
    high = end.copy()
    while (open_ := low < high).any():
        middle = (low + high) // 2
        later = log.time[np.where(open_, middle, 0)] > instant
        high = np.where(open_ & later, middle, high)
        low = np.where(open_ & ~later, middle + 1, low)
    return low, end


def rows_after(log: EventLog, unit: np.ndarray, instant: np.ndarray, length: int) -> np.ndarray:
    """The rows of each unit later than its instant, by at most `length` microseconds, in the order of the log.

    unit : ascending, without a repeat.
    """
    first, _ = first_row_after(log, unit, instant)
    last, _ = first_row_after(log, unit, instant + length)
    many = last - first
    return np.repeat(first - (many.cumsum() - many), many) + np.arange(many.sum())
