"""Activity: how many accounts use the API, and how regularly?

Unit: an account on a local day, week or month. Activity is whatever the chosen step counts: a
metric that calls a failing loop "use" is chosen that way, not by this file. It does not say how
much an account uses. Only days and periods that are over are listed.
"""

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.event_log import EventLog, event_log, zone_of
from apijourney.facts.in_engine import once_a_period
from apijourney.metrics.product import periods
from apijourney.metrics.by_month import ratio
from apijourney.metrics.product.windows import as_interval
from apijourney.metrics.uncertainty import wilson


def active(events, days=28, *, step=None, timezone=None, observed_until=None) -> pd.DataFrame:
    """How many different accounts were active within the last days, each day?

    Parameters
    ----------
    events : an `EventLog`, or a table that `event_log` accepts.
    days : length in local days, the day itself included: 1 = DAU, 7 = WAU, 28 = MAU.
    step : which events count as activity; None = any.
    timezone : zone of the days, None: that of the log, else UTC; observed_until : first instant not observed (UTC).

    Returns
    -------
    One row a day, from the log's first to the last that is over: day, active (accounts; 0 = none),
    mature (False: the window reaches back before the log's first day, so accounts may be missing).

    >>> log = pd.DataFrame({"account_id": ["a", "b", "a"], "event": ["call"] * 3,
    ...     "occurred_at": ["2026-10-01", "2026-10-02", "2026-10-03"]})
    >>> active(log, days=2)
             day  active  mature
    0 2026-10-01       1   False
    1 2026-10-02       2    True
    2 2026-10-03       2    True
    """
    if isinstance(days, bool) or not isinstance(days, int | np.integer) or days < 1:
        raise WorkbookError(f"days: give a whole number of days from 1 on, not {days!r}.")
    timezone = zone_of(events, timezone)
    if step is None:
        events = once_a_period(events, "D", timezone, "monday", observed_until)
    log = event_log(events, observed_until=observed_until)
    first, last = _span(log, "D", timezone, "monday")
    account, day = periods.account_periods(log, step, "D", timezone)
    # Each active day opens a window; it joins the account's last one unless that has closed.
    follows = np.append(False, account[1:] == account[:-1])[: len(day)]
    gap = np.append(0, np.diff(day))[: len(day)]
    enters = ~follows | (gap >= days)
    leaves = np.append(enters[1:], True)[: len(day)]
    change = np.zeros(max(last - first + 1, 0) + days + 1, dtype=np.int64)
    np.add.at(change, np.minimum(day[enters] - first, len(change) - 1), 1)
    np.add.at(change, np.minimum(day[leaves] - first + days, len(change) - 1), -1)
    every = np.arange(first, last + 1)
    return pd.DataFrame(
        {
            "day": periods.period_labels(every, "D", "monday"),
            "active": np.cumsum(change)[: len(every)],
            "mature": every - first + 1 >= days,
        }
    )


def active_share(
    events, short=1, long=28, *, step=None, timezone=None, observed_until=None
) -> pd.DataFrame:
    """Which share of the accounts active within many days was active within the last few?

    DAU/MAU is short=1, long=28. Parameters are those of `active`. Returns one row a day: day,
    numerator, denominator, share (NaN = nobody, or not mature), low, high (95 % Wilson), mature.

    >>> log = pd.DataFrame({"account_id": ["a", "b"], "event": ["call"] * 2,
    ...     "occurred_at": ["2026-10-01", "2026-10-02"]})
    >>> active_share(log, 1, 2)[["numerator", "denominator", "share"]]
       numerator  denominator  share
    0          1            1    NaN
    1          1            2    0.5
    """
    if short > long:
        raise WorkbookError(f"short: {short} days do not fit into {long}; give short ≤ long.")
    log, timezone = event_log(events, observed_until=observed_until), zone_of(events, timezone)
    few = active(log, short, step=step, timezone=timezone)
    many = active(log, long, step=step, timezone=timezone)
    shown = np.where(many["mature"], many["active"], 0)
    low, high = wilson(few["active"], shown)
    return pd.DataFrame(
        {
            "day": few["day"],
            "numerator": few["active"],
            "denominator": many["active"],
            "share": ratio(few["active"], shown),
            "low": low,
            "high": high,
            "mature": many["mature"],
        }
    )


def stickiness(
    events,
    *,
    period="D",
    step=None,
    within=None,
    timezone=None,
    week_starts="monday",
    observed_until=None,
) -> pd.DataFrame:
    """How many accounts were active in exactly k periods? (The power curve: L7, L28.)

    Parameters
    ----------
    events, step, timezone, observed_until : as in `active`.
    period : "D", "W" or "M" of the zone; week_starts : "monday" or "sunday".
    within : which periods: a month "2026-10" of the zone, or a pair of instants, whose periods
        count if they begin in it. None: the log's first to its last that is over.

    Returns
    -------
    One row for k = 1 to the number of periods: periods_active (k), accounts, share (of all
    accounts active at least once; NaN = none was), low, high (95 % Wilson), numerator, denominator.

    >>> log = pd.DataFrame({"account_id": ["a", "a", "b"], "event": ["call"] * 3,
    ...     "occurred_at": ["2026-10-01", "2026-10-02", "2026-10-02"]})
    >>> stickiness(log)[["periods_active", "accounts", "share"]]
       periods_active  accounts  share
    0               1         1    0.5
    1               2         1    0.5
    """
    log, timezone = event_log(events, observed_until=observed_until), zone_of(events, timezone)
    first, last = _span(log, period, timezone, week_starts)
    low, high = as_interval(within, timezone)
    zone = (period, timezone, week_starts)
    if low is not None:
        first = _first_begun(low, zone)
    if high is not None:
        last = min(last, _first_begun(high, zone) - 1) if log.observed_until else _first_begun(high, zone) - 1
    account, number = periods.account_periods(log, step, *zone)
    inside = (number >= first) & (number <= last)
    _, active_in = np.unique(account[inside], return_counts=True)
    n = max(last - first + 1, 0)
    accounts = np.bincount(active_in, minlength=n + 1)[1:]
    total = np.full(len(accounts), accounts.sum())
    lower, upper = wilson(accounts, total)
    return pd.DataFrame(
        {
            "periods_active": np.arange(1, n + 1),
            "accounts": accounts,
            "share": ratio(accounts, total),
            "low": lower,
            "high": upper,
            "numerator": accounts,
            "denominator": total,
        }
    )


def _span(log: EventLog, period: str, timezone: str, week_starts: str) -> tuple[int, int]:
    """Which are the first period of the log and the last that is over?"""
    if not len(log):
        return 0, -1
    zone = (period, timezone, week_starts)
    return int(periods.period_numbers(log.time.min(keepdims=True), *zone)[0]), periods.last_complete(log, *zone)


def _first_begun(micros: int, zone: tuple[str, str, str]) -> int:
    """Which is the first period that begins at or after an instant?"""
    before = periods.period_numbers(np.array([micros - 1]), *zone)
    return int(before[0]) + 1
