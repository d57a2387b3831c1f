"""Who is about to use up what it bought?

Unit: an account with a monthly quota and production calls in the study's month. All its calls count,
throttled ones too, as in `outcomes`. The projection is the pace of the last 28 local days, or since the
account was opened, and no more: it knows neither growth nor a planned launch. A quota of 0 or none is no limit.
"""

import numpy as np
import pandas as pd

from apijourney.facts.money.months import local_dates
from apijourney.facts.remember import remembered
from apijourney.localtime import local_days
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.business.quota_runway import quota_runway
from apijourney.metrics.infrastructure.service_metrics import dated_quotas

PACE_DAYS, NEAR_SHARE = 28, 0.9


@remembered
@needs("accounts", "requests", what="Accounts near their quota")
def near_quota_accounts(study) -> pd.DataFrame | NotMeasurable:
    """Which accounts have used 90 % of their monthly quota, or will pass it at the pace they call?

    study : see `open_study`. Where its month is over, the pace is laid over the month that follows; where
        it goes on, over the days that are left of it. Closed accounts are left out. Not measurable for one
        product: a quota counts the calls of all.

    Returns
    -------
    The table of `quota_use`: every account with a quota, the fullest first; `near` says which are named.
    """
    if study.product != "all":
        return NotMeasurable("Accounts near their quota", "a quota counts the calls of all products; choose all products.")
    quotas = _quotas(study)
    if quotas.empty:
        return NotMeasurable(
            "Accounts near their quota", 'no account has a quota; add "quota_per_month" to accounts.'
        )
    begins = np.datetime64(study.month, "D")
    ends = (np.datetime64(study.month, "M") + 1).astype("datetime64[D]")
    first = study.until_day - PACE_DAYS
    observed = max(first, local_days(np.array([study.observed_from]), study.zone)[0])
    months = sorted({str(d)[:7] for d in np.arange(min(begins, first), study.until_day)})
    files = [m for m in months if study.store.paths("activity", [m])]
    columns = {"account_id": "str", "day": "datetime64[s]", "calls": "int64"}
    daily = pd.DataFrame({c: pd.Series(dtype=t) for c, t in columns.items()})
    if files:
        use = study.fact("activity", files)
        use = use.filter((use.environment == "production") & use.account_id.notnull())
        daily = use.group_by("account_id", "day").aggregate(calls=use.calls.sum()).to_pandas()
    day = daily["day"].to_numpy("datetime64[D]")
    used = daily[day >= begins].groupby("account_id")["calls"].sum()
    lately = daily[day >= observed].groupby("account_id")["calls"].sum()
    pace = lately / _days_there(study, lately.index, observed)
    left = int((ends - study.until_day).astype("int64"))
    following = int(((ends.astype("datetime64[M]") + 1).astype("datetime64[D]") - ends).astype("int64"))
    return quota_use(quotas, used, pace, days_left=left, following_days=following)


def quota_use(
    quotas: pd.Series, used: pd.Series, pace: pd.Series, *, days_left: int, following_days: int
) -> pd.DataFrame:
    """How full is each quota, and how full will it be at this pace?

    Parameters
    ----------
    quotas, used, pace : account_id → calls a month, calls made in the month, calls a day. Missing = 0.
    days_left : days of the month not yet observed; 0 = it is over, and the next one is projected.
    following_days : length of the next month.

    Returns
    -------
    One row an account with a quota, the fullest first: account_id, quota, used, used_share = used / quota
    (above 1 passed), projected (calls, float), projected_share = projected / quota, projected_month ("this" or
    "next"), near (used_share ≥ 0.9 or projected_share > 1).

    >>> table = quota_use(pd.Series({"a": 100, "b": 100}), pd.Series({"a": 60, "b": 60}),
    ...                   pd.Series({"a": 3.0, "b": 6.0}), days_left=10, following_days=30)
    >>> table[["account_id", "used_share", "projected_share", "near"]]
      account_id  used_share  projected_share   near
    0          b         0.6              1.2   True
    1          a         0.6              0.9  False
    """
    table = pd.DataFrame({"quota": quotas[quotas > 0].astype("int64")}).rename_axis("account_id")
    table["used"] = used.reindex(table.index).fillna(0).astype("int64")
    table["used_share"] = table["used"] / table["quota"]
    rate = pace.reindex(table.index).fillna(0).astype("float64")
    table["projected"] = table["used"] + rate * days_left if days_left else rate * following_days
    table["projected_share"] = table["projected"] / table["quota"]
    table["projected_month"] = "this" if days_left else "next"
    table["near"] = (table["used_share"] >= NEAR_SHARE) | (table["projected_share"] > 1)
    fullest = table[["used_share", "projected_share"]].max(axis=1)
    table = table.assign(fullest=-fullest).reset_index().sort_values(["fullest", "account_id"])
    return table.drop(columns="fullest").reset_index(drop=True)


