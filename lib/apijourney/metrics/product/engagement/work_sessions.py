"""Sessions of work: how often do people at our customers sit down with the API?

Unit: a session: what one account does on the site and in the sandbox, with less than 30 minutes from each event to
the next. Production calls are made by programs at all hours and are in no session. Two people of one account who work
at once make one session. How long somebody went on after the last event is not known.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.facts.steps import Step
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.by_month import months_of
from apijourney.metrics.product.engagement.engagement_metrics import monthly_active
from apijourney.metrics.product.discovery.sessions import GAP_US, portal_mask
from apijourney.metrics.registry import catalogued
from apijourney.metrics.uncertainty import bootstrap_ratio

SANDBOX = Step("request", where={"environment": "sandbox"})
_MINUTE_US = 60_000_000


@remembered
def work_sessions(study) -> pd.DataFrame:
    """What did each session of work hold, and how long did it last?

    Returns one row a session, by account and time: account_id (a developer's or visitor's id where no account is
    known), month (local, of its first event), events, calls (in the sandbox), minutes (from its first event to its
    last; 0 = a single one).
    """
    log = study.events
    sandbox = log.mask(SANDBOX) if {"environment"} <= set(log.properties) else np.zeros(len(log), dtype=bool)
    rows = np.flatnonzero(portal_mask(study, log) | sandbox)
    account, time, calls = log.account[rows], log.time[rows], sandbox[rows]
    begins = np.append(True, (account[1:] != account[:-1]) | (np.diff(time) >= GAP_US))[: len(rows)]
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(rows))[: len(first)] - 1
    number = np.cumsum(begins) - 1
    return pd.DataFrame(
        {
            "account_id": log.accounts.take(account[first]),
            "month": months_of(time[first], study.zone),
            "events": last - first + 1,
            "calls": np.bincount(number, weights=calls, minlength=len(first)).astype("int64"),
            "minutes": (time[last] - time[first]) / _MINUTE_US,
        }
    )


@catalogued(
    name="Sessions of work per active account", dimension="product", stage="measure",
    question="How often do the people of an active account sit down with the API?",
    formula="sessions of the accounts active in the local month / accounts active in it; a session: events on the site "
    "and sandbox calls of one account, each less than 30 minutes after the one before, counted where it begins",
    unit="ratio", direction="none", timing="leading", counter_metric="silent_integrations",
    gameable_by="docs so bad that people come back often", tables=("touchpoints", "active"),
    source="gap of 30 minutes: Catledge, Pitkow (1995), Computer Networks and ISDN Systems 27, 1065-1073",
    whole_month=True,
)  # fmt: skip
def sessions_per_active_account(study):
    sessions, active = work_sessions(study), monthly_active(study)
    rows = []
    for month in study.months:
        ids = active.loc[active["month"] == month, "account_id"]
        made = sessions.loc[sessions["month"] == month, "account_id"].value_counts()
        k = made.reindex(ids, fill_value=0).to_numpy(dtype=float)
        low, high = bootstrap_ratio(k, np.ones(len(k)))
        rows.append((month, k.mean() if len(k) else np.nan, low, high, k.sum(), float(len(k)), study.whole(month)))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator", "mature"])


@needs("touchpoints", "active", what="Sessions of work")
def month_of_sessions(study) -> pd.DataFrame | NotMeasurable:
    """How many sessions had the accounts active in the reported month, and how long was the middle one?

    Returns one row: sessions, accounts (active ones with a session), single (sessions of one event), median_minutes (of those with
    two events or more; NaN = none), with_calls (sessions with a sandbox call).
    """
    table, active = work_sessions(study), monthly_active(study)
    ids = active.loc[active["month"] == study.month, "account_id"]
    table = table[(table["month"] == study.month) & table["account_id"].isin(ids)]
    longer = table.loc[table["events"] > 1, "minutes"]
    return pd.DataFrame(
        {
            "sessions": [len(table)], "accounts": [table["account_id"].nunique()],
            "single": [int((table["events"] == 1).sum())],
            "median_minutes": [longer.median() if len(longer) else np.nan], "with_calls": [int((table["calls"] > 0).sum())],
        }
    )  # fmt: skip
