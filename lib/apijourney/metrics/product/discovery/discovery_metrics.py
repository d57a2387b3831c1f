"""The catalogued metrics of discovery and acquisition: who comes, and who signs up?

Unit: the visitor (a person's browser, or the account it was later linked to); for sign-ups, the
account. Crawlers, monitors and agents are left out: an agent evaluates, but it is no person.
"""

import numpy as np
import pandas as pd

from apijourney.localtime import local_days
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.activation.cohort_share import share_within
from apijourney.metrics.product.marks import first_times
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
SIGN_UP_WINDOW_DAYS = 14


def stage_mask(study, *stages: str) -> np.ndarray:
    """Which rows of `study.events` are touchpoints (not calls) of these stages of the journey?"""
    mask = np.zeros(len(study.events), dtype=bool)
    for touchpoint in study.workbook.journey:
        if touchpoint.stage in stages and study.source_of(touchpoint.filter) == "touchpoints":
            mask |= study.events.mask(study.step(touchpoint.touchpoint))
    return mask


def without_segment(study, what: str) -> NotMeasurable | None:
    """Visitors join a segment by signing up, so the visitors of a segment are those who signed up."""
    if study.segment == "all":
        return None
    return NotMeasurable(what, 'visitors belong to no segment before they sign up; choose the segment "all".')


def _distinct_by_month(study, mask: np.ndarray) -> np.ndarray:
    log = study.events
    month = local_days(log.time[mask], study.zone).astype("datetime64[M]").astype("int64")
    pairs = np.unique(np.stack([month, log.account[mask].astype("int64")]), axis=1)
    wanted = np.array(study.months, dtype="datetime64[M]").astype("int64")
    found, counts = np.unique(pairs[0], return_counts=True)
    position = dict(zip(found.tolist(), counts.tolist(), strict=True))
    return np.array([position.get(m, 0) for m in wanted.tolist()])


@catalogued(
    name="Unique visitors", dimension="product", stage="discover",
    question="How many people found the API this month?",
    formula="distinct visitors (bots left out) with a touchpoint of the stage discover in the month",
    unit="count", direction="up", timing="leading", counter_metric="sign_up_rate",
    gameable_by="cheap traffic that never signs up", tables=("touchpoints",), source=_BOOK,
    counted="visitors", whole_month=True,
)  # fmt: skip
def unique_visitors(study):
    if blind := without_segment(study, "Unique visitors"):
        return blind
    found = stage_mask(study, "discover")
    if not found.any():
        return NotMeasurable(
            "Unique visitors", "no touchpoint of the stage discover was seen; name its events under journey."
        )
    value = _distinct_by_month(study, found)
    return pd.DataFrame({"month": study.months, "value": value, "denominator": value})


@catalogued(
    name="Sign-ups", dimension="product", stage="evaluate",
    question="How many accounts were opened?",
    formula="accounts created in the local month, internal ones left out; the touchpoint of signing up counts "
    "people on the site instead", unit="count",
    direction="up", timing="leading", counter_metric="activated_share",
    gameable_by="channels that bring sign-ups who never call", tables=("accounts",), source=_BOOK,
)  # fmt: skip
def sign_ups(study):
    counts = study.local_month(study.accounts["created_at"]).value_counts()
    value = counts.reindex(study.months, fill_value=0).to_numpy()
    return pd.DataFrame({"month": study.months, "value": value, "denominator": value})


@catalogued(
    name="Sign-up rate", dimension="product", stage="evaluate",
    question="Of the people who find the API, which share signs up within 14 days?",
    formula="visitors with a sign_up within 14 calendar days of their first discover touchpoint / "
    "visitors whose first discover touchpoint is in the month, those already signed up left out",
    unit="share", direction="up", timing="leading", counter_metric="activated_share",
    gameable_by="hiding the docs behind a sign-up", tables=("touchpoints",), source=_BOOK,
    counted="visitors",
)  # fmt: skip
def sign_up_rate(study):
    if blind := without_segment(study, "Sign-up rate"):
        return blind
    log = study.events
    if not log.mask("sign_up").any():
        return NotMeasurable("Sign-up rate", 'no touchpoint "sign_up" was seen; add these events to touchpoints.')
    found = first_times(log, stage_mask(study, "discover"))
    signed = first_times(log, log.mask("sign_up"))
    known_before = signed < found
    if len(study.accounts):
        opened = pd.Series(log.accounts).map(study.accounts.set_index("account_id")["created_at"])
        micros = opened.to_numpy().astype("datetime64[us]").astype("int64")
        known_before |= opened.notna().to_numpy() & (micros < found)
    found = np.where(known_before, np.iinfo(np.int64).max, found)
    return share_within(
        found, signed, months=study.months, days=SIGN_UP_WINDOW_DAYS, until=study.observed_until,
        timezone=study.zone,
    )  # fmt: skip


@catalogued(
    name="Tickets per active account", dimension="product", stage="test",
    question="How much help does an active account need?",
    formula="support tickets opened in the month / accounts active in the month",
    unit="ratio", direction="down", timing="leading", counter_metric="first_call_success_rate",
    gameable_by="making support hard to reach", tables=("tickets", "active"), source=_BOOK, whole_month=True,
)  # fmt: skip
def tickets_per_active_account(study):
    from apijourney.metrics.product.engagement.engagement_metrics import monthly_active
    from apijourney.metrics.uncertainty import bootstrap_ratio

    tickets = study.table("tickets")
    tickets = tickets.assign(
        month=study.local_month(tickets["opened_at"]), account_id=tickets["account_id"].fillna("(no account)")
    )
    active = monthly_active(study)
    rows = []
    for month in study.months:
        ids = active.loc[active["month"] == month, "account_id"]
        opened = tickets.loc[tickets["month"] == month, "account_id"].value_counts()
        units = pd.Index(ids).union(pd.Index(opened.index))
        n = np.asarray(units.isin(ids), dtype=float)
        k = opened.reindex(units, fill_value=0).to_numpy(dtype=float)
        low, high = bootstrap_ratio(k, n)
        total = n.sum()
        rows.append((month, k.sum() / total if total else np.nan, low, high, k.sum(), total))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator"])