def _quotas(study) -> pd.Series:
    """The quota that holds at `observed_until`, of accounts that are open: account_id → calls a month."""
    if study.accounts.empty:
        return pd.Series(dtype="int64")
    accounts = study.accounts
    open_ones = accounts.loc[accounts["closed_at"].isna(), "account_id"]
    dated = dated_quotas(study)
    dated = dated[dated["account_id"].isin(open_ones)].sort_values("valid_from", kind="stable")
    quotas = pd.to_numeric(dated.groupby("account_id")["quota_per_month"].last()).dropna()
    return quotas[quotas > 0].astype("int64")


def _days_there(study, accounts: pd.Index, first) -> pd.Series:
    """Of the local days from `first` to the last observed one, how many was each account there for? Its first one counts."""
    created = study.accounts.drop_duplicates("account_id").set_index("account_id")["created_at"].reindex(accounts)
    begins = np.full(len(accounts), first)
    known = created.notna().to_numpy()
    begins[known] = np.maximum(first, local_dates(created[known], study.zone, instants=True))
    return pd.Series(np.maximum(1, (study.until_day - begins).astype("int64")), index=accounts)


@remembered
def runway_of_quotas(study) -> pd.DataFrame | NotMeasurable:
    """How many days until each account has used up its quota, of the month that follows or of what is left of this one?

    Returns the table of `quota_runway`, with quota, for the accounts that may reach it: a chance of 10 % or more.
    """
    fullest = near_quota_accounts(study)
    if isinstance(fullest, NotMeasurable):
        return fullest
    ends = (np.datetime64(study.month, "M") + 1).astype("datetime64[D]")
    days = int((ends - study.until_day).astype("int64"))
    used = fullest.set_index("account_id")["used"] if days else 0
    quota = fullest.set_index("account_id")["quota"]
    days = days or int(((ends.astype("datetime64[M]") + 1).astype("datetime64[D]") - ends).astype("int64"))
    table = quota_runway(quota - used, _daily_calls(study, quota.index), days=days)
    table.insert(1, "quota", table["account_id"].map(quota))
    return table[table["within"] >= 0.1].reset_index(drop=True)


def _daily_calls(study, accounts: pd.Index) -> pd.DataFrame:
    """Production calls of the last days that were observed: one row an account, one column a day; NaN before it was opened."""
    observed = local_days(np.array([study.observed_from]), study.zone)[0]
    days = np.arange(max(study.until_day - PACE_DAYS, observed), study.until_day)
    months = [m for m in sorted({str(d)[:7] for d in days}) if study.store.paths("activity", [m])]
    if not months:
        return pd.DataFrame(0, index=accounts, columns=days.astype(str))
    use = study.fact("activity", months)
    use = use.filter((use.environment == "production") & use.account_id.notnull())
    daily = use.group_by("account_id", "day").aggregate(calls=use.calls.sum()).to_pandas()
    daily["day"] = daily["day"].astype("datetime64[s]").dt.strftime("%Y-%m-%d")
    grid = daily.pivot(index="account_id", columns="day", values="calls")
    grid = grid.reindex(index=accounts, columns=days.astype(str)).fillna(0)
    there = _days_there(study, accounts, days[0]).to_numpy()[:, None]
    return grid.where(np.arange(len(days), 0, -1) <= there)
