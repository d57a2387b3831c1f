"""Lifecycle: is growth made of new accounts, of those who stay, or of those who come back?

Unit: an account in a calendar period. It says how the number of active accounts changed, not why.
An account active before the log begins looks new when it first appears in it.
"""

import numpy as np
import pandas as pd

from apijourney.facts.event_log import event_log, zone_of
from apijourney.metrics.product import periods


def lifecycle(
    events,
    *,
    period="D",
    step=None,
    timezone=None,
    week_starts="monday",
    observed_until=None,
) -> pd.DataFrame:
    """How many accounts are new, returning, resurrecting or dormant in each period?

    Parameters
    ----------
    events : an `EventLog`, or a table that `event_log` accepts.
    period : "D", "W" or "M" of the zone; week_starts : "monday" or "sunday".
    step : which events count as activity; None = any.
    timezone : zone of the periods, None: that of the log, else UTC; observed_until : first instant not observed (UTC).

    Returns
    -------
    One row a period, from the first active one to the last that is over: period (its first local
    day), new (active for the first time), returning (active in the period before, too),
    resurrecting (active earlier, but not in the period before), dormant (active in the period
    before, not in this one; not counted in the others). 0 = none.

    >>> log = pd.DataFrame({"account_id": ["a", "b", "a"], "event": ["call"] * 3,
    ...     "occurred_at": ["2026-10-01", "2026-10-01", "2026-10-02"]})
    >>> lifecycle(log)
          period  new  returning  resurrecting  dormant
    0 2026-10-01    2          0             0        0
    1 2026-10-02    0          1             0        1
    """
    log, timezone = event_log(events, observed_until=observed_until), zone_of(events, timezone)
    zone = (period, timezone, week_starts)
    account, number = periods.account_periods(log, step, *zone)
    first = int(number.min()) if len(number) else 0
    n = max(periods.last_complete(log, *zone) - first + 1, 0) if len(number) else 0

    def count(which: np.ndarray) -> np.ndarray:
        return np.bincount(number[which] - first, minlength=n)[:n]

    same = np.append(False, account[1:] == account[:-1])[: len(number)]
    kept = same & np.append(False, np.diff(number) == 1)[: len(number)]
    everyone, returning = count(np.ones(len(number), dtype=bool)), count(kept)
    return pd.DataFrame(
        {
            "period": periods.period_labels(np.arange(first, first + n), period, week_starts),
            "new": count(~same),
            "returning": returning,
            "resurrecting": count(same & ~kept),
            "dormant": (np.append(0, everyone[:-1]) - returning)[:n],
        }
    )
