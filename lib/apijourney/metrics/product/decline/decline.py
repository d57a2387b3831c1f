"""Whose use falls, and by more than its own ups and downs explain?

Unit: an account that used the API in the last 56 days and is followed long enough; use is successful
(2xx) calls of production. The last 28 local days are compared with the account's own blocks of 28 days
before them. Weeks of one account differ, so a fall counts only beyond that noise. What lowers all
accounts alike, such as the turn of the year, lowers each of them: read it beside the whole. It does not
say why an account calls less.
"""

import ibis
import numpy as np
import pandas as pd
from scipy.stats import nbinom

from apijourney.facts.call_dates import call_dates
from apijourney.facts.remember import remembered
from apijourney.localtime import day_starts, local_days
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.uncertainty import benjamini_hochberg

BLOCK_DAYS, WEEKS = 28, 4
MOST_BLOCKS, LEAST_BLOCKS = 3, 2
LEAST_FALL, Q_LIMIT = 0.25, 0.05


@remembered
@needs("requests", what="Declining accounts")
def declining_accounts(study) -> pd.DataFrame | NotMeasurable:
    """Which accounts make far fewer successful production calls than they used to?

    study : see `open_study`; the 28 local days end at `observed_until`. Closed accounts are left out: it
    is too late for them. So are accounts silent for 56 days, which have gone, and accounts whose first
    successful production call is not at least two blocks of 28 days before the last 28 days.

    Returns
    -------
    The table of `decline_of_weeks`: every account watched, the surest fall first; `declining` says
    which are named.
    """
    weeks, blocks = weekly_use(study)
    if weeks.empty:
        return NotMeasurable(
            "Declining accounts",
            f"no account has made successful production calls for {(LEAST_BLOCKS + 1) * BLOCK_DAYS} days up to "
            f"{study.until_day}; choose a later month.",
        )
    return decline_of_weeks(weeks, blocks)


def decline_of_weeks(weeks: pd.DataFrame, blocks: pd.Series) -> pd.DataFrame:
    """Compare the last four weeks of each account with its own weeks before.

    Parameters
    ----------
    weeks : one row an account (index account_id), one column a week: 0 is the last one, 4 to 15 those
        it is compared with; values are calls.
    blocks : account_id → how many blocks of four weeks before count, 2 or 3.

    Returns
    -------
    One row an account, the smallest q first: account_id, blocks, before_calls (mean of its blocks of 28
    days before), calls (of the last 28 days), change_share = calls / before_calls − 1, noise (see
    below), p, q (Benjamini-Hochberg over all accounts watched), declining (q ≤ 0.05 and a fall of a
    quarter or more). 0 calls = silent; change_share, noise, p and q are NaN where there were no calls
    before.

    The rule: weekly calls of mean m vary by m + noise × m². noise is estimated from the account's own
    k weeks before, and is never taken to be less than that of the middle account, because a few weeks
    may look quieter than they are. p is the chance that four further weeks like those bring so few
    calls: the lower tail of a negative binomial with mean 4 m and variance (4 + 16 / k) × (m + noise × m²),
    where 16 / k is for m itself being an estimate.

    >>> weeks = pd.DataFrame([[2] * 4 + [10] * 8, [10] * 12], index=["a", "b"])
    >>> table = decline_of_weeks(weeks, pd.Series(2, index=["a", "b"]))
    >>> table[["account_id", "before_calls", "calls", "change_share", "declining"]]
      account_id  before_calls  calls  change_share  declining
    0          a          40.0      8          -0.8       True
    1          b          40.0     40           0.0      False
    """
    blocks = blocks.reindex(weeks.index).to_numpy("int64")
    values = weeks.reindex(columns=range(WEEKS * (MOST_BLOCKS + 1)), fill_value=0).to_numpy("float64")
    now, counts = values[:, :WEEKS].sum(axis=1), values[:, WEEKS:]
    k = WEEKS * blocks
    counted = np.arange(counts.shape[1]) < k[:, None]
    mean = np.where(counted, counts, 0).sum(axis=1) / k
    spread = np.where(counted, (counts - mean[:, None]) ** 2, 0).sum(axis=1) / (k - 1)
    noise = np.clip((spread - mean) / np.where(mean > 0, mean, np.nan) ** 2, 0, None)
    usual = noise[mean >= 1]
    noise = np.maximum(noise, np.median(usual) if len(usual) else 0.0)
    expected, variance = WEEKS * mean, (WEEKS + WEEKS**2 / k) * (mean + noise * mean**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = nbinom.cdf(now, expected**2 / (variance - expected), expected / variance)
        change = np.where(expected > 0, now / expected - 1, np.nan)
    p = np.where(expected > 0, p, np.nan)
    table = pd.DataFrame(
        {"account_id": weeks.index.astype("str"), "blocks": blocks, "before_calls": expected,
         "calls": now.astype("int64"), "change_share": change, "noise": noise, "p": p,
         "q": benjamini_hochberg(p)}
    )  # fmt: skip
    table["declining"] = (table["q"] <= Q_LIMIT) & (table["change_share"] <= -LEAST_FALL)
    return table.sort_values(["q", "p", "account_id"], ignore_index=True)


def weekly_use(study) -> tuple[pd.DataFrame, pd.Series]:
    """Successful production calls of the accounts watched, by week before `observed_until`.

    Returns (weeks, blocks) as `decline_of_weeks` takes them.
    """
    nothing = pd.DataFrame(columns=range(WEEKS * (MOST_BLOCKS + 1))), pd.Series(dtype="int64")
    if not study.store.paths("activity", study.data_months):
        return nothing
    use = study.fact("activity")
    use = use.filter((use.environment == "production") & use.account_id.notnull() & (use.good > 0))
    oldest = study.until_day - BLOCK_DAYS * (MOST_BLOCKS + 1)
    use = use.filter(use.day >= ibis.literal(str(oldest)).cast("date"))
    daily = use.group_by("account_id", "day").aggregate(calls=use.good.sum()).to_pandas()
    daily["day"] = daily["day"].to_numpy("datetime64[D]")
    # A day that was not observed from its beginning opens no block.
    begins = local_days(np.array([study.observed_from]), study.zone)
    begins = begins[0] + int(day_starts(begins, study.zone)[0] < study.observed_from)
    ago = (study.until_day - 1 - daily["day"].to_numpy("datetime64[D]")).astype("int64")
    daily = daily.assign(ago=ago, week=ago // 7)[daily["day"] >= begins]
    if daily.empty:
        return nothing
    first = call_dates(study).set_index("account_id")["first_production_success"].dropna()
    first_day = local_days(first.to_numpy("datetime64[us]").astype("int64"), study.zone)
    followed = (study.until_day - np.maximum(first_day, begins)).astype("int64")
    blocks = pd.Series((followed - BLOCK_DAYS) // BLOCK_DAYS, index=first.index).clip(upper=MOST_BLOCKS)
    lately = set(daily.loc[daily["ago"] < 2 * BLOCK_DAYS, "account_id"])
    accounts = study.accounts
    closed = set(accounts.loc[accounts["closed_at"].notna(), "account_id"]) if len(accounts) else set()
    keep = (blocks >= LEAST_BLOCKS) & blocks.index.isin(lately) & ~blocks.index.isin(closed)
    blocks = blocks[keep].sort_index()
    recent = daily[daily["account_id"].isin(blocks.index)]
    weeks = recent.groupby(["account_id", "week"])["calls"].sum().unstack(fill_value=0)
    return weeks.reindex(index=blocks.index, columns=nothing[0].columns, fill_value=0), blocks
