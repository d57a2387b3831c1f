"""What does it cost to answer a thousand calls?

Unit: a month of the whole company. Costs are the company's books, calls its traffic; both are
totals of what happened, not samples, so the ratio carries no interval. It does not say which
account or endpoint causes the cost.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from apijourney.errors import unknown
from apijourney.facts.money.lines import whole_minor
from apijourney.columns import required
from apijourney.metrics.by_month import ratio


def cost_per_thousand_calls(
    costs: pd.DataFrame, calls: pd.DataFrame, *, categories: Iterable[str] | None = None
) -> pd.DataFrame:
    """What did a thousand calls cost in each month?

    Parameters
    ----------
    costs : one row a cost line: month, category, reporting_minor (integer minor units).
    calls : month, calls (several rows a month are added up).
    categories : the cost categories that count, such as ["infrastructure"]; None = all of them.

    Returns
    -------
    One row for each month in either table: month, cost_minor (Int64; NA where no cost line of these
    categories is known), calls (Int64; NA where no row is known), cost_per_thousand_minor
    (float, minor units a thousand calls; NaN where cost or calls are unknown or calls are 0).

    Raises
    ------
    WorkbookError : an unknown category.

    >>> costs = pd.DataFrame({"month": ["2026-10"], "category": ["infrastructure"], "reporting_minor": [5000]})
    >>> calls = pd.DataFrame({"month": ["2026-10"], "calls": [20000]})
    >>> cost_per_thousand_calls(costs, calls)["cost_per_thousand_minor"].tolist()
    [250.0]
    """
    where = "cost_per_thousand_calls(costs)"
    required(costs, ["month", "category", "reporting_minor"], where=where)
    required(calls, ["month", "calls"], where="cost_per_thousand_calls(calls)")
    whole_minor(costs["reporting_minor"], where=where)
    if categories is not None:
        wanted = [categories] if isinstance(categories, str) else list(categories)
        for name in wanted:
            if name not in set(costs["category"]):
                raise unknown("category", name, costs["category"].dropna(), where=where)
        costs = costs[costs["category"].isin(wanted)]
    table = pd.concat(
        {
            "cost_minor": costs.groupby("month")["reporting_minor"].sum().astype("Int64"),
            "calls": calls.groupby("month")["calls"].sum().astype("Int64"),
        },
        axis=1,
    ).sort_index()
    cost, answered = (table[c].to_numpy(float, na_value=np.nan) for c in ("cost_minor", "calls"))
    rate = ratio(1000 * cost, answered)
    table["cost_per_thousand_minor"] = rate
    return table.rename_axis("month").reset_index()
