"""How much of what the API can do do its customers use?

Unit: an account and an endpoint. A feature of an API is an endpoint; an account has adopted it in a month in which a
production call of it succeeded. The rate of one endpoint is the share of the accounts that use it; the metric is the
mean over all endpoints that anyone uses. It does not say which endpoint an account would need.
"""

import numpy as np
import pandas as pd

from apijourney.facts.endpoints import UNMATCHED
from apijourney.facts.remember import remembered
from apijourney.metrics.product.activation.activation_metrics import CALLS
from apijourney.metrics.registry import catalogued
from apijourney.metrics.uncertainty import bootstrap_ratio

_PENDO = "Pendo, Feature adoption: accounts that use a feature / accounts that use the product; the mean over features is ours"


@remembered
def endpoints_used(study) -> pd.DataFrame:
    """Which endpoints did each account use with success, in production? month, account_id, endpoint: one row a use."""
    calls = study.fact("calls", study.months)
    good = (calls.environment == "production") & (calls.status >= 200) & (calls.status < 300)
    calls = calls.filter(good & calls.account_id.notnull() & calls.endpoint.notnull() & calls.endpoint.notin([UNMATCHED, ""]))
    pairs = calls.mutate(month=calls.day.strftime("%Y-%m")).select("month", "account_id", "endpoint").distinct()
    return pairs.order_by("month", "account_id", "endpoint").to_pandas()


@catalogued(
    name="Feature adoption", dimension="business", stage="scale",
    question="Which share of the accounts uses an endpoint, on average over the endpoints?",
    formula="pairs of account and endpoint with a 2xx in production / (accounts with one × endpoints with one), in the local "
    "month: the mean over the endpoints of the share of the accounts that use it; paths that fit no template are left out",
    unit="share", direction="up", timing="leading", counter_metric="month_1_retention",
    gameable_by="taking seldom used endpoints away, or merging them", tables=("requests",), columns=(*CALLS, "requests.endpoint"),
    source=_PENDO, counted="pairs", whole_month=True,
)  # fmt: skip
def feature_adoption(study):
    used = endpoints_used(study)
    rows = []
    for month in study.months:
        part = used[used["month"] == month]
        each, endpoints = part.groupby("account_id").size().to_numpy(), part["endpoint"].nunique()
        low, high = bootstrap_ratio(each, np.full(len(each), endpoints))
        n, of = int(each.sum()), len(each) * endpoints
        rows.append((month, n / of if of else np.nan, low, high, n, of))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator"])
