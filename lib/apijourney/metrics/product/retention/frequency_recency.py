"""Frequency and recency: how often did each account come back, and how long ago did it start?

Unit: an account. These are the sufficient statistics of models of repeat behaviour; no model is fitted here.
"""

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.event_log import event_log, zone_of
from apijourney.metrics.product import periods


def frequency_recency(events, *, observed_until=None, timezone=None) -> pd.DataFrame:
    """How often did each account come back, and how long ago did it start?

    The input of models of repeat behaviour, in the form of Fader, Hardie and Lee (2005).

    Returns one row an account: account_id, frequency (active local days after the first),
    recency_days (from its first to its last active day), age_days (from its first active day to
    the day of `observed_until`, which must be given or known to the log). timezone : zone of the days;
    None: that of the log, else UTC.

    >>> log = pd.DataFrame({"account_id": ["a", "a"], "event": ["call"] * 2,
    ...     "occurred_at": ["2026-10-01", "2026-10-04"]})
    >>> frequency_recency(log, observed_until="2026-10-11")
      account_id  frequency  recency_days  age_days
    0          a          1             3        10
    """
    log, timezone = event_log(events, observed_until=observed_until), zone_of(events, timezone)
    if log.observed_until is None:
        raise WorkbookError("observed_until: say until when the accounts were observed.")
    account, day = periods.account_periods(log, None, "D", timezone)
    today = periods.period_numbers(np.array([log.observed_until]), "D", timezone, "monday")[0]
    days = pd.DataFrame({"account": account, "day": day}).groupby("account")["day"].agg(["size", "min", "max"])
    return pd.DataFrame(
        {
            "account_id": log.accounts.take(days.index),
            "frequency": days["size"].to_numpy() - 1,
            "recency_days": (days["max"] - days["min"]).to_numpy(),
            "age_days": (today - days["min"]).to_numpy(),
        }
    )
