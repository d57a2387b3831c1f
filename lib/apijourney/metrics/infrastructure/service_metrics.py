"""The catalogued metrics of the infrastructure dimension: is the API there, and is it fast?

Unit: a call of production, drawn by account. Test keys and internal accounts are left out; calls
that belong to no account stay, as one unit. The arithmetic is in the modules beside this one.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.facts.definitions import is_test_key
from apijourney.localtime import local_days, local_time
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.infrastructure.availability import availability as availability_table
from apijourney.metrics.infrastructure.latency import QUANTILES, exact_percentiles, percentiles
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
_SRE = "Beyer et al. (2016), Site Reliability Engineering, chapter 4"


@remembered
def daily_calls(study, before: int = 0) -> pd.DataFrame:
    """Production calls of the months shown, and of so many observed months before, by account, day and status.

    Returns account_id, day, month, status, calls.
    """
    return calls_by_status(study, study.all_months[-len(study.months) - before :])


def calls_by_status(study, months: list[str]) -> pd.DataFrame:
    """Production calls of some months by account, day and status, as `outcomes` reads them.

    Returns account_id, day, month, status, calls; in a study of one product also `used`, the account's
    calls of all products in the month up to the end of the day: a quota is not one product's.
    """
    daily = _production(study.fact("calls", months), "account_id", "day", "status")
    if study.product == "all":
        return daily
    everything = _production(study.narrowed(product="all").fact("activity", months), "account_id", "day", "month")
    used = everything.sort_values("day").groupby(["account_id", "month"])["calls"].cumsum()
    keyed = everything.assign(used=used)[["account_id", "day", "used"]]
    return daily.merge(keyed, on=["account_id", "day"], how="left")


def _production(calls, *by: str) -> pd.DataFrame:
    """Sum the production calls of a fact by some columns; `day` as a timestamp, with its month."""
    calls = calls.filter(calls.environment == "production")
    keys = [key for key in by if key != "month"]
    sums = calls.group_by(*keys).aggregate(calls=calls.calls.sum()).to_pandas()
    day = pd.to_datetime(sums["day"])
    return sums.assign(day=day, month=day.dt.strftime("%Y-%m"))


@remembered
def monthly_calls(study) -> pd.DataFrame:
    """Production calls of each month shown: calls, server_errors, told (how many say how they ended)."""
    days = study.fact("activity", study.months)
    days = days.filter(days.environment == "production").mutate(month=days.day.strftime("%Y-%m"))
    sums = days.group_by("month").aggregate(
        calls=days.calls.sum(), server_errors=days.server_errors.sum(), told=(days.calls - days.unknown).sum()
    )
    return sums.to_pandas().set_index("month").reindex(study.months, fill_value=0)


@remembered
def dated_quotas(study) -> pd.DataFrame:
    """The quotas accounts had, each from its local day on: account_id, valid_from, quota_per_month.

    Where an account has no history, the quota of the accounts table holds from the beginning.
    """
    history = study.table("account_history")
    now = study.accounts[["account_id", "quota_per_month"]]
    plain = now[~now["account_id"].isin(history["account_id"])]
    plain = plain.assign(valid_from=pd.Timestamp(study.observed_from, unit="us").floor("D") - pd.Timedelta(days=1))
    if not len(history):
        return plain
    micros = history["valid_from"].to_numpy().astype("datetime64[us]").astype("int64")
    local = local_days(micros, study.zone).astype("datetime64[s]")
    dated = history.assign(valid_from=local)[["account_id", "valid_from", "quota_per_month"]]
    return pd.concat([dated, plain], ignore_index=True)


def _by_month(study, table: pd.DataFrame) -> pd.DataFrame:
    return table.set_index("month").reindex(study.months).rename_axis("month").reset_index()


def observed_minutes(study) -> np.ndarray:
    """How many minutes of each month shown were observed? The first may begin, and the last end, within its month."""
    bounds = np.array([study.bounds(m) for m in study.months]).clip(study.observed_from, study.observed_until)
    return (bounds[:, 1] - bounds[:, 0]) / 60e6


@catalogued(
    name="Availability", dimension="infrastructure", stage="measure",
    question="Which share of the valid production calls was answered well?",
    formula="calls with status < 500 / valid calls; throttling by the customer's own quota and unknown "
    "statuses are left out, other throttling counts as bad",
    unit="share", direction="up", timing="leading", counter_metric="requests_per_minute",
    gameable_by="a dead gateway logs nothing: read uptime beside it", tables=("requests",),
    columns=("requests.status",),
    source=_SRE, counted="calls",
)  # fmt: skip
def availability(study):
    table = availability_table(daily_calls(study), quotas=dated_quotas(study), slo=study.workbook.slo.availability)
    return _by_month(
        study, table.rename(columns={"share": "value", "good": "numerator", "valid": "denominator"})
    )


@catalogued(
    name="Server errors per minute", dimension="infrastructure", stage="measure",
    question="How many calls does the API fail each minute?",
    formula="production calls with status 500 to 599 / minutes of the local month that were observed",
    unit="per minute", direction="down", timing="leading", counter_metric="requests_per_minute",
    gameable_by="answering failures with status 200", tables=("requests",), columns=("requests.status",),
    source=_BOOK, counted="minutes",
)  # fmt: skip
def errors_per_minute(study):
    calls, minutes = monthly_calls(study), observed_minutes(study)
    silent = (calls["calls"] > 0) & (calls["told"] == 0)  # calls, but none that says how it ended
    numerator = calls["server_errors"].astype("float64").where(~silent).to_numpy()
    return pd.DataFrame(
        {"month": study.months, "value": numerator / minutes, "numerator": numerator, "denominator": minutes}
    )


@catalogued(
    name="Requests per minute", dimension="infrastructure", stage="scale",
    question="How much traffic does production carry?",
    formula="production calls / minutes of the local month that were observed",
    unit="per minute", direction="up", timing="leading", counter_metric="cost_per_thousand_calls",
    gameable_by="retries and polling raise it without any value", tables=("requests",), source=_BOOK,
    counted="minutes",
)  # fmt: skip
def requests_per_minute(study):
    numerator, minutes = monthly_calls(study)["calls"].to_numpy(), observed_minutes(study)
    return pd.DataFrame(
        {"month": study.months, "value": numerator / minutes, "numerator": numerator, "denominator": minutes}
    )


def production_requests(study, months: list[str]):
    """The production calls of some months as an Ibis table, test keys left out, with `month` (local)."""
    calls = study.requests(months)
    real = calls.filter(calls.environment.fill_null("production") == "production")
    real = real.filter(~is_test_key(real, study.workbook))
    first, last = study.bounds(months[0])[0], study.bounds(months[-1])[1]
    local = local_time(real.occurred_at, study.zone, between=(first, last))
    return real.mutate(month=local.strftime("%Y-%m"))


def good_requests(study, months: list[str]):
    """Those of `production_requests` that were answered well and not throttled."""
    calls = production_requests(study, months)
    return calls.filter((calls.status < 500) & (calls.status != 429))


@remembered
@needs("requests", "requests.status", "requests.latency_ms", what="Latency")
def latency_table(study, quantiles=QUANTILES) -> pd.DataFrame | NotMeasurable:
    """Latency percentiles by month: exact value from the calls, interval by bootstrap over accounts.

    Returns month, quantile, latency_ms, low, high, calls, of good production calls.
    """
    if not study.store.paths("latency", study.months):
        return NotMeasurable("Latency", f"there are no requests in the months up to {study.month}; choose a later month.")
    exact = exact_percentiles(good_requests(study, study.months), by="month", quantiles=quantiles)
    if exact.empty:
        return NotMeasurable("Latency", "no good production call carries latency_ms; map that column.")
    buckets = study.fact("latency", study.months)
    buckets = buckets.filter(buckets.environment == "production").mutate(
        month=lambda t: t.day.strftime("%Y-%m")
    )
    histogram = (
        buckets.group_by("month", "account_id", "bucket")
        .aggregate(calls=buckets.calls.sum())
        .order_by("month", "account_id", "bucket")
        .to_pandas()
    )
    bounds = percentiles(histogram, by="month", quantiles=quantiles)
    keys = ["month", "quantile"]
    numbers = dict.fromkeys(("quantile", "low", "high"), "float64")
    exact = exact.astype({"month": "str", "quantile": "float64"})
    bounds = bounds.astype({"month": "str"} | numbers)
    table = exact.merge(bounds[[*keys, "low", "high"]], on=keys, how="left")
    # Bounds come from buckets that are within 1 %; they must not exclude the exact value by that.
    return table.assign(
        low=table[["low", "latency_ms"]].min(axis=1).where(table["low"].notna()),
        high=table[["high", "latency_ms"]].max(axis=1).where(table["high"].notna()),
    )


def _latency(study, quantile: float) -> pd.DataFrame | NotMeasurable:
    table = latency_table(study)
    if isinstance(table, NotMeasurable):
        return table
    table = table[table["quantile"] == quantile]
    return _by_month(study, table.rename(columns={"latency_ms": "value", "calls": "denominator"}))


@catalogued(
    name="Median latency", dimension="infrastructure", stage="measure",
    question="How fast is the typical good call answered?",
    formula="50th percentile of latency_ms of good production calls, from the calls themselves",
    unit="ms", direction="down", timing="leading", counter_metric="availability",
    gameable_by="failing slow calls early takes them out of the good ones", tables=("requests",),
    columns=("requests.status", "requests.latency_ms"), source=_SRE, counted="calls",
)  # fmt: skip
def latency_p50(study):
    return _latency(study, 0.5)


@catalogued(
    name="90th percentile of latency", dimension="infrastructure", stage="measure",
    question="How slow is the call that one in ten good calls is slower than?",
    formula="90th percentile of latency_ms of good production calls, from the calls themselves",
    unit="ms", direction="down", timing="leading", counter_metric="availability",
    gameable_by="failing slow calls early takes them out of the good ones", tables=("requests",),
    columns=("requests.status", "requests.latency_ms"),
    source=_SRE, counted="calls",
)  # fmt: skip
def latency_p90(study):
    return _latency(study, 0.9)


@catalogued(
    name="95th percentile of latency", dimension="infrastructure", stage="measure",
    question="How slow is the call that one in twenty good calls is slower than?",
    formula="95th percentile of latency_ms of good production calls, from the calls themselves",
    unit="ms", direction="down", timing="leading", counter_metric="availability",
    gameable_by="failing slow calls early takes them out of the good ones", tables=("requests",),
    columns=("requests.status", "requests.latency_ms"), source=_SRE, counted="calls",
)  # fmt: skip
def latency_p95(study):
    return _latency(study, 0.95)


@catalogued(
    name="99th percentile of latency", dimension="infrastructure", stage="measure",
    question="How slow is the call that one in a hundred good calls is slower than?",
    formula="99th percentile of latency_ms of good production calls, from the calls themselves; only from "
    "1,000 calls on",
    unit="ms", direction="down", timing="leading", counter_metric="apdex",
    gameable_by="a time limit that turns the slowest calls into failures", tables=("requests",),
    columns=("requests.status", "requests.latency_ms"),
    source=_SRE, counted="calls",
)  # fmt: skip
def latency_p99(study):
    return _latency(study, 0.99)
