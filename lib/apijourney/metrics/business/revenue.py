"""How much came in, from how many accounts, and on how few of them does it rest?

Unit: an account in a month. Billed revenue counts in the month it was issued; everything else here
reads recurring revenue. It does not say what an account costs to serve: see `unit_cost`.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from apijourney.facts.money.lines import counted_lines
from apijourney.facts.money.months import (
    consecutive,
    local_dates,
    month_names,
    month_numbers,
)
from apijourney.metrics.by_month import ratio
from apijourney.metrics.business.recurring_revenue import mrr_matrix
from apijourney.columns import required
from apijourney.metrics.uncertainty import bootstrap_ratio, wilson


def revenue_by_month(
    lines: pd.DataFrame, months: Iterable[str], timezone: str = "UTC"
) -> pd.DataFrame:
    """How much was billed in each month, credits and refunds taken off?

    Parameters
    ----------
    lines : one row a revenue line of any kind: account_id, issued_at (UTC), reporting_minor, kind,
        credits_kind if there are credits.
    months : the observed months; each gets a row, 0 when nothing was billed.
    timezone : the zone whose months count.

    Returns
    -------
    month, reporting_minor (int64), lines (how many), accounts (how many had a line).

    >>> lines = pd.DataFrame({"account_id": ["a"], "issued_at": pd.to_datetime(["2026-09-30T22:30"]),
    ...                       "reporting_minor": [500], "kind": ["one_off"]})
    >>> revenue_by_month(lines, ["2026-10"], "Europe/Berlin")
         month  reporting_minor  lines  accounts
    0  2026-10              500      1         1
    """
    where = "revenue_by_month(lines)"
    counted = counted_lines(required(lines, ["issued_at"], where=where), where=where)
    issued = local_dates(counted["issued_at"], timezone, instants=True)
    counted = counted.assign(month=issued.astype("datetime64[M]").astype("int64"))
    sums = counted.groupby("month").agg(
        reporting_minor=("counts_minor", "sum"),
        lines=("counts_minor", "size"),
        accounts=("account_id", "nunique"),
    )
    asked = month_numbers(months)
    table = sums.reindex(asked, fill_value=0).astype("int64").reset_index(drop=True)
    table.insert(0, "month", pd.Series(month_names(asked), dtype="str"))
    return table


def average_revenue_per_account(
    recurring: pd.DataFrame, months: Iterable[str], *, draws: int = 400, seed: int = 0
) -> pd.DataFrame:
    """How much MRR does a paying account bring on average (ARPA)?

    Parameters
    ----------
    recurring : account_id, month, mrr_minor. months : the observed months.
    draws, seed : of the bootstrap over accounts.

    Returns
    -------
    One row a month: month, arpa_minor (float, minor units an account), numerator (their MRR),
    denominator (accounts with MRR above 0), low, high. NaN where nobody pays.
    A mean is pulled by few large accounts; the interval shows how far.

    >>> recurring = pd.DataFrame({"account_id": ["a", "b"], "month": ["2026-10"] * 2, "mrr_minor": [100, 300]})
    >>> average_revenue_per_account(recurring, ["2026-10"])["arpa_minor"].tolist()
    [200.0]
    """
    asked = month_numbers(months)
    rows = []
    for number, name in zip(asked, month_names(asked), strict=True):
        paying = _paying(recurring, number)
        low, high = bootstrap_ratio(paying, np.ones(len(paying)), draws=draws, seed=seed)
        mean = paying.sum() / len(paying) if len(paying) else np.nan
        rows.append((name, mean, int(paying.sum()), len(paying), low, high))
    columns = ["month", "arpa_minor", "numerator", "denominator", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def revenue_shares(recurring: pd.DataFrame, month: str) -> pd.DataFrame:
    """Which accounts bring the MRR of a month, the largest first?

    Returns one row a paying account: rank (1 = largest; ties by account_id), account_id, mrr_minor,
    share (of the MRR of paying accounts), cumulative_share.

    >>> recurring = pd.DataFrame({"account_id": ["a", "b"], "month": ["2026-10"] * 2, "mrr_minor": [100, 300]})
    >>> revenue_shares(recurring, "2026-10")[["rank", "account_id", "share"]]
       rank account_id  share
    0     1          b   0.75
    1     2          a   0.25
    """
    asked = month_numbers([month])
    of_month = recurring[recurring["month"] == month] if "month" in recurring else recurring
    accounts, mrr = mrr_matrix(of_month, asked)
    table = pd.DataFrame({"account_id": accounts, "mrr_minor": mrr[:, 0]})
    table = table[table["mrr_minor"] > 0].sort_values(
        ["mrr_minor", "account_id"], ascending=[False, True], ignore_index=True
    )
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    total, running = table["mrr_minor"].sum(), table["mrr_minor"].cumsum()
    return table.assign(share=table["mrr_minor"] / total, cumulative_share=running / total)


def concentration(recurring: pd.DataFrame, month: str) -> pd.DataFrame:
    """On how few accounts does the MRR of a month rest?

    Returns one row: month, accounts (paying), mrr_minor, top1_share, top10_share (of the ten
    largest), hhi (sum of squared shares: 1/n if all are equal, 1 for a single account), gini (0 if
    all are equal, towards 1 if one has all). NaN where nobody pays. It describes all paying
    accounts of the month, not a sample of them, so it carries no interval.

    Source: Herfindahl-Hirschman index; Gini by the sorted-rank form, 2 Σ i·x_i / (n Σ x) − (n+1)/n.

    >>> recurring = pd.DataFrame({"account_id": ["a", "b"], "month": ["2026-10"] * 2, "mrr_minor": [100, 300]})
    >>> concentration(recurring, "2026-10")[["top1_share", "hhi", "gini"]]
       top1_share    hhi  gini
    0        0.75  0.625  0.25
    """
    ranked = revenue_shares(recurring, month)
    n, share = len(ranked), ranked["share"].to_numpy(float)
    minor, total = ranked["mrr_minor"], ranked["mrr_minor"].sum()
    smallest_first = share[::-1]
    known = {
        "top1_share": minor[:1].sum() / max(total, 1),
        "top10_share": minor[:10].sum() / max(total, 1),
        "hhi": (share**2).sum(),
        "gini": 2 * (np.arange(1, n + 1) * smallest_first).sum() / max(n, 1) - (n + 1) / max(n, 1),
    }
    values = known if n else dict.fromkeys(known, np.nan)
    head = {"month": month, "accounts": n, "mrr_minor": int(total)}
    return pd.DataFrame([head | values])


def logo_churn(recurring: pd.DataFrame, months: Iterable[str]) -> pd.DataFrame:
    """Of the accounts that paid last month, which share does not pay this month?

    Parameters
    ----------
    recurring : account_id, month, mrr_minor. months : the observed months, consecutive and complete.

    Returns
    -------
    One row a month from the second on: month, share, numerator (accounts lost), denominator
    (accounts with MRR above 0 the month before), low, high (Wilson). NaN where nobody paid before.
    Every account counts alike, however little it paid; for the money see `mrr_movements`.

    >>> recurring = pd.DataFrame({"account_id": ["a", "b", "b"], "month": ["2026-01", "2026-01", "2026-02"],
    ...                           "mrr_minor": [100, 50, 50]})
    >>> logo_churn(recurring, ["2026-01", "2026-02"])[["month", "share", "numerator", "denominator"]]
         month  share  numerator  denominator
    0  2026-02    0.5          1            2
    """
    observed = consecutive(months, where="logo_churn(months)")
    _, mrr = mrr_matrix(recurring, observed)
    paid, pays = mrr[:, :-1] > 0, mrr[:, 1:] > 0
    before, lost = paid.sum(axis=0), (paid & ~pays).sum(axis=0)
    low, high = wilson(lost, before)
    share = ratio(lost, before)
    month = pd.Series(month_names(observed[1:]), dtype="str")
    return pd.DataFrame(
        {"month": month, "share": share, "numerator": lost, "denominator": before, "low": low, "high": high}
    )


def _paying(recurring: pd.DataFrame, month: int) -> np.ndarray:
    _, mrr = mrr_matrix(recurring, np.array([month]))
    return mrr[mrr[:, 0] > 0, 0]
