"""L7 and L28: on how many of the last 7 or 28 days was each account active?

Unit: an account active on at least one of these local days. A window of 28 days holds four of every weekday, so
it can be held against the one before it whatever the length of the month; see `power_curve` for calendar months.
It does not say how much an account uses.
"""

import numpy as np
import pandas as pd

from apijourney.localtime import day_starts
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.product.engagement.activity import stickiness


@needs("active", what="L7 and L28")
def power_days(study, *, days: int = 28) -> pd.DataFrame | NotMeasurable:
    """How many accounts were active on exactly k of the last days, now and in as many days before?

    days : length of the window, which ends at `observed_until`: 7 for L7, 28 for L28.

    Returns
    -------
    One row for k = 1 to days: periods_active (k), accounts, share (of all accounts active in the window; NaN =
    none was), low, high (95 % Wilson), before, before_share (the same of the window before; NaN where it was not
    observed as a whole).
    """
    end = study.until_day
    edges = day_starts(np.array([end - 2 * days, end - days, end]), study.zone)
    if edges[1] < study.observed_from:
        return NotMeasurable("L7 and L28", f"fewer than {days} days have been observed; choose a later month.")
    now, before = (_curve(study, edges[i], edges[i + 1]) for i in (1, 0))
    known = edges[0] >= study.observed_from
    return now[["periods_active", "accounts", "share", "low", "high"]].assign(
        before=before["accounts"] if known else np.nan, before_share=before["share"] if known else np.nan
    )


def _curve(study, begin: int, end: int) -> pd.DataFrame:
    within = tuple(pd.Timestamp(int(edge), unit="us") for edge in (begin, end))
    return stickiness(study.active_log, within=within, timezone=study.zone, observed_until=study.observed_until)
