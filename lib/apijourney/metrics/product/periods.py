"""In which calendar periods was each account active, and which periods are over?

Unit: an account in a day, week or month of a zone. The cohort and activity metrics start from here.
A period counts as over when its last instant was observed; without `observed_until`, all are.
"""

import numpy as np

from apijourney.errors import WorkbookError
from apijourney.facts.event_log import EventLog
from apijourney.localtime import day_starts, local_days, period_of, period_start


def rows_of(log: EventLog, step) -> np.ndarray:
    """Which rows count? All of them if step is None."""
    return np.ones(len(log), dtype=bool) if step is None else log.mask(step)


def period_numbers(micros: np.ndarray, period: str, timezone: str, week_starts: str) -> np.ndarray:
    """Number the local period of each instant; consecutive periods have consecutive numbers."""
    if week_starts not in ("monday", "sunday"):
        raise WorkbookError(f'week_starts: use "monday" or "sunday", not "{week_starts}".')
    return period_of(local_days(micros, timezone), period, week_starts)


def period_ends(number: np.ndarray, period: str, timezone: str, week_starts: str) -> np.ndarray:
    """Return the first instant after each numbered period: microseconds UTC."""
    return day_starts(period_start(np.asarray(number) + 1, period, week_starts), timezone)


def period_labels(number: np.ndarray, period: str, week_starts: str) -> np.ndarray:
    """Name numbered periods by their first local day."""
    return period_start(number, period, week_starts).astype("datetime64[s]")


def last_period(log: EventLog, period: str, timezone: str, week_starts: str) -> int:
    """Which is the last period that was observed at all, in part or whole?"""
    end = log.observed_until - 1 if log.observed_until is not None else int(log.time.max())
    return int(period_numbers(np.array([end]), period, timezone, week_starts)[0])


def last_complete(log: EventLog, period: str, timezone: str, week_starts: str) -> int:
    """Which is the last period that is over?"""
    last = last_period(log, period, timezone, week_starts)
    if log.observed_until is None:
        return last
    over = int(period_ends(np.array([last]), period, timezone, week_starts)[0]) <= log.observed_until
    return last if over else last - 1


def account_periods(
    log: EventLog, step, period: str, timezone: str, week_starts: str = "monday"
) -> tuple[np.ndarray, np.ndarray]:
    """List each account's active periods once: (account codes, period numbers), sorted."""
    rows = rows_of(log, step)
    account = log.account[rows].astype(np.int64)
    number = period_numbers(log.time[rows], period, timezone, week_starts)
    if not len(number):
        return account, number
    low = number.min()
    width = int(number.max() - low) + 1
    key = account * width + (number - low)
    key = key[first_of_each(key)]
    return key // width, key % width + low


def first_of_each(key: np.ndarray) -> np.ndarray:
    """Where does each distinct key come first? In the order of the keys."""
    runs = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    run = key[runs]
    if (run[1:] > run[:-1]).all():  # so it is, unless a zone's clock falls back across midnight
        return runs
    return runs[np.unique(run, return_index=True)[1]]
