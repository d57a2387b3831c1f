"""A catalogued metric in one sentence: where it stands, how sure, and how it moved.

Every sentence is made from the table it describes; on other data it reads differently or not at all.
"""

import numpy as np
import pandas as pd

from apijourney.formats import interval, is_missing, measured, month_name, number
from apijourney.measurable import passes_on
from apijourney.metrics.catalog import CATALOG


@passes_on
def read_metric(table: pd.DataFrame, metric: str, *, currency: str = "") -> str:
    """Say the latest known value of a metric, its interval and n, and the change to the month before.

    table : from `measure`. Returns Markdown; empty where no month is known.
    """
    entry = CATALOG[metric]
    known = table[table["value"].notna()]
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
    if not is_missing(row["denominator"]) and entry.unit != "count":
        details.append(counted_of(row["denominator"], entry.counted, currency))
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
    overlap = not is_missing(now["low"]) and not is_missing(before["low"]) and (
        now["low"] <= _end(before["high"]) and before["low"] <= _end(now["high"])
    )  # fmt: skip
    if now["value"] == before["value"]:
        return f", as in {month_name(before['month'])}"
    note = "; the intervals overlap, so the change may be chance" if overlap else ""
    return f", after {was}{note}"


def _end(high: float) -> float:
    """The upper end of an interval; where it was not reached, there is none."""
    return np.inf if is_missing(high) else high
