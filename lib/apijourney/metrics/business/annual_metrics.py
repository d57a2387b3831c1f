"""The catalogued metrics of a board's page: what recurs in a year, and what a month added to it.

Unit: the MRR of a month, which they only write in another way. A year of it is no forecast: accounts come and go.
"""

import numpy as np
import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.metrics.business.ledger import billed, recurring_lines
from apijourney.metrics.business.movements import MOVEMENTS, mrr_movements
from apijourney.metrics.business.revenue_metrics import mrr
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
MONTHS_A_YEAR = 12


@catalogued(
    name="Annual recurring revenue", dimension="business", stage="scale",
    question="How much would recur in a year if the month went on?",
    formula="12 × MRR of the month; with usage in the MRR, a busy month counts twelve times", unit="money", direction="up",
    timing="lagging", counter_metric="net_revenue_retention_12m",
    gameable_by="signing at the end of the month what is cancelled soon after", tables=("invoices",), source=_BOOK,
)  # fmt: skip
def annual_recurring_revenue(study):
    months = mrr(study)
    if isinstance(months, NotMeasurable):
        return months
    return months.assign(value=MONTHS_A_YEAR * months["value"], numerator=MONTHS_A_YEAR * months["numerator"])


@catalogued(
    name="Net new MRR", dimension="business", stage="scale",
    question="How much recurring revenue did the month add?",
    formula="new + expansion + reactivation − contraction − churn of the month = MRR − MRR of the month before; the first "
    "observed month has none", unit="money", direction="up", timing="lagging", counter_metric="gross_revenue_retention",
    gameable_by="one large contract that covers many losses", tables=("invoices",), source=_BOOK,
)  # fmt: skip
def net_new_mrr(study):
    lines = recurring_lines(study)
    if isinstance(lines, NotMeasurable):
        return lines
    moved = mrr_movements(lines, months=study.all_months).set_index("month").reindex(study.months)
    added = moved[[f"{name}_minor" for name in MOVEMENTS]].sum(axis=1, skipna=False).to_numpy(float)
    table = pd.DataFrame({"month": study.months, "value": added, "numerator": added, "mature": ~np.isnan(added)})
    return billed(study, table)
