"""The catalogued metrics of the business dimension: revenue, its movements, and unit cost.

Unit: the paying account, unless a metric says otherwise. Each function answers for the months of a
study; the arithmetic is in the modules beside this one.
"""

import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.metrics.business.ledger import billed, billed_by_day, costs_by_month, recurring_lines
from apijourney.metrics.business.movements import mrr_movements
from apijourney.metrics.business.net_revenue_retention import net_revenue_retention
from apijourney.metrics.business.revenue import (
    average_revenue_per_account,
    concentration,
    logo_churn,
)
from apijourney.metrics.business.unit_cost import cost_per_thousand_calls as unit_cost
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"


def _by_month(study, table: pd.DataFrame) -> pd.DataFrame:
    """One row a month shown; a month the table says nothing about is NaN, and not known."""
    out = table.set_index("month").reindex(study.months).rename_axis("month").reset_index()
    return out.assign(mature=out["month"].isin(table.loc[table["mature"], "month"])) if "mature" in table else out


@catalogued(
    name="Revenue", dimension="business", stage="scale",
    question="How much was billed in the month?",
    formula="sum of all revenue lines issued in the local month, credits and refunds taken off",
    unit="money", direction="up", timing="lagging", counter_metric="refunds and credits",
    gameable_by="billing early or pulling one-off sales into the month",
    tables=("invoices",), source=_BOOK,
)  # fmt: skip
def revenue(study) -> pd.DataFrame:
    months = billed_by_day(study).groupby("month").agg(value=("minor", "sum"), denominator=("account_id", "nunique"))
    table = months.reindex(study.months, fill_value=0).rename_axis("month").reset_index()
    return table.assign(numerator=table["value"])


@catalogued(
    name="Monthly recurring revenue", dimension="business", stage="scale",
    question="How much revenue recurs each month?",
    formula="subscription of the service month, plus usage if the workbook says so, less their credits (one without service "
    "dates counts for what remains of the line it takes back); never one-off",
    unit="money", direction="up", timing="lagging", counter_metric="net_revenue_retention_12m",
    gameable_by="counting one-off or unpaid contracts as recurring", tables=("invoices",), source=_BOOK,
)  # fmt: skip
def mrr(study) -> pd.DataFrame | NotMeasurable:
    recurring = recurring_lines(study)
    if isinstance(recurring, NotMeasurable):
        return recurring
    by_month = recurring.groupby("month")["mrr_minor"].agg(["sum", lambda v: int((v > 0).sum())])
    by_month = by_month.reindex(study.months, fill_value=0)
    total, accounts = by_month.iloc[:, 0].to_numpy(), by_month.iloc[:, 1].to_numpy()
    table = pd.DataFrame({"month": study.months, "value": total, "numerator": total, "denominator": accounts})
    return billed(study, table)


def _retention(study, name: str, kept: str) -> pd.DataFrame | NotMeasurable:
    recurring = recurring_lines(study)
    if isinstance(recurring, NotMeasurable):
        return recurring
    table = billed(study, net_revenue_retention(recurring, month=study.months))
    return table.rename(
        columns={name: "value", f"{name}_low": "low", f"{name}_high": "high", kept: "numerator",
                 "then_minor": "denominator"}
    )  # fmt: skip


@catalogued(
    name="Net revenue retention", dimension="business", stage="scale",
    question="Of the MRR of a year ago, how much do the same accounts bring now?",
    formula="MRR now / MRR 12 months ago, of the accounts that paid 12 months ago",
    unit="share", direction="up", timing="lagging", counter_metric="gross_revenue_retention",
    gameable_by="one large account that grows while the others leave", tables=("invoices",),
    source=_BOOK, counted="minor units",
)  # fmt: skip
def net_revenue_retention_12m(study):
    return _retention(study, "nrr", "now_minor")


@catalogued(
    name="Gross revenue retention", dimension="business", stage="scale",
    question="Of the MRR of a year ago, how much is left when growth is not counted?",
    formula="sum of min(MRR now, MRR 12 months ago) / MRR 12 months ago, of the accounts that paid then",
    unit="share", direction="up", timing="lagging", counter_metric="mrr",
    gameable_by="long contracts that only delay the loss", tables=("invoices",), source=_BOOK,
    counted="minor units",
)  # fmt: skip
def gross_revenue_retention(study):
    return _retention(study, "grr", "kept_minor")


