"""How long do callers wait, most of them and the unlucky ones?

Unit: a request, drawn by account. Percentiles are never averaged: they come from the requests, or
from counts by bucket that add up. Give only good requests; a failure is often fast, and would make
a bad day look quick. It does not see the network between caller and gateway.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.latency_scheme import bucket_value
from apijourney.columns import names, required
from apijourney.metrics.uncertainty import bootstrap_quantile

QUANTILES = (0.5, 0.9, 0.95, 0.99)
_BEYOND = 10  # requests that must lie above a quantile before it is shown


def percentiles(
    histogram: pd.DataFrame,
    *,
    by: str | Iterable[str] = ("month",),
    quantiles: Iterable[float] = QUANTILES,
    draws: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Which latency did a share q of the requests not exceed, from bucket counts?

    Parameters
    ----------
    histogram : the columns of `by`, account_id (nullable), bucket (see
        `apijourney.facts.latency_scheme`), calls; of good requests. Rows with the same keys are
        added up, so histograms of days or endpoints may be stacked.
    by : the columns that make a group.
    quantiles : shares between 0 and 1.
    draws, seed : of the bootstrap over accounts; draws=0 leaves the interval out (NaN) and is fast.

    Returns
    -------
    One row a group and quantile: the columns of `by`, quantile, latency_ms (within 1 % of the
    request at rank ⌈q·n⌉), low, high (95 %; NaN with fewer than two accounts), calls (n),
    accounts. latency_ms, low and high are NaN where fewer than 10 requests lie beyond the quantile,
    n(1 − q) < 10: such a percentile is chance.

    >>> histogram = pd.DataFrame({"month": "2026-10", "account_id": ["a", "b"], "bucket": [279, 314],
    ...                           "calls": [60, 40]})
    >>> percentiles(histogram, quantiles=[0.5, 0.9, 0.99])[["quantile", "latency_ms", "calls"]].round(2)
       quantile  latency_ms  calls
    0      0.50      248.39    100
    1      0.90      496.74    100
    2      0.99         NaN    100
    """
    by, quantiles = names(by), _checked(quantiles)
    required(histogram, [*by, "account_id", "bucket", "calls"], where="percentiles(histogram)")
    if not draws:
        return _without_intervals(histogram[histogram["calls"] > 0], by, quantiles)
    rows = []
    for key, part in histogram[histogram["calls"] > 0].groupby(by, dropna=False):
        counts, values = _by_account(part)
        running = np.cumsum(counts.sum(axis=0))
        n = int(running[-1])
        for q in quantiles:
            latency = low = high = np.nan
            if _shown(n, q):
                latency = values[np.searchsorted(running, max(1, np.ceil(q * n - 1e-9)))]
                low, high = bootstrap_quantile(counts, values, q, draws=draws, seed=seed)
            rows.append((*key, q, latency, low, high, n, len(counts)))
    columns = ["quantile", "latency_ms", "low", "high", "calls", "accounts"]
    return pd.DataFrame(rows, columns=[*by, *columns])


def _without_intervals(histogram: pd.DataFrame, by: list[str], quantiles: list[float]) -> pd.DataFrame:
    """The table of `percentiles` without low and high, of all groups at once."""
    counts = histogram.groupby([*by, "bucket"], dropna=False, observed=True)["calls"].sum().reset_index()
    groups = histogram.groupby(by, dropna=False, observed=True)
    table = groups["calls"].sum().reset_index()
    table["accounts"] = groups["account_id"].nunique(dropna=False).to_numpy()
    n = table["calls"].to_numpy("int64")
    running = counts["calls"].to_numpy("int64").cumsum()  # of all groups one after the other
    before, values = n.cumsum() - n, bucket_value(counts["bucket"].to_numpy("int64"))
    parts = []
    for place, q in enumerate(quantiles):
        rank = np.maximum(1, np.ceil(q * n - 1e-9)).astype("int64")
        latency = np.where(_shown(n, q), values[np.searchsorted(running, before + rank)], np.nan)
        parts.append(table.assign(quantile=q, latency_ms=latency, low=np.nan, high=np.nan, place=place))
    rows = pd.concat(parts).rename_axis("group").reset_index().sort_values(["group", "place"], ignore_index=True)
    return rows[[*by, "quantile", "latency_ms", "low", "high", "calls", "accounts"]]


def exact_percentiles(
    requests, *, by: str | Iterable[str] = (), quantiles: Iterable[float] = QUANTILES
) -> pd.DataFrame:
    """Which latency did a share q of the requests not exceed, from the requests themselves?

    Parameters
    ----------
    requests : an Ibis table with latency_ms and the columns of `by`; filtered to good requests by
        the caller. Null latencies are left out.
    by : the columns that make a group; none = one group.
    quantiles : shares between 0 and 1.

    Returns
    -------
    One row a group and quantile, sorted: the columns of `by`, quantile, latency_ms (the engine's
    continuous quantile, interpolated between neighbours), calls (n). NaN where n(1 − q) < 10.
    It is the number of a report; it carries no interval, which `percentiles` gives.

    >>> import ibis
    >>> requests = ibis.memtable(pd.DataFrame({"latency_ms": range(101)}))
    >>> exact_percentiles(requests, quantiles=[0.5, 0.9])
       quantile  latency_ms  calls
    0       0.5        50.0    101
    1       0.9        90.0    101
    """
    by, quantiles = names(by), _checked(quantiles)
    required(requests, [*by, "latency_ms"], where="exact_percentiles(requests)")
    known = requests.filter(requests.latency_ms.notnull())
    aggregates = {f"q{i}": known.latency_ms.quantile(q) for i, q in enumerate(quantiles)}
    grouped = known.group_by(by) if by else known
    wide = grouped.aggregate(calls=known.count(), **aggregates).to_pandas()
    parts = []
    for i, q in enumerate(quantiles):
        shown = [_shown(n, q) for n in wide["calls"]]
        latency = wide[f"q{i}"].astype(float).where(shown)
        parts.append(wide[by].assign(quantile=q, latency_ms=latency, calls=wide["calls"]))
    return pd.concat(parts).sort_values([*by, "quantile"], ignore_index=True)


def _by_account(part: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    row, accounts = pd.factorize(part["account_id"], use_na_sentinel=False)
    buckets, column = np.unique(part["bucket"].to_numpy("int64"), return_inverse=True)
    counts = np.zeros((len(accounts), len(buckets)))  # float: whole below 2^53, and fast to multiply
    np.add.at(counts, (row, column), part["calls"].to_numpy(float))
    return counts, bucket_value(buckets)


def _shown(n, q: float):
    return n * (1 - q) >= _BEYOND - 1e-9  # 100 × (1 − 0.9) is 9.999999999999998


def _checked(quantiles: Iterable[float]) -> list[float]:
    asked = [float(q) for q in quantiles]
    for q in asked:
        if not 0 < q < 1:
            raise WorkbookError(f"quantiles: each lies between 0 and 1 (0.95), not at {q}.")
    return asked
