"""How long do the customers wait who wait longest?

Unit: an account, with enough good production calls in the month for a 90th percentile of its own. Of these waits, the one that
nine in ten accounts do not exceed: each account counts once, however many calls it makes, so a busy
customer nearby cannot hide a small one far away.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.infrastructure.latency import exact_percentiles
from apijourney.metrics.infrastructure.service_metrics import good_requests
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"


@remembered
@needs("requests", "requests.account_id", "requests.status", "requests.latency_ms", what="90th percentile by customer")
def waits_of_accounts(study) -> pd.DataFrame | NotMeasurable:
    """The 90th percentile of each account in each month shown: month, account_id, latency_ms; accounts with at least 100 good calls."""
    if not study.store.paths("requests", study.months):
        return NotMeasurable("90th percentile by customer", f"there are no requests up to {study.month}; choose a later month.")
    calls = good_requests(study, study.months)
    table = exact_percentiles(calls.filter(calls.account_id.notnull()), by=["month", "account_id"], quantiles=[0.9])
    return table.dropna(subset="latency_ms")[["month", "account_id", "latency_ms"]]


@catalogued(
    name="90th percentile by customer", dimension="infrastructure", stage="measure",
    question="How long do the customers wait who wait longest?",
    formula="90th percentile, over accounts with at least 100 good production calls in the month, of each account's own 90th "
    "percentile of latency_ms; not known with fewer than min_n accounts",
    unit="ms", direction="down", timing="leading", counter_metric="latency_p90",
    gameable_by="small customers have too few calls to be in it", tables=("requests",),
    columns=("requests.account_id", "requests.status", "requests.latency_ms"), source=_BOOK,
)  # fmt: skip
def p90_by_customer(study):
    table = waits_of_accounts(study)
    if isinstance(table, NotMeasurable):
        return table
    rng = np.random.default_rng(0)
    rows = []
    for month in study.months:
        waits = table.loc[table["month"] == month, "latency_ms"].sort_values().to_numpy(dtype=float)
        n = len(waits)
        value = low = high = np.nan
        if n >= study.workbook.definitions.min_n:
            value = float(np.quantile(waits, 0.9))
            drawn = np.quantile(rng.choice(waits, size=(400, n)), 0.9, axis=1)
            low, high = np.quantile(drawn, [0.025, 0.975])
        rows.append((month, value, low, high, n))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "denominator"])
