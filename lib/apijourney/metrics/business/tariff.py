"""What should calls cost, by the tariff of the workbook file?

Unit: an account in a month. A tariff names a price, and how many calls of a month are free, for an endpoint, a product,
or all other calls. It is in the currency of the report. It knows no contract of a single account.
"""

import numpy as np
import pandas as pd

from apijourney.columns import required
from apijourney.facts.endpoints import product_of
from apijourney.workbook import Workbook

OTHERS = "*"


def charge_names(endpoints, workbook: Workbook) -> dict[str, str | None]:
    """Under which name of the tariff does each endpoint fall: its own, its product's, "*", or none (it is free)?"""
    tariff = workbook.tariff
    found = {}
    for endpoint in endpoints:
        names = (endpoint, product_of(endpoint, workbook), OTHERS)
        found[endpoint] = next((n for n in names if n in tariff), None)
    return found


def worth_by_tariff(calls: pd.DataFrame, workbook: Workbook) -> pd.DataFrame:
    """What should each account have been billed for its calls of each month?

    Parameters
    ----------
    calls : month, account_id, endpoint, calls: billable calls (successful, production).
    workbook : its `tariff`. Free calls are taken off once for all endpoints under one name; calls under no name are free.

    Returns
    -------
    One row an account and month with calls: month, account_id, worth_minor (float, minor units of the reporting
    currency: the sum over the names of max(0, calls − free_calls) × price; NaN in a month before `since`).
    """
    required(calls, ["month", "account_id", "endpoint", "calls"], where="worth_by_tariff(calls)")
    name = calls["endpoint"].map(charge_names(calls["endpoint"].unique(), workbook))
    keys = ["month", "account_id"]
    sums = calls.assign(name=name.astype("object")).groupby([*keys, "name"], dropna=False, as_index=False)["calls"].sum()
    said = [workbook.tariff.get(n) if isinstance(n, str) else None for n in sums["name"]]
    worth = [
        0.0 if c is None else np.nan if month < c.since else max(0, n - c.free_calls) * c.price
        for c, month, n in zip(said, sums["month"], sums["calls"], strict=True)
    ]
    table = sums.assign(worth_minor=np.array(worth, dtype="float64")).groupby(keys)["worth_minor"]
    return table.sum(min_count=1).where(table.count() == table.size()).rename("worth_minor").reset_index()
