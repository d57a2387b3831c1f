"""A share or a ratio by month: the shape most metrics of the catalogue have.

Unit: a local month. A share of accounts carries Wilson's interval. A ratio of sums draws whole units, because the
rows of one unit resemble each other; a ratio of totals, such as money, carries none. Where there is nothing to divide
by there is no value.
"""

import numpy as np
import pandas as pd

from apijourney.localtime import local_days
from apijourney.metrics.uncertainty import bootstrap_ratio, wilson


def months_of(instants: np.ndarray, zone: str) -> np.ndarray:
    """The local month of instants (microseconds UTC), as text: "2026-10"."""
    return local_days(np.asarray(instants, dtype="int64"), zone).astype("datetime64[M]").astype(str)


def ratio(a, b) -> np.ndarray:
    """Divide counts; NaN where there is nothing to divide by."""
    a, b = np.broadcast_arrays(np.asarray(a, float), np.asarray(b, float))
    return np.divide(a, b, out=np.full(a.shape, np.nan), where=b > 0)


def share_by_month(months: list[str], hits, of) -> pd.DataFrame:
    """In each month, which share of the accounts? hits, of : counts, one a month.

    Returns one row a month: month, value (hits / of), low, high (Wilson), numerator, denominator.

    >>> share_by_month(["2026-09", "2026-10"], [1, 0], [2, 0])[["month", "value", "denominator"]]
         month  value  denominator
    0  2026-09    0.5          2.0
    1  2026-10    NaN          0.0
    """
    k, n = np.asarray(hits, dtype=float), np.asarray(of, dtype=float)
    low, high = wilson(k, n)
    return pd.DataFrame({"month": months, "value": ratio(k, n), "low": low, "high": high, "numerator": k, "denominator": n})


def share_marked(mark: pd.Series, month: pd.Series, months: list[str]) -> pd.DataFrame:
    """In each month, which share of the rows is marked? mark : boolean, one a row. Returns as `share_by_month`."""
    counts = mark.groupby(month).agg(["sum", "size"]).reindex(months, fill_value=0)
    return share_by_month(months, counts["sum"], counts["size"])


def ratio_of_totals(months: list[str], top: pd.Series, under: pd.Series) -> pd.DataFrame:
    """In each month, one total by another. top, under : by month; NaN or no row = not known.

    Returns one row a month: month, value, numerator, denominator.
    """
    top, under = (s.reindex(months).astype("float64").to_numpy() for s in (top, under))
    return pd.DataFrame({"month": months, "value": ratio(top, under), "numerator": top, "denominator": under})


def ratio_by_month(rows: pd.DataFrame, months: list[str]) -> pd.DataFrame:
    """In each month, how much of one thing came on one of another?

    rows : month, unit, numerator, denominator; several rows of a unit are added up.

    Returns
    -------
    One row a month asked for: month, value (sum of numerators / sum of denominators; NaN where the
    latter is 0), low, high (95 %, bootstrap over units; NaN with fewer than two), numerator, denominator.

    >>> rows = pd.DataFrame({"month": "2026-10", "unit": [1, 2], "numerator": [1, 0], "denominator": [1, 1]})
    >>> ratio_by_month(rows, ["2026-10"])[["value", "numerator", "denominator"]]
       value  numerator  denominator
    0    0.5        1.0          2.0
    """
    sums = rows.groupby(["month", "unit"])[["numerator", "denominator"]].sum().reset_index()
    out = []
    for month in months:
        part = sums[sums["month"] == month]
        k, n = part["numerator"].to_numpy(dtype=float), part["denominator"].to_numpy(dtype=float)
        low, high = bootstrap_ratio(k, n)
        out.append((month, k.sum() / n.sum() if n.sum() else np.nan, low, high, k.sum(), n.sum()))
    return pd.DataFrame(out, columns=["month", "value", "low", "high", "numerator", "denominator"])
