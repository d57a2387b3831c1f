"""How much of an account's revenue comes back every month?

Unit: an account in a month. Revenue is laid into the months it pays for, not the month it was
billed in: a year paid ahead is twelve months of revenue. It does not say what was paid when
(see `revenue_by_month`), and one-off sales have no part in it.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from apijourney.metrics.business.lines import counted_lines
from apijourney.metrics.business.months import local_dates, month_names, month_numbers
from apijourney.metrics.infrastructure.tables import required

_DAYS_A_MONTH = 365.2425 / 12


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

    A line with a service period covers k = max(1, its length in months, rounded) calendar months
    from that of service_start. Its amount is split evenly in whole cents, the remainder going
    to the earliest months, so the parts add up to the line. A line without a period belongs to the
    local month of issued_at.

    >>> lines = pd.DataFrame({"account_id": ["a"], "issued_at": pd.to_datetime(["2026-01-01"]),
    ...     "service_start": pd.to_datetime(["2026-01-01"]), "service_end": pd.to_datetime(["2026-04-01"]),
    ...     "reporting_minor": [100], "kind": ["subscription"]})
    >>> recurring_revenue(lines, months=["2026-01", "2026-02"])[["month", "mrr_minor"]]
         month  mrr_minor
    0  2026-01         34
    1  2026-02         33
    """
    where = "recurring_revenue(lines)"
    counted = counted_lines(required(lines, ["issued_at"], where=where), where=where)
    counted = counted[counted["counts_as"].isin(["subscription", "usage"])]
    first, covered = _service_months(counted, timezone)
    row, month, minor = split_evenly(counted["counts_minor"].to_numpy("int64"), first, covered)
    parts = pd.DataFrame(
        {
            "account_id": counted["account_id"].to_numpy()[row],
            "month": month,
            "usage": (counted["counts_as"] == "usage").to_numpy()[row],
            "minor": minor,
        }
    )
    parts = parts[np.isin(month, month_numbers(months, where="recurring_revenue(months)"))]
    parts = parts.assign(
        subscription_minor=parts["minor"].where(~parts["usage"], 0),
        usage_minor=parts["minor"].where(parts["usage"], 0),
    )
    columns = ["subscription_minor", "usage_minor"]
    table = parts.groupby(["account_id", "month"], dropna=False)[columns].sum().reset_index()
    table["month"] = pd.Series(month_names(table["month"]), dtype="str")
    mrr = table["subscription_minor"] + (table["usage_minor"] if include_usage else 0)
    return table.assign(mrr_minor=mrr)


def split_evenly(amounts: np.ndarray, first: np.ndarray, parts: np.ndarray):
    """Split whole amounts into consecutive months so that the parts add up exactly.

    Returns (row, month, minor) arrays, one entry a part: the amount's row, its month, its share.
    A negative amount is split like its positive twin, so a full credit cancels month by month.

    >>> [x.tolist() for x in split_evenly(np.array([100]), np.array([12]), np.array([3]))]
    [[0, 0, 0], [12, 13, 14], [34, 33, 33]]
    """
    row = np.repeat(np.arange(len(amounts)), parts)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(parts) - parts, parts)
    share, remainder = np.divmod(np.abs(amounts), parts)
    minor = np.sign(amounts)[row] * (share[row] + (nth < remainder[row]))
    return row, first[row] + nth, minor.astype("int64")


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


def _service_months(lines: pd.DataFrame, timezone: str) -> tuple[np.ndarray, np.ndarray]:
    issued = local_dates(lines["issued_at"], timezone, instants=True)
    start = _optional_dates(lines, "service_start", timezone)
    end = _optional_dates(lines, "service_end", timezone)
    length = (end - start).astype("float64")  # days; NaN where one of the two is null
    length[np.isnat(end) | np.isnat(start)] = 0
    covered = np.maximum(1, np.rint(length / _DAYS_A_MONTH)).astype("int64")
    first = np.where(np.isnat(start), issued, start).astype("datetime64[M]").astype("int64")
    return first, covered


def _optional_dates(lines: pd.DataFrame, column: str, timezone: str) -> np.ndarray:
    if column not in lines.columns:
        return np.full(len(lines), np.datetime64("NaT", "D"))
    return local_dates(lines[column], timezone, instants=False)
