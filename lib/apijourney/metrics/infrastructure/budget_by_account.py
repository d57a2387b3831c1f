"""Whose error budget was spent, how far, and what do they pay?

Unit: an account with production calls in the last 28 local days. The promise is one number for
all, and most of the failures may fall on a few: so each account gets the budget its own calls allow.
Calls that belong to no account (rejected keys) are left out. It does not say why calls failed, nor
whether the account minded.
"""

import numpy as np
import pandas as pd
from scipy.stats import binom

from apijourney.facts.remember import remembered
from apijourney.localtime import day_starts
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.business.ledger import recurring_lines
from apijourney.metrics.infrastructure.outcomes import outcomes
from apijourney.metrics.infrastructure.service_metrics import dated_quotas
from apijourney.metrics.uncertainty import benjamini_hochberg

BUDGET_DAYS = 28
GROUPS = ["no failed call", "within the budget", "beyond the budget"]


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


@passes_on
def budget_groups(table: pd.DataFrame) -> pd.DataFrame:
    """How are the accounts, their calls and their revenue spread over the state of the budget?

    table : from `error_budget_by_account`.
    Returns three rows, group ("no failed call", "within the budget", "beyond the budget"): accounts, valid,
    mrr_minor (negative amounts count 0; NaN = not measurable), and the shares of each in its total:
    accounts_share, valid_share, mrr_share (NaN where the total is 0 or not known). Accounts without a
    valid call are in none.

    >>> table = pd.DataFrame({"valid": [10, 2000, 900], "failed": [0, 1, 2], "allowed": [0.01, 2.0, 0.9], "mrr_minor": [5.0, 0.0, 15.0]})
    >>> budget_groups(table)[["group", "accounts", "mrr_share"]]
                   group  accounts  mrr_share
    0     no failed call         1       0.25
    1  within the budget         1       0.00
    2  beyond the budget         1       0.75
    """
    known = table[table["valid"] > 0]
    failed, over = known["failed"] > 0, known["failed"] > known["allowed"]
    group = np.select([over, failed], [GROUPS[2], GROUPS[1]], GROUPS[0])
    parts = known.assign(group=group, accounts=1, mrr_minor=known["mrr_minor"].clip(lower=0)).groupby("group")
    sums = parts[["accounts", "valid"]].sum().reindex(GROUPS, fill_value=0)
    sums["mrr_minor"] = parts["mrr_minor"].sum().reindex(GROUPS, fill_value=0) if known["mrr_minor"].notna().any() else np.nan
    for column, name in (("accounts", "accounts"), ("valid", "valid"), ("mrr_minor", "mrr")):
        total = sums[column].sum()
        sums[f"{name}_share"] = sums[column] / (total if total else np.nan)
    return sums.rename_axis("group").reset_index()


@passes_on
def hardest_hit(table: pd.DataFrame, *, slo: float) -> pd.DataFrame:
    """For which accounts was the promise broken, and is it more than chance?

    table : from `error_budget_by_account`. slo : the promised share of good calls.
    Returns the rows with more failures than allowed, those with most first (then those that pay most):
    account_id, valid, failed, allowed, availability, mrr_minor, q: how likely at least so many failures are
    where the promise is just kept and calls fail independently, after looking at all accounts
    (Benjamini-Hochberg). A single failure of a small account has a large q: it is chance.

    >>> table = pd.DataFrame({"account_id": ["a", "b"], "valid": [20, 900], "failed": [1, 9], "allowed": [0.02, 0.9],
    ...                       "availability": [0.95, 0.99], "mrr_minor": [1.0, 2.0]})
    >>> hardest_hit(table, slo=0.999)[["account_id", "failed", "q"]].round(3)
      account_id  failed     q
    0          b       9  0.00
    1          a       1  0.02
    """
    known = table[table["valid"] > 0]
    q = benjamini_hochberg(binom.sf(known["failed"] - 1, known["valid"], 1 - slo)) if len(known) else []
    beyond = known.assign(q=q)[known["failed"] > known["allowed"]]
    order = ["failed", "mrr_minor", "account_id"]
    beyond = beyond.sort_values(order, ascending=[False, False, True], ignore_index=True)
    return beyond[["account_id", "valid", "failed", "allowed", "availability", "mrr_minor", "q"]]


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
