"""What do the accounts that started to pay together still bring, month after month?

Unit: the accounts that started to pay in one month, a cohort. It shows money, not heads: one account that grows can
carry a cohort whose others left. Most accounts start in the middle of a month, so a cohort is measured against its
first whole month, the one after. Accounts that already paid in the first observed month have no known start.
"""

import numpy as np
import pandas as pd

from apijourney.facts.money.months import consecutive, month_names
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.business.ledger import recurring_lines, usage_is_late
from apijourney.metrics.business.recurring_revenue import mrr_matrix


def revenue_cohorts(recurring: pd.DataFrame, *, months: list[str], known: int | None = None) -> pd.DataFrame:
    """Of the MRR of a cohort's first whole month, how much does it bring in the months after?

    Parameters
    ----------
    recurring : account_id, month, mrr_minor. months : the observed months, consecutive. known : how many of them are
        billed for good; all by default. The rest is masked.

    Returns
    -------
    One row a cohort (first paying month, from the second observed one on) and period (months since, from 1 on): cohort,
    period, size (accounts), first_minor (MRR of period 1), mrr_minor, share = mrr_minor / first_minor (above 1 where growth is
    more than loss; NaN where the month is not over, or nothing was paid in period 1), mature.

    >>> recurring = pd.DataFrame({"account_id": ["a", "b", "a", "b", "a"], "month": ["2026-02"] * 2 + ["2026-03"] * 2 + ["2026-04"],
    ...                           "mrr_minor": [5, 5, 60, 40, 75]})
    >>> got = revenue_cohorts(recurring, months=["2026-01", "2026-02", "2026-03", "2026-04"])
    >>> got[["cohort", "period", "size", "share"]].dropna().values.tolist()
    [['2026-02', 1, 2, 1.0], ['2026-02', 2, 2, 0.75]]
    """
    axis = consecutive(months, where="revenue_cohorts(months)")
    known = len(axis) if known is None else known
    _, mrr = mrr_matrix(recurring, axis)
    pays = mrr > 0
    first = np.where(pays.any(axis=1), pays.argmax(axis=1), -1)
    names, rows = month_names(axis), []
    for start in range(1, len(axis)):
        mine = mrr[first == start]
        if not len(mine):
            continue
        whole = start + 1
        total = int(mine[:, whole].sum()) if whole < known else 0
        for at in range(whole, start + len(axis) - 1):
            mature = at < known
            value = int(mine[:, at].sum()) if mature else pd.NA
            share = value / total if mature and total > 0 else np.nan
            rows.append((names[start], at - start, len(mine), total, value, share, mature))
    table = pd.DataFrame(rows, columns=["cohort", "period", "size", "first_minor", "mrr_minor", "share", "mature"])
    return table.astype({"mrr_minor": "Int64", "cohort": "str"})


@remembered
@needs("invoices", what="Revenue by cohort")
def revenue_cohorts_of(study) -> pd.DataFrame | NotMeasurable:
    """The table of `revenue_cohorts` for the cohorts of the months shown."""
    if len(study.all_months) < 2:
        return NotMeasurable("Revenue by cohort", f"{study.month} is the first month observed; choose a later month.")
    return _cohorts_of(recurring_lines(study), study)


@passes_on
def _cohorts_of(lines: pd.DataFrame, study) -> pd.DataFrame | NotMeasurable:
    known = len(study.all_months) - int(usage_is_late(study))
    table = revenue_cohorts(lines, months=study.all_months, known=known)
    table = table[table["cohort"].isin(study.months)].reset_index(drop=True)
    if table.empty:
        return NotMeasurable("Revenue by cohort", "nobody started to pay in the months shown; show more of them.")
    return table[table["period"] < max(len(study.months), 2)].reset_index(drop=True)
