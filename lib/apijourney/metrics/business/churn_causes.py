"""Did accounts that stopped paying decide to, or did they fade away first?

Unit: an account that paid the month before and does not pay this month. What the data show is a sign, no reason:
the calls had already fallen, or somebody closed, revoked or stepped down while they had not. Who fades away often
closes in the end, so decay goes first. Why is a question for a talk.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.localtime import local_days
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.by_month import share_marked
from apijourney.metrics.business.ledger import billed, recurring_lines
from apijourney.metrics.business.movements import mrr_movement_accounts
from apijourney.metrics.business.serving import use_of_endpoints
from apijourney.metrics.product.discovery.discovery_metrics import stage_mask
from apijourney.metrics.registry import catalogued
from apijourney.metrics.uncertainty import wilson

CAUSES = ("voluntary", "decay", "neither seen")
LOOK_BACK, FALLEN = 3, 0.5
"""Use has fallen where the last paid month has less than half the calls of the mean of up to three months before."""

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"


def churn_causes(lost: pd.DataFrame, decided: pd.DataFrame, use: pd.DataFrame, *, months: list[str]) -> pd.DataFrame:
    """What was seen before each account stopped paying?

    Parameters
    ----------
    lost : account_id, month (the first without payment), before_minor (the MRR lost).
    decided : account_id, month: a closing with its reason, a key revoked, a downgrade.
    use : account_id, month, calls: successful production calls; no row = none.
    months : the observed months, consecutive.

    Returns
    -------
    lost with `cause`: "decay" where the last paid month has less than half the calls of the mean of up to three
    observed months before it; else "voluntary" where something was decided in the month or the one before; else
    "neither seen".

    >>> lost = pd.DataFrame({"account_id": ["a", "b", "c"], "month": ["2026-03"] * 3, "before_minor": [1, 1, 1]})
    >>> decided = pd.DataFrame({"account_id": ["a"], "month": ["2026-02"]})
    >>> use = pd.DataFrame({"account_id": ["b", "b", "c", "c"], "month": ["2026-01", "2026-02"] * 2, "calls": [10, 4, 10, 9]})
    >>> churn_causes(lost, decided, use, months=["2026-01", "2026-02", "2026-03"])["cause"].tolist()
    ['voluntary', 'decay', 'neither seen']
    """
    place = {m: i for i, m in enumerate(months)}
    acted = set(zip(decided["account_id"], decided["month"].map(place), strict=True))
    grid = use.pivot_table(index="account_id", columns="month", values="calls", aggfunc="sum", fill_value=0)
    grid = grid.reindex(columns=months, fill_value=0)
    calls, row = grid.to_numpy(float), {a: i for i, a in enumerate(grid.index)}
    causes = []
    for account, month in zip(lost["account_id"], lost["month"], strict=True):
        at = place[month]
        own = calls[row[account]] if account in row else np.zeros(len(months))
        before = own[max(0, at - 1 - LOOK_BACK) : at - 1]
        fell = len(before) > 0 and before.mean() > 0 and own[at - 1] < FALLEN * before.mean()
        decided_on = (account, at) in acted or (account, at - 1) in acted
        causes.append("decay" if fell else "voluntary" if decided_on else "neither seen")
    return lost.assign(cause=pd.Series(causes, index=lost.index, dtype="str"))


@remembered
def decisions(study) -> pd.DataFrame:
    """Closings that say why, and touchpoints of the stage decline, by account and local month: account_id, month."""
    accounts = study.accounts
    closed = accounts[accounts["closed_at"].notna() & accounts["close_reason"].notna()]
    parts = [pd.DataFrame({"account_id": closed["account_id"], "month": study.local_month(closed["closed_at"])})]
    log, mask = study.events, stage_mask(study, "decline")
    days = local_days(log.time[mask], study.zone).astype("datetime64[M]").astype(str)
    parts.append(pd.DataFrame({"account_id": np.asarray(log.accounts.take(log.account[mask])), "month": days}))
    return pd.concat([p.astype("str") for p in parts], ignore_index=True).drop_duplicates(ignore_index=True)


@remembered
@needs("accounts", "invoices", what="Voluntary churn")
def lost_accounts(study) -> pd.DataFrame | NotMeasurable:
    """The accounts lost in each observed month from the second on: account_id, month, before_minor, cause."""
    found = decisions(study)
    if found.empty:
        return NotMeasurable(
            "Voluntary churn",
            "no closing says its reason, and no key revoked or downgrade was seen; map close_reason of accounts, or name "
            "these events under journey with the stage decline.",
        )
    return _lost(recurring_lines(study), found, study)


@passes_on
def _lost(lines: pd.DataFrame, found: pd.DataFrame, study) -> pd.DataFrame:
    moves = mrr_movement_accounts(lines, months=study.all_months)
    lost = moves.loc[moves["movement"] == "churn", ["account_id", "month", "before_minor"]].reset_index(drop=True)
    use = pd.DataFrame({"account_id": [], "month": [], "calls": []})
    if not study.lacks("requests"):
        use = use_of_endpoints(study).dropna(subset=["account_id"])
        use = use[use["account_id"].isin(lost["account_id"]) & (use["billable"] > 0)]
        use = use.groupby(["account_id", "month"], as_index=False)["billable"].sum().rename(columns={"billable": "calls"})
    return churn_causes(lost, found, use, months=study.all_months)


@passes_on
def causes_together(lost: pd.DataFrame, *, months: list[str]) -> pd.DataFrame:
    """The accounts and the MRR lost in some months, by what was seen before.

    Returns one row a cause: cause, accounts, share, low, high (Wilson, of the accounts lost), mrr_minor (lost).
    """
    part = lost[lost["month"].isin(months)]
    counts = part.groupby("cause").agg(accounts=("before_minor", "size"), mrr_minor=("before_minor", "sum"))
    table = counts.reindex(list(CAUSES), fill_value=0).rename_axis("cause").reset_index()
    low, high = wilson(table["accounts"], len(part))
    share = table["accounts"] / len(part) if len(part) else np.nan
    return table.assign(share=share, low=low, high=high)[["cause", "accounts", "share", "low", "high", "mrr_minor"]]


@catalogued(
    name="Voluntary churn", dimension="business", stage="decline",
    question="Of the accounts that stopped paying, which share decided to, as far as the data show?",
    formula="accounts lost that closed with a reason, revoked a key or stepped down in the month or the one before, and "
    "whose calls had not fallen to less than half before / accounts that paid the month before and do not pay now", unit="share", direction="none", timing="lagging",
    counter_metric="paying_account_churn", gameable_by="no longer asking why an account is closed",
    tables=("accounts", "invoices"), source=_BOOK,
)  # fmt: skip
def voluntary_churn_share(study):
    lost = lost_accounts(study)
    if isinstance(lost, NotMeasurable):
        return lost
    table = share_marked(lost["cause"] == "voluntary", lost["month"], study.months)
    return billed(study, table.assign(mature=[m != study.all_months[0] for m in study.months]))
