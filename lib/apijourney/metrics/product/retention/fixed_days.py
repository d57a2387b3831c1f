"""Fixed days: is it getting better? Of those who began in a month, which share was back some days later?

Unit: an account known to have begun (see `beginners`), in the local month of its first active day. A group of days
("bracket") that is a week long holds every weekday once, so that nobody is lost because day 30 is a Sunday. A change
between months is not explained by it.
"""

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.product.activation.beginners import beginners_log, cohort_is_known
from apijourney.metrics.by_month import ratio
from apijourney.metrics.product.retention.retention import retention
from apijourney.metrics.uncertainty import benjamini_hochberg, wilson

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


@needs("active", what="Retention after fixed days")
def fixed_days(study) -> dict[str, pd.DataFrame] | NotMeasurable:
    """Retention of the week after the first day and of the week up to day 30: label → table of `back_within_days`."""
    tables = {
        "on days 1 to 7": back_within_days(study, *WEEK_1),
        "on days 24 to 30": back_within_days(study, *DAY_30),
    }
    if not any(table["denominator"].sum() for table in tables.values()):
        return NotMeasurable(
            "Retention after fixed days",
            f"nobody is known to have begun in {study.span} and been followed for a week; choose another month, or more "
            "months_back.",
        )
    return tables


@passes_on
def fixed_day_changes(tables: dict[str, pd.DataFrame], *, months: int = 3) -> pd.DataFrame:
    """Is it getting better? The latest known months against the known ones before them, pooled.

    tables : from `fixed_days`. months : how many are the latest; at least as many must be known before them.

    Returns
    -------
    One row a label with enough known months: label, and for both times (before_, now_) first, last (months), numerator,
    denominator, value, low, high; p (Fisher, two-sided), q (Benjamini-Hochberg over the rows).
    """
    rows = []
    for label, table in tables.items():
        known = table[table["value"].notna()]
        if len(known) < 2 * months:
            continue
        row: dict = {"label": label}
        for name, part in (("before", known.iloc[:-months]), ("now", known.iloc[-months:])):
            k, n = int(part["numerator"].sum()), int(part["denominator"].sum())
            low, high = (float(bound) for bound in wilson(k, n))
            found = {"first": part["month"].iloc[0], "last": part["month"].iloc[-1], "numerator": k, "denominator": n,
                     "value": k / n, "low": low, "high": high}  # fmt: skip
            row |= {f"{name}_{column}": value for column, value in found.items()}
        pairs = [[row[f"{t}_numerator"], row[f"{t}_denominator"] - row[f"{t}_numerator"]] for t in ("before", "now")]
        rows.append(row | {"p": float(fisher_exact(pairs).pvalue)})
    table = pd.DataFrame(rows)
    return table.assign(q=benjamini_hochberg(table["p"])) if rows else table
