"""The scorecard on the cover: each headline metric, how sure it is, how it moved, and its goal.

Unit: one metric. A month that is not known yet shows the latest known one, by name. A goal counts as
met or missed only when the whole interval lies on one side of it.
"""

import math

import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.formats import interval, is_missing, measured, month_name, number, percent, tick
from apijourney.measurable import NotMeasurable
from apijourney.metrics.catalog import CATALOG
from apijourney.metrics.holistic.goals import verdict
from apijourney.metrics.holistic.scorecard import HEADLINES, headline_metrics
from apijourney.readings.alike import alike
from apijourney.workbook import Workbook

def check_length(workbook: Workbook) -> None:
    """Refuse a scorecard that fits no page."""
    many = len(workbook.scorecard)
    if many > HEADLINES:
        raise WorkbookError(
            f"{workbook.place('scorecard')}: a scorecard of {many} metrics is too long to be read; name at most "
            f"{HEADLINES}, all others stand in the report's appendix."
        )


def scorecard(workbook: Workbook, month: str, metrics: dict) -> list[dict]:
    """Write the headline metrics as a reader sees them.

    metrics : id → table by month, or `NotMeasurable`
    Returns one row a metric: id, name, value, of (the month, where it is not `month`), interval, n,
    before (the month before, and the change), goal, verdict (met, missed, unclear, or empty). A metric
    that cannot be measured has the reason in `value` and nothing else. Where the workbook names none, the
    usual twelve are shown, others in the place of those that cannot be measured.
    """
    return rows(workbook, month, metrics, headline_metrics(workbook, metrics))


def other_metrics(workbook: Workbook, month: str, metrics: dict) -> list[dict]:
    """Write every metric that is not on the scorecard, in the same way, for the appendix."""
    chosen = set(headline_metrics(workbook, metrics))
    return rows(workbook, month, metrics, [name for name in metrics if name not in chosen])


def rows(workbook: Workbook, month: str, metrics: dict, names: list[str]) -> list[dict]:
    """Write some metrics as `scorecard` does, in the order asked for."""
    return [_row(workbook, month, name, metrics[name]) for name in names if name in metrics]


def _row(workbook: Workbook, month: str, name: str, found) -> dict:
    entry, currency = CATALOG[name], workbook.currency
    row = {"id": name, "name": entry.name} | dict.fromkeys(("value", "of", "interval", "n", "before", "goal", "verdict"), "")
    row["measurable"] = not isinstance(found, NotMeasurable)
    if not row["measurable"]:
        return row | {"value": "not measurable"}
    known = found[found["value"].notna() & (found["month"] <= month)]
    if known.empty:
        return row | {"value": "not yet known"}
    now = known.iloc[-1]
    row["of"] = month_name(now["month"]) if now["month"] != month else ""
    row["interval"] = interval(now["low"], now["high"], entry.unit, currency)
    row["n"] = _counted(now["denominator"], entry, currency)
    row["value"], row["before"] = _now_and_before(known, now, entry, currency)
    if row["of"] and row["before"]:
        was, sign, change = row["before"].partition(" (")
        row["before"] = f"{was} in {month_name(str(pd.Period(now['month'], 'M') - 1))}{sign}{change}"
    if name in workbook.goals:
        goal = workbook.goals[name]
        sign = {"up": "at least ", "down": "at most "}.get(entry.direction, "")
        row["goal"] = sign + tick(goal, entry.unit, currency)
        row["verdict"] = verdict(now["value"], now["low"], now["high"], goal, entry.direction)
    return row


def _counted(denominator: float, entry, currency: str) -> str:
    if is_missing(denominator) or entry.unit == "count":
        return ""
    if entry.counted == "minor units":
        return f"of {measured(denominator, 'money', currency)}"
    return f"{number(denominator)} {entry.counted}"


def _now_and_before(known: pd.DataFrame, now: pd.Series, entry, currency: str) -> tuple[str, str]:
    """The value, and that of the calendar month before in the same digits, with the change in points or per cent."""
    value = measured(now["value"], entry.unit, currency) if math.isfinite(now["value"]) else "∞"
    before = known[known["month"] == str(pd.Period(now["month"], "M") - 1)]
    if before.empty:
        return value, ""
    was = before["value"].iloc[0]
    if not (math.isfinite(was) and math.isfinite(now["value"])):
        return value, "∞" if math.isinf(was) else measured(was, entry.unit, currency)
    text, value, change = alike(was, now["value"], entry.unit, currency)
    if entry.unit in ("share", "points"):
        return value, f"{text} ({change})"
    share = now["value"] / was - 1 if was else 0.0
    return value, f"{text} ({'+' if share >= 0 else '-'}{percent(abs(share))})" if was else text
