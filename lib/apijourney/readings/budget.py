"""The error budget in words: what is left, when it was gone, for whom, and what they pay.

Every sentence is made from the table it describes; on other data it reads differently or not at all.
"""

import math

import pandas as pd

from apijourney.formats import counted, is_missing, money, month_name, number, percent
from apijourney.measurable import NotMeasurable, passes_on
from apijourney.readings.findings import Finding

TIMES_ALLOWED, LEAST_FAILED, Q_LIMIT = 3, 20, 0.05


@passes_on
def read_budget(table: pd.DataFrame, *, days: int = 28) -> str:
    """Say how much of the budget the last day had used, and on how many days it was overspent.

    table : from `budget_over_time`.
    """
    known = table[table["budget_left"].notna()]
    if known.empty:
        return f"No stretch of {days} days with calls was observed as a whole."
    last = known.iloc[-1]
    over = int((known["budget_left"] < 0).sum())
    return (
        f"In the {days} days up to {last['day']:%Y-%m-%d}, {number(last['bad'])} of {counted(last['valid'], 'valid call')} "
        f"failed where {number(last['allowed'], 1)} may: **{percent(1 - last['budget_left'], 0)}** of the budget was used. It was "
        f"overspent on {number(over)} of the {counted(len(known), 'day')} shown."
    )


@passes_on
def read_budget_groups(groups: pd.DataFrame, hit: pd.DataFrame, *, currency: str, until: str) -> str:
    """Say for how many accounts the promise was broken, for how many beyond chance, and what they pay.

    groups : from `budget_groups`; hit : from `hardest_hit`. until : the last day, as text.
    """
    beyond = groups.iloc[-1]
    everybody = groups["accounts"].sum()
    if not everybody:
        return f"In the days up to {until} no account had a valid call."
    text = (
        f"In the 28 days up to {until}, **{number(beyond['accounts'])}** of {counted(everybody, 'account')} "
        f"({percent(beyond['accounts_share'])}) met more failures than their own calls allow"
    )
    if not beyond["accounts"]:
        return f"{text}."
    if not is_missing(beyond["mrr_share"]):
        text += f"; they pay {money(beyond['mrr_minor'], currency)} a month, **{percent(beyond['mrr_share'])}** of the MRR of all that called"
    once, sure = int((hit["failed"] == 1).sum()), int((hit["q"] < Q_LIMIT).sum())
    if once:
        text += f". For {number(once)} of them a single failed call was enough"
    return f"{text}. After looking at all accounts it is more than chance for **{number(sure) if sure else 'none'}** of them (q below {Q_LIMIT})."


def find_budget_broken(
    table: pd.DataFrame | NotMeasurable, accounts: pd.DataFrame | NotMeasurable, mrr: pd.DataFrame | NotMeasurable
) -> str | NotMeasurable:
    """Name the stretch in which more than three times the allowed failures came, and whom it hit.

    table : from `budget_over_time`; accounts, mrr : the metrics "accounts_over_budget" and "mrr_over_budget".
    Empty where the budget was never overspent that far, or by fewer than 20 failures.
    """
    for found in (table, accounts):
        if isinstance(found, NotMeasurable):
            return found
    far = table[(table["budget_left"] < 1 - TIMES_ALLOWED) & (table["bad"] >= LEAST_FAILED)]
    if far.empty:
        return ""
    worst = far.loc[far["budget_left"].idxmin()]
    first, last = (month_name(accounts["month"].iloc[i]) for i in (0, -1))
    text = (
        f"Between {first} and {last}, the promised availability was broken: in the 28 days up to {worst['day']:%Y-%m-%d}, "
        f"**{number(worst['bad'])}** of {counted(worst['valid'], 'call')} failed where {number(worst['allowed'])} may. Looking back 28 days, more than "
        f"{TIMES_ALLOWED} times what may fail had failed on {counted(len(far), 'day')}, the first {far['day'].iloc[0]:%Y-%m-%d}"
    )
    hit = accounts[accounts["month"].isin(far["day"].dt.strftime("%Y-%m"))].dropna(subset="value")
    if hit.empty:
        return Finding(f"{text}.")
    row = hit.loc[hit["value"].idxmax()]
    text += f". By the end of {month_name(row['month'])} the error budget was used up for **{percent(row['value'])}** of the accounts (n = {number(row['denominator'])})"
    paid = mrr[mrr["month"] == row["month"]].dropna(subset="value") if isinstance(mrr, pd.DataFrame) else pd.DataFrame()
    mrr_minor = math.nan
    if len(paid):
        text += f", who bring **{percent(paid['value'].iloc[0])}** of the MRR"
        mrr_minor = paid["numerator"].iloc[0]
    return Finding(f"{text}.", mrr_minor=mrr_minor, accounts=row["numerator"])
