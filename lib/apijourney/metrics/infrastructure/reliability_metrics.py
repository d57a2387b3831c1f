"""The catalogued metrics of reliability: up by the clock, breaking how often, mended how fast, failing on demand.

Unit: a failure of the twelve months that end with a month (or of what was observed of them): one
month alone mostly has none. Incidents come from their table; where there is none, they are derived from
the calls (`incidents`).
"""

import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.infrastructure import service_metrics
from apijourney.metrics.infrastructure.incidents import known_incidents
from apijourney.metrics.infrastructure.reliability import reliability
from apijourney.metrics.infrastructure.uptime import uptime
from apijourney.metrics.registry import CATALOG, catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
_WINDOW_MONTHS = 12
_OVER = "over the 12 months that end with the month, or as much of them as was observed"
_FROM = "; incidents that overlap are one, and without the table incidents they are derived from the calls"
_NEEDS = {"tables": ("outages",), "source": _BOOK}


@remembered
def reliability_by_month(study) -> pd.DataFrame | NotMeasurable:
    """`reliability` of the year up to the end of each month shown: its columns, and month."""
    incidents = known_incidents(study)
    if isinstance(incidents, NotMeasurable):
        return incidents
    parts = []
    for month in study.months:
        first = study.bounds(str(pd.Period(month, "M") - (_WINDOW_MONTHS - 1)))[0]
        since = pd.Timestamp(max(first, study.observed_from), unit="us")
        until = pd.Timestamp(min(study.bounds(month)[1], study.observed_until), unit="us")
        known = incidents[incidents["started_at"] < until]
        known = known.assign(ended_at=known["ended_at"].where(known["ended_at"] < until))
        row = reliability(known, since=since, until=until, min_n=study.workbook.definitions.min_n)
        parts.append(row.assign(month=month))
    return pd.concat(parts, ignore_index=True)


def reliability_parts(study) -> pd.DataFrame | NotMeasurable:
    """MTTF, MTTR, MTBF, ROCOF and POFOD at the end of the study's month, side by side.

    Returns one row a measure that can be measured: measure, value, low, high, unit, n, of (what n counts). low and high
    are NaN where there are too few to give an interval. Not measurable where none is.
    """
    rows, lacking = [], []
    for name in (
        "mean_time_to_failure", "mean_time_to_repair", "mean_time_between_failures", "rate_of_occurrence_of_failure",
        "probability_of_failure_on_demand",
    ):  # fmt: skip
        entry = CATALOG[name]
        table = entry.compute(study)
        if isinstance(table, NotMeasurable):
            lacking.append(table)
            continue
        last = table.iloc[-1]
        rows.append((entry.name, last["value"], last["low"], last["high"], entry.unit, last["denominator"], entry.counted))
    return pd.DataFrame(rows, columns=["measure", "value", "low", "high", "unit", "n", "of"]) if rows else lacking[0]


def _metric(study, value: str, bounds: str, numerator: str, denominator: str):
    table = reliability_by_month(study)
    if isinstance(table, NotMeasurable):
        return table
    names = {value: "value", f"{bounds}_low": "low", f"{bounds}_high": "high"}
    return table.rename(columns=names).assign(numerator=table[numerator], denominator=table[denominator])


@catalogued(
    name="Uptime by the clock", dimension="infrastructure", stage="measure",
    question="Which share of the month's minutes lay outside every incident?",
    formula="minutes of the local month outside incidents / minutes of the month" + _FROM,
    unit="share", direction="up", timing="leading", counter_metric="availability",
    gameable_by="declaring incidents late, or not at all", counted="minutes", whole_month=True, **_NEEDS,
)  # fmt: skip
def time_uptime(study):
    incidents = known_incidents(study)
    if isinstance(incidents, NotMeasurable):
        return incidents
    table = uptime(incidents, months=study.months, timezone=study.zone, observed_until=study.until)
    whole = [study.whole(m) for m in study.months]
    return table.rename(columns={"share": "value"}).assign(mature=whole & table["mature"].to_numpy())


@catalogued(
    name="Mean time to repair (MTTR)", dimension="infrastructure", stage="measure",
    question="How long does a failure last until it is mended?",
    formula=f"mean minutes from start to end of the incidents that began and ended, {_OVER}{_FROM}",
    unit="minutes", direction="down", timing="lagging", counter_metric="rate_of_occurrence_of_failure",
    gameable_by="closing an incident before the callers agree", counted="repairs", **_NEEDS,
)  # fmt: skip
def mean_time_to_repair(study):
    table = _metric(study, "mttr_minutes", "mttr", "down_minutes", "repairs")
    return table if isinstance(table, NotMeasurable) else table.drop(columns="numerator")


@catalogued(
    name="Mean time to failure (MTTF)", dimension="infrastructure", stage="measure",
    question="How long does the service hold before it breaks?",
    formula=f"days outside incidents / incidents that began, {_OVER}; not known without one{_FROM}",
    unit="days", direction="up", timing="lagging", counter_metric="mean_time_to_repair",
    gameable_by="recording one long incident instead of several", counted="failures", **_NEEDS,
)  # fmt: skip
def mean_time_to_failure(study):
    table = _metric(study, "mttf_days", "mttf", "days", "failures")
    return table if isinstance(table, NotMeasurable) else table.drop(columns="numerator")


@catalogued(
    name="Mean time between failures (MTBF)", dimension="infrastructure", stage="measure",
    question="How long is it from one failure to the next?",
    formula=f"days / incidents that began, {_OVER}; not known without one{_FROM}",
    unit="days", direction="up", timing="lagging", counter_metric="mean_time_to_repair",
    gameable_by="recording one long incident instead of several", counted="failures", **_NEEDS,
)  # fmt: skip
def mean_time_between_failures(study):
    return _metric(study, "mtbf_days", "mtbf", "days", "failures")


@catalogued(
    name="Failures in 30 days (ROCOF)", dimension="infrastructure", stage="measure",
    question="At which rate do failures occur?",
    formula=f"incidents that began / days × 30, {_OVER}{_FROM}",
    unit="per 30 days", direction="down", timing="lagging", counter_metric="time_uptime",
    gameable_by="recording one long incident instead of several", counted="days", **_NEEDS,
)  # fmt: skip
def rate_of_occurrence_of_failure(study):
    return _metric(study, "per_30_days", "rocof", "failures", "days")


@catalogued(
    name="Probability of failure on demand (POFOD)", dimension="infrastructure", stage="measure",
    question="How likely is it that the service fails when it is asked?",
    formula="failed calls / valid production calls of the month (1 - availability): read beside uptime, "
    "which counts minutes",
    unit="share", direction="down", timing="leading", counter_metric="time_uptime",
    gameable_by="a dead gateway logs nothing: read uptime beside it", tables=("requests",),
    columns=("requests.status",), source=_BOOK, counted="calls",
)  # fmt: skip
def probability_of_failure_on_demand(study):
    table = service_metrics.availability(study)
    if isinstance(table, NotMeasurable):
        return table
    return table.assign(
        value=1 - table["value"], low=1 - table["high"], high=1 - table["low"],
        numerator=table["denominator"] - table["numerator"],
    )  # fmt: skip
