"""A ratio of sums by month: the shape most metrics of the catalogue have.

Unit: a row that belongs to a unit and a month. The interval draws whole units, because the rows of one
unit resemble each other.
"""

import numpy as np
import pandas as pd

from apijourney.localtime import local_days
from apijourney.metrics.uncertainty import bootstrap_ratio


def months_of(instants: np.ndarray, zone: str) -> np.ndarray:
    """The local month of instants (microseconds UTC), as text: "2026-10"."""
    return local_days(np.asarray(instants, dtype="int64"), zone).astype("datetime64[M]").astype(str)


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
