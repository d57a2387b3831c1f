"""The catalogued metrics of what accounts are worth and of what that rests on.

Unit: the paying account, or a cent of recurring revenue. Each function answers for the months of a study; the
arithmetic is in the modules beside this one.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.by_month import ratio
from apijourney.metrics.business.ledger import billed, recurring_lines
from apijourney.metrics.business.lifetime_value import (
    DRAWS, HORIZON_MONTHS, WINDOW_MONTHS, YEARLY_RATE, LaidOut, Payments, laid_out, payments_of, worth_of,
)  # fmt: skip
from apijourney.metrics.business.movements import mrr_movements
from apijourney.metrics.business.recurring_revenue import mrr_matrix
from apijourney.metrics.business.revenue import concentration
from apijourney.metrics.business.serving import account_margins
from apijourney.metrics.product.decline.decline import declining_accounts
from apijourney.metrics.product.decline.early_warning import early_warnings
from apijourney.metrics.registry import catalogued
from apijourney.metrics.uncertainty import bootstrap_ratio

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"


@catalogued(
    name="Usage's share of recurring revenue", dimension="business", stage="scale",
    question="How much of the recurring revenue is paid for use?",
    formula="usage / (subscriptions + usage) of the service month, each less its credits",
    unit="share", direction="none", timing="lagging", counter_metric="gross_revenue_retention",
    gameable_by="moving price from subscriptions into calls", tables=("invoices",), source=_BOOK, counted="minor units",
)  # fmt: skip
def usage_revenue_share(study):
    lines = recurring_lines(study)
    if isinstance(lines, NotMeasurable):
        return lines
    rows = []
    for month in study.months:
        part = lines[lines["month"] == month]
        usage, total = part["usage_minor"], part["usage_minor"] + part["subscription_minor"]
        known = 0 <= usage.sum() <= total.sum() and total.sum() > 0
        low, high = bootstrap_ratio(usage, total) if known else (np.nan, np.nan)
        value = usage.sum() / total.sum() if known else np.nan
        rows.append((month, value, max(low, 0), min(high, 1), usage.sum(), total.sum()))
    table = pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator"])
    return billed(study, table, usage=True)


@catalogued(
    name="Concentration of revenue (HHI)", dimension="business", stage="scale",
    question="Is the recurring revenue spread over many accounts or few?",
    formula="sum of the squared shares of MRR of the paying accounts: 1 if one pays all, 1/n if n pay alike",
    unit="ratio", direction="down", timing="leading", counter_metric="mrr",
    gameable_by="splitting one customer into several accounts", tables=("invoices",),
    source="Herfindahl-Hirschman index",
)  # fmt: skip
def revenue_concentration(study):
    lines = recurring_lines(study)
    if isinstance(lines, NotMeasurable):
        return lines
    table = pd.concat([concentration(lines, m) for m in study.months], ignore_index=True)
    return billed(study, table.rename(columns={"hhi": "value", "accounts": "denominator"}))


@remembered
@needs("invoices", "costs", "requests", what="Customer lifetime value")
def value_by_month(
    study, *, yearly_rate: float = YEARLY_RATE, horizon: int = HORIZON_MONTHS, window: int = WINDOW_MONTHS, draws: int = DRAWS
) -> pd.DataFrame | NotMeasurable:
    """The table of `lifetime_value` for the months shown, with its discount, horizon, window and draws of the interval."""
    found = _payments(study, window, draws)
    return found if isinstance(found, NotMeasurable) else worth_of(found, yearly_rate=yearly_rate, horizon=horizon)


@remembered(most=4)
def _payments(study, window: int, draws: int) -> list[Payments] | NotMeasurable:
    laid = _laid_out(study)
    return laid if isinstance(laid, NotMeasurable) else payments_of(laid, study.months, window=window, draws=draws)


@remembered(most=1)
def _laid_out(study) -> LaidOut | NotMeasurable:
    return _of_each_account(recurring_lines(study), account_margins(study), study)


@passes_on
def _of_each_account(lines, margins, study) -> LaidOut:
    return laid_out(lines, margins, months=study.months, first=study.all_months[0])


@catalogued(
    name="Customer lifetime value", dimension="business", stage="scale",
    question="How much margin will a paying account bring until it leaves, in money of today?",
    formula="mean monthly margin × sum over 60 months of (1 − monthly logo churn)^t, discounted by 10 % a year; margin "
    "and churn are those of the last 12 months; margin = MRR − infrastructure and support by account",
    unit="money", direction="up", timing="lagging", counter_metric="top_account_share",
    gameable_by="one whale lifts the mean margin of all", tables=("invoices", "costs", "requests"),
    source="Gupta and Lehmann (2003), Journal of Interactive Marketing 17, 9-24",
)  # fmt: skip
def customer_lifetime_value(study):
    table = value_by_month(study)
    if isinstance(table, NotMeasurable):
        return table
    return billed(study, table.rename(columns={"clv_minor": "value", "accounts": "denominator"}))


@remembered
@needs("invoices", "active", what="Revenue at risk")
def accounts_at_risk(study) -> pd.DataFrame | NotMeasurable:
    """Which paying accounts use the API far less than they did, or are silent for longer than their own rhythm explains?

    Returns the accounts of `declining_accounts` and `early_warnings` that pay in the study's month, the largest
    MRR first: account_id, mrr_minor, sign ("use falls", "silent beyond its rhythm", or both).
    """
    return _at_risk(recurring_lines(study), early_warnings(study), declining_accounts(study), study)


def _at_risk(lines, silence, decline, study) -> pd.DataFrame | NotMeasurable:
    for answer in (lines, silence):
        if isinstance(answer, NotMeasurable):
            return answer
    late = set(silence.loc[silence["warned"], "account_id"])
    falls = set() if isinstance(decline, NotMeasurable) else set(decline.loc[decline["declining"], "account_id"])
    now = lines[(lines["month"] == study.month) & (lines["mrr_minor"] > 0)]
    now = now.groupby("account_id")["mrr_minor"].sum().reset_index()
    now = now[now["account_id"].isin(late | falls)]
    sign = np.select(
        [now["account_id"].isin(late & falls), now["account_id"].isin(falls)],
        ["use falls; silent beyond its rhythm", "use falls"], "silent beyond its rhythm",
    )  # fmt: skip
    table = now.assign(sign=sign.astype("str")).astype({"account_id": "str"})
    return table.sort_values(["mrr_minor", "account_id"], ascending=[False, True], ignore_index=True)


@catalogued(
    name="Revenue at risk", dimension="business", stage="decline",
    question="How much of the recurring revenue comes from accounts that use the API far less, or fell silent?",
    formula="MRR of accounts whose use falls beyond their own noise, or that are silent for longer than their own rhythm explains / "
    "MRR; it stands at the month reported on and is unknown for earlier ones",
    unit="share", direction="down", timing="leading", counter_metric="revenue_churn",
    gameable_by="test traffic that keeps an account lively", tables=("invoices", "active"), source=_BOOK, counted="minor units",
)  # fmt: skip
def revenue_at_risk(study):
    found = accounts_at_risk(study)
    if isinstance(found, NotMeasurable):
        return found
    lines = recurring_lines(study)
    paid = lines.loc[(lines["month"] == study.month) & (lines["mrr_minor"] > 0), "mrr_minor"].sum()
    now = np.array([m == study.month for m in study.months])
    risk = found["mrr_minor"].sum()
    table = pd.DataFrame({"month": study.months, "value": np.where(now & (paid > 0), risk / max(paid, 1), np.nan)})
    return billed(study, table.assign(numerator=np.where(now, risk, np.nan), denominator=np.where(now, paid, np.nan)))


@catalogued(
    name="Revenue churn", dimension="business", stage="decline",
    question="Of the MRR a month ago, which share was lost since?",
    formula="(churn + contraction) / opening MRR, of the movements of the month; no interval where nothing was lost", unit="share", direction="down",
    timing="lagging", counter_metric="paying_account_churn", gameable_by="long contracts that only delay the loss",
    tables=("invoices",), source=_BOOK, counted="minor units",
)  # fmt: skip
def revenue_churn(study):
    lines = recurring_lines(study)
    if isinstance(lines, NotMeasurable):
        return lines
    axis = np.array(study.all_months, dtype="datetime64[M]").astype("int64")
    _, mrr = mrr_matrix(lines, axis)
    rows = []
    for month in study.months:
        at = study.all_months.index(month)
        if not at:
            rows.append((month, np.nan, np.nan, np.nan, np.nan, np.nan, False))
            continue
        before, lost = mrr[:, at - 1], np.maximum(mrr[:, at - 1] - mrr[:, at], 0)
        keep = (before != 0) | (lost != 0)
        total = int(before.sum())
        # Where nobody lost anything nothing varies: a bootstrap would claim to know that nobody ever will.
        low, high = bootstrap_ratio(lost[keep], before[keep]) if total > 0 and lost.any() else (np.nan, np.nan)
        rows.append((month, lost.sum() / total if total > 0 else np.nan, low, high, lost.sum(), total, True))
    return billed(study, pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator", "mature"]))


@catalogued(
    name="Month-over-month growth of MRR", dimension="business", stage="scale",
    question="By which share did recurring revenue grow since the month before?",
    formula="(MRR − MRR of the month before) / MRR of the month before", unit="share", direction="up", timing="lagging",
    counter_metric="gross_revenue_retention", gameable_by="discounts that end next month", tables=("invoices",),
    source=_BOOK, counted="minor units",
)  # fmt: skip
def month_over_month_growth(study):
    lines = recurring_lines(study)
    if isinstance(lines, NotMeasurable):
        return lines
    moved = mrr_movements(lines, months=study.all_months)
    moved = moved.set_index("month").reindex(study.months)
    change = (moved["closing_minor"] - moved["opening_minor"]).to_numpy(float)
    opening = moved["opening_minor"].to_numpy(float)
    value = ratio(change, opening)
    known = ~np.isnan(opening)  # what came before the first observed month is not
    table = pd.DataFrame({"month": study.months, "value": value, "numerator": change, "denominator": opening, "mature": known})
    return billed(study, table)
