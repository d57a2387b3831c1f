"""Of the things developers wanted done, how many failed, once repeated tries are counted as one?

Unit: an operation: a call, and the calls that repeat it after it failed. A program that tries five
times and succeeds the fifth time has four errors and no failed operation. Whether two calls were
meant as one is not written in a log: here a call repeats another when the same account calls the
same endpoint with the same method within 60 seconds of an error. An endpoint is a template where the
workbook file names some, so a call for another resource of it may be taken for a repeat.
"""

import ibis
import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.metrics.infrastructure.outcomes import outcomes
from apijourney.metrics.infrastructure.service_metrics import daily_calls, dated_quotas, production_requests
from apijourney.columns import required
from apijourney.metrics.registry import catalogued
from apijourney.metrics.infrastructure.shares import share_interval

RETRY_SECONDS = 60
_SRE = "Beyer et al. (2018), The Site Reliability Workbook, chapter 2"


def attempts_and_operations(calls, *, seconds: int = RETRY_SECONDS):
    """How many calls and how many operations had each account, and how many of each failed?

    Parameters
    ----------
    calls : an Ibis table: request_id, occurred_at, account_id (rows without one are left out: nobody
        knows whose retry they are), endpoint, method, status, month.
    seconds : the longest pause between an error and the call that repeats it.

    Returns
    -------
    An Ibis table, one row an account and month: month, account_id, attempts, failed_attempts (status
    400 and above), operations, failed_operations. An operation ends with the first call that is not
    repeated, counts in the month of that call, and fails when that call does.
    """
    names = ["request_id", "occurred_at", "account_id", "endpoint", "method", "status", "month"]
    required(calls, names, where="attempts_and_operations(calls)")
    known = calls.filter(calls.account_id.notnull() & calls.status.notnull())
    same = ibis.window(
        group_by=["account_id", "endpoint", "method"], order_by=["occurred_at", "request_id"]
    )
    following = known.occurred_at.lead().over(same)
    known = known.mutate(failed=known.status >= 400, following=following)
    soon = (known.following <= known.occurred_at + ibis.interval(seconds=seconds)).fill_null(False)
    known = known.mutate(repeated=known.failed & soon)
    return known.group_by("month", "account_id").aggregate(
        attempts=known.count(),
        failed_attempts=known.failed.sum(),
        operations=(~known.repeated).sum(),
        failed_operations=(known.failed & ~known.repeated).sum(),
    )


@remembered
def operations_by_account(study) -> pd.DataFrame:
    """`attempts_and_operations` of the production calls of the months shown, as a pandas frame."""
    table = attempts_and_operations(production_requests(study, study.months))
    return table.order_by("month", "account_id").to_pandas()


def _shares(study, failed: str, of: str) -> pd.DataFrame:
    rows = []
    for month in study.months:
        part = operations_by_account(study).query("month == @month")
        k, n = int(part[failed].sum()), int(part[of].sum())
        low, high = share_interval(part[failed], part[of])
        rows.append((month, k / n if n else np.nan, low, high, k, n))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator"])


@catalogued(
    name="Errors per attempt", dimension="infrastructure", stage="test",
    question="Which share of the calls of known accounts ends in an error?",
    formula="production calls with status 400 and above / production calls, of accounts; each try counts",
    unit="share", direction="down", timing="leading", counter_metric="errors_per_operation",
    gameable_by="answering errors with status 200", tables=("requests",),
    columns=("requests.account_id", "requests.status"), source=_SRE, counted="calls",
)  # fmt: skip
def errors_per_attempt(study):
    return _shares(study, "failed_attempts", "attempts")


@catalogued(
    name="Errors per operation", dimension="infrastructure", stage="test",
    question="Which share of what accounts wanted done failed, however often they tried?",
    formula="operations whose last call has status 400 and above / operations of accounts in production; "
    "a call repeats a failed one of the same account, endpoint and method within 60 seconds",
    unit="share", direction="down", timing="leading", counter_metric="errors_per_attempt",
    gameable_by="pushing retries on the callers hides errors behind later successes", tables=("requests",),
    columns=("requests.account_id", "requests.status"),
    source=_SRE, counted="operations",
)  # fmt: skip
def errors_per_operation(study):
    return _shares(study, "failed_operations", "operations")


@catalogued(
    name="Throttled share", dimension="infrastructure", stage="scale",
    question="Which share of the calls is stopped at the caller's own quota?",
    formula="production calls with status 429 of accounts at their quota / those and the valid calls",
    unit="share", direction="down", timing="leading", counter_metric="availability",
    gameable_by="raising quotas nobody pays for", tables=("requests",),
    columns=("requests.account_id", "requests.status"), source=_SRE, counted="calls", whole_month=True,
)  # fmt: skip
def throttled_share(study):
    counted = outcomes(daily_calls(study), quotas=dated_quotas(study), where="throttled_share")
    counted = counted.assign(known=counted[["good", "bad", "throttled"]].sum(axis=1))
    units = counted.groupby(["month", "account_id"], dropna=False)[["throttled", "known"]].sum().reset_index()
    rows = []
    for month in study.months:
        part = units[units["month"] == month]
        k, n = int(part["throttled"].sum()), int(part["known"].sum())
        low, high = share_interval(part["throttled"], part["known"])
        rows.append((month, k / n if n else np.nan, low, high, k, n))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator"])
