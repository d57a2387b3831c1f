"""For which reasons should somebody talk to an account, and what says so?

Unit: an account and a reason. Six reasons are looked for: it calls a version that ends, it burnt its error
budget, it is unusually silent, its use declines, it is near its quota, or it is stuck before its
first success. Each is measured in a module of its own; here it becomes evidence in words and the day the
evidence is counted from. It ranks nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from apijourney.facts.call_dates import call_dates
from apijourney.formats import counted, month_name, number, percent, tick
from apijourney.localtime import local_dates
from apijourney.measurable import NotMeasurable
from apijourney.metrics.business.near_quota import NEAR_SHARE, PACE_DAYS, near_quota_accounts
from apijourney.metrics.infrastructure.budget_by_account import BUDGET_DAYS, error_budget_by_account, hardest_hit
from apijourney.metrics.product.decline.decline import BLOCK_DAYS, LEAST_FALL, Q_LIMIT, declining_accounts
from apijourney.metrics.product.decline.early_warning import LEAST_SILENCES, TIMES, early_warnings, warned_accounts
from apijourney.metrics.product.friction.stuck import WAITING_DAYS, stuck_accounts
from apijourney.metrics.product.experience.version_metrics import deprecated
from apijourney.metrics.product.experience.versions import version_use

LEAST_FAILED = 2
ENDS_WITHIN_DAYS = 90


@dataclass(frozen=True)
class Reason:
    """A reason to act: its name, the rule as a reader would say it, and who has it.

    find : study → account_id, evidence, since (the local day the evidence is counted from), the most
        urgent first; or `NotMeasurable`
    """

    name: str
    rule: str
    find: Callable


def ending_versions(study) -> pd.DataFrame | NotMeasurable:
    """Who still calls a version of the API that ends soon, or has ended?"""
    versions, use = deprecated(study), version_use(study)
    if isinstance(versions, NotMeasurable):
        return versions
    soon = pd.Timestamp(study.until_day) + pd.Timedelta(days=ENDS_WITHIN_DAYS)
    ending = versions[versions["ends_on"] <= soon]
    use = use[(use["month"] == study.month) & use["api_version"].notna()].astype({"account_id": "str"})
    made = use.merge(ending, on="api_version").sort_values(["ends_on", "api_version"])
    table = made.groupby("account_id").agg(
        calls=("calls", "sum"), version=("api_version", "first"), ends_on=("ends_on", "first"),
        announced=("end_announced", "first"),
    )  # fmt: skip
    table["all_calls"] = use.groupby("account_id")["calls"].sum().reindex(table.index)
    table = table.sort_values(["ends_on", "calls"], ascending=[True, False], kind="stable").reset_index()
    evidence = [
        f"{number(r.calls)} of its {_calls(r.all_calls, 'successful production call')} in {month_name(study.month)} "
        f"{'was' if r.calls == 1 else 'were'} made with {r.version}, which "
        f"{'ends' if r.ends_on >= pd.Timestamp(study.until_day) else 'ended'} on {r.ends_on:%Y-%m-%d}"
        for r in table.itertuples()
    ]
    return _found(table["account_id"], evidence, table["announced"])


def burnt_budgets(study) -> pd.DataFrame | NotMeasurable:
    """Who met more failures in the last 28 days than the promise allows, and more than chance?

    A single failure is no pattern, and what chance alone may do is no reason: q as in `hardest_hit`.
    """
    table = error_budget_by_account(study)
    if isinstance(table, NotMeasurable):
        return table
    if not table["mature"].all():
        return NotMeasurable(
            "Error budget by account", f"fewer than {BUDGET_DAYS} days have been observed; choose a later month."
        )
    slo = study.workbook.slo.availability
    burnt = hardest_hit(table, slo=slo)
    burnt = burnt[(burnt["q"] < Q_LIMIT) & (burnt["failed"] >= LEAST_FAILED)]
    evidence = [
        f"{number(r.failed)} of {number(r.valid)} valid calls failed in {BUDGET_DAYS} days (availability "
        f"{percent(r.availability)}), and the promise of {tick(slo, 'share')} allows {number(r.allowed, 2)}"
        for r in burnt.itertuples()
    ]
    return _found(burnt["account_id"], evidence, pd.Timestamp(study.until_day - BUDGET_DAYS))


def unusual_silences(study) -> pd.DataFrame | NotMeasurable:
    """Who is silent for longer than its own rhythm explains?"""
    table = early_warnings(study)
    if isinstance(table, NotMeasurable):
        return table
    late = warned_accounts(table)
    dates = call_dates(study)
    called = {} if isinstance(dates, NotMeasurable) else dates.set_index("account_id")["last_call"].dropna().to_dict()
    days = local_dates(pd.to_datetime(late["account_id"].map(called)), study.zone)
    evidence = [
        f"silent for {counted(r.silent_days, 'day')}, and usually for at most {counted(r.usual_days, 'day')} "
        f"({counted(r.active_days, 'active day')})" + ("" if pd.isna(day) else f"; last call of any kind on {day:%Y-%m-%d}")
        for r, day in zip(late.itertuples(), days, strict=True)
    ]
    active_last = pd.Timestamp(study.until_day) - pd.to_timedelta(late["silent_days"], unit="D")
    return _found(late["account_id"], evidence, active_last)


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
        "calls a version that ends",
        f"successful production calls in the month with a version of the API whose announced end is over, or at most "
        f"{ENDS_WITHIN_DAYS} days ahead",
        ending_versions,
    ),
    Reason(
        "burnt error budget",
        f"in {BUDGET_DAYS} days more calls failed than the promise allows, at least {LEAST_FAILED}, and beyond chance; at "
        f"most {tick(Q_LIMIT, 'share')} of those named are expected to be chance",
        burnt_budgets,
    ),
    Reason(
        "unusually silent",
        f"not closed, and silent for more than {TIMES} times the longest of its last silences, one in twenty left out; at "
        f"least {LEAST_SILENCES} silences are known",
        unusual_silences,
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
