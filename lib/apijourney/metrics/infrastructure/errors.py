"""How do calls fail, and how often?

Unit: a call, drawn by account. Every status of 400 and above is an error here: 4xx is mostly the
caller's mistake, 5xx the provider's, and both cost the developer time. A rate counts attempts: one
operation tried five times is five errors.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from apijourney.columns import names, required
from apijourney.metrics.infrastructure.shares import share_interval


def error_distribution(
    daily: pd.DataFrame,
    *,
    by: str | Iterable[str] = "month",
    draws: int = 400,
    seed: int = 0,
) -> pd.DataFrame:
    """Which error codes do callers meet, and how often?

    Parameters
    ----------
    daily : account_id (nullable), status (nullable), calls, and the columns of `by`. Filter to one
        environment first.
    by : the columns that make a group, such as "month".
    draws, seed : of the bootstrap over accounts; calls without an account are one unit.

    Returns
    -------
    One row a group and error code that occurred, by code: the columns of `by`, status,
    numerator (calls with it), denominator (calls of known status in the group), share, low, high
    (95 %; NaN where fewer than two accounts met the code: one says nothing of others), share_of_errors (of all errors of the group; adds up to 1).

    >>> daily = pd.DataFrame({"account_id": ["a", "a", "b"], "month": "2026-10", "status": [200, 404, 500],
    ...                       "calls": [6, 3, 1]})
    >>> error_distribution(daily)[["status", "numerator", "denominator", "share", "share_of_errors"]]
       status  numerator  denominator  share  share_of_errors
    0     404          3           10    0.3             0.75
    1     500          1           10    0.1             0.25
    """
    by = names(by)
    rows = []
    for key, known in _groups(daily, by, "error_distribution(daily)"):
        per_account = known.groupby("account_id", dropna=False)["calls"].sum()
        failed = known[known["status"] >= 400]
        for status, part in failed.groupby("status"):
            hits = part.groupby("account_id", dropna=False)["calls"].sum()
            hits = hits.reindex(per_account.index, fill_value=0)
            low, high = share_interval(hits, per_account, at_least=2, draws=draws, seed=seed)
            n, of = int(hits.sum()), int(per_account.sum())
            rows.append((*key, int(status), n, of, n / of, low, high, n / failed["calls"].sum()))
    columns = ["status", "numerator", "denominator", "share", "low", "high", "share_of_errors"]
    return pd.DataFrame(rows, columns=[*by, *columns])


def _groups(daily: pd.DataFrame, by: list[str], where: str):
    """Yield (key, rows of known status with calls) for each group."""
    required(daily, [*by, "account_id", "status", "calls"], where=where)
    status = pd.to_numeric(daily["status"]).to_numpy(dtype=float, na_value=np.nan)
    known = daily.assign(status=status)[(status >= 100) & (status < 600)]
    for key, part in known[known["calls"] > 0].groupby(by, dropna=False):
        yield key if isinstance(key, tuple) else (key,), part
