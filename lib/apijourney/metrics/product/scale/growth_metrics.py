"""The catalogued metrics of growth by account: does the typical account use more than the month before?

Unit: an account used in two neighbouring local months. Use is what makes an account active (by default successful
production calls; active days where there are no calls), by day, because months differ in length. Every account
counts alike, so one large account cannot hide the others, as it does in a total. It does not say why use moves.
"""

import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.by_month import share_marked
from apijourney.metrics.product.account_use import use_by_month
from apijourney.metrics.product.scale.use_change import STEADY_BAND, days_observed, use_states
from apijourney.metrics.registry import catalogued
from apijourney.metrics.uncertainty import median_interval

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
STATES = ("grew", "steady", "shrank", "silent")


@remembered
def use_changes(study) -> pd.DataFrame:
    """The use of each account in each month shown, held against the month before.

    Returns one row an account used in either: month, account_id, before_a_day, now_a_day, ratio (NaN = not used
    before), state (see `usage_change`). A month whose month before was not observed has no rows.
    """
    use, _ = use_by_month(study)
    days, rows = days_observed(study), []
    for i, month in enumerate(study.all_months):
        if i and month in study.months:
            rows.append(use_states(use, study.all_months[: i + 1], days).assign(month=month))
    columns = ["month", "account_id", "before_a_day", "now_a_day", "ratio", "state"]
    if not rows:
        return pd.DataFrame(columns=columns)
    return pd.concat(rows).rename_axis("account_id").reset_index()[columns]


@needs("active", what="Growing, steady and shrinking accounts")
def growth_by_month(study) -> pd.DataFrame | NotMeasurable:
    """Of the accounts used the month before, which share grew, stayed steady, shrank or fell silent?

    Returns one row a month shown and state ("grew", "steady", "shrank", "silent"): month, state, accounts, of,
    share (NaN = nobody was used the month before, or that month was not observed).
    """
    if len(study.all_months) < 2:
        return NotMeasurable(
            "Growing, steady and shrinking accounts", "two observed months are needed; choose a later month."
        )
    table = use_changes(study)
    counts = table.groupby(["month", "state"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=study.months, columns=list(STATES), fill_value=0)
    known = pd.Series([_held_against(study, m) for m in study.months], index=study.months)
    of = counts.sum(axis=1).where(known)
    long = counts.where(known).rename_axis(index="month", columns="state").stack(future_stack=True).rename("accounts").reset_index()
    long["of"] = long["month"].map(of)
    return long.assign(share=long["accounts"] / long["of"].where(long["of"] > 0))


def _held_against(study, month: str) -> bool:
    """Was the month before observed as a whole?"""
    return study.whole(str(pd.Period(month, "M") - 1))


@catalogued(
    name="Usage growth by account", dimension="product", stage="scale",
    question="By how much did the use of the middle account change since the month before?",
    formula="median over the accounts active in the month and in the one before of (use a day in the month / use a day "
    "in the one before − 1); use: the events that make an account active, or its active days where there are no calls",
    unit="share", direction="up", timing="leading", counter_metric="decline_index",
    gameable_by="accounts that fell silent are in no median", tables=("active",), source=_BOOK,
)  # fmt: skip
def usage_growth_by_account(study):
    table = use_changes(study)
    table = table[(table["before_a_day"] > 0) & (table["now_a_day"] > 0)]
    rows = []
    for month in study.months:
        ratios = table.loc[table["month"] == month, "ratio"].to_numpy(dtype=float)
        median, low, high = median_interval(ratios)
        rows.append((month, median - 1, low - 1, high - 1, float(len(ratios)), _held_against(study, month)))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "denominator", "mature"])


@catalogued(
    name="Decline index", dimension="product", stage="decline",
    question="Of the accounts active the month before, which share now uses far less, or nothing?",
    formula=f"accounts whose use a day fell by more than {STEADY_BAND:.0%} against the month before, those fallen silent "
    "included / accounts active in the month before",
    unit="share", direction="down", timing="leading", counter_metric="usage_growth_by_account",
    gameable_by="losing the fading accounts for good: who was silent before is not in it", tables=("active",), source=_BOOK,
)  # fmt: skip
def decline_index(study):
    table = use_changes(study)
    table = table[table["before_a_day"] > 0]
    fell = share_marked(table["state"].isin(["shrank", "silent"]), table["month"], study.months)
    return fell.assign(mature=[_held_against(study, m) for m in study.months])
