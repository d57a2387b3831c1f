"""How did a call end, as far as a promise of availability is concerned?

Unit: calls of an account on a day with one status. Each call is good, bad, throttled or unknown.
Good and bad together are valid. It does not say whether the answer was right, nor how long it took.
"""

import numpy as np
import pandas as pd

from apijourney.columns import required

OUTCOMES = ("good", "bad", "throttled", "unknown")


def outcomes(
    daily: pd.DataFrame,
    *,
    quotas: pd.DataFrame | None = None,
    environment: str = "production",
    where: str = "outcomes",
) -> pd.DataFrame:
    """How many calls of each row were good, bad, throttled or of unknown outcome?

    Parameters
    ----------
    daily : account_id (null for calls without an account), day (date), status (HTTP, may be null),
        calls. With a column `environment`, only that environment is read. With a column `used` (the
        account's calls of the month up to the end of the day), quotas are held against it; needed where
        the rows are only some of an account's calls, such as those of one product.
    quotas : account_id, month, quota_per_month (null = none). Without it nobody has a quota. With a
        column `valid_from` (date) instead of month, the quota of a day is the lowest that held at
        any time of it, so that a customer who upgrades after hitting the limit is understood.
    environment : see daily.
    where : the asking function, for the error.

    Returns
    -------
    The rows of the environment with four counts (int64) added, of which one equals `calls` and the
    others are 0:
    unknown : the status is null or outside 100 to 599,
    throttled : 429, and the account's calls of the month up to the end of that day, throttled ones
        included, reach its monthly quota: the customer used up what it bought,
    bad : status ≥ 500, or any other 429: load the provider shed,
    good : everything else; a client's own mistake (400, 404) was answered well.

    >>> daily = pd.DataFrame({"account_id": ["a"] * 3, "day": ["2026-10-01", "2026-10-01", "2026-10-02"],
    ...                       "status": [200, 429, 429], "calls": [8, 1, 1]})
    >>> quotas = pd.DataFrame({"account_id": ["a"], "month": ["2026-10"], "quota_per_month": [10]})
    >>> outcomes(daily, quotas=quotas)[["good", "bad", "throttled"]].to_numpy().tolist()
    [[8, 0, 0], [0, 1, 0], [0, 0, 1]]
    """
    required(daily, ["account_id", "day", "status", "calls"], where=f"{where}(daily)")
    if "environment" in daily.columns:
        daily = daily[daily["environment"] == environment]
    status = pd.to_numeric(daily["status"]).to_numpy(dtype=float, na_value=np.nan)
    known = (status >= 100) & (status < 600)
    limited = status == 429
    throttled = limited & _quota_reached(daily, quotas, limited, where)
    bad = known & ((status >= 500) | (limited & ~throttled))
    kinds = {"good": known & ~bad & ~throttled, "bad": bad, "throttled": throttled, "unknown": ~known}
    calls = daily["calls"].to_numpy("int64")
    return daily.assign(**{name: np.where(kind, calls, 0) for name, kind in kinds.items()})


def _quota_reached(
    daily: pd.DataFrame, quotas: pd.DataFrame | None, limited: np.ndarray, where: str
) -> np.ndarray:
    if quotas is None or not limited.any():
        return np.zeros(len(daily), dtype=bool)
    dated = "valid_from" in quotas
    held = "valid_from" if dated else "month"
    required(quotas, ["account_id", held, "quota_per_month"], where=f"{where}(quotas)")
    day = pd.to_datetime(daily["day"])
    rows = pd.DataFrame(
        {
            "account_id": daily["account_id"].to_numpy(),
            "month": _month_of(day),
            "day": day.to_numpy(),
            "calls": daily["calls"].to_numpy("int64"),
        }
    )
    if "used" in daily:
        rows["used"] = daily["used"].to_numpy()
    rows = rows[rows["account_id"].isin(rows["account_id"][limited].dropna())]
    if "used" not in rows:
        rows = rows.join(_used(rows), on=["account_id", "month", "day"])
    if dated:
        quota = _lowest_of_the_day(rows, quotas)
    else:
        limits = quotas.drop_duplicates(["account_id", "month"], keep="last")
        limits = limits.set_index(["account_id", "month"])["quota_per_month"]
        quota = rows.join(limits, on=["account_id", "month"])["quota_per_month"]
    reached = np.zeros(len(daily), dtype=bool)
    limit = quota.to_numpy(dtype=float, na_value=np.nan)
    reached[rows.index] = rows["used"].to_numpy(dtype=float, na_value=np.nan) >= limit
    return reached


def _month_of(day: pd.Series) -> np.ndarray:
    """The month of each day, "2026-10", written once a day rather than once a row."""
    code, days = pd.factorize(day, use_na_sentinel=False)
    return pd.DatetimeIndex(days).strftime("%Y-%m").to_numpy()[code]


def _used(rows: pd.DataFrame) -> pd.Series:
    """The calls of each account up to the end of each day of a month."""
    days = rows.groupby(["account_id", "month", "day"])["calls"].sum()  # sorted, null accounts left out
    return days.groupby(level=["account_id", "month"]).cumsum().rename("used")


def _lowest_of_the_day(rows: pd.DataFrame, quotas: pd.DataFrame) -> pd.Series:
    """The lowest quota an account had on a day: the one it began the day with, or one set during it."""
    changes = quotas.assign(day=pd.to_datetime(quotas["valid_from"]).astype("datetime64[s]"))
    changes = changes[["account_id", "day", "quota_per_month"]].dropna(subset="day")
    changes["quota_per_month"] = pd.to_numeric(changes["quota_per_month"])
    days = rows[["account_id", "day"]].drop_duplicates().dropna()
    days["day"] = days["day"].astype("datetime64[s]")
    before = pd.merge_asof(
        days.sort_values("day"), changes.sort_values("day", kind="stable"), on="day", by="account_id",
        allow_exact_matches=False,
    )  # fmt: skip
    during = changes.groupby(["account_id", "day"])["quota_per_month"].min().rename("during")
    before = before.join(during, on=["account_id", "day"])
    lowest = before[["quota_per_month", "during"]].min(axis=1)
    keyed = pd.Series(lowest.to_numpy(), index=pd.MultiIndex.from_frame(before[["account_id", "day"]]), name="quota")
    wanted = rows[["account_id"]].assign(day=rows["day"].astype("datetime64[s]"))
    return wanted.join(keyed, on=["account_id", "day"])["quota"]
