"""How did each account begin, and was it still there weeks later?

Unit: an account opened in the observed interval. Every account is watched for the same days: what it did
counts in its first 14 local days, whether it stayed in days 29 to 56. So nobody shows more of a behaviour
merely because he was there for longer, and no outcome can look like its own cause. It compares nothing.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.localtime import local_days
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.product.activation.activation_metrics import NEVER, PRODUCTION_SUCCESS, created_times
from apijourney.metrics.product.closings import closing_days

BEGIN_DAYS = 14
"""Behaviour counts in the first 14 local days, the day of sign-up being day 1."""
FIRST_DAYS = (1, 3, 7, 14)
STAYED_DAYS = (28, 55)
"""Stayed: active on one of the days 29 to 56."""
CLOSED, OPEN = "closed in its first 14 days", "not yet followed to day 56"
_ATTRIBUTES = ["account_id", "opened_day", "month", "why_not", "stayed"]
_BEFORE_SCALE = ("discover", "evaluate", "integrate", "test", "measure")


@remembered
@needs("accounts", "active", what="The activation threshold")
def early_use(study) -> pd.DataFrame | NotMeasurable:
    """What did each account do in its first 1, 3, 7 and 14 days, and was it active in days 29 to 56?

    Returns
    -------
    One row an account opened in the observed interval: account_id, opened_day (local), month (of sign-up),
    why_not ("closed in its first 14 days", "not yet followed to day 56"; empty: it is compared), stayed
    (True or False; None where it is not compared), and a count for each behaviour and number of first days,
    named as `behaviour_column` says: "active days", and where there are calls "calls", "successful
    production calls", "days with a call", "endpoints called", and each touchpoint of people in the stages
    up to measure. 0 = not done in these days.
    """
    log, created = study.events, created_times(study)
    accounts = study.accounts.drop_duplicates("account_id").set_index("account_id")
    inside = (created < NEVER) & log.accounts.isin(accounts.index)
    if not inside.any():
        return NotMeasurable("The activation threshold", "no account was opened while we observed; choose a later month.")
    opened = np.zeros(len(created), dtype="int64")
    opened[inside] = local_days(created[inside], study.zone).astype("int64")
    rows = np.flatnonzero(inside[log.account])
    since = local_days(log.time[rows], study.zone).astype("int64") - opened[log.account[rows]]
    active = log.mask(study.active_step)[rows]
    stays = active & (since >= STAYED_DAYS[0]) & (since <= STAYED_DAYS[1])
    stayed = np.bincount(log.account[rows[stays]], minlength=len(created))[inside] > 0
    early = (since >= 0) & (since < BEGIN_DAYS)
    rows, since, active = rows[early], since[early], active[early]

    days = opened[inside].astype("datetime64[D]")
    table = pd.DataFrame({"account_id": log.accounts[inside].astype("str"), "opened_day": days.astype("datetime64[s]")})
    table["month"] = days.astype("datetime64[M]").astype(str)
    closed = closing_days(study, table["account_id"]) - table["opened_day"] < pd.Timedelta(days=BEGIN_DAYS)
    followed = days.astype("int64") + STAYED_DAYS[1] < study.until_day.astype("int64")
    table["why_not"] = pd.array(np.select([closed, ~followed], [CLOSED, OPEN], ""), dtype="str")
    table["stayed"] = pd.array(np.where(table["why_not"] == "", stayed, None), dtype="boolean")
    counts = {}
    for name, mask, value in _behaviours(study, rows, since, active):
        for first in FIRST_DAYS:
            counted = mask & (since < first)
            counts[behaviour_column(name, first)] = _count(log.account[rows[counted]], value, counted, inside)
    return pd.concat([table, pd.DataFrame(counts)], axis=1).sort_values("account_id", ignore_index=True)


def behaviour_column(behaviour: str, days: int) -> str:
    """The name of a count: a behaviour in so many first days.

    >>> behaviour_column("calls", 7), behaviour_of("calls within 7")
    ('calls within 7', ('calls', 7))
    """
    return f"{behaviour} within {days}"


def behaviour_of(column: str) -> tuple[str, int]:
    """The behaviour and the number of first days of a count."""
    name, days = column.rsplit(" within ", 1)
    return name, int(days)


def behaviours(table: pd.DataFrame) -> list[str]:
    """The columns of `early_use` that are counts of behaviour."""
    return [c for c in table.columns if c not in _ATTRIBUTES]


def _behaviours(study, rows, since, active):
    """Each behaviour: its name, which rows are it, and of which column different values are counted (None: rows)."""
    log = study.events
    calls = log.mask("request")[rows]
    yield "active days", active, since
    if calls.any():
        yield "calls", calls, None
        yield "days with a call", calls, since
        if {"environment", "status_class"} <= set(log.properties):
            yield "successful production calls", log.mask(PRODUCTION_SUCCESS)[rows], None
        if "endpoint" in log.properties:
            endpoint = log.properties["endpoint"].codes[rows].astype("int64")
            yield "endpoints called", calls & (endpoint >= 0), endpoint
    for touchpoint in study.workbook.journey:
        source = study.source_of(touchpoint.filter)
        known = source in ("touchpoints", "tickets") and not touchpoint.needs and touchpoint.filter.event in log.events
        if touchpoint.stage in _BEFORE_SCALE and known and touchpoint.filter.event != "sign_up":
            yield touchpoint.touchpoint, log.mask(study.step(touchpoint.touchpoint))[rows], None


def _count(account: np.ndarray, value, counted: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Rows of each account, or the different values of a column in them."""
    if value is not None and len(account):
        account = np.unique(np.stack([account.astype("int64"), value[counted]]), axis=1)[0]
    return np.bincount(account, minlength=len(inside))[inside]
