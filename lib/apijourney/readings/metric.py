"""A catalogued metric in one sentence: where it stands, how sure, and how it moved.

Every sentence is made from the table it describes; on other data it reads differently or not at all. Whether a
change may be chance is not said here: overlapping intervals are no test, and `changes` judges all metrics together.
"""

import numpy as np
import pandas as pd

from apijourney.formats import interval, is_missing, measured, month_name, number
from apijourney.measurable import passes_on
from apijourney.metrics.catalog import CATALOG

_NOTHING_VARIED = {
    "revenue_churn": (0, "nobody pays less"),
    "net_revenue_retention_12m": (1, "nobody pays more or less"),
    "gross_revenue_retention": (1, "nobody pays less"),
}
_OF_A_YEAR_AGO = {"net_revenue_retention_12m", "gross_revenue_retention"}  # shares of what came in then


@passes_on
def read_metric(table: pd.DataFrame, metric: str, *, currency: str = "") -> str:
    """Say the latest known value of a metric, its interval and n, and the change to the month before.

    table : from `measure`. Returns Markdown; empty where no month is known.
    """
    entry = CATALOG[metric]
    known = table[table["value"].notna()]
    if known.empty and metric in _OF_A_YEAR_AGO:
        return f"{entry.name}: no month shown can look back a year."
    if known.empty:
        return f"{entry.name}: not yet known for any month shown."
    last, row = table.iloc[-1], known.iloc[-1]
    parts = []
    if is_missing(last["value"]):
        why = "its windows are still open" if not last["mature"] else "there is nothing to measure it on"
        parts.append(
            f"{entry.name} of {month_name(last['month'])} is not yet known: {why}. "
            f"The latest known month is {month_name(row['month'])}:"
        )
        text = f"**{measured(row['value'], entry.unit, currency)}**"
    else:
        text = f"{entry.name} in {month_name(row['month'])}: **{measured(row['value'], entry.unit, currency)}**"
    details = []
    between = interval(row["low"], row["high"], entry.unit, currency)
    if between:
        details.append(f"95 % interval {between}")
    elif entry.unit == "days" and not is_missing(row["low"]):
        details.append(f"95 % interval from {measured(row['low'], 'days')} on, its upper end not reached yet")
    elif metric in _NOTHING_VARIED and row["value"] == _NOTHING_VARIED[metric][0]:
        details.append(f"interval not known: {_NOTHING_VARIED[metric][1]}")
    if not is_missing(row["denominator"]) and entry.unit != "count":
        details.append(counted_of(row["denominator"], entry.counted, currency) + (" a year ago" if metric in _OF_A_YEAR_AGO else ""))
    text += f" ({'; '.join(details)})" if details else ""
    parts.append(text + _change(known, entry, currency) + ".")
    return " ".join(parts)


def counted_of(denominator: float, counted: str, currency: str) -> str:
    """Say what a rate is a share of: "n = 120 accounts", or an amount of money."""
    if counted == "minor units":
        return f"of {measured(denominator, 'money', currency)}"
    return f"n = {number(denominator)} {counted}"


def _change(known: pd.DataFrame, entry, currency: str) -> str:
    if len(known) < 2 or np.isinf(known["value"].iloc[-1]) or np.isinf(known["value"].iloc[-2]):
        return ""
    before, now = known.iloc[-2], known.iloc[-1]
    was = f"{measured(before['value'], entry.unit, currency)} in {month_name(before['month'])}"
    if now["value"] == before["value"]:
        return f", as in {month_name(before['month'])}"
    return f", after {was}"
