"""The catalogued metrics of who is behind the calls: how many consumers are there, and is anybody looking?

Unit: a key; or an account with successful production calls in the local month. A person is seen where an event of the
site, a ticket or the opening of the account names its account, directly or by a link of identities. Who reads the
docs without a known name is not seen, so an integration that nobody watches is one where we see nobody.
"""

import numpy as np
import pandas as pd

from apijourney.facts.event_log import EventLog
from apijourney.facts.remember import remembered
from apijourney.localtime import day_starts, local_days
from apijourney.metrics.by_month import share_marked
from apijourney.metrics.infrastructure.service_metrics import production_requests
from apijourney.metrics.product.activation.activation_metrics import CALLS, PRODUCTION_SUCCESS
from apijourney.metrics.product.periods import account_periods
from apijourney.metrics.product.discovery.sessions import portal_mask
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
UNSEEN_DAYS = 90


@catalogued(
    name="Unique API consumers", dimension="product", stage="scale",
    question="How many different keys used the API this month?",
    formula="distinct key_id of the production calls answered 2xx in the local month; test keys, and calls without a "
    "key_id, are left out",
    unit="count", direction="up", timing="leading", counter_metric="monthly_active_accounts",
    gameable_by="handing out a key for each server", tables=("requests",), columns=("requests.key_id", "requests.status"),
    source=_BOOK, counted="keys", whole_month=True,
)  # fmt: skip
def unique_api_consumers(study):
    calls = production_requests(study, study.months)
    calls = calls.filter(calls.status.between(200, 299) & calls.key_id.notnull())
    counts = calls.group_by("month").aggregate(keys=calls.key_id.nunique()).to_pandas().set_index("month")["keys"]
    counts = counts.reindex(study.months, fill_value=0).to_numpy()
    return pd.DataFrame(
        {"month": study.months, "value": counts, "denominator": counts, "mature": [study.whole(m) for m in study.months]}
    )


def people_mask(study, log: EventLog) -> np.ndarray:
    """Which rows of a log show a person: what is done on the site, a ticket, the opening of an account?"""
    people = portal_mask(study, log)
    for event in ("ticket", "account_created"):
        people |= log.mask(event)
    return people


@remembered
def unwatched(study) -> pd.DataFrame:
    """Which accounts called with success in a month, and was any of their people seen in the 90 days up to its end?

    Returns one row a month shown and account with a successful production call: month, account_id, seen.
    """
    log = study.events
    people = people_mask(study, log)
    account, time = log.account[people], log.time[people]
    called, number = account_periods(log, PRODUCTION_SUCCESS, "M", study.zone)
    parts = []
    for month in study.months:
        end = study.bounds(month)[1]
        begins = day_starts(local_days(np.array([end]), study.zone) - UNSEEN_DAYS, study.zone)[0]
        seen = np.zeros(len(log.accounts), dtype=bool)
        seen[account[(time >= begins) & (time < end)]] = True
        ids = called[number == pd.Period(month, "M").ordinal]
        parts.append(pd.DataFrame({"month": month, "account_id": log.accounts.take(ids), "seen": seen[ids]}))
    return pd.concat(parts, ignore_index=True)


@catalogued(
    name="Unattended integrations", dimension="product", stage="scale",
    question="Which share of the calling accounts has nobody looking?",
    formula="accounts with a production call answered 2xx in the local month, none of whose people was seen on the site "
    "or opened a ticket or the account in the 90 local days up to its end / accounts with such a call; not yet known "
    "until 90 days were observed",
    unit="share", direction="down", timing="leading", counter_metric="early_warning_share",
    gameable_by="mails that make people log in once", tables=("requests", "touchpoints"), columns=CALLS, source=_BOOK,
)  # fmt: skip
def silent_integrations(study):
    table = unwatched(study)
    ends = local_days(np.array([study.bounds(m)[1] for m in study.months]), study.zone)
    known = day_starts(ends - UNSEEN_DAYS, study.zone) >= study.observed_from
    return share_marked(~table["seen"], table["month"], study.months).assign(mature=known)
