"""How many calls are being answered at the same time?

Unit: a production call, from the moment it came until it was answered. The mean comes from Little's law,
arrivals a second × seconds a call takes; the peak from a sweep over the beginnings and the ends, exact.
Both see only calls that carry a latency. Connections that carry no call are in `hosts`.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.infrastructure.service_metrics import production_requests
from apijourney.metrics.registry import catalogued

_LITTLE = "Little (1961), A Proof for the Queuing Formula L = λW, Operations Research 9, 383-387"


def concurrent(begins_ms: np.ndarray, latency_ms: np.ndarray) -> dict:
    """How many calls were open at the same time, added up and at most?

    Parameters
    ----------
    begins_ms : when each call came, milliseconds since any instant, in any order.
    latency_ms : how long it took.

    Returns
    -------
    calls, busy_ms (the latencies added up; over the length of the time observed this is the mean number of open calls),
    peak (the most calls open at one instant; a call that ends at an instant makes room for one that begins at it).
    Without a call: 0, 0, and a peak of 0.

    >>> concurrent(np.array([0, 500, 1000]), np.array([1000, 1000, 500]))
    {'calls': 3, 'busy_ms': 2500.0, 'peak': 2}
    """
    begins = np.sort(np.asarray(begins_ms, dtype=float))
    ends = np.sort(np.asarray(begins_ms, dtype=float) + latency_ms)
    # The count only grows at a beginning: those begun by then, less those ended by then.
    open_then = np.arange(1, len(begins) + 1) - np.searchsorted(ends, begins, side="right")
    return {"calls": len(begins), "busy_ms": float(np.sum(latency_ms)), "peak": int(open_then.max(initial=0))}


@remembered
@needs("requests", "requests.latency_ms", what="Calls at the same time")
def concurrent_by_month(study) -> pd.DataFrame | NotMeasurable:
    """Calls open at the same time in each month shown; a call belongs to the month it came in.

    Returns month, calls, busy_ms, peak (NaN where no call carries a latency), seconds (observed), mean (busy / observed
    time: Little), per_second (arrivals), mean_ms.
    """
    if not study.store.paths("requests", study.months):
        return NotMeasurable("Calls at the same time", f"there are no requests up to {study.month}; choose a later month.")
    calls = production_requests(study, study.months)
    calls = calls.filter(calls.latency_ms.notnull())
    found = calls.select(at=calls.occurred_at, latency_ms=calls.latency_ms.cast("float64")).to_pyarrow()
    micros = found["at"].to_numpy().astype("datetime64[us]").astype("int64")
    latency = found["latency_ms"].to_numpy()
    rows = []
    for month in study.months:
        begins, ends = study.bounds(month)
        mine = (micros >= begins) & (micros < ends)
        row = concurrent(micros[mine] / 1000, latency[mine]) if mine.any() else {"calls": 0, "busy_ms": np.nan, "peak": np.nan}
        rows.append({"month": month} | row | {"seconds": (min(ends, study.observed_until) - max(begins, study.observed_from)) / 1e6})
    table = pd.DataFrame(rows)
    return table.assign(
        mean=table["busy_ms"] / 1000 / table["seconds"], per_second=table["calls"] / table["seconds"],
        mean_ms=table["busy_ms"] / table["calls"],
    )  # fmt: skip


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
    columns=("requests.latency_ms",), source=_LITTLE, counted="calls", whole_month=True,
)  # fmt: skip
def concurrent_requests(study):
    return _concurrent(study, "mean")


@catalogued(
    name="Peak of calls at the same time", dimension="infrastructure", stage="scale",
    question="How many calls were being answered at once at the busiest instant?",
    formula="most production calls open at one instant of the local month, each from occurred_at to occurred_at + latency_ms",
    unit="count", direction="none", timing="leading", counter_metric="latency_p99",
    gameable_by="turning callers away at the busiest instant", tables=("requests",), columns=("requests.latency_ms",),
    source=_LITTLE, counted="calls", whole_month=True,
)  # fmt: skip
def peak_concurrent_requests(study):
    return _concurrent(study, "peak")
