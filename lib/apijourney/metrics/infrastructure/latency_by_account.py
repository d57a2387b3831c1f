"""Who waits longest: the same percentile for each customer?

Unit: an account in a month. One percentile over all calls is that of the busiest accounts; a small customer
far away can wait twice as long and not be seen in it. An account's wait also follows from which
endpoints it calls: compare within one endpoint before you blame its region.
"""

import numpy as np
import pandas as pd
from scipy.stats import binom

from apijourney.facts.latency_scheme import bucket_value
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.infrastructure.latency import exact_percentiles, percentiles
from apijourney.metrics.infrastructure.budget_by_account import mrr_of
from apijourney.metrics.infrastructure.service_metrics import good_requests, latency_table
from apijourney.columns import required


def quantile_bounds(histogram: pd.DataFrame, q: float, *, level: float = 0.95) -> pd.DataFrame:
    """Between which latencies does the percentile of an account lie, judged by its own calls?

    Parameters
    ----------
    histogram : account_id, bucket (see `latency_scheme`), calls; rows of one account add up.
    q : quantile, 0.9 for the 90th percentile. level : confidence.

    Returns
    -------
    One row an account: account_id, low, high (milliseconds, within 1 %): the waits at the two ranks
    between which the percentile of that account lies in 95 of 100 samples of so many calls. It takes
    calls as independent; those of one hour resemble each other, so the truth is a little wider.

    Source: Conover (1999), Practical Nonparametric Statistics, chapter 3.2.

    >>> histogram = pd.DataFrame({"account_id": "a", "bucket": [100, 200, 300], "calls": [900, 60, 40]})
    >>> quantile_bounds(histogram, 0.9).round(1)
      account_id  low  high
    0          a  7.2  52.0
    """
    required(histogram, ["account_id", "bucket", "calls"], where="quantile_bounds(histogram)")
    counts = histogram.groupby(["account_id", "bucket"], observed=True)["calls"].sum()
    account, bucket = counts.index.get_level_values("account_id"), counts.index.get_level_values("bucket").to_numpy()
    first = np.flatnonzero(np.append(True, account[1:] != account[:-1])[: len(account)])
    running = np.append(0, counts.to_numpy().cumsum())  # of all accounts one after the other
    before, end = running[first], running[np.append(first[1:], len(account))[: len(first)]]
    n, tail = end - before, (1 - level) / 2
    least = np.maximum(binom.ppf(tail, n, q), 1)
    most = np.minimum(binom.ppf(1 - tail, n, q) + 1, n)
    low, high = (bucket_value(bucket[np.searchsorted(running[1:], before + rank)]) for rank in (least, most))
    return pd.DataFrame({"account_id": account[first], "low": low, "high": high})


@remembered
@needs("requests", "requests.account_id", "requests.status", "requests.latency_ms", what="Latency by customer")
def latency_by_account(study, q: float = 0.9, endpoint: str = "", exact: bool = True) -> pd.DataFrame | NotMeasurable:
    """Which wait do a share q of the good calls of each account not exceed, in the study's month?

    Parameters
    ----------
    q : quantile, 0.9 for the 90th percentile.
    endpoint : only the calls of this one; "" = all.
    exact : from the calls themselves; False reads the histogram, within 1 % and faster.

    Returns
    -------
    One row an account with a good production call, the longest wait first: account_id, latency_ms, low,
    high (95 %, see `quantile_bounds`), calls, mrr_minor (NaN = not measurable). latency_ms and its bounds are
    NaN where fewer than 10 calls lie beyond the quantile: too few to say; these rows come last.
    """
    what = "Latency by customer"
    if not study.store.paths("latency", [study.month]):
        return NotMeasurable(what, f"there are no requests in {study.month}; choose another month.")
    histogram = _histogram(study, endpoint)
    if histogram.empty:
        return NotMeasurable(what, "no good production call of an account carries latency_ms; map that column.")
    if exact:
        calls = good_requests(study, [study.month])
        calls = calls.filter(calls.account_id.notnull())
        calls = calls.filter(calls.endpoint == endpoint) if endpoint else calls
        table = exact_percentiles(calls, by="account_id", quantiles=[q])
    else:
        table = percentiles(histogram, by="account_id", quantiles=[q], draws=0).drop(columns=["low", "high"])
    bounds = quantile_bounds(histogram, q).astype({"account_id": "str"})
    table = table.astype({"account_id": "str"})[["account_id", "latency_ms", "calls"]].merge(bounds, on="account_id", how="left")
    known = table["latency_ms"].notna()
    table = table.assign(
        low=table[["low", "latency_ms"]].min(axis=1).where(known),
        high=table[["high", "latency_ms"]].max(axis=1).where(known),
        mrr_minor=mrr_of(study, table["account_id"]),
    )
    table = table.sort_values(["latency_ms", "account_id"], ascending=[False, True], na_position="last", ignore_index=True)
    return table[["account_id", "latency_ms", "low", "high", "calls", "mrr_minor"]]


@remembered(most=2)
def _by_endpoint(study) -> pd.DataFrame:
    """The good production calls of the study's month: account_id, endpoint, bucket, calls, in order of account and bucket."""
    buckets = study.fact("latency", [study.month])
    buckets = buckets.filter((buckets.environment == "production") & buckets.account_id.notnull())
    summed = buckets.group_by("account_id", "bucket", "endpoint").aggregate(calls=buckets.calls.sum())
    rows = summed.order_by("account_id", "bucket", "endpoint").to_pandas()
    return rows.astype({"account_id": "category", "endpoint": "category"})


@remembered(most=16)
def _histogram(study, endpoint: str = "") -> pd.DataFrame:
    """account_id, bucket, calls of one endpoint, or of all."""
    rows = _by_endpoint(study)
    rows = rows[rows["endpoint"] == endpoint] if endpoint else rows
    return rows.groupby(["account_id", "bucket"], observed=True)["calls"].sum().reset_index()


def wait_of_all(study, q: float = 0.9) -> float | None:
    """The same percentile of all good production calls of the study's month; None where it is not known."""
    table = latency_table(study)
    if isinstance(table, NotMeasurable):
        return None
    found = table[(table["month"] == study.month) & (table["quantile"] == q)]["latency_ms"].dropna()
    return float(found.iloc[0]) if len(found) else None
