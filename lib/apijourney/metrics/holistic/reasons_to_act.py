"""For which reasons should somebody talk to an account, and what says so?

Unit: an account and a reason. Four reasons are looked for: it burnt its error budget, its use declines,
it is stuck before its first success, or it is near its quota. Each is measured in a module of its own;
here it becomes evidence in words and the day since when. It ranks nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from apijourney.formats import month_name, number, percent, tick
from apijourney.measurable import NotMeasurable
from apijourney.metrics.business.near_quota import NEAR_SHARE, PACE_DAYS, near_quota_accounts
from apijourney.metrics.infrastructure.budget_by_account import BUDGET_DAYS, error_budget_by_account
from apijourney.metrics.product.decline import BLOCK_DAYS, LEAST_FALL, Q_LIMIT, declining_accounts
from apijourney.metrics.product.stuck import WAITING_DAYS, stuck_accounts

LEAST_FAILED = 2


@dataclass(frozen=True)
class Reason:
    """A reason to act: its name, the rule as a reader would say it, and who has it.

    find : study → account_id, evidence, since (local day), the most urgent first; or `NotMeasurable`
    """

    name: str
    rule: str
    find: Callable


def burnt_budgets(study) -> pd.DataFrame | NotMeasurable:
    """Who met more failures in the last 28 days than the promise allows? A single failure is no pattern."""
    table = error_budget_by_account(study)
    if isinstance(table, NotMeasurable):
        return table
    if not table["mature"].all():
        return NotMeasurable(
            "Error budget by account", f"fewer than {BUDGET_DAYS} days have been observed; choose a later month."
        )
    burnt = table[(table["failed"] > table["allowed"]) & (table["failed"] >= LEAST_FAILED)]
    promise = tick(study.workbook.slo.availability, "share")
    evidence = [
        f"{number(r.failed)} of {number(r.valid)} valid calls failed in {BUDGET_DAYS} days (availability "
        f"{percent(r.availability)}), and the promise of {promise} allows {number(r.allowed, 1)}"
        for r in burnt.itertuples()
    ]
    return _found(burnt["account_id"], evidence, pd.Timestamp(study.until_day - BUDGET_DAYS))


def declines(study) -> pd.DataFrame | NotMeasurable:
    """Whose successful production calls fell beyond the account's own noise?"""
    table = declining_accounts(study)
    if isinstance(table, NotMeasurable):
        return table
    fallen = table[table["declining"]]
    evidence = [
        f"{_calls(r.calls, 'successful production call')} in {BLOCK_DAYS} days, after {number(r.before_calls)} in an "
        f"average {BLOCK_DAYS} days before" + (f" ({percent(-r.change_share, 0)} fewer)" if r.calls else "")
        for r in fallen.itertuples()
    ]
    return _found(fallen["account_id"], evidence, pd.Timestamp(study.until_day - BLOCK_DAYS))


def stuck(study) -> pd.DataFrame | NotMeasurable:
    """Who opened an account and has had no success since?"""
    table = stuck_accounts(study)
    if isinstance(table, NotMeasurable):
        return table
    evidence = [
        f"opened {r.waiting_days} days ago, {_calls(r.calls, 'call')}"
        + (f", none successful, the last on {r.last_call_on:%Y-%m-%d}" if r.calls else " yet")
        for r in table.itertuples()
    ]  # fmt: skip
    return _found(table["account_id"], evidence, table["opened_on"])


def near_quotas(study) -> pd.DataFrame | NotMeasurable:
    """Who has used up its monthly quota, or soon will have?"""
    table = near_quota_accounts(study)
    if isinstance(table, NotMeasurable):
        return table
    near = table[table["near"]]
    evidence = [
        f"{number(r.used)} calls in {month_name(study.month)}, {percent(r.used_share, 0)} of its quota of "
        f"{number(r.quota)}, and at its pace {number(r.projected)} ({percent(r.projected_share, 0)}) "
        f"{'by the end of it' if r.projected_month == 'this' else 'in the month after'}"
        for r in near.itertuples()
    ]
    return _found(near["account_id"], evidence, pd.Timestamp(study.month))


REASONS = (
    Reason(
        "burnt error budget",
        f"in {BUDGET_DAYS} days more calls failed than the promise allows, and at least {LEAST_FAILED}",
        burnt_budgets,
    ),
    Reason(
        "declining",
        f"at least {percent(LEAST_FALL)} fewer successful production calls in {BLOCK_DAYS} days than in its own "
        f"blocks of {BLOCK_DAYS} days before, beyond its own weekly noise; at most "
        f"{tick(Q_LIMIT, 'share')} of those named are expected to be chance",
        declines,
    ),
    Reason(
        "near its quota",
        f"{tick(NEAR_SHARE, 'share')} of the monthly quota used, or more than all of it at the pace of "
        f"{PACE_DAYS} days",
        near_quotas,
    ),
    Reason(
        "stuck before the first success",
        f"opened at least {WAITING_DAYS} days ago, not closed, no successful call",
        stuck,
    ),
)


def _calls(count: int, what: str) -> str:
    return f"no {what}" if count == 0 else f"{number(count)} {what}{'s' if count > 1 else ''}"


def _found(accounts: pd.Series, evidence: list[str], since) -> pd.DataFrame:
    since = pd.Series(since, index=accounts.index, dtype="datetime64[s]")
    return pd.DataFrame(
        {"account_id": accounts.astype("str"), "evidence": pd.array(evidence, dtype="str"), "since": since}
    ).reset_index(drop=True)
