"""What does it cost to serve each account, and what does it pay?

Unit: an account in a month. Costs are laid out by the rule of `cost_allocation`; revenue is recurring
revenue (MRR) of the service month. It does not say what an account cost to win, and marketing, sales and
operations are no costs of serving.
"""

import ibis
import numpy as np
import pandas as pd

from apijourney.errors import unknown
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.business.cost_allocation import NOBODY, allocate, split_by_weight
from apijourney.metrics.business.ledger import recurring_lines

SERVING = ("infrastructure", "support")
WEIGHTS = ("calls", "milliseconds")


@remembered
def cost_lines(study) -> pd.DataFrame:
    """Cost lines of the observed months, in the reporting currency: month, category, account_id, endpoint, channel, minor."""
    rows = study.fact("cost")
    rows = rows.filter(rows.month.isin(study.all_months))
    keys = ["month", "category", "account_id", "endpoint", "channel"]
    return rows.group_by(*keys).aggregate(minor=rows.minor.sum()).order_by(*keys).to_pandas()


@remembered
def use_of_endpoints(study, by: str = "calls", month: str = "") -> pd.DataFrame:
    """How much did each account use each endpoint in each observed month, all environments?

    by : "calls", or "milliseconds": the time the calls took, where they say it (it reads the calls themselves).
    month : only this one; all observed months by default.
    Returns month, account_id (null: a call no account owns), endpoint, weight; of calls also failed (status ≥ 500) and
    billable (production, status 2xx).
    """
    if by not in WEIGHTS:
        raise unknown("weight", by, WEIGHTS, where="use_of_endpoints(by)")
    kind = "calls" if by == "calls" else "requests"
    months = [m for m in study.all_months if month in ("", m) and study.store.paths(kind, [m])]
    if not months:
        return pd.DataFrame(columns=["month", "account_id", "endpoint", "weight", "failed", "billable"])
    if by == "calls":
        calls = study.fact("calls", months)
        sums = calls.group_by(month=calls.day.strftime("%Y-%m"), account_id=calls.account_id, endpoint=calls.endpoint)
        good = (calls.environment == "production") & (calls.status >= 200) & (calls.status < 300)
        table = sums.aggregate(
            weight=calls.calls.sum(), failed=calls.calls.sum(where=calls.status >= 500), billable=calls.calls.sum(where=good)
        )
        return table.order_by("month", "account_id", "endpoint").to_pandas().fillna({"failed": 0, "billable": 0})
    parts = []
    for one in months:
        calls = study.requests([one])
        test = ibis.or_(*(calls.key_id.startswith(t) for t in study.workbook.definitions.test_keys), False)
        calls = calls.filter(~test.fill_null(False) & calls.latency_ms.notnull())
        sums = calls.group_by("account_id", "endpoint").aggregate(weight=calls.latency_ms.sum())
        parts.append(sums.order_by("account_id", "endpoint").to_pandas().assign(month=one))
    return pd.concat(parts, ignore_index=True)


def tickets_by_account(study) -> pd.DataFrame:
    """Tickets opened in each month: month, account_id, topic, tickets. No rows where there is no table."""
    if study.lacks("tickets"):
        return pd.DataFrame({"month": [], "account_id": [], "topic": [], "tickets": []})
    tickets = study.table("tickets")
    tickets = tickets.assign(month=study.local_month(tickets["opened_at"]))
    keys = ["month", "account_id", "topic"]
    return tickets.groupby(keys, dropna=False).size().rename("tickets").reset_index()


@remembered
@needs("costs", "requests", what="Cost to serve")
def serving_costs(study, by: str = "calls", month: str = "") -> pd.DataFrame | NotMeasurable:
    """What did it cost to serve each account in each observed month? See `allocate` for the rule.

    by, month : see `use_of_endpoints`. Returns month, account_id, category, endpoint, minor; the parts add up to the
    cost lines of infrastructure and support, to the cent. Of a segment, its accounts' part of what all cost.
    """
    if study.segment != "all":
        return _of_accounts(serving_costs(study.narrowed(segment="all"), by, month), set(study.accounts["account_id"]))
    lines = cost_lines(study)
    lines = lines[lines["category"].isin(SERVING) & lines["month"].str.startswith(month)]
    if lines.empty:
        return NotMeasurable(
            "Cost to serve",
            'no cost line of the categories "infrastructure" or "support" belongs to the accounts shown; add such '
            "lines to costs.",
        )
    return allocate(lines, use_of_endpoints(study, by, month), tickets_by_account(study))


@passes_on
def _of_accounts(costs: pd.DataFrame, accounts: set) -> pd.DataFrame:
    return costs[costs["account_id"].isin(accounts)].reset_index(drop=True)


