"""The revenue lines of a study, in the reporting currency, and what recurs of them.

Unit: a revenue line; then an account and month. It prepares; the metrics beside it answer.
"""

import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.business.currency import to_reporting_currency
from apijourney.metrics.business.recurring_revenue import recurring_revenue


@remembered
@needs("invoices", what="Revenue")
def revenue_lines(study) -> pd.DataFrame:
    """All revenue lines known at `observed_until`, with `reporting_minor` in the workbook's currency.

    A line without a currency is in the reporting currency; one without a kind is a one-off sale.
    """
    lines = study.table("invoices")
    lines = lines.assign(
        currency=lines["currency"].fillna(study.workbook.currency), kind=lines["kind"].fillna("one_off")
    )
    rates = study.table("fx_rates")
    return to_reporting_currency(
        lines,
        rates if len(rates) else None,
        currency=study.workbook.currency,
        timezone=study.zone,
    )


@remembered
@needs("invoices", what="Recurring revenue (MRR)")
def recurring_lines(study) -> pd.DataFrame | NotMeasurable:
    """MRR by account and month, from the first observed month to the reported one.

    Returns account_id, month, subscription_minor, usage_minor, mrr_minor. Not measurable where no
    line is a subscription or usage: one-off purchases do not recur.
    """
    lines = revenue_lines(study)
    if lines.empty:
        return NotMeasurable(
            "Recurring revenue (MRR)",
            f"the accounts shown have no invoice up to {study.month}; choose a later month or all segments.",
        )
    if not lines["kind"].isin(["subscription", "usage"]).any():
        return NotMeasurable(
            "Recurring revenue (MRR)",
            "the invoices hold one-off purchases only; give subscription and usage lines their kind.",
        )
    return recurring_revenue(
        lines,
        months=study.all_months,
        include_usage=study.workbook.definitions.mrr_includes_usage,
        timezone=study.zone,
    )


@remembered
def usage_is_late(study) -> bool:
    """Is usage usually billed only after its service month, so that the last month is still without it?

    Read from the usage lines known so far: half of them or more were issued in a later local month
    than the one their service began in.
    """
    lines = revenue_lines(study)
    usage = lines[(lines["kind"] == "usage") & lines["service_start"].notna()]
    if usage.empty or not study.workbook.definitions.mrr_includes_usage:
        return False
    served = pd.to_datetime(usage["service_start"]).dt.strftime("%Y-%m")
    return bool((study.local_month(usage["issued_at"]) > served).mean() >= 0.5)


def billed(study, table: pd.DataFrame) -> pd.DataFrame:
    """Mark the reported month as not yet known where its usage has still to be billed."""
    known = ~(usage_is_late(study) & (table["month"] == study.month))
    return table.assign(mature=known & table["mature"] if "mature" in table else known)


@remembered
@needs("costs", what="Costs")
def cost_lines(study) -> pd.DataFrame:
    """All cost lines known, with `reporting_minor` in the workbook's currency.

    A cost line is dated by its month; its rate is that of the month's first day.
    """
    lines = study.table("costs")
    lines = lines.assign(
        currency=lines["currency"].fillna(study.workbook.currency),
        issued_at=pd.to_datetime(lines["month"] + "-01T12:00"),
    )
    rates = study.table("fx_rates")
    return to_reporting_currency(
        lines, rates if len(rates) else None, currency=study.workbook.currency, timezone=study.zone
    )
