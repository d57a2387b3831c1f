"""Until when does a window run that opened at an instant?

Unit: an instant. A window of days is calendar days: it ends at the same time on the wall clock, so
it may last an hour more or less where the clock is changed. Any other window is elapsed time.
"""

import re
from datetime import timedelta

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.event_log import instant
from apijourney.localtime import DAY_US, day_start, local_time, offset_transitions

NEVER = np.iinfo(np.int64).max
Window = tuple[str, int]  # ("days", number), ("micros", number) or ("never", 0)


def as_window(window) -> Window:
    """Read a window: "14D" or "2W" calendar days; "36h", a Timedelta or seconds elapsed; None endless.

    >>> as_window("14D"), as_window("2W"), as_window(90), as_window(None)
    (('days', 14), ('days', 14), ('micros', 90000000), ('never', 0))
    """
    if window is None:
        return "never", 0
    if isinstance(window, str) and (match := re.fullmatch(r"\s*(\d{1,9})\s*([DW])\s*", window)):
        return "days", int(match[1]) * (7 if match[2] == "W" else 1)
    try:
        if isinstance(window, bool) or (isinstance(window, str) and not re.search("[A-Za-z:]", window)):
            raise ValueError  # a bare number in a text would be read as nanoseconds
        elif isinstance(window, str | timedelta | np.timedelta64):
            micros = int(pd.Timedelta(window) // pd.Timedelta(1, "us"))
        else:
            micros = round(float(window) * 1_000_000)
    except (ValueError, TypeError, OverflowError):
        micros = -1
    if micros < 0:
        raise WorkbookError(
            f'window: "{window}" is no length of time; write "14D" for calendar days, '
            '"36h" or seconds for elapsed time.'
        )
    return "micros", micros


def deadlines(time: np.ndarray, window: Window, zone: str) -> np.ndarray:
    """Return the last instant inside the window of each start: microseconds UTC in and out."""
    kind, length = window
    elapsed = length * DAY_US if kind == "days" else length
    room = NEVER - int(time.max(initial=0)) - DAY_US  # a day for the offset of the zone
    if kind == "never" or elapsed > room:  # longer than time can count
        return np.full(len(time), NEVER)
    if kind == "micros":
        return time + length
    return from_local_time(local_time(time, zone) + length * DAY_US, zone)


def from_local_time(wall: np.ndarray, zone: str) -> np.ndarray:
    """Move a wall clock back to UTC (microseconds): the inverse of `localtime.local_time`.

    A time the clock skips becomes the instant of the change; one it repeats, the first of the two.
    """
    starts, offsets = offset_transitions(zone)
    ends = starts[1:] + offsets[:-1]  # where each stretch ends on its own clock
    stretch = np.searchsorted(ends, wall, side="right")
    return np.maximum(wall - offsets[stretch], starts[stretch])


def as_interval(entered, zone: str) -> tuple[int | None, int | None]:
    """Read who may enter: a month "2026-10" of the zone, or a pair of instants, from (included) to.

    >>> as_interval((0, None), "UTC"), as_interval(None, "UTC")
    ((0, None), (None, None))
    """
    if entered is None:
        return None, None
    if isinstance(entered, str) and re.fullmatch(r"\d{4}-\d{2}", entered):
        month = np.datetime64(entered, "M")
        first, last = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")
        return day_start(first, zone), day_start(last, zone)
    if isinstance(entered, str) or not hasattr(entered, "__len__") or len(entered) != 2:
        raise WorkbookError(
            f'entered: "{entered}" is no interval; write a month "2026-10" or a pair (from, to).'
        )
    return instant(entered[0], "entered"), instant(entered[1], "entered")
