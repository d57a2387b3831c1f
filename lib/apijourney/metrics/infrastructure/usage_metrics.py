"""The catalogued metrics of what the traffic is made of: one segment, three endpoints, one error code?

Unit: a production call of the local month, drawn by account. Each says which share the largest part has, so one number
a month tells when the mix changes; the parts themselves are in `usage`. Which part is the largest is read off
the month and held still while accounts are drawn.
"""

import numpy as np
import pandas as pd

from apijourney.facts.endpoints import UNMATCHED
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.infrastructure.service_metrics import daily_calls
from apijourney.metrics.infrastructure.shares import share_interval
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
TOP_ENDPOINTS = 3


def largest_parts(calls: pd.DataFrame, part: str, *, most: int = 1) -> tuple[float, float, int, int]:
    """Which share of the calls have the `most` largest parts?

    Parameters
    ----------
    calls : account_id (nullable), calls, and the column `part`; rows without a part are none of the largest, but
        count among all. Of parts with as many calls, the first in order is taken.

    Returns
    -------
    (low, high, n, of): the bounds of the share (see `share_interval`), the calls of the largest parts, and all calls.

    >>> calls = pd.DataFrame({"account_id": ["a", "b", "b"], "code": [404, 404, 500], "calls": [6, 1, 3]})
    >>> largest_parts(calls, "code")[2:]
    (7, 10)
    """
    sums = calls.groupby(part)["calls"].sum().sort_index().sort_values(ascending=False, kind="stable")
    hits = calls["calls"].where(calls[part].isin(sums.index[:most]), 0)
    units = pd.DataFrame({"hits": hits, "of": calls["calls"]}).groupby(calls["account_id"], dropna=False).sum()
    low, high = share_interval(units["hits"], units["of"])
    return low, high, int(units["hits"].sum()), int(units["of"].sum())


def _share(study, calls: pd.DataFrame, part: str, most: int = 1) -> pd.DataFrame:
    rows = []
    for month in study.months:
        low, high, n, of = largest_parts(calls[calls["month"] == month], part, most=most)
        rows.append((month, n / of if of else np.nan, low, high, n, of))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator"])


@catalogued(
    name="Share of the busiest segment", dimension="infrastructure", stage="scale",
    question="How much of the traffic does the segment bring that brings most?",
    formula="production calls of the accounts of the segment with most of them / production calls of accounts whose segment at "
    "sign-up is known, in the local month, however answered",
    unit="share", direction="none", timing="leading", counter_metric="top_10_usage_share",
    gameable_by="cutting one segment into two lowers it", tables=("requests", "accounts"), columns=("requests.account_id",),
    source=_BOOK, counted="calls",
)  # fmt: skip
def busiest_segment_share(study):
    if study.segment != "all":
        return NotMeasurable("Share of the busiest segment", "one segment has all of its own calls; choose all segments.")
    segments = study.accounts.set_index("account_id")["entry_segment"]
    calls = daily_calls(study)
    calls = calls.assign(segment=calls["account_id"].map(segments)).dropna(subset="segment")
    if calls.empty:
        return NotMeasurable("Share of the busiest segment", 'no account that calls has a segment; map "segment" of accounts.')
    return _share(study, calls, "segment")


@remembered
def _calls_by_endpoint(study) -> pd.DataFrame:
    """Production calls by month, account and endpoint; the endpoint is empty where none is named or none fits."""
    calls = study.fact("calls", study.months)
    calls = calls.filter(calls.environment == "production").mutate(month=calls.day.strftime("%Y-%m"))
    sums = calls.group_by("month", "account_id", "endpoint").aggregate(calls=calls.calls.sum())
    table = sums.order_by("month", "account_id", "endpoint").to_pandas()
    return table.assign(endpoint=table["endpoint"].where(~table["endpoint"].isin([UNMATCHED, ""])))


@catalogued(
    name="Share of the three busiest endpoints", dimension="infrastructure", stage="scale",
    question="How much of the traffic goes to three endpoints?",
    formula="production calls of the three endpoints with most of them / production calls, in the local month, however "
    "answered; a call that names no endpoint, or fits none, is among all, and of none of the three",
    unit="share", direction="none", timing="leading", counter_metric="feature_adoption",
    gameable_by="one template for many paths raises it", tables=("requests",), columns=("requests.endpoint",),
    source=_BOOK, counted="calls",
)  # fmt: skip
def top_endpoints_share(study):
    return _share(study, _calls_by_endpoint(study), "endpoint", TOP_ENDPOINTS)


@catalogued(
    name="Share of the most frequent error code", dimension="infrastructure", stage="test",
    question="Do most errors have one cause?",
    formula="production calls that ended with the most frequent status of 400 and above / production calls with a status of "
    "400 and above, in the local month; not known without one",
    unit="share", direction="none", timing="leading", counter_metric="errors_per_attempt",
    gameable_by="answering different causes with one code", tables=("requests",), columns=("requests.status",),
    source=_BOOK, counted="calls",
)  # fmt: skip
def top_error_code_share(study):
    daily = daily_calls(study)
    status = pd.to_numeric(daily["status"]).to_numpy(dtype=float, na_value=np.nan)
    return _share(study, daily[(status >= 400) & (status < 600)], "status")
