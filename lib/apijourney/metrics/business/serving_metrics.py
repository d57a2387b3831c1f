"""The catalogued metrics of serving: margin, what an account costs, and what errors cost.

Unit: the company in a month, by the rule of `cost_allocation`. Costs are the company's books and no sample, so
these numbers carry no interval. A month without the cost lines they need is not known, never 0.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.by_month import ratio_of_totals
from apijourney.metrics.business.ledger import billed, costs_by_month
from apijourney.metrics.business.serving import (
    account_margins, cost_lines, serving_costs, tickets_by_account, use_of_endpoints,
)  # fmt: skip
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
ERROR_TOPICS = ("error", "outage", "fail")
"""A ticket is about errors where its topic contains one of these."""


@remembered
def served_accounts(study) -> pd.Series:
    """How many accounts made a call in each month, in any environment?"""
    use = use_of_endpoints(study)
    return use.dropna(subset=["account_id"]).groupby("month")["account_id"].nunique()


@catalogued(
    name="Cost to serve an account", dimension="business", stage="scale",
    question="What does it cost to serve an account for a month?",
    formula="infrastructure and support costs of the month / accounts with a call in the month, sandbox included",
    unit="money", direction="down", timing="lagging", counter_metric="ticket_resolution_days",
    gameable_by="answering fewer tickets", tables=("costs", "requests"), columns=("requests.account_id",), source=_BOOK,
    whole_month=True,
)  # fmt: skip
def cost_to_serve(study):
    costs = serving_costs(study)
    if isinstance(costs, NotMeasurable):
        return costs
    return ratio_of_totals(study.months, costs.groupby("month")["minor"].sum(), served_accounts(study))


@catalogued(
    name="Gross margin", dimension="business", stage="scale",
    question="Of the recurring revenue, which share is left after serving everybody?",
    formula="(MRR − infrastructure and support costs of the month) / MRR; accounts that pay nothing cost too",
    unit="share", direction="up", timing="lagging", counter_metric="availability",
    gameable_by="moving costs of serving to other categories of the books", tables=("costs", "requests", "invoices"),
    source=_BOOK, counted="minor units",
)  # fmt: skip
def gross_margin(study):
    margins = account_margins(study)
    if isinstance(margins, NotMeasurable):
        return margins
    sums = margins.groupby("month")[["margin_minor", "mrr_minor"]].sum()
    return billed(study, ratio_of_totals(study.months, sums["margin_minor"], sums["mrr_minor"]))


@catalogued(
    name="Support cost per account", dimension="business", stage="test",
    question="What does it cost to help an account for a month?",
    formula="support costs of the month / accounts with a call in the month",
    unit="money", direction="down", timing="lagging", counter_metric="ticket_resolution_days",
    gameable_by="making support hard to reach", tables=("costs", "requests"), columns=("requests.account_id",), source=_BOOK,
    whole_month=True,
)  # fmt: skip
def support_cost_per_account(study):
    costs = serving_costs(study)
    if isinstance(costs, NotMeasurable):
        return costs
    support = costs[costs["category"] == "support"].groupby("month")["minor"].sum()
    if support.empty:
        return NotMeasurable("Support cost per account", 'no cost line has the category "support"; add such lines to costs.')
    return ratio_of_totals(study.months, support, served_accounts(study))


@catalogued(
    name="Infrastructure's share of costs", dimension="business", stage="scale",
    question="Of all that is spent, which share runs the API?",
    formula="infrastructure costs / all costs of the month", unit="share", direction="none", timing="lagging",
    counter_metric="cost_per_thousand_calls", gameable_by="spending more on everything else", tables=("costs",),
    source=_BOOK, counted="minor units",
)  # fmt: skip
def infrastructure_cost_share(study):
    lines = costs_by_month(study)
    own = lines[lines["category"] == "infrastructure"].groupby("month")["reporting_minor"].sum()
    if own.empty:
        what = "Infrastructure's share of costs"
        return NotMeasurable(what, 'no cost line has the category "infrastructure"; add such lines to costs.')
    return ratio_of_totals(study.months, own, lines.groupby("month")["reporting_minor"].sum())


@catalogued(
    name="Cost of errors", dimension="business", stage="test",
    question="What did it cost to answer calls that failed, and to help those whose calls failed?",
    formula="infrastructure costs × calls with status ≥ 500 / calls (of the endpoint, where the line names one) + "
    "support costs × tickets about errors / tickets; a ticket is about errors where its topic says error, outage or fail",
    unit="money", direction="down", timing="lagging", counter_metric="errors_per_attempt",
    gameable_by="closing or renaming tickets about errors", tables=("costs", "requests"), columns=("requests.status",),
    source=_BOOK, whole_month=True,
)  # fmt: skip
def cost_of_errors(study):
    parts = error_costs(study)
    if isinstance(parts, NotMeasurable):
        return parts
    parts = parts.set_index("month").reindex(study.months)
    return pd.DataFrame({"month": study.months, "value": parts[["serving_minor", "support_minor"]].sum(axis=1, min_count=1).to_numpy()})


@remembered
def error_costs(study) -> pd.DataFrame | NotMeasurable:
    """The two parts of the cost of errors by month: month, serving_minor, support_minor (float).

    NaN = not known: no such cost line, no call, or no ticket that says its topic.
    """
    if study.segment != "all":
        return NotMeasurable("Cost of errors", "costs that name no account belong to no segment; choose all segments.")
    lines = cost_lines(study)
    if not lines["category"].isin(["infrastructure", "support"]).any():
        return NotMeasurable("Cost of errors", 'no cost line has the category "infrastructure" or "support"; add such lines to costs.')
    use = use_of_endpoints(study)
    every = use.groupby("month")[["weight", "failed"]].sum()
    each = use.groupby(["month", "endpoint"])[["weight", "failed"]].sum()
    run = lines[lines["category"] == "infrastructure"]
    share = [_failed(each, (m, e), _failed(every, m, np.nan)) for m, e in zip(run["month"], run["endpoint"], strict=True)]
    serving = (run["minor"] * share).groupby(run["month"]).sum(min_count=1)
    tickets = tickets_by_account(study).dropna(subset=["topic"])
    about = tickets["topic"].astype("str").str.lower().str.contains("|".join(ERROR_TOPICS))
    told = tickets.groupby("month")["tickets"].sum()
    hits = tickets[about].groupby("month")["tickets"].sum().reindex(told.index, fill_value=0)
    support = lines[lines["category"] == "support"].groupby("month")["minor"].sum() * (hits / told)
    table = pd.DataFrame({"serving_minor": serving, "support_minor": support}, dtype="float64")
    return table.reindex(study.all_months).rename_axis("month").reset_index()


def _failed(counts: pd.DataFrame, key, otherwise: float) -> float:
    if key not in counts.index:
        return otherwise
    found = counts.loc[key]
    return float(found["failed"] / found["weight"])