@remembered
@needs("costs", "requests", "invoices", what="Margin by account")
def account_margins(study, by: str = "calls", month: str = "") -> pd.DataFrame | NotMeasurable:
    """What did each account pay and cost in each observed month whose costs are known?

    Returns month, account_id, mrr_minor, infrastructure_minor, support_minor, cost_minor (the two together),
    margin_minor = mrr_minor − cost_minor; int64. Accounts with neither have no row. Costs of nobody stand in
    rows of the account "(nobody)".
    """
    return _margins(serving_costs(study, by, month), recurring_lines(study))


@passes_on
def _margins(costs: pd.DataFrame, recurring: pd.DataFrame) -> pd.DataFrame:
    spent = costs.groupby(["month", "account_id", "category"])["minor"].sum().unstack(fill_value=0)
    spent = spent.reindex(columns=list(SERVING), fill_value=0).add_suffix("_minor")
    paid = recurring.groupby(["month", "account_id"])["mrr_minor"].sum().to_frame()
    known = paid.index.get_level_values("month").isin(costs["month"])
    table = paid[known].join(spent, how="outer").fillna(0).astype("int64")
    cost = table["infrastructure_minor"] + table["support_minor"]
    table = table.assign(cost_minor=cost, margin_minor=table["mrr_minor"] - cost).reset_index()
    return table.astype({"month": "str", "account_id": "str"})


@passes_on
def costlier_than_paid(margins: pd.DataFrame, *, month: str) -> pd.DataFrame:
    """Which accounts that pay cost more to serve than they pay?

    margins : from `account_margins`. Returns the accounts of the month that pay and whose margin is below 0,
    the largest loss first: account_id, mrr_minor, infrastructure_minor, support_minor, margin_minor.
    """
    part = margins[(margins["month"] == month) & (margins["mrr_minor"] > 0) & (margins["margin_minor"] < 0)]
    part = part.sort_values(["margin_minor", "account_id"], ignore_index=True)
    return part[["account_id", "mrr_minor", "infrastructure_minor", "support_minor", "margin_minor"]]


@passes_on
def margin_groups(margins: pd.DataFrame, *, month: str) -> pd.DataFrame:
    """Where does the money of serving stay: with accounts that pay enough, too little, or nothing?

    Returns one row a group and "together": group, accounts, mrr_minor, cost_minor, margin_minor. No rows where
    the costs of the month are not known.
    """
    part = margins[margins["month"] == month]
    pays, nobody = part["mrr_minor"] > 0, part["account_id"] == NOBODY
    group = np.select(
        [nobody, pays & (part["margin_minor"] >= 0), pays],
        ["calls and tickets of nobody", "pay at least what they cost", "pay less than they cost"], "pay nothing",
    )  # fmt: skip
    order = ["pay at least what they cost", "pay less than they cost", "pay nothing", "calls and tickets of nobody"]
    sums = part.assign(group=group, accounts=(~nobody).astype("int64")).groupby("group")
    table = sums[["accounts", "mrr_minor", "cost_minor", "margin_minor"]].sum()
    table = table.reindex([g for g in order if g in table.index])
    if len(table):
        table.loc["together"] = table.sum()
    return table.astype("int64").rename_axis("group").reset_index()


@passes_on
def cost_by_endpoint(costs: pd.DataFrame, use: pd.DataFrame, *, month: str) -> pd.DataFrame:
    """What did each endpoint cost in a month, and what is that for a thousand calls?

    costs : from `serving_costs`; use : from `use_of_endpoints`. Infrastructure that names no endpoint is split by
    calls. Returns the dearest first: endpoint, calls, own_minor (lines that name it), shared_minor, cost_minor,
    per_thousand_minor (NaN without calls). The rows add up to the infrastructure costs of the month.
    """
    part = costs[(costs["month"] == month) & (costs["category"] == "infrastructure")]
    calls = use[use["month"] == month].groupby("endpoint")["weight"].sum()
    own = part[part["endpoint"].notna()].groupby("endpoint")["minor"].sum()
    shared = int(part.loc[part["endpoint"].isna(), "minor"].sum())
    table = pd.concat({"calls": calls, "own_minor": own}, axis=1).fillna(0).astype("int64")
    if table.empty:
        return table.assign(shared_minor=[], cost_minor=[], per_thousand_minor=[]).rename_axis("endpoint").reset_index()
    weights = table["calls"].to_numpy() if table["calls"].sum() else np.ones(len(table))
    table["shared_minor"] = split_by_weight(shared, weights)
    table["cost_minor"] = table["own_minor"] + table["shared_minor"]
    table["per_thousand_minor"] = (1000 * table["cost_minor"] / table["calls"]).where(table["calls"] > 0)
    table = table.rename_axis("endpoint").reset_index()
    return table.sort_values(["cost_minor", "endpoint"], ascending=[False, True], ignore_index=True)
