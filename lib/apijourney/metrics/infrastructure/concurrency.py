"""How many calls are being answered at the same time?

Unit: a production call, from the moment it came until it was answered. The mean comes from Little's law,
arrivals a second × seconds a call takes; the peak from a sweep over the beginnings and the ends, exact.
Both see only calls that carry a latency. Connections that carry no call are in `hosts`.
"""

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table

from apijourney.columns import required
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.infrastructure.service_metrics import production_requests
from apijourney.metrics.registry import catalogued

_LITTLE = "Little (1961), A Proof for the Queuing Formula L = λW, Operations Research 9, 383-387"


def concurrent(calls: Table, *, by: str = "month") -> Table:
    """How many calls were open at the same time in each group, on average and at most?

    Parameters
    ----------
    calls : an Ibis table: occurred_at (when the call came), latency_ms (nulls are left out), and `by`.
    by : the column that makes a group. A call belongs to the group it came in.

    Returns
    -------
    An Ibis table, one row a group: `by`, calls, busy_ms (their latencies added up; over the length of the
    group this is the mean number of open calls), peak (the most calls open at one instant; a call that
    ends at an instant makes room for one that begins at it).

    >>> calls = ibis.memtable(pd.DataFrame({"month": "2026-10", "latency_ms": [1000.0, 1000.0, 500.0],
    ...     "occurred_at": pd.to_datetime(["2026-10-01T00:00:00.0", "2026-10-01T00:00:00.5", "2026-10-01T00:00:01.0"])}))
    >>> concurrent(calls).to_pandas()[["calls", "busy_ms", "peak"]].to_numpy().tolist()
    [[3.0, 2500.0, 2.0]]
    """
    required(calls, ["occurred_at", "latency_ms", by], where="concurrent(calls)")
    known = calls.filter(calls.latency_ms.notnull())
    begins = known.occurred_at.epoch_seconds().cast("int64") * 1000 + known.occurred_at.millisecond().cast("int64")
    known = known.select(by, "latency_ms", begins=begins.cast("float64"))
    ends = known.select(by, at=known.begins + known.latency_ms, change=ibis.literal(-1, "int64"))
    swept = known.select(by, at=known.begins, change=ibis.literal(1, "int64")).union(ends)
    order = ibis.window(group_by=by, order_by=["at", "change"], preceding=None, following=0)
    swept = swept.mutate(open=swept.change.sum().over(order))
    peaks = swept.group_by(by).aggregate(peak=swept.open.max())
    sums = known.group_by(by).aggregate(calls=known.count(), busy_ms=known.latency_ms.sum())
    return sums.inner_join(peaks, by).select(by, "calls", "busy_ms", "peak")


@remembered
@needs("requests", "requests.latency_ms", what="Calls at the same time")
def concurrent_by_month(study) -> pd.DataFrame | NotMeasurable:
    """Calls open at the same time in each month shown: month, calls, busy_ms, peak, seconds (observed), mean
    (busy / observed time, Little), per_second (arrivals), mean_ms. NaN where no call carries a latency."""
    if not study.store.paths("requests", study.months):
        return NotMeasurable("Calls at the same time", f"there are no requests up to {study.month}; choose a later month.")
    table = concurrent(production_requests(study, study.months)).to_pandas().set_index("month").reindex(study.months)
    bounds = [study.bounds(m) for m in study.months]
    seconds = [(min(b, study.observed_until) - max(a, study.observed_from)) / 1e6 for a, b in bounds]
    table = table.assign(seconds=seconds)
    return table.assign(
        mean=table["busy_ms"] / 1000 / table["seconds"], per_second=table["calls"] / table["seconds"],
        mean_ms=table["busy_ms"] / table["calls"],
    ).rename_axis("month").reset_index()  # fmt: skip


def _concurrent(study, value: str) -> pd.DataFrame | NotMeasurable:
    table = concurrent_by_month(study)
    if isinstance(table, NotMeasurable):
        return table
    mature = [study.whole(m) for m in study.months]
    return pd.DataFrame({"month": table["month"], "value": table[value].astype("float64"), "denominator": table["calls"], "mature": mature})


@catalogued(
    name="Calls at the same time", dimension="infrastructure", stage="scale",
    question="How many calls are being answered at the same time, on average?",
    formula="production calls a second × mean seconds of a call (Little's law): latency_ms of the production calls of "
    "the local month, added up / its milliseconds",
    unit="count", direction="none", timing="leading", counter_metric="latency_p99",
    gameable_by="slow answers raise it as well as traffic: read the latency beside it", tables=("requests",),
    columns=("requests.latency_ms",), source=_LITTLE, counted="calls",
)  # fmt: skip
def concurrent_requests(study):
    return _concurrent(study, "mean")


@catalogued(
    name="Peak of calls at the same time", dimension="infrastructure", stage="scale",
    question="How many calls were being answered at once at the busiest instant?",
    formula="most production calls open at one instant of the local month, each from occurred_at to occurred_at + latency_ms",
    unit="count", direction="none", timing="leading", counter_metric="latency_p99",
    gameable_by="turning callers away at the busiest instant", tables=("requests",), columns=("requests.latency_ms",),
    source=_LITTLE, counted="calls",
)  # fmt: skip
def peak_concurrent_requests(study):
    return _concurrent(study, "peak")
