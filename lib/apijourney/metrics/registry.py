"""How a metric enters the catalogue: once, beside the function that computes it.

Every catalogued metric has the same grain: one row a month shown, oldest first, with the columns
`month, value, low, high, numerator, denominator, mature`. A value that is not known, because its window is
open or a table it needs begins only later, is NaN with `mature` False; it is never 0.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Literal

import pandas as pd

from apijourney.errors import WorkbookError, unknown
from apijourney.facts.remember import remembered
from apijourney.facts.shared import shared
from apijourney.facts.study import as_study
from apijourney.measurable import NotMeasurable, needs
from apijourney.sources.contracts import CONTRACTS

COLUMNS = ["month", "value", "low", "high", "numerator", "denominator", "mature"]


@dataclass(frozen=True)
class Metric:
    """One entry of the catalogue.

    unit : share, count, ms, seconds, minutes, days, months, ratio, points, money (minor units), per minute
    direction : which way is better, up or down; "none" where neither is
    timing : leading (moves before the money does) or lagging
    tables : what it needs; "active" stands for the table behind that definition
    columns : columns some row must fill for it, such as "requests.status"; else it is not measurable
    gameable_by : how the number can be made to look good; counter_metric : what would show it
    """

    id: str
    name: str
    dimension: Literal["infrastructure", "product", "business"]
    stage: str
    question: str
    formula: str
    unit: str
    direction: Literal["up", "down", "none"]
    timing: Literal["leading", "lagging"]
    counter_metric: str
    gameable_by: str
    tables: tuple[str, ...]
    source: str
    counted: str = "accounts"
    columns: tuple[str, ...] = ()
    compute: Callable = field(repr=False, default=None)


CATALOG: dict[str, Metric] = {}


def catalogued(**entry) -> Callable:
    """Register a function `(study) -> table by month` as a metric, its id being its name."""

    def decorate(function: Callable) -> Callable:
        @remembered
        @wraps(function)
        def tidy(study):
            if "requests" in entry["tables"] and not study.store.paths("calls", study.months):
                reason = f"there are no requests in the months up to {study.month}; choose a later month."
                return NotMeasurable(entry["name"], reason)
            return shared(study, function.__name__, lambda: measured(study))

        def measured(study):
            found = function(study)
            if isinstance(found, NotMeasurable):
                return found
            begun = max((study.began(t) or 0 for t in entry["tables"] if t in CONTRACTS), default=0)
            ends = [study.bounds(m)[1] for m in found["month"]]
            return _tidy(found, [begun < end <= study.observed_until for end in ends])

        guarded = needs(*entry["tables"], *entry.get("columns", ()), what=entry["name"])(tidy)
        CATALOG[function.__name__] = Metric(id=function.__name__, compute=guarded, **entry)
        return guarded

    return decorate


def _tidy(table: pd.DataFrame, known: list[bool]) -> pd.DataFrame:
    """Bring a metric into the columns of all; what is not known is empty.

    known : is the month over, and had every table it needs begun by its end?
    """
    out = pd.DataFrame({"month": table["month"].astype("str")})
    for column in COLUMNS[1:-1]:
        out[column] = pd.to_numeric(table[column]).astype("float64") if column in table else float("nan")
    out["mature"] = table["mature"].astype(bool) if "mature" in table else True
    out["mature"] &= pd.Series(known, index=out.index, dtype=bool)
    open_window = ~out["mature"]
    out.loc[open_window, ["value", "low", "high", "numerator", "denominator"]] = float("nan")
    return out.reset_index(drop=True)


def measure(study, metric: str) -> pd.DataFrame | NotMeasurable:
    """Compute one catalogued metric for the months of a study.

    study : of `open_study`, or a workbook ("sample", a path): the study of its last complete month is opened then,
        each time anew.

    Returns
    -------
    One row a month: month, value, low, high (95 %), numerator, denominator, mature. Or
    `NotMeasurable`, with what to add.

    Raises
    ------
    WorkbookError : for a metric that is not in the catalogue, or what is no study and no workbook.
    """
    _check_metric(study, metric, "measure")
    return CATALOG[metric].compute(as_study(study, where="measure(study, metric)"))


def _check_metric(study, metric, function: str) -> None:
    if isinstance(study, str) and study in CATALOG:
        raise WorkbookError(f'{function}: the study comes first; write {function}(study, "{study}").')
    if metric not in CATALOG:
        raise unknown("metric", metric, CATALOG)


def measure_all(study, metrics: list[str] | None = None) -> dict[str, pd.DataFrame | NotMeasurable]:
    """Compute several metrics (all by default): id → table by month, or `NotMeasurable`. study : as in `measure`."""
    if isinstance(metrics, str):
        metrics = [metrics]
    for metric in metrics or ():
        _check_metric(study, metric, "measure_all")
    study = as_study(study, where="measure_all(study)")
    return {m: measure(study, m) for m in (metrics if metrics is not None else CATALOG)}
