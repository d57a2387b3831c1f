"""The catalogued metrics of activation: who gets from sign-up to real use, and how fast?

Unit: the account. Accounts created before `observed_from` are left out, because what they did before
is not known.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.facts.event_log import EventLog
from apijourney.facts.steps import Step
from apijourney.localtime import local_days
from apijourney.metrics.by_month import share_marked
from apijourney.metrics.product.activation.cohort_share import share_within
from apijourney.metrics.product.conversion.funnel import funnel_trend
from apijourney.metrics.product.marks import first_times, marked
from apijourney.metrics.product.conversion.time_to import time_to_summary
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
CONVERSION_WINDOW_DAYS = 28
KNOWN_MEDIAN = (
    "known once half of them are there, and all were watched that long or at least 10 of them and a fifth were still waiting"
)
NEVER = np.iinfo(np.int64).max
CALLS = ("requests.account_id", "requests.status")
FIRST_SUCCESS = Step("request", where={"status_class": "2xx"})
PRODUCTION_SUCCESS = Step("request", where={"environment": "production", "status_class": "2xx"})


@remembered
def created_times(study) -> np.ndarray:
    """When was each unit of `study.events` opened as an account? Microseconds UTC; NEVER if unknown."""
    log = study.events
    created = first_times(log, log.mask("account_created"))
    return np.where(created >= study.observed_from, created, NEVER)


@remembered
def activated_times(study) -> np.ndarray:
    """When did each unit become activated: the first active event of its k-th active local day?

    Only active days from sign-up on count. k is `definitions.activated.days`.
    """
    log, created = study.events, created_times(study)
    mask = log.mask(study.active_step)
    mask &= log.time >= created[log.account]
    account, time = log.account[mask], log.time[mask]
    day = local_days(time, study.zone).astype("int64")
    new_day = np.ones(len(time), dtype=bool)
    new_day[1:] = (account[1:] != account[:-1]) | (day[1:] != day[:-1])
    account, time = account[new_day], time[new_day]
    starts = np.searchsorted(account, np.arange(len(log.accounts)))
    position = starts + study.workbook.definitions.activated.days - 1
    inside = position < len(account)
    inside[inside] &= account[position[inside]] == np.flatnonzero(inside)
    out = np.full(len(log.accounts), NEVER, dtype=np.int64)
    out[inside] = time[position[inside]]
    return out


@catalogued(
    name="Activated share", dimension="product", stage="integrate",
    question="Of the accounts that signed up, which share became active for real?",
    formula="accounts active on k local days within N calendar days of sign-up / accounts created in "
    "the month (k and N: definitions.activated; default 2 and 14)",
    unit="share", direction="up", timing="leading", counter_metric="month_1_retention",
    gameable_by="pushing accounts to one call they do not need", tables=("accounts", "active"),
    source=_BOOK,
)  # fmt: skip
def activated_share(study):
    return share_within(
        created_times(study), activated_times(study), months=study.months,
        days=study.workbook.definitions.activated.within_days, until=study.observed_until,
        timezone=study.zone,
    )  # fmt: skip


def hello_world_log(study) -> EventLog:
    """Accounts created in the observed interval: their opening and their successful calls."""
    return opened_and(study, FIRST_SUCCESS, name="first 2xx")


def opened_and(study, step: Step, *, name: str) -> EventLog:
    """Accounts created in the observed interval: their opening, and each time they took a step, as `name`."""
    log, created = study.events, created_times(study)
    known = created[log.account] < NEVER
    return marked(log, {"account_created": log.mask("account_created") & known, name: log.mask(step) & known})


@catalogued(
    name="Time to first hello world", dimension="product", stage="integrate",
    question="How many days after sign-up has half of the accounts made a successful call?",
    formula="Kaplan-Meier median of account created to first 2xx in any environment, for the accounts "
    "created in the month, censored at the end of observation; " + KNOWN_MEDIAN,
    unit="days", direction="down", timing="leading", counter_metric="activated_share",
    gameable_by="a try-it button that is no integration", tables=("accounts", "requests"),
    columns=CALLS, source=_BOOK,
)  # fmt: skip
def first_hello_world_days(study):
    return median_days(study, hello_world_log(study), "first 2xx")


def median_days(study, log: EventLog, end: str) -> pd.DataFrame:
    """Kaplan-Meier median of the days from account created to `end`, by month of creation.

    Not yet known (NaN, mature False) where half are not there, or where too few were watched that long:
    `steady` of `time_to_summary`. A young cohort is watched for days, and its last few decide nothing.
    """
    created = first_times(log, log.mask("account_created"))
    month = np.full(len(created), "", dtype="U7")
    known = created < NEVER
    month[known] = local_days(created[known], study.zone).astype("datetime64[M]").astype(str)
    day = pd.Timedelta(days=1)
    rows = []
    for name in study.months:
        part = log.select((month == name)[log.account])
        found = time_to_summary(part, "account_created", end, observed_until=study.observed_until).iloc[0]
        rows.append(
            {"month": name, "value": found["median"] / day, "low": found["median_low"] / day,
             "high": found["median_high"] / day, "numerator": found["reached"], "denominator": found["n"],
             "mature": found["steady"]}
        )  # fmt: skip
    return pd.DataFrame(rows)


@catalogued(
    name="Time to first production call", dimension="product", stage="scale",
    question="How many days after sign-up has half of the accounts made a successful production call?",
    formula="Kaplan-Meier median of account created to first 2xx in production, for the accounts created in the "
    "month, censored at the end of observation; " + KNOWN_MEDIAN,
    unit="days", direction="down", timing="leading", counter_metric="month_1_retention",
    gameable_by="granting production access before anything works", tables=("accounts", "requests"),
    columns=CALLS, source=_BOOK,
)  # fmt: skip
def first_production_call_days(study):
    return median_days(study, opened_and(study, PRODUCTION_SUCCESS, name="in production"), "in production")


@catalogued(
    name="First-call success rate", dimension="product", stage="integrate",
    question="Of the accounts making their first call, which share succeeds at once?",
    formula="accounts whose first call ever observed is answered 2xx / accounts whose first call is in "
    "the month; calls with rejected keys belong to no account and are not in it",
    unit="share", direction="up", timing="leading", counter_metric="activated_share",
    gameable_by="answering errors with status 200", tables=("accounts", "requests"),
    columns=CALLS, source=_BOOK,
)  # fmt: skip
def first_call_success_rate(study):
    first = first_calls(study)
    month = local_days(first["time"].to_numpy(), study.zone).astype("datetime64[M]").astype(str)
    return share_marked(first["success"], month, study.months)


@remembered
def first_calls(study) -> pd.DataFrame:
    """The first call of each account created in the observed interval.

    Returns one row an account: account_id, time (microseconds UTC), success (2xx), status, sdk,
    sdk_version, endpoint, environment. Of several calls in one instant the first in the log stands.
    """
    log, created = study.events, created_times(study)
    rows = np.flatnonzero(log.mask("request") & (created[log.account] < NEVER))
    account, first = np.unique(log.account[rows], return_index=True)
    rows = rows[first]
    table = pd.DataFrame({"account_id": log.accounts.take(account), "time": log.time[rows]})
    for name in ("status_class", "status", "sdk", "sdk_version", "endpoint", "environment"):
        table[name] = log.properties[name][rows].astype("str")
    return table.assign(success=table["status_class"] == "2xx")


@catalogued(
    name="Conversion to production", dimension="product", stage="scale",
    question="Of the accounts that signed up, which share makes a successful production call within "
    "28 days?",
    formula="accounts going from account created to a successful production call within 28 calendar "
    "days / accounts created in the month, closed windows only",
    unit="share", direction="up", timing="leading", counter_metric="month_1_retention",
    gameable_by="lowering the bar for production access", tables=("accounts", "requests"),
    columns=CALLS, source=_BOOK,
)  # fmt: skip
def conversion_to_production(study):
    log = study.events
    first, last = study.bounds(study.months[0])[0], study.bounds(study.months[-1])[1]
    trend = funnel_trend(
        log, ["account_created", PRODUCTION_SUCCESS], window=f"{CONVERSION_WINDOW_DAYS}D", entered=(first, last),
        observed_until=study.observed_until, timezone=study.zone, period="M",
    )  # fmt: skip
    trend = trend.assign(month=trend["period"].dt.strftime("%Y-%m"), value=trend["share"])
    trend = trend.set_index("month").reindex(study.months).rename_axis("month").reset_index()
    return trend.assign(mature=trend["mature"].fillna(False).astype(bool))
