"""Of those who began in a month, which share did something within so many days?

Unit: an account (or visitor). Only units whose window has closed count. While one window of a
month is still open the month carries no rate, because the rest may convert differently.
"""

import numpy as np
import pandas as pd

from apijourney.metrics.product.windows import NEVER, as_window, deadlines
from apijourney.metrics.uncertainty import wilson


def share_within(
    started: np.ndarray, reached: np.ndarray, *, months: list[str], days: int, until: int, timezone: str
) -> pd.DataFrame:
    """Which share of each month's starters reached something within `days` calendar days?

    Parameters
    ----------
    started, reached : one instant a unit, microseconds UTC; the largest integer = never.
    months : the local months of the start that are asked for.
    days : length of the window, its last instant included.
    until : the first instant not observed.

    Returns
    -------
    One row a month: month, value, low, high (Wilson), numerator, denominator, mature (every window
    of the month is closed; the others are counted in `immature`).
    """
    from apijourney.localtime import local_days

    began = started < NEVER
    started, reached = started[began], reached[began]
    end = deadlines(started, as_window(f"{days}D"), timezone)
    month = local_days(started, timezone).astype("datetime64[M]").astype(str)
    closed = end < until
    converted = (reached <= end) & (reached >= started)
    frame = pd.DataFrame({"month": month, "closed": closed, "converted": converted & closed})
    table = frame.groupby("month").agg(
        numerator=("converted", "sum"), denominator=("closed", "sum"), entered=("closed", "size")
    )
    table = table.reindex(months, fill_value=0)
    low, high = wilson(table["numerator"], table["denominator"])
    month_over = np.array(
        [np.datetime64(m, "M") + 1 <= local_days(np.array([until]), timezone)[0].astype("datetime64[M]") for m in months]
    )
    denominator = table["denominator"].where(table["denominator"] > 0)
    return pd.DataFrame(
        {
            "month": months,
            "value": (table["numerator"] / denominator).to_numpy(),
            "low": low,
            "high": high,
            "numerator": table["numerator"].to_numpy(),
            "denominator": table["denominator"].to_numpy(),
            "immature": (table["entered"] - table["denominator"]).to_numpy(),
            "mature": (table["entered"] == table["denominator"]).to_numpy() & month_over,
        }
    )
