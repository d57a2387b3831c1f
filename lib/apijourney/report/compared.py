"""How does the month stand beside the one before and the same month a year ago, day for day?

Unit: a metric of the scorecard. What adds up over a month is divided by the days of it that were observed, because
a longer month is no better month; everything else is compared as it is. It says nothing about why.
"""

import numpy as np
import pandas as pd

from apijourney.facts.study import Study
from apijourney.formats import is_missing, measured, month_name
from apijourney.localtime import local_days
from apijourney.measurable import NotMeasurable
from apijourney.metrics.catalog import CATALOG, measure_all
from apijourney.readings.alike import alike

ADDS_UP = {"revenue", "sign_ups", "page_views", "keys_created", "release_frequency", "breaking_changes"}
"""The metrics that are sums over their month."""


def days_observed(study, month: str) -> int:
    """The local days of a month that these data cover."""
    begin, end = study.bounds(month)
    inside = np.array([max(begin, study.observed_from), min(end, study.observed_until)])
    first, last = local_days(inside, study.zone).astype("datetime64[D]").astype(int)
    return max(int(last - first), 0)


def compared(study, metrics: dict, names: list[str]) -> list[dict]:
    """Write metrics beside the month before and the month a year ago.

    metrics : id → table by month, or `NotMeasurable`. names : which.
    Returns rows id, name, per_day, value, before, before_change, year, year_change; empty texts where not known.
    """
    now = pd.Period(study.month, "M")
    rows = []
    for name in names:
        table = metrics.get(name)
        if table is None or isinstance(table, NotMeasurable):
            continue
        value, before, year = (_of(study, name, table, str(m)) for m in (now, now - 1, now - 12))
        if is_missing(value) or (is_missing(before) and is_missing(year)):
            continue
        entry = CATALOG[name]
        row = {"id": name, "name": entry.name, "per_day": name in ADDS_UP, "value": _written(value, name, study)}
        for which, was in (("before", before), ("year", year)):
            known = not is_missing(was)
            row[which] = _written(was, name, study) if known else ""
            row[f"{which}_change"] = _change(was, value, entry.unit, study.workbook.currency) if known else ""
        rows.append(row)
    return rows


def a_month_longer(study) -> Study | None:
    """The study with the month a year ago among its months; None where it is there already, or the data begin later."""
    year_ago = _year_ago(study)
    if year_ago not in study.all_months or year_ago in study.months:
        return None
    return Study(study.workbook, study.store, study.month, 13, study.segment, study.product)


def with_year_before(metrics: dict, names: list[str], longer: Study | None) -> dict:
    """Add the month a year ago to metrics that do not know it.

    metrics : id → table by month, or `NotMeasurable`. names : which. longer : from `a_month_longer`.
    """
    if longer is None:
        return metrics
    year_ago = _year_ago(longer)
    lacking = [
        n for n in names
        if isinstance(metrics.get(n), pd.DataFrame) and not (metrics[n]["month"] == year_ago).any()
    ]  # fmt: skip
    found = measure_all(longer, lacking)
    more = {
        n: pd.concat([found[n][found[n]["month"] == year_ago], metrics[n]], ignore_index=True)
        for n in lacking
        if isinstance(found[n], pd.DataFrame)
    }
    return metrics | more


def _year_ago(study) -> str:
    return str(pd.Period(study.month, "M") - 12)


def months_compared(study) -> tuple[str, str, str]:
    """The names of the month, of the one before, and of the same a year ago."""
    now = pd.Period(study.month, "M")
    return tuple(month_name(str(m)) for m in (now, now - 1, now - 12))


def _of(study, name: str, table: pd.DataFrame, month: str) -> float:
    found = table.loc[table["month"] == month, "value"]
    if found.empty or name not in ADDS_UP:
        return float("nan") if found.empty else float(found.iloc[0])
    days = days_observed(study, month) or days_of(month)
    return float(found.iloc[0]) / days


def days_of(month: str) -> int:
    """The days of a month of the calendar."""
    return pd.Period(month, "M").days_in_month


def _written(value: float, name: str, study) -> str:
    unit = CATALOG[name].unit
    if name in ADDS_UP and unit == "count":
        return f"{value:,.1f}"
    return measured(value, unit, study.workbook.currency)


def _change(was: float, now: float, unit: str, currency: str) -> str:
    if unit == "share":
        return alike(was, now, unit, currency)[2]
    if not (np.isfinite(was) and np.isfinite(now)) or not was:
        return ""
    return f"{now / was - 1:+.1%}".replace("%", " %")