@catalogued(
    name="Revenue quick ratio", dimension="business", stage="scale",
    question="How many times what was lost of MRR was won?",
    formula="(new + expansion + reactivation) / (contraction + churn) of MRR in the month",
    unit="ratio", direction="up", timing="lagging", counter_metric="gross_revenue_retention",
    gameable_by="buying new accounts that will leave", tables=("invoices",), source=_BOOK,
    counted="minor units",
)  # fmt: skip
def revenue_quick_ratio(study):
    recurring = recurring_lines(study)
    if isinstance(recurring, NotMeasurable):
        return recurring
    table = mrr_movements(recurring, months=study.all_months)
    won = table[["new_minor", "expansion_minor", "reactivation_minor"]].sum(axis=1)
    lost = -table[["contraction_minor", "churn_minor"]].sum(axis=1)
    table = table.assign(value=table["quick_ratio"], numerator=won, denominator=lost)
    return _by_month(study, billed(study, table))


@catalogued(
    name="Average MRR per paying account", dimension="business", stage="scale",
    question="How much MRR does a paying account bring on average?",
    formula="MRR / accounts with MRR above 0", unit="money", direction="up", timing="lagging",
    counter_metric="top_account_share", gameable_by="losing small accounts raises the average",
    tables=("invoices",), source=_BOOK,
)  # fmt: skip
def average_mrr_per_account(study):
    recurring = recurring_lines(study)
    if isinstance(recurring, NotMeasurable):
        return recurring
    table = billed(study, average_revenue_per_account(recurring, study.months))
    return table.rename(columns={"arpa_minor": "value"})


@catalogued(
    name="Logo churn", dimension="business", stage="decline",
    question="Of the accounts that paid last month, which share does not pay this month?",
    formula="accounts with MRR last month and none this month / accounts with MRR last month",
    unit="share", direction="down", timing="lagging", counter_metric="gross_revenue_retention",
    gameable_by="moving leavers to a token price", tables=("invoices",), source=_BOOK,
)  # fmt: skip
def paying_account_churn(study):
    recurring = recurring_lines(study)
    if isinstance(recurring, NotMeasurable):
        return recurring
    table = logo_churn(recurring, study.all_months).rename(columns={"share": "value"})
    return _by_month(study, billed(study, table))


@catalogued(
    name="Largest account's share of MRR", dimension="business", stage="scale",
    question="How much of the MRR hangs on a single account?",
    formula="MRR of the largest account / MRR of all paying accounts", unit="share",
    direction="down", timing="leading", counter_metric="mrr",
    gameable_by="splitting one customer into several accounts", tables=("invoices",), source=_BOOK,
    counted="minor units",
)  # fmt: skip
def top_account_share(study):
    recurring = recurring_lines(study)
    if isinstance(recurring, NotMeasurable):
        return recurring
    table = pd.concat([concentration(recurring, m) for m in study.months], ignore_index=True)
    table = billed(study, table)
    return table.assign(
        value=table["top1_share"], numerator=(table["top1_share"] * table["mrr_minor"]).round(),
        denominator=table["mrr_minor"],
    )  # fmt: skip


@catalogued(
    name="Infrastructure cost per 1,000 calls", dimension="business", stage="scale",
    question="What does it cost to answer a thousand calls?",
    formula="infrastructure costs of the month / calls of the month × 1,000 (all environments, test "
    "keys left out)",
    unit="money", direction="down", timing="lagging", counter_metric="availability",
    gameable_by="cutting capacity or support until quality suffers", tables=("costs", "requests"),
    source=_BOOK, counted="calls", whole_month=True,
)  # fmt: skip
def cost_per_thousand_calls(study):
    costs = costs_by_month(study)
    if not (costs["category"] == "infrastructure").any():
        return NotMeasurable(
            "Cost per 1,000 calls",
            'no cost line of the category "infrastructure" belongs to the accounts shown; add such lines to '
            "costs, with their account_id where one segment is shown.",
        )
    calls = study.fact("activity", study.months).mutate(month=lambda t: t.day.strftime("%Y-%m"))
    calls = calls.group_by("month").aggregate(calls=lambda t: t.calls.sum()).to_pandas()
    table = _by_month(study, unit_cost(costs, calls, categories=["infrastructure"]))
    return table.assign(
        value=table["cost_per_thousand_minor"], numerator=table["cost_minor"], denominator=table["calls"]
    )
