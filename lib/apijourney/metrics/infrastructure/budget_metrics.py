"""The catalogued metrics of the error budget: how much is left of it, for whom is it gone, what do they pay?

Unit: the calls of the 28 local days that end with a month; then an account in them. One promise
is held against all calls together, against each account's own calls, and against the revenue of
those accounts. Failures of 28 days decide: an outage leaves the budget after four weeks.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.localtime import day_start
from apijourney.measurable import NotMeasurable
from apijourney.metrics.business.ledger import billed, recurring_lines
from apijourney.metrics.infrastructure.availability import budget_of, calls_by_day
from apijourney.metrics.infrastructure.budget_by_account import BUDGET_DAYS, budgets
from apijourney.metrics.infrastructure.outcomes import outcomes
from apijourney.metrics.infrastructure.service_metrics import daily_calls, dated_quotas
from apijourney.metrics.registry import catalogued
from apijourney.metrics.infrastructure.shares import share_interval
from apijourney.metrics.uncertainty import wilson

_SRE = "Beyer et al. (2018), The Site Reliability Workbook, chapters 2 and 5"


def budget_over_time(
    study, *, days: int = BUDGET_DAYS, slo: float | None = None, longest: int = 0
) -> pd.DataFrame | NotMeasurable:
    """How much of the budget was left on each day of the months shown, looking back over `days` days?

    days : length of the window. slo : the promise; None = that of the workbook file.
    longest : the longest window that will be asked for, so that all are answered from calls read once.
    Returns the table of `error_budget`, its days cut to the months shown and observed.
    """
    if study.lacks("requests") or not study.store.paths("calls", study.months):
        return NotMeasurable("Error budget", "there are no requests in the months shown; add the table requests.")
    months_before = -(-max(days, longest) // 28)
    promised = study.workbook.slo.availability if slo is None else slo
    table = budget_of(_calls_by_day(study, months_before), promised, days=days)
    shown = (table["day"] >= f"{study.months[0]}-01") & (table["day"] < pd.Timestamp(study.until_day))
    return table[shown].reset_index(drop=True)


@remembered
def _calls_by_day(study, months_before: int) -> pd.DataFrame:
    return calls_by_day(daily_calls(study, before=months_before), quotas=dated_quotas(study))


def month_end_calls(counted: pd.DataFrame, months: list[str], *, days: int = BUDGET_DAYS) -> pd.DataFrame:
    """How did the calls of each account end in the days before the end of each month?

    counted : account_id (nullable), day, good, bad, from `outcomes`. days : at most 28, so that no
        window reaches beyond its month.
    Returns one row a month and account with calls: month, account_id, good, bad.
    """
    day = pd.to_datetime(counted["day"])
    left = (day + pd.offsets.MonthEnd(0) - day).dt.days  # days of the month after this one
    inside = counted[left < days].assign(month=day.dt.strftime("%Y-%m"))
    inside = inside[inside["month"].isin(months)]
    return inside.groupby(["month", "account_id"], dropna=False)[["good", "bad"]].sum().reset_index()


@remembered
def _windows(study) -> pd.DataFrame:
    counted = outcomes(daily_calls(study), quotas=dated_quotas(study), where="error budget")
    return month_end_calls(counted, study.months)


def _observed(study, month: str) -> bool:
    """Were the 28 days before the end of this month observed as a whole?"""
    first = (pd.Period(month, "M") + 1).start_time - pd.Timedelta(days=BUDGET_DAYS)
    return study.observed_from <= day_start(first.strftime("%Y-%m-%d"), study.zone)


@catalogued(
    name="Error budget left", dimension="infrastructure", stage="measure",
    question="How much of the failure that the promise allows is still left?",
    formula="1 - failed calls / (valid calls × (1 - slo.availability)), over the 28 local days that end "
    "with the month; negative when more failed than is allowed",
    unit="share", direction="up", timing="leading", counter_metric="release_frequency",
    gameable_by="a promise so low that nothing breaks it, or shipping nothing", tables=("requests",),
    columns=("requests.status",), source=_SRE,
    counted="failures allowed",
)  # fmt: skip
def error_budget_left(study):
    sums = _windows(study).groupby("month")[["good", "bad"]].sum().reindex(study.months, fill_value=0)
    allowed = (sums["good"] + sums["bad"]) * (1 - study.workbook.slo.availability)
    left = allowed - sums["bad"]
    return pd.DataFrame(
        {"month": study.months, "value": (left / allowed.where(allowed > 0)).to_numpy(), "numerator": left.to_numpy(),
         "denominator": allowed.to_numpy(), "mature": [_observed(study, m) for m in study.months]}
    )  # fmt: skip


def _by_account(study):
    """Yield each month with the budgets of its accounts that had a valid call."""
    known = _windows(study).dropna(subset="account_id")
    for month in study.months:
        table = budgets(known[known["month"] == month], slo=study.workbook.slo.availability)
        yield month, table[table["valid"] > 0].assign(over=lambda t: t["failed"] > t["allowed"])


@catalogued(
    name="Accounts beyond their error budget", dimension="infrastructure", stage="measure",
    question="For which share of the accounts was the promise broken?",
    formula="accounts with more failed calls than their own valid calls allow / accounts with valid "
    "production calls, over the 28 local days that end with the month",
    unit="share", direction="down", timing="leading", counter_metric="error_budget_left",
    gameable_by="one failed call breaks the budget of an account with few calls, so fewer small accounts lower it",
    tables=("requests",), columns=("requests.account_id", "requests.status"), source=_SRE,
)  # fmt: skip
def accounts_over_budget(study):
    rows = []
    for month, table in _by_account(study):
        k, n = int(table["over"].sum()), len(table)
        low, high = wilson(k, n)
        rows.append((month, k / n if n else np.nan, float(low), float(high), k, n, _observed(study, month)))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator", "mature"])


@catalogued(
    name="Revenue beyond the error budget", dimension="infrastructure", stage="measure",
    question="Which share of the recurring revenue comes from accounts for which the promise was broken?",
    formula="MRR of the accounts with more failed calls than their own valid calls allow / MRR of all "
    "accounts with valid production calls, over the 28 local days that end with the month",
    unit="share", direction="down", timing="leading", counter_metric="accounts_over_budget",
    gameable_by="mending only what the largest account calls", tables=("requests", "invoices"),
    columns=("requests.account_id", "requests.status"), source=_SRE,
    counted="minor units",
)  # fmt: skip
def mrr_over_budget(study):
    recurring = recurring_lines(study)
    if isinstance(recurring, NotMeasurable):
        return recurring
    rows = []
    for month, table in _by_account(study):
        pays = recurring[recurring["month"] == month].set_index("account_id")["mrr_minor"]
        mrr = table["account_id"].map(pays).fillna(0).clip(lower=0).astype("float64")
        burnt = mrr.where(table["over"], 0)
        total = mrr.sum()
        low, high = share_interval(burnt, mrr)
        rows.append((month, burnt.sum() / total if total else np.nan, low, high, burnt.sum(), total, _observed(study, month)))
    columns = ["month", "value", "low", "high", "numerator", "denominator", "mature"]
    return billed(study, pd.DataFrame(rows, columns=columns))
