"""How much of an account's revenue comes back every month?

Unit: an account in a month. Revenue is laid into the months it pays for, not the month it was
billed in: a year paid ahead is twelve months of revenue. It does not say what was paid when
(see `revenue_by_month`), and one-off sales have no part in it.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from apijourney.columns import required
from apijourney.facts.money.lines import counted_lines
from apijourney.facts.money.months import month_names, month_numbers
from apijourney.facts.money.service_months import laid_out
from apijourney.facts.money.undated_credits import with_credit_periods

RECURS = ("subscription", "usage")


def recurring_revenue(
    lines: pd.DataFrame,
    *,
    months: Iterable[str],
    include_usage: bool = True,
    timezone: str = "UTC",
) -> pd.DataFrame:
    """How much recurring revenue (MRR) has each account in each month?

    Parameters
    ----------
    lines : one row a revenue line: account_id, issued_at (UTC), service_start and service_end
        (local dates, end excluded, may be null or absent), reporting_minor (integer minor units),
        kind, credits_kind.
    months : the months to report, each as "2026-10".
    include_usage : whether MRR includes usage. It is shown in its own column either way.
    timezone : the zone whose calendar months count.

    Returns
    -------
    One row for each account and month with a subscription or usage line:
    account_id, month,
    subscription_minor, usage_minor : int64, less their credits and refunds,
    mrr_minor : their sum, or the subscription alone. Negative when credits exceed the month.
    A missing row means no line, hence 0.

    Which months a line pays for is said in `apijourney.facts.money.service_months`, and of a credit without service dates
    in `apijourney.facts.money.undated_credits`.

    >>> lines = pd.DataFrame({"account_id": ["a"], "issued_at": pd.to_datetime(["2026-01-01"]),
    ...     "service_start": pd.to_datetime(["2026-01-01"]), "service_end": pd.to_datetime(["2026-04-01"]),
    ...     "reporting_minor": [100], "kind": ["subscription"]})
    >>> recurring_revenue(lines, months=["2026-01", "2026-02"])[["month", "mrr_minor"]]
         month  mrr_minor
    0  2026-01         34
    1  2026-02         33
    """
    where = "recurring_revenue(lines)"
    required(lines, ["account_id", "issued_at", "reporting_minor", "kind"], where=where)
    lines = with_credit_periods(lines, amount="reporting_minor", timezone=timezone)
    counted = counted_lines(lines, where=where)
    counted = counted[counted["counts_as"].isin(RECURS)].reset_index(drop=True)
    parts = laid_out(counted, timezone=timezone)
    parts = parts[parts["month"].isin(month_numbers(months, where="recurring_revenue(months)"))]
    of = counted.loc[parts["line"], ["account_id", "counts_as"]].reset_index(drop=True)
    by_kind = pd.DataFrame(
        {"account_id": of["account_id"], "month": month_names(parts["month"]), "kind": of["counts_as"],
         "minor": parts["minor"].to_numpy("int64")}
    )  # fmt: skip
    return account_months(by_kind, include_usage=include_usage)


def account_months(by_kind: pd.DataFrame, *, include_usage: bool = True) -> pd.DataFrame:
    """Lay amounts by account, month and kind out as MRR: the last step of `recurring_revenue`.

    by_kind : account_id, month, kind ("subscription" or "usage"), minor; several rows are added up.
    """
    sums = by_kind.groupby(["account_id", "month", "kind"], dropna=False)["minor"].sum().unstack(fill_value=0)
    sums = sums.reindex(columns=list(RECURS), fill_value=0).astype("int64")
    sums.columns = [f"{kind}_minor" for kind in RECURS]
    table = sums.reset_index().astype({"month": "str"})
    mrr = table["subscription_minor"] + (table["usage_minor"] if include_usage else 0)
    return table.assign(mrr_minor=mrr)


def mrr_matrix(recurring: pd.DataFrame, months: np.ndarray) -> tuple[pd.Index, np.ndarray]:
    """Lay MRR out as accounts × numbered months, 0 where an account has no row."""
    required(recurring, ["account_id", "month", "mrr_minor"], where="recurring")
    row, accounts = pd.factorize(recurring["account_id"], sort=True, use_na_sentinel=False)
    column = month_numbers(recurring["month"], where="recurring") - months[0]
    inside = (column >= 0) & (column < len(months))
    matrix = np.zeros((len(accounts), len(months)), dtype="int64")
    minor = recurring["mrr_minor"].to_numpy("int64")
    np.add.at(matrix, (row[inside], column[inside]), minor[inside])
    return pd.Index(accounts, name="account_id"), matrix
