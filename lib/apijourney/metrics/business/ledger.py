"""What a study's invoices and books say about money: the facts of revenue and cost, as known.

Unit: an account and month. It opens the facts and sums them; the metrics beside it answer.
"""

import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.business.recurring_revenue import RECURS, account_months


@remembered
@needs("invoices", what="Revenue")
def billed_by_day(study) -> pd.DataFrame | NotMeasurable:
    """What was billed to each account on each local day, by kind?

    Returns account_id, day (of issue), kind (what it is or credits), taken_off, minor (int64; negative
    where taken off), lines. All lines known at `observed_until`.
    """
    rows = study.fact("revenue")
    keys = [rows.account_id, rows.received_day.name("day"), rows.kind, rows.taken_off]
    sums = rows.group_by(keys).aggregate(minor=rows.minor.sum(), lines=rows.lines.sum())
    table = sums.order_by("day", "account_id", "kind", "taken_off").to_pandas()
    return table.assign(day=pd.to_datetime(table["day"]), month=pd.to_datetime(table["day"]).dt.strftime("%Y-%m"))


@remembered
@needs("invoices", what="Recurring revenue (MRR)")
def recurring_lines(study) -> pd.DataFrame | NotMeasurable:
    """MRR by account and month, from the first observed month to the reported one.

    Returns account_id, month, subscription_minor, usage_minor, mrr_minor. Not measurable where no
    line is a subscription or usage: one-off purchases do not recur.
    """
    rows = study.fact("revenue")
    kinds = rows.group_by("kind").aggregate(lines=rows.lines.sum(), charges=(~rows.taken_off).sum()).to_pandas()
    if kinds.empty:
        return NotMeasurable(
            "Recurring revenue (MRR)",
            f"the accounts shown have no invoice up to {study.month}; choose a later month or all segments.",
        )
    if not kinds.loc[kinds["charges"] > 0, "kind"].isin(RECURS).any():
        return NotMeasurable(
            "Recurring revenue (MRR)",
            "the invoices hold one-off purchases only; give subscription and usage lines their kind.",
        )
    rows = rows.filter(rows.kind.isin(RECURS) & rows.month.isin(study.all_months))
    by_kind = rows.group_by("account_id", "month", "kind").aggregate(minor=rows.minor.sum()).to_pandas()
    return account_months(by_kind, include_usage=study.workbook.definitions.mrr_includes_usage)


@remembered
def usage_is_late(study) -> bool:
    """Is usage usually billed only after its service month, so that the last month is still without it?

    Read from the usage lines known so far: half of them or more were issued in a later local month
    than the one they are for.
    """
    return study.workbook.definitions.mrr_includes_usage and usage_comes_late(study)


@remembered
def usage_comes_late(study) -> bool:
    """The same, whether or not MRR includes usage."""
    rows = study.fact("revenue")
    usage = rows.filter((rows.kind == "usage") & ~rows.taken_off & (rows.lines > 0))
    late = usage.received_day.strftime("%Y-%m") > usage.month
    counts = usage.aggregate(lines=usage.lines.sum(), late=usage.lines.sum(where=late)).to_pandas().fillna(0).iloc[0]
    return bool(counts["lines"] and counts["late"] >= 0.5 * counts["lines"])


def billed(study, table: pd.DataFrame, *, usage: bool = False) -> pd.DataFrame:
    """Mark the reported month as not yet known where its usage has still to be billed.

    usage : the table is about usage itself, and not about MRR, which may be without it.
    """
    late = usage_comes_late(study) if usage else usage_is_late(study)
    known = ~(late & (table["month"] == study.month))
    return table.assign(mature=known & table["mature"] if "mature" in table else known)


@remembered
@needs("costs", what="Costs")
def costs_by_month(study) -> pd.DataFrame | NotMeasurable:
    """What was spent in each month on which category, in the reporting currency?

    Returns month, category, reporting_minor (int64). Costs of months that are over and, where a segment
    is shown, of its accounts only.
    """
    rows = study.fact("cost")
    sums = rows.group_by("month", "category").aggregate(reporting_minor=rows.minor.sum())
    return sums.order_by("month", "category").to_pandas()
