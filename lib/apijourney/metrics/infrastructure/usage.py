"""Who calls what, and how did it go: traffic by segment, endpoints, error codes of a study?

Unit: a production call, added up by the account's segment, by endpoint or by code. It binds the general
functions (`availability`, `percentiles`, `error_distribution`) to a study and adds no rule of its own.
Calls that belong to no account (rejected keys) stand apart.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.infrastructure.availability import availability
from apijourney.metrics.infrastructure.errors import error_distribution
from apijourney.metrics.infrastructure.hosts import host_samples
from apijourney.metrics.infrastructure.latency import exact_percentiles
from apijourney.metrics.infrastructure.service_metrics import daily_calls, dated_quotas, good_requests, observed_minutes, production_requests

NO_ACCOUNT, NO_SEGMENT = "no account", "not known"


def _no_calls(study, what: str, months: list[str]) -> NotMeasurable | None:
    if study.store.paths("calls", months):
        return None
    return NotMeasurable(what, f"there are no requests in {months[-1]}; choose another month.")


@needs("requests", "requests.account_id", what="Traffic by segment")
def traffic_by_segment(study) -> pd.DataFrame | NotMeasurable:
    """How much traffic does each segment bring, month by month?

    Returns one row a month and segment, the largest segment of all months first: month, segment (that of
    the account at sign-up; "not known", or "no account" for calls that belong to none), calls, accounts
    (with a call; 0 for "no account"), per_minute (calls / minutes of the local month that were observed), share (of the
    month's calls; NaN where there are none).
    """
    nothing = _no_calls(study, "Traffic by segment", study.months)
    if nothing:
        return nothing
    calls = daily_calls(study).groupby(["month", "account_id"], dropna=False)["calls"].sum().reset_index()
    known = study.accounts
    segments = known.set_index("account_id")["entry_segment"] if len(known) else pd.Series(dtype="str")
    segment = calls["account_id"].map(segments).fillna(NO_SEGMENT).where(calls["account_id"].notna(), NO_ACCOUNT)
    groups = calls.assign(segment=segment).groupby(["month", "segment"])
    table = groups.agg(calls=("calls", "sum"), accounts=("account_id", "nunique"))
    order = table.groupby(level="segment")["calls"].sum().sort_values(ascending=False, kind="stable").index
    every = pd.MultiIndex.from_product([study.months, order], names=["month", "segment"])
    table = table.reindex(every, fill_value=0).reset_index()
    minutes = table["month"].map(dict(zip(study.months, observed_minutes(study), strict=True)))
    total = table.groupby("month")["calls"].transform("sum")
    return table.assign(per_minute=table["calls"] / minutes, share=table["calls"] / total.where(total > 0))


@remembered
@needs("requests", "requests.endpoint", what="Endpoints")
def endpoints_of_month(study) -> pd.DataFrame | NotMeasurable:
    """Which endpoints carry the traffic of the study's month, and how well?

    Returns one row an endpoint, the most called first: endpoint ("" = not named), calls, share (of all
    production calls), accounts, availability, low, high (95 %), and p50_ms, p90_ms, p99_ms (of good calls, from the
    calls themselves; NaN where fewer than 10 calls lie beyond). Where calls are metered, also median_units_in and
    median_units_out (of all its production calls; NaN where none is metered).
    """
    nothing = _no_calls(study, "Endpoints", [study.month])
    if nothing:
        return nothing
    calls = study.fact("calls", [study.month])
    calls = calls.filter(calls.environment == "production").mutate(endpoint=calls.endpoint.fill_null(""))
    daily = calls.group_by("account_id", "day", "status", "endpoint").aggregate(calls=calls.calls.sum())
    daily = daily.order_by("account_id", "day", "status", "endpoint").to_pandas()
    if daily.empty:
        return NotMeasurable("Endpoints", f"there are no production calls in {study.month}; choose another month.")
    table = daily.groupby("endpoint").agg(calls=("calls", "sum"), accounts=("account_id", "nunique")).reset_index()
    well = availability(daily, quotas=dated_quotas(study), by="endpoint").rename(columns={"share": "availability"})
    table = table.merge(well[["endpoint", "availability", "low", "high"]], on="endpoint", how="left")
    good = good_requests(study, [study.month])
    waits = exact_percentiles(good.mutate(endpoint=good.endpoint.fill_null("")), by="endpoint", quantiles=(0.5, 0.9, 0.99))
    for q in (0.5, 0.9, 0.99):
        column = waits[waits["quantile"] == q].set_index("endpoint")["latency_ms"]
        table[f"p{round(100 * q)}_ms"] = table["endpoint"].map(column).astype("float64")
    table.insert(2, "share", table["calls"] / table["calls"].sum())
    metered = [unit for unit in ("units_in", "units_out") if not study.lacks(f"requests.{unit}")]
    if metered:
        calls = production_requests(study, [study.month])
        named = calls.mutate(endpoint=calls.endpoint.fill_null("")).group_by("endpoint")
        medians = named.aggregate(**{f"median_{unit}": calls[unit].median() for unit in metered}).to_pandas()
        table = table.merge(medians, on="endpoint", how="left")
    return table.sort_values(["calls", "endpoint"], ascending=[False, True], ignore_index=True)


@needs("requests", "requests.status", what="Error codes")
def error_codes(study) -> pd.DataFrame | NotMeasurable:
    """Which error codes did the production calls of the study's month meet, and how often?

    Returns the rows of `error_distribution`, the most frequent first, and accounts (that met the code).
    """
    nothing = _no_calls(study, "Error codes", [study.month])
    if nothing:
        return nothing
    daily = daily_calls(study).query("month == @study.month")
    table = error_distribution(daily)
    met = daily.groupby("status")["account_id"].nunique()
    table = table.assign(accounts=table["status"].map(met).fillna(0).astype("int64"))
    return table.sort_values(["numerator", "status"], ascending=[False, True], ignore_index=True)


def machines_of_day(study) -> pd.DataFrame | NotMeasurable:
    """How busy were the hosts on each day of the months shown? See `host_load`; cpu_max and memory_max of
    a day are the highest samples, for a day has too few for a percentile."""
    samples = host_samples(study)
    if isinstance(samples, NotMeasurable):
        return samples
    shown = samples[samples["month"].isin(study.months)]
    if shown.empty:
        return NotMeasurable("Load of the hosts", f"no host was sampled in {study.span}; choose other months.")
    hourly = shown.groupby(["day", "hour", "host"])["connections"].max().groupby(level=["day", "hour"]).sum(min_count=1)
    table = shown.groupby("day").agg(cpu_max=("cpu_share", "max"), memory_max=("memory_share", "max"))
    table["connections_max"] = hourly.groupby(level="day").max()
    every = pd.date_range(f"{study.months[0]}-01", np.datetime64(study.until_day) - 1, freq="D")
    return table.reindex(every).rename_axis("day").reset_index()
