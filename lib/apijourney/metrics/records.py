"""Metrics as plain rows that JSON can carry: what a notebook records and a report publishes.

Unit: one metric in one month. A number not known is null; an infinite one is the text "Infinity",
which Python's `float` and JavaScript's `Number` both read. It decides nothing about the metrics.
"""

import math

import pandas as pd

from apijourney.formats import is_missing
from apijourney.measurable import NotMeasurable
from apijourney.metrics.catalog import CATALOG
from apijourney.metrics.registry import COLUMNS


def as_records(metrics: dict) -> list[dict]:
    """Write metrics as rows, in the order they come.

    metrics : id → table by month (see `measure`), or `NotMeasurable`
    Returns rows with `metric` and the columns of the table; a metric that cannot be measured is one
    row with `metric` and `not_measurable`, the reason.

    >>> as_records({"mrr": NotMeasurable("MRR", "add invoices.")})
    [{'metric': 'mrr', 'not_measurable': 'add invoices.'}]
    """
    rows = []
    for name, found in metrics.items():
        if isinstance(found, NotMeasurable):
            rows.append({"metric": name, "not_measurable": found.reason})
        else:
            rows += [
                {"metric": name} | {column: json_value(value) for column, value in row.items()}
                for row in found.to_dict("records")
            ]
    return rows


def from_records(rows: list[dict]) -> dict:
    """Read rows back into metrics: the inverse of `as_records`.

    >>> from_records([{"metric": "mrr", "not_measurable": "add invoices."}])
    {'mrr': Monthly recurring revenue is not measurable: add invoices.}
    """
    by_metric: dict[str, list[dict]] = {}
    for row in rows:
        by_metric.setdefault(row["metric"], []).append(row)
    return {name: _read(name, found) for name, found in by_metric.items()}


def _read(name: str, rows: list[dict]) -> pd.DataFrame | NotMeasurable:
    if "not_measurable" in rows[0]:
        return NotMeasurable(CATALOG[name].name, rows[0]["not_measurable"])
    table = pd.DataFrame(rows).reindex(columns=COLUMNS)
    table["mature"] = [is_missing(value) or bool(value) for value in table["mature"]]
    numbers = COLUMNS[1:-1]
    return table.astype({"month": "str", "mature": "bool"} | dict.fromkeys(numbers, "float64"))


def json_value(value):
    """Write one value as JSON can carry it.

    >>> json_value(float("nan")), json_value(float("inf")), json_value(0.5)
    (None, 'Infinity', 0.5)
    """
    if is_missing(value):
        return None
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
