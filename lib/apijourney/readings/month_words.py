"""What is known of a month, and the words that several sentences about it share.

Unit: a metric in a month. A month that is not known yet is never taken for another one: whoever uses the
latest known month names it.
"""

import math

import pandas as pd

from apijourney.formats import interval, is_missing, measured, month_name, number, percent
from apijourney.measurable import NotMeasurable


class KnownMonth:
    """The metrics as they are known at a month.

    metrics : id → table by month, or `NotMeasurable`. A row is a Series of the metric's table, or None
    where the value is not known.
    """

    def __init__(self, workbook, month: str, metrics: dict):
        self.workbook, self.month, self.metrics = workbook, month, metrics
        self.currency, self.min_n = workbook.currency, workbook.definitions.min_n

    def at(self, metric: str, month: str) -> pd.Series | None:
        """The row of one month."""
        known = self._known(metric)
        row = known[known["month"] == month] if known is not None else ()
        return row.iloc[0] if len(row) else None

    def latest(self, metric: str) -> pd.Series | None:
        """The row of the latest month known, not after the reported one."""
        known = self._known(metric)
        return known.iloc[-1] if known is not None and len(known) else None

    def before(self, metric: str, row: pd.Series) -> pd.Series | None:
        """The row of the calendar month before."""
        return self.at(metric, month_before(row["month"]))

    def _known(self, metric: str) -> pd.DataFrame | None:
        table = self.metrics.get(metric)
        if table is None or isinstance(table, NotMeasurable):
            return None
        return table[table["value"].notna() & (table["month"] <= self.month)]


def month_before(month: str) -> str:
    """Name the calendar month before.

    >>> month_before("2026-01")
    '2025-12'
    """
    return str(pd.Period(month, "M") - 1)


def moved(m: KnownMonth, metric: str, row: pd.Series, unit: str) -> str:
    """Say how a total moved since the calendar month before, as the end of a clause; empty where it is unknown."""
    before = m.before(metric, row)
    if before is None or not (math.isfinite(before["value"]) and math.isfinite(row["value"])):
        return ""
    was, now = before["value"], row["value"]
    month, amount = month_name(before["month"]), measured(was, unit, m.currency)
    if now == was:
        return f", as in {month}"
    if was <= 0 or unit == "count":
        return f", after {amount} in {month}"
    return f", {percent(abs(now / was - 1))} {'more' if now > was else 'less'} than the {amount} of {month}"


def rate(m: KnownMonth, row: pd.Series, did: str) -> str:
    """Say which share of accounts did something, with interval and n; only the counts where they are too few."""
    n = number(row["denominator"])
    if row["denominator"] < m.min_n:
        return f"too few for a rate ({number(row['numerator'])} of {n} {did})"
    return f"{percent(row['value'])} {did}{sure(row, f'n = {n} accounts')}"


def sure(row: pd.Series, *more: str) -> str:
    """Say how sure a share is, in brackets; empty where nothing is known of that.

    >>> sure(pd.Series({"low": 0.4, "high": 0.6}), "n = 20 accounts")
    ' (95 % interval 40 % to 60 %, n = 20 accounts)'
    """
    between = interval(row["low"], row["high"], "share")
    inside = [f"95 % interval {between}"] * bool(between) + list(more)
    return f" ({', '.join(inside)})" if inside else ""


def counted(count: float, what: str) -> str:
    """Write a count with its noun.

    >>> counted(1, "account"), counted(2000, "account")
    ('1 account', '2,000 accounts')
    """
    return f"{number(count)} {what}{'' if count == 1 else 's'}"


def side_of(row: pd.Series, promised: float) -> str:
    """On which side of a promised share is a rate, all of its interval? "kept", "broken" or "unclear".

    >>> side_of(pd.Series({"value": 0.99, "low": 0.98, "high": 0.995}), 0.999)
    'broken'
    """
    low, high = (row["value"] if is_missing(row[side]) else row[side] for side in ("low", "high"))
    return "kept" if low >= promised else "broken" if high < promised else "unclear"
