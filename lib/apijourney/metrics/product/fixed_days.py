"""Fixed days: is it getting better? Of those who began in a month, which share was back some days later?

Unit: an account known to have begun (see `beginners`), in the local month of its first active day. A group of days
("bracket") that is a week long holds every weekday once, so that nobody is lost because day 30 is a Sunday. A change
between months is not explained by it.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import needs
from apijourney.metrics.product.beginners import beginners_log, cohort_is_known
from apijourney.metrics.product.funnel import ratio
from apijourney.metrics.product.retention import retention
from apijourney.metrics.uncertainty import wilson

WEEK_1, DAY_30 = (1, 7), (24, 30)
"""First and last local day after the first active one: the week after it, and the week that ends with day 30."""


@remembered
@needs("active", what="Retention after fixed days")
def back_within_days(study, first: int, last: int) -> pd.DataFrame:
    """Of the accounts first active in each month shown, which share was active again on the days first to last?

    Returns
    -------
    One row a month: month (of the first active day), value, low, high (95 % Wilson), numerator, denominator, mature
    (the last day is over for all who began in the month; else all but the month is NaN).
    """
    cells = retention(
        beginners_log(study), period="D", kind="bracket", cohort="first_time", brackets=[(0, 0), (first, last)],
        timezone=study.zone, observed_until=study.observed_until,
    )  # fmt: skip
    cells = cells.assign(month=pd.to_datetime(cells["cohort"]).dt.strftime("%Y-%m"))
    begun = cells[(cells["period"] == 0) & (cells["size"] > 0)]
    later = cells[(cells["period"] == first) & (cells["size"] > 0)].set_index("cohort")
    begun = begun.assign(
        back=later["retained"].reindex(begun["cohort"]).to_numpy(),
        over=later["mature"].reindex(begun["cohort"]).eq(True).to_numpy(),
    )
    table = begun.groupby("month").agg(numerator=("back", "sum"), denominator=("size", "sum"), over=("over", "all"))
    table = table.reindex(study.months)
    # A month in which nobody began is 0 of 0 once its last day has been followed long enough.
    end = pd.Timestamp(study.until_day)
    over = [pd.Period(m).end_time.normalize() + pd.Timedelta(days=last + 1) <= end for m in study.months]
    mature = table["over"].where(table["over"].notna(), pd.Series(over, index=table.index)).astype(bool)
    mature &= np.array([cohort_is_known(study, m) for m in study.months])
    k, n = (table[c].fillna(0).to_numpy(dtype=float) for c in ("numerator", "denominator"))
    low, high = wilson(k, np.where(mature, n, 0))
    found = pd.DataFrame({"month": study.months, "value": ratio(k, n), "low": low, "high": high, "numerator": k, "denominator": n})
    found.loc[~mature.to_numpy(), ["value", "numerator", "denominator"]] = np.nan
    return found.assign(mature=mature.to_numpy())


def fixed_days(study) -> dict[str, pd.DataFrame]:
    """Retention of the week after the first day and of the week up to day 30: label → table of `back_within_days`."""
    return {
        "on days 1 to 7": back_within_days(study, *WEEK_1),
        "on days 24 to 30": back_within_days(study, *DAY_30),
    }


def pooled_change(table: pd.DataFrame, *, months: int = 3) -> pd.DataFrame | None:
    """The latest known months against the known ones before them, pooled.

    table : from `back_within_days`. Returns two rows, before and now: months, numerator, denominator, value, low, high.
    None where fewer than twice `months` are known.
    """
    known = table[table["value"].notna()]
    if len(known) < 2 * months:
        return None
    rows = []
    for part in (known.iloc[:-months], known.iloc[-months:]):
        k, n = part["numerator"].sum(), part["denominator"].sum()
        rows.append((part["month"].iloc[0], part["month"].iloc[-1], k, n, k / n, *(float(b) for b in wilson(k, n))))
    return pd.DataFrame(rows, columns=["first", "last", "numerator", "denominator", "value", "low", "high"])
