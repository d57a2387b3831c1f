"""The catalogued metrics of the first days: keys, the sandbox, and how broadly the API is tried.

Unit: the account, but for the keys, which are counted one by one. Accounts created before
`observed_from` are left out, because what they did before is not known.
"""

import numpy as np
import pandas as pd

from apijourney.facts.steps import Step
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.activation.activation_metrics import CALLS, FIRST_SUCCESS, NEVER, created_times
from apijourney.metrics.by_month import months_of, ratio_by_month
from apijourney.metrics.product.activation.cohort_share import share_within
from apijourney.metrics.product.marks import first_times
from apijourney.metrics.product.windows import as_window, deadlines
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
SANDBOX_WINDOW_DAYS = 14
FIRST_WEEK_DAYS = 7


@catalogued(
    name="Keys created", dimension="product", stage="integrate",
    question="How many keys were made?",
    formula="touchpoints key_created in the local month; an account may make several", unit="count",
    direction="up", timing="leading", counter_metric="first_call_success_rate",
    gameable_by="keys that are made with the account and never used", tables=("touchpoints",), source=_BOOK,
    counted="keys", whole_month=True,
)  # fmt: skip
def keys_created(study):
    log = study.events
    made = log.mask("key_created")
    if not made.any():
        return NotMeasurable("Keys created", 'no touchpoint "key_created" was seen; add these events to touchpoints.')
    month = pd.Series(months_of(log.time[made], study.zone))
    value = month.value_counts().reindex(study.months, fill_value=0).to_numpy()
    return pd.DataFrame({"month": study.months, "value": value, "denominator": value})


@catalogued(
    name="Sandbox use", dimension="product", stage="evaluate",
    question="Of the accounts that signed up, which share tries the sandbox?",
    formula="accounts with a call in the environment sandbox, however answered, or a sandbox_opened within 14 "
    "calendar days of account created / accounts created in the month, closed windows only",
    unit="share", direction="up", timing="leading", counter_metric="conversion_to_production",
    gameable_by="a sandbox that opens by itself", tables=("accounts",), source=_BOOK,
)  # fmt: skip
def sandbox_use(study):
    log, created = study.events, created_times(study)
    tried = log.mask("sandbox_opened")
    if "environment" in log.properties:
        tried |= log.mask(Step("request", where={"environment": "sandbox"}))
    if not tried.any():
        return NotMeasurable(
            "Sandbox use",
            'neither a call in the environment "sandbox" nor a touchpoint "sandbox_opened" was seen; map '
            "environment of requests, or add these events to touchpoints.",
        )
    tried &= log.time >= created[log.account]
    return share_within(
        created, first_times(log, tried), months=study.months, days=SANDBOX_WINDOW_DAYS,
        until=study.observed_until, timezone=study.zone,
    )  # fmt: skip


@catalogued(
    name="Endpoints in the first week", dimension="product", stage="integrate",
    question="How much of the API does an account try in the week after its first success?",
    formula="mean number of different endpoints with a 2xx within 7 calendar days of the account's first 2xx, "
    "in any environment, by the month of that first 2xx, of accounts created since observed_from; paths that "
    "fit no template count as one endpoint",
    unit="ratio", direction="up", timing="leading", counter_metric="month_1_retention",
    gameable_by="endpoints that must be called to use another", tables=("accounts", "requests"),
    columns=(*CALLS, "requests.endpoint"), source=_BOOK,
)  # fmt: skip
def first_week_endpoints(study):
    log, created = study.events, created_times(study)
    mask = log.mask(FIRST_SUCCESS) & (log.time >= created[log.account])
    mask &= log.properties["endpoint"].codes >= 0
    first = first_times(log, mask)
    began = np.flatnonzero(first < NEVER)
    end = np.full(len(first), -1, dtype=np.int64)
    end[began] = deadlines(first[began], as_window(f"{FIRST_WEEK_DAYS}D"), study.zone)
    inside = mask & (log.time <= end[log.account])
    pairs = np.unique(np.stack([log.account[inside], log.properties["endpoint"].codes[inside]]), axis=1)
    breadth = np.bincount(pairs[0].astype("int64"), minlength=len(first))
    rows = pd.DataFrame(
        {"month": months_of(first[began], study.zone), "unit": began, "numerator": breadth[began], "denominator": 1}
    )
    is_open = set(rows.loc[end[began] >= study.observed_until, "month"])
    return ratio_by_month(rows, study.months).assign(mature=[m not in is_open for m in study.months])
