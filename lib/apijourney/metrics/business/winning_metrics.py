"""The catalogued metrics of growing: who takes the API up, who starts to pay, and what that costs.

Unit: the account. An account starts to pay in the first month it has MRR above 0; whether it did so before the
data begin is not known, so the first observed month has no new payers.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.by_month import ratio, ratio_of_totals, share_by_month
from apijourney.metrics.business.ledger import billed, costs_by_month, recurring_lines
from apijourney.metrics.business.movements import mrr_movement_accounts
from apijourney.metrics.business.serving import account_margins
from apijourney.metrics.business.value_metrics import value_by_month
from apijourney.metrics.product.activation.activation_metrics import KNOWN_MEDIAN, NEVER, created_times, median_days
from apijourney.metrics.product.engagement.engagement_metrics import monthly_active
from apijourney.metrics.product.marks import marked
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
WINNING = ("marketing", "sales")


@remembered
def open_accounts(study) -> dict[str, set]:
    """The accounts open at some time of each month shown: created before its end, not closed before it began."""
    accounts = study.accounts.dropna(subset=["created_at"])
    out = {}
    for month in study.months:
        start, end = (pd.Timestamp(t, unit="us") for t in study.bounds(month))
        closed = accounts["closed_at"]
        there = (accounts["created_at"] < end) & (closed.isna() | (closed >= start))
        out[month] = set(accounts.loc[there, "account_id"])
    return out


def _share_of_open(study, among: pd.DataFrame) -> pd.DataFrame:
    """Of the accounts open in each month, the share that has a row of (month, account_id)."""
    ids = among.groupby("month")["account_id"].agg(set)
    opened = open_accounts(study)
    hits = np.array([len(opened[m] & ids.get(m, set())) for m in study.months])
    n = np.array([len(opened[m]) for m in study.months])
    return share_by_month(study.months, hits, n)


@catalogued(
    name="Adoption rate", dimension="business", stage="scale",
    question="Of the accounts that are open, which share really uses the API?",
    formula="accounts active in the month / accounts opened before its end and not closed before it began",
    unit="share", direction="up", timing="leading", counter_metric="paying_share",
    gameable_by="closing idle accounts", tables=("accounts", "active"), source=_BOOK, whole_month=True,
)  # fmt: skip
def adoption_rate(study):
    return _share_of_open(study, monthly_active(study))


@catalogued(
    name="Paying share", dimension="business", stage="scale",
    question="Of the accounts that are open, which share pays?",
    formula="accounts with MRR above 0 / accounts opened before the month's end and not closed before it began",
    unit="share", direction="up", timing="lagging", counter_metric="average_mrr_per_account",
    gameable_by="a token price for everybody", tables=("accounts", "invoices"), source=_BOOK,
)  # fmt: skip
def paying_share(study):
    lines = recurring_lines(study)
    if isinstance(lines, NotMeasurable):
        return lines
    return billed(study, _share_of_open(study, lines[lines["mrr_minor"] > 0]))


@catalogued(
    name="Time to paid", dimension="business", stage="scale",
    question="How many days after sign-up has half of the accounts been charged for the first time?",
    formula="Kaplan-Meier median of account created to first invoice line that is no credit or refund, for the accounts "
    "created in the month, censored at the end of observation; " + KNOWN_MEDIAN,
    unit="days", direction="down", timing="leading", counter_metric="revenue_churn",
    gameable_by="charging before anything works", tables=("accounts", "invoices"), source=_BOOK,
)  # fmt: skip
def time_to_paid_days(study):
    return median_days(study, paid_log(study), "charged")


@remembered
def paid_log(study):
    """Accounts created in the observed interval: their opening, and each time they were charged."""
    log, created = study.events, created_times(study)
    known = created[log.account] < NEVER
    charged = log.mask("invoice") & known
    if "kind" in log.properties:
        charged &= ~np.asarray(pd.Series(log.properties["kind"]).isin(["credit", "refund"]))
    return marked(log, {"account_created": log.mask("account_created") & known, "charged": charged})


@remembered
@needs("invoices", what="New paying accounts")
def new_payers(study) -> pd.DataFrame | NotMeasurable:
    """Which accounts started to pay in which observed month, from the second on? Returns account_id, month, mrr_minor."""
    return _new_payers(recurring_lines(study), study)


@passes_on
def _new_payers(lines: pd.DataFrame, study) -> pd.DataFrame:
    moves = mrr_movement_accounts(lines, months=study.all_months)
    new = moves[moves["movement"] == "new"]
    return new[["account_id", "month", "after_minor"]].rename(columns={"after_minor": "mrr_minor"}).reset_index(drop=True)


def _new_by_month(study, new: pd.DataFrame) -> pd.Series:
    return new.groupby("month").size().reindex(study.all_months[1:], fill_value=0)


@catalogued(
    name="New paying accounts", dimension="business", stage="scale",
    question="How many accounts started to pay?",
    formula="accounts with MRR above 0 in the month and never before", unit="count", direction="up", timing="lagging",
    counter_metric="revenue_churn", gameable_by="a first month for a token price", tables=("invoices",), source=_BOOK,
)  # fmt: skip
def new_paying_accounts(study):
    new = new_payers(study)
    if isinstance(new, NotMeasurable):
        return new
    count = _new_by_month(study, new).reindex(study.months).to_numpy(float)
    table = pd.DataFrame({"month": study.months, "value": count, "denominator": count, "mature": ~np.isnan(count)})
    return billed(study, table)


@remembered
def winning_costs(study) -> pd.Series | NotMeasurable:
    """What marketing and sales cost in each month: month → minor units; months without such a line are missing."""
    lines = costs_by_month(study)
    spent = lines[lines["category"].isin(WINNING)].groupby("month")["reporting_minor"].sum()
    return no_winning_costs(study, "Customer acquisition cost") if spent.empty else spent


def no_winning_costs(study, what: str) -> NotMeasurable:
    """Why nothing was spent to win accounts, and what to do about it."""
    if study.product != "all":
        reason = "what marketing and sales cost belongs to no product; choose all products, or break it down by segment instead."
    else:
        reason = 'no cost line has the category "marketing" or "sales"; add such lines to costs.'
    return NotMeasurable(what, reason)


@catalogued(
    name="Customer acquisition cost", dimension="business", stage="scale",
    question="What does it cost to win an account that pays?",
    formula="marketing and sales costs of the month / accounts that started to pay in it; no lag between the two is assumed",
    unit="money", direction="down", timing="lagging", counter_metric="payback_months",
    gameable_by="winning accounts that pay little", tables=("costs", "invoices"), source=_BOOK,
)  # fmt: skip
def customer_acquisition_cost(study):
    new, spent = new_payers(study), winning_costs(study)
    for answer in (new, spent):
        if isinstance(answer, NotMeasurable):
            return answer
    return billed(study, ratio_of_totals(study.months, spent, _new_by_month(study, new)))


@remembered
@needs("invoices", "costs", "requests", what="Margin of a paying account")
def paying_margin(study) -> pd.Series | NotMeasurable:
    """Mean margin of the paying accounts in each month whose costs are known: month → minor units."""
    return _paying_margin(account_margins(study))


@passes_on
def _paying_margin(margins: pd.DataFrame) -> pd.Series:
    pays = margins[margins["mrr_minor"] > 0]
    return pays.groupby("month")["margin_minor"].mean()


@catalogued(
    name="Payback", dimension="business", stage="scale",
    question="After how many months has a new account earned what it cost to win?",
    formula="customer acquisition cost / mean monthly margin of a paying account in the month; infinite where that is 0 or less",
    unit="months", direction="down", timing="lagging", counter_metric="paying_account_churn",
    gameable_by="counting revenue instead of margin", tables=("costs", "invoices", "requests"), source=_BOOK, counted="minor units",
)  # fmt: skip
def payback_months(study):
    return _against(study, customer_acquisition_cost(study), paying_margin(study))


@passes_on
def _against(study, cost: pd.DataFrame, margin: pd.Series) -> pd.DataFrame:
    top, under = cost["value"].to_numpy(float), margin.reindex(study.months).to_numpy(float)
    value = np.divide(top, under, out=np.full(len(top), np.inf), where=under > 0)
    value[np.isnan(top) | np.isnan(under)] = np.nan
    return pd.DataFrame({"month": study.months, "value": value, "numerator": top, "denominator": under, "mature": cost["mature"]})


@catalogued(
    name="Lifetime value to acquisition cost", dimension="business", stage="scale",
    question="How many times what it costs to win an account does it bring back?",
    formula="customer lifetime value / customer acquisition cost of the month", unit="ratio", direction="up",
    timing="lagging", counter_metric="new_paying_accounts", gameable_by="winning fewer, easier accounts",
    tables=("costs", "invoices", "requests"), source=_BOOK, counted="minor units",
)  # fmt: skip
def ltv_to_cac(study):
    return _times(value_by_month(study), customer_acquisition_cost(study))


@passes_on
def _times(worth: pd.DataFrame, cost: pd.DataFrame) -> pd.DataFrame:
    top, under = worth["clv_minor"].to_numpy(float), cost["value"].to_numpy(float)
    value = ratio(top, under)
    mature = worth["mature"] & cost["mature"]
    return pd.DataFrame({"month": cost["month"], "value": value, "numerator": top, "denominator": under, "mature": mature})
