"""Whose error budget was spent, how far, and what do they pay?

Unit: an account with production calls in the last 28 local days. The promise is one number for
all, and most of the failures may fall on a few: so each account gets the budget its own calls allow.
Calls that belong to no account (rejected keys) are left out. It does not say why calls failed, nor
whether the account minded.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.localtime import day_starts
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.business.ledger import recurring_lines
from apijourney.metrics.infrastructure.outcomes import outcomes
from apijourney.metrics.infrastructure.service_metrics import dated_quotas

BUDGET_DAYS = 28


@remembered
@needs("requests", what="Error budget by account")
def error_budget_by_account(study) -> pd.DataFrame | NotMeasurable:
    """How much of the failure that the promise allows did each account meet in the last 28 days?

    study : see `open_study`; the 28 local days end at `observed_until`.

    Returns
    -------
    One row an account with calls in the window, the most spent first: account_id, valid and failed
    (production calls, int64, as in `outcomes`), availability = 1 − failed / valid, allowed = valid ×
    (1 − slo.availability), budget_spent_share = failed / allowed (0 untouched, 1 used up, above 1
    broken), mrr_minor (of the study's month; 0 = pays nothing, NaN for all where MRR is not
    measurable), mature (was the whole window observed?).
    availability and budget_spent_share are NaN where no call was valid (all throttled). A count
    against a promise is no estimate, so it carries no interval; an account with few calls breaks
    its budget with a single failure: read `failed` beside the share.
    """
    days, whole = budget_window(study)
    months = sorted({str(d)[:7] for d in days})
    files = [m for m in months if study.store.paths("calls", [m])]
    nothing = NotMeasurable(
        "Error budget by account",
        f"there are no production calls of known accounts in the {BUDGET_DAYS} days before "
        f"{study.until_day}; choose another month.",
    )
    if not files:
        return nothing
    calls = study.fact("calls", files)
    calls = calls.filter((calls.environment == "production") & calls.account_id.notnull())
    daily = calls.group_by("account_id", "day", "status").aggregate(calls=calls.calls.sum()).to_pandas()
    # A quota fills up over the whole month, so calls are judged before the window is cut out.
    counted = outcomes(daily, quotas=dated_quotas(study), where="error_budget_by_account")
    counted = counted[np.isin(counted["day"].to_numpy("datetime64[D]"), days)]
    if counted.empty:
        return nothing
    table = budgets(counted, slo=study.workbook.slo.availability)
    return table.assign(mrr_minor=mrr_of(study, table["account_id"]), mature=whole)


def budgets(counted: pd.DataFrame, *, slo: float) -> pd.DataFrame:
    """How much of the allowed failure did each account meet?

    counted : account_id, good, bad (calls); rows of one account are added up.
    slo : the promised share of good calls, such as 0.999.
    Returns one row an account, the most spent first: account_id, valid, failed, availability,
    allowed, budget_spent_share; see `error_budget_by_account`.

    >>> counted = pd.DataFrame({"account_id": ["a", "a", "b"], "good": [990, 8, 100], "bad": [0, 2, 0]})
    >>> budgets(counted, slo=0.999)[["account_id", "valid", "failed", "allowed", "budget_spent_share"]].round(3)
      account_id  valid  failed  allowed  budget_spent_share
    0          a   1000       2      1.0                 2.0
    1          b    100       0      0.1                 0.0
    """
    sums = counted.groupby("account_id")[["good", "bad"]].sum().astype("int64")
    valid, failed = sums["good"] + sums["bad"], sums["bad"]
    allowed = valid * (1 - slo)
    table = pd.DataFrame(
        {
            "valid": valid,
            "failed": failed,
            "availability": sums["good"] / valid.where(valid > 0),
            "allowed": allowed,
            "budget_spent_share": failed / allowed.where(valid > 0),
        }
    ).reset_index()
    order = ["budget_spent_share", "failed", "account_id"]
    return table.sort_values(order, ascending=[False, False, True], na_position="last", ignore_index=True)


def budget_window(study) -> tuple[np.ndarray, bool]:
    """The last 28 local days up to `observed_until` (datetime64[D]), and whether all were observed."""
    days = study.until_day - np.arange(BUDGET_DAYS, 0, -1)
    begins = int(day_starts(days[:1], study.zone)[0])
    return days, study.observed_from <= begins


def mrr_of(study, accounts: pd.Series) -> pd.Series:
    """MRR of each account in the study's month, float minor units; 0 = none, NaN = not measurable."""
    recurring = recurring_lines(study)
    if isinstance(recurring, NotMeasurable):
        return pd.Series(np.nan, index=accounts.index)
    now = recurring[recurring["month"] == study.month].set_index("account_id")["mrr_minor"]
    return accounts.map(now.groupby(level=0).sum()).fillna(0).astype("float64")
