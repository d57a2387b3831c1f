"""How long is the mean wait, how long the longest, and how many answers come soon enough to satisfy?

Unit: a production call, drawn by account. The mean and the longest are of good calls; Apdex counts a
server error as a wait that frustrates. All come from one pass over the calls. Percentiles, which say
more, are in `latency`.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.infrastructure.service_metrics import production_requests
from apijourney.metrics.registry import catalogued
from apijourney.metrics.infrastructure.shares import share_interval
from apijourney.metrics.uncertainty import bootstrap_ratio

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
_APDEX = "Apdex Alliance (2007), Application Performance Index, Apdex Technical Specification, version 1.1"


@remembered
def answer_times(study) -> pd.DataFrame:
    """What the waits of each account add up to, by month: month, account_id (nullable), and

    good (good calls with a latency), total_ms and longest_ms (of those), satisfied (good, within
    slo.apdex_ms), tolerated (good, within four times that), failed (status 500 to 599).
    Throttled calls, and good calls without a latency, are in none of them.
    """
    satisfies = study.workbook.slo.apdex_ms
    calls = production_requests(study, study.months)
    good = (calls.status < 500) & (calls.status != 429) & calls.latency_ms.notnull()
    wait = good.ifelse(calls.latency_ms, None)
    table = calls.group_by("month", "account_id").aggregate(
        good=good.sum(),
        total_ms=wait.sum(),
        longest_ms=wait.max(),
        satisfied=(wait <= satisfies).sum(),
        tolerated=((wait > satisfies) & (wait <= 4 * satisfies)).sum(),
        failed=calls.status.between(500, 599).sum(),
    )
    # The engine answers in any order, and floats add up differently in each.
    table = table.order_by("month", "account_id").to_pandas()
    counts = ["good", "satisfied", "tolerated", "failed"]
    return table.assign(**table[counts].fillna(0).astype("int64"), total_ms=table["total_ms"].fillna(0))


def apdex_of(parts: pd.DataFrame) -> tuple[float, float]:
    """How much satisfaction did how many answers give?

    parts : good, satisfied, tolerated, failed, from `answer_times`.
    Returns (satisfied + half of the tolerated, good + failed): Apdex is the first over the second.

    >>> apdex_of(pd.DataFrame({"good": [8], "satisfied": [6], "tolerated": [2], "failed": [2]}))
    (7.0, 10.0)
    """
    return float((parts["satisfied"] + parts["tolerated"] / 2).sum()), float((parts["good"] + parts["failed"]).sum())


def _no_latency(study, what: str) -> NotMeasurable | None:
    if answer_times(study)["good"].any():
        return None
    return NotMeasurable(what, "no good production call carries latency_ms; map that column.")


@catalogued(
    name="Mean latency", dimension="infrastructure", stage="measure",
    question="How long does a good call take on average?",
    formula="sum of latency_ms / number of good production calls with a latency",
    unit="ms", direction="down", timing="leading", counter_metric="latency_p99",
    gameable_by="many quick calls hide few that are very slow", tables=("requests",),
    columns=("requests.status", "requests.latency_ms"), source=_BOOK,
    counted="calls",
)  # fmt: skip
def latency_mean(study):
    nothing = _no_latency(study, "Mean latency")
    if nothing:
        return nothing
    rows = []
    for month in study.months:
        part = answer_times(study).query("month == @month and good > 0")
        total, n = part["total_ms"].sum(), part["good"].sum()
        low, high = bootstrap_ratio(part["total_ms"], part["good"])
        rows.append((month, total / n if n else np.nan, low, high, total, n))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator"])


@catalogued(
    name="Slowest call", dimension="infrastructure", stage="measure",
    question="How long did the unluckiest caller wait?",
    formula="largest latency_ms of the good production calls of the month; one call decides it, and it "
    "grows with the number of calls",
    unit="ms", direction="down", timing="leading", counter_metric="latency_p99",
    gameable_by="a time limit that turns the slowest calls into failures", tables=("requests",),
    columns=("requests.status", "requests.latency_ms"), source=_BOOK,
    counted="calls", whole_month=True,
)  # fmt: skip
def latency_max(study):
    nothing = _no_latency(study, "Slowest call")
    if nothing:
        return nothing
    found = answer_times(study).groupby("month").agg(value=("longest_ms", "max"), denominator=("good", "sum"))
    return found.reindex(study.months).rename_axis("month").reset_index()


@catalogued(
    name="Apdex", dimension="infrastructure", stage="measure",
    question="How satisfied are callers with the wait, from 0 to 1?",
    formula="(calls answered within slo.apdex_ms + half of those within four times that) / calls answered "
    "or failed by the server, of production",
    unit="ratio", direction="up", timing="leading", counter_metric="latency_p99",
    gameable_by="a generous threshold: the same service with a larger slo.apdex_ms looks better",
    tables=("requests",), columns=("requests.status", "requests.latency_ms"), source=_APDEX, counted="calls",
)  # fmt: skip
def apdex(study):
    nothing = _no_latency(study, "Apdex")
    if nothing:
        return nothing
    rows = []
    for month in study.months:
        part = answer_times(study).query("month == @month and good + failed > 0")
        score, n = apdex_of(part)
        low, high = share_interval(part["satisfied"] + part["tolerated"] / 2, part["good"] + part["failed"])
        rows.append((month, score / n if n else np.nan, low, high, score, n))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator"])
