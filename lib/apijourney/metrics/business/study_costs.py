"""What does the company spend, on what, and how much of it for a thousand calls?

Unit: a cost line, summed by month and category. Costs are the company's books, not a sample, so they
carry no interval. It does not say which account causes a cost that names none.
"""

import numpy as np
import pandas as pd

from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.business.ledger import costs_by_month


@needs("costs", what="Costs by category")
def costs_by_category(study) -> pd.DataFrame | NotMeasurable:
    """What did each category cost in each month shown?

    Returns month, category, cost_minor (int64), for the months that have cost lines. Where a segment
    is shown, only lines that name one of its accounts count.
    """
    lines = costs_by_month(study)
    lines = lines[lines["month"].isin(study.months)]
    if lines.empty:
        return NotMeasurable(
            "Costs by category",
            "no cost line belongs to the months and accounts shown; add them to costs, or choose other months.",
        )
    return lines.rename(columns={"reporting_minor": "cost_minor"}).reset_index(drop=True)


def costs_of_month(
    costs: pd.DataFrame | NotMeasurable, per_thousand_calls: pd.DataFrame | NotMeasurable, *, month: str
) -> pd.DataFrame | NotMeasurable:
    """What did a month cost, by category, and what is that for a thousand calls?

    costs : from `costs_by_category`. per_thousand_calls : the metric "cost_per_thousand_calls", for its
        calls; not measurable where they are not known.
    Returns one row a category, the dearest first, and "together": category, cost_minor, share (of the
    whole), per_thousand_minor (NaN where calls are not known). No rows where the month has no cost line.
    """
    if isinstance(costs, NotMeasurable):
        return costs
    part = costs[costs["month"] == month].sort_values("cost_minor", ascending=False)
    total = int(part["cost_minor"].sum())
    rows = [*zip(part["category"], part["cost_minor"], strict=True), *([("together", total)] if len(part) else [])]
    table = pd.DataFrame(rows, columns=["category", "cost_minor"])
    calls = np.nan
    if not isinstance(per_thousand_calls, NotMeasurable):
        calls = per_thousand_calls.set_index("month")["denominator"].get(month, np.nan)
    return table.assign(
        share=table["cost_minor"] / total if total else np.nan,
        per_thousand_minor=1000 * table["cost_minor"] / calls if calls > 0 else np.nan,
    )
