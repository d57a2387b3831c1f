"""How many days until an account has used up its monthly quota?

Unit: an account with a quota and calls in the last 28 local days, or since it was opened. Its daily calls go on as in
those days; the interval says how far days like those may be off. It knows neither growth nor a planned launch, and a quota starts anew each month.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm

LEVEL = 0.80


def quota_runway(left: pd.Series, daily: pd.DataFrame, *, days: int, level: float = LEVEL) -> pd.DataFrame:
    """After how many days is each quota used up?

    Parameters
    ----------
    left : account_id → calls left of the quota when the days begin. daily : one row an account, one column a day, calls of
        the last days; NaN on days before the account was opened. days : length of the month ahead, or what is left of it; further is not looked. level : of the interval.

    Returns
    -------
    One row an account of `left`, the soonest first: account_id, left, pace (calls a day), runway_days (whole days; 0 = used
    up already; NaN = not within `days`), low_days, high_days (the earliest and latest day of the interval; NaN = not within
    `days`), within (chance to reach it within `days`).

    The rule: after n days, calls made are about normal, with mean n × pace and variance n × s² × (1 + n / k), where s² is the
    variance of the account's k observed days (at least the pace itself) and n / k is for the pace being an estimate.

    >>> daily = pd.DataFrame([[10] * 28, [1] * 28], index=["a", "b"])
    >>> quota_runway(pd.Series({"a": 95, "b": 95}), daily, days=30)[["account_id", "pace", "runway_days"]]
      account_id  pace  runway_days
    0          a  10.0         10.0
    1          b   1.0          NaN
    """
    counts = daily.reindex(left.index).to_numpy(float, copy=True)
    counts[np.isnan(counts).all(axis=1)] = 0  # an account without a row made no call
    need, k = left.to_numpy(float), (~np.isnan(counts)).sum(axis=1)
    pace = np.nanmean(counts, axis=1)
    squares = np.nansum((counts - pace[:, None]) ** 2, axis=1)
    spread = np.maximum(squares / np.maximum(k - 1, 1), pace)  # of a single day only the pace is known
    n = np.arange(1, days + 1)
    mean = n * pace[:, None]
    error = np.sqrt(n * spread[:, None] * (1 + n / k[:, None]))
    z = norm.ppf((1 + level) / 2)

    def first_day(made: np.ndarray) -> np.ndarray:
        reached = made >= need[:, None]
        day = np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, np.nan) if days else np.full(len(need), np.nan)
        return np.where(need <= 0, 0, day)

    with np.errstate(divide="ignore", invalid="ignore"):
        chance = norm.sf((need - mean[:, -1]) / error[:, -1]) if days else np.zeros(len(need))
    chance = np.where(need <= 0, 1.0, np.where(pace > 0, chance, 0.0))
    table = pd.DataFrame(
        {"account_id": left.index.astype("str"), "left": left.to_numpy("int64"), "pace": pace, "runway_days": first_day(mean),
         "low_days": first_day(mean + z * error), "high_days": first_day(mean - z * error), "within": chance}
    )  # fmt: skip
    return table.sort_values(["runway_days", "low_days", "account_id"], na_position="last", ignore_index=True)
