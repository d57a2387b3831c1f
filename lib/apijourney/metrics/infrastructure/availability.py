"""Was the API there when it was called, and how much failure does the promise still allow?

Unit: a call, drawn by account: one account's thousand failures are one experience, not a thousand.
Only calls that reached the gateway are seen, and a dead gateway logs nothing: read `uptime` beside
it. Good and bad are defined in `outcomes`.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.metrics.infrastructure.outcomes import OUTCOMES, outcomes
from apijourney.metrics.infrastructure.shares import share_interval
from apijourney.columns import names, required


def availability(
    daily: pd.DataFrame,
    *,
    quotas: pd.DataFrame | None = None,
    by: str | Iterable[str] = "month",
    slo: float | None = None,
    environment: str = "production",
    draws: int = 400,
    seed: int = 0,
) -> pd.DataFrame:
    """Which share of the valid calls was answered well?

    Parameters
    ----------
    daily : account_id (nullable), day (date), status (nullable), calls, and the columns of `by`,
        such as month. With a column `environment`, only that environment is read.
    quotas : account_id, month, quota_per_month; a 429 beyond it is the customer's own doing.
    by : the columns that make a row of the answer: "month", "day", ["month", "endpoint"].
    slo : the promised share, such as 0.999; adds budget_left.
    draws, seed : of the bootstrap over accounts; calls without an account are one unit.

    Returns
    -------
    One row a group: the columns of `by`, good (numerator), valid (denominator: good + bad), share,
    low, high (95 %; NaN with fewer than two accounts, and where no call or
    every call failed: see `share_interval`), throttled, unknown (calls left out),
    unknown_share (of all calls). share is NaN where no call was valid.
    With slo: budget_left = 1 − bad / (valid × (1 − slo)): 1 untouched, 0 used up, negative broken.

    Source of the budget: Beyer et al. (2016), Site Reliability Engineering, chapter 3.

    >>> daily = pd.DataFrame({"account_id": ["a", "b", "b"], "day": ["2026-10-01"] * 3, "month": "2026-10",
    ...                       "status": [200, 200, 503], "calls": [60, 39, 1]})
    >>> availability(daily, slo=0.98)[["month", "good", "valid", "share", "budget_left"]].round(3)
         month  good  valid  share  budget_left
    0  2026-10    99    100   0.99          0.5
    """
    by = names(by)
    required(daily, by, where="availability(daily)")
    counted = outcomes(daily, quotas=quotas, environment=environment, where="availability")
    units = counted.groupby([*by, "account_id"], dropna=False)[list(OUTCOMES)].sum().reset_index()
    table = units.groupby(by, dropna=False)[list(OUTCOMES)].sum().reset_index()
    bounds = {
        key: share_interval(part["good"], part["good"] + part["bad"], draws=draws, seed=seed)
        for key, part in units.groupby(by, dropna=False)
    }
    low, high = np.array(list(bounds.values()), dtype=float).reshape(-1, 2).T
    valid, everything = table["good"] + table["bad"], table[list(OUTCOMES)].sum(axis=1)
    result = table[[*by, "good"]].assign(
        valid=valid,
        share=table["good"] / valid.where(valid > 0),
        low=low,
        high=high,
        throttled=table["throttled"],
        unknown=table["unknown"],
        unknown_share=table["unknown"] / everything.where(everything > 0),
    )
    if slo is not None:
        result["budget_left"] = _budget_left(table["bad"], valid, slo)
    return result


def error_budget(
    daily: pd.DataFrame,
    slo: float,
    *,
    days: int = 28,
    quotas: pd.DataFrame | None = None,
    environment: str = "production",
) -> pd.DataFrame:
    """How much of the allowed failure was left on each day, looking back over a rolling window?

    Parameters
    ----------
    daily, quotas, environment : as in `availability`.
    slo : the promised share of good calls, such as 0.999.
    days : length of the window, the day itself included.

    Returns
    -------
    One row a calendar day from the first to the last of the data: day, good, valid, bad (calls
    of the window), allowed (bad calls the promise permits, a float), budget_left (1 untouched, 0 used
    up, negative broken), mature (whether the data reach back over the whole window).
    budget_left is NaN where the window is not yet full or holds no valid call. A day without a row
    had no calls. It is a count against a promise, not an estimate, so it carries no interval.

    >>> daily = pd.DataFrame({"account_id": "a", "day": ["2026-10-01", "2026-10-02"], "status": [200, 500],
    ...                       "calls": [97, 3]})
    >>> error_budget(daily, 0.98, days=2)[["valid", "bad", "allowed", "budget_left", "mature"]].round(3)
       valid  bad  allowed  budget_left  mature
    0     97    0     1.94          NaN   False
    1    100    3     2.00         -0.5    True
    """
    return budget_of(calls_by_day(daily, quotas=quotas, environment=environment), slo, days=days)


def calls_by_day(daily: pd.DataFrame, *, quotas: pd.DataFrame | None = None, environment: str = "production") -> pd.DataFrame:
    """How many calls of each calendar day were good and bad? Arguments as in `error_budget`; index = day, without a gap."""
    counted = outcomes(daily, quotas=quotas, environment=environment, where="error_budget")
    sums = counted.groupby(pd.to_datetime(counted["day"]))[["good", "bad"]].sum()
    if len(sums):
        sums = sums.reindex(pd.date_range(sums.index[0], sums.index[-1], freq="D"), fill_value=0)
    return sums


def budget_of(sums: pd.DataFrame, slo: float, *, days: int = 28) -> pd.DataFrame:
    """The table of `error_budget` from the counts of `calls_by_day`: another promise or window asks no more of the calls."""
    if days < 1:
        raise WorkbookError(f"error_budget(days): must be at least 1, found {days}.")
    # Running totals keep whole numbers whole; a rolling sum would turn them into floats.
    total = sums.cumsum()
    window = total - total.shift(days, fill_value=0)
    valid, bad = window["good"] + window["bad"], window["bad"]
    mature = np.arange(len(window)) >= days - 1
    left = _budget_left(bad, valid, slo)
    return pd.DataFrame(
        {
            "day": window.index,
            "good": window["good"],
            "valid": valid,
            "bad": bad,
            "allowed": valid * (1 - slo),
            "budget_left": left.where(mature),
            "mature": mature,
        }
    ).reset_index(drop=True)


def _budget_left(bad: pd.Series, valid: pd.Series, slo: float) -> pd.Series:
    if not 0 < slo < 1:
        raise WorkbookError(f"slo: a promised share lies between 0 and 1 (0.999), not at {slo}.")
    return 1 - bad / (valid.where(valid > 0) * (1 - slo))
