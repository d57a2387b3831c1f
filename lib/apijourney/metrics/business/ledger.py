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
