"""When and where do callers wait longest: by the hour of the day, by region?

Unit: a good production call of the study's month, in its local hour or its region. A slow hour may be
one with other callers and other endpoints, not a busy machine: compare one endpoint before you buy hosts.
"""

import pandas as pd

from apijourney.facts.latency_scheme import bucket_expression
from apijourney.facts.remember import remembered
from apijourney.localtime import local_time
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.infrastructure.latency import exact_percentiles
from apijourney.metrics.infrastructure.latency_by_account import quantile_bounds
from apijourney.metrics.infrastructure.service_metrics import good_requests

UNNAMED = "not named"


@remembered
@needs("requests", "requests.status", "requests.latency_ms", what="Latency by group")
def latency_by_group(study, by: str = "hour", quantiles: tuple[float, ...] = (0.5, 0.9, 0.99)) -> pd.DataFrame | NotMeasurable:
    """Which wait do shares of the good calls of the study's month not exceed, by hour of the day or by region?

    Parameters
    ----------
    by : "hour" (0 to 23, local), "weekday" (0 = Monday), "region" or "endpoint"; what names none is "not named".
    quantiles : shares between 0 and 1.

    Returns
    -------
    One row a group and quantile: group, quantile, latency_ms (from the calls themselves), low, high (95 %, see
    `quantile_bounds`: of these calls alone), calls. latency_ms and its bounds are NaN where fewer than 10
    calls lie beyond the quantile.
    """
    if not study.store.paths("requests", [study.month]):
        return NotMeasurable("Latency by group", f"there are no requests in {study.month}; choose another month.")
    if by == "region" and study.lacks("requests.region"):
        return NotMeasurable("Latency by region", "no call names a region; map region of requests.")
    calls = good_requests(study, [study.month])
    calls = calls.filter(calls.latency_ms.notnull())
    if by in ("hour", "weekday"):
        local = local_time(calls.occurred_at, study.zone, between=study.bounds(study.month))
        group = local.hour() if by == "hour" else local.day_of_week.index()
        calls = calls.mutate(group=group.cast("int64"))
    else:
        calls = calls.mutate(group=calls[by].fill_null(UNNAMED))
    table = exact_percentiles(calls, by="group", quantiles=quantiles)
    if table.empty:
        return NotMeasurable("Latency by group", "no good production call carries latency_ms; map that column.")
    bucketed = calls.mutate(bucket=bucket_expression(calls.latency_ms))
    counts = bucketed.group_by("group", "bucket").aggregate(calls=lambda t: t.count())
    histogram = counts.order_by("group", "bucket").to_pandas().rename(columns={"group": "account_id"})
    bounds = [quantile_bounds(histogram, q).rename(columns={"account_id": "group"}).assign(quantile=q) for q in quantiles]
    table = table.merge(pd.concat(bounds), on=["group", "quantile"], how="left")
    known = table["latency_ms"].notna()
    return table.assign(
        low=table[["low", "latency_ms"]].min(axis=1).where(known), high=table[["high", "latency_ms"]].max(axis=1).where(known)
    )[["group", "quantile", "latency_ms", "low", "high", "calls"]]
