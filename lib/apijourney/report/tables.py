"""The numbers of a report as tables for a spreadsheet.

Unit: one metric in one month, or one named account. A text that a spreadsheet would take for a formula is written
with an apostrophe before it, so that no name from the data can run there.
"""

import csv
import io

_RUNS = ("=", "+", "-", "@", "\t", "\r")
METRIC_COLUMNS = [
    "metric", "name", "unit", "month", "value", "low", "high", "numerator", "denominator", "mature", "not_measurable",
]  # fmt: skip
ACCOUNT_COLUMNS = ["account_id", "name", "reason", "advice", "evidence", "mrr_minor", "owner", "since"]


def metrics_csv(record: dict, names: dict[str, str]) -> bytes:
    """All numbers of a record, `METRIC_COLUMNS`; what is not measurable is a row with its reason. names : id → name."""
    rows = [row | {"name": names[row["metric"]]} for row in record["metrics"]]
    rows += [
        {"metric": row["metric"], "name": names[row["metric"]], "not_measurable": row["reason"]}
        for row in record["not_measurable"]
    ]
    return _csv(rows, METRIC_COLUMNS)


def accounts_csv(record: dict) -> bytes:
    """The accounts to act on, `ACCOUNT_COLUMNS`; money in minor units."""
    return _csv(record["accounts"], ACCOUNT_COLUMNS)


def _csv(rows: list[dict], columns: list[str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({c: harmless(row.get(c)) for c in columns} for row in rows)
    return text.getvalue().encode("utf-8")


def harmless(value):
    """A value as a spreadsheet may hold it: numbers as they are, no text that begins a formula.

    >>> harmless("=cmd|' /C calc'!A0"), harmless(-5), harmless(None), harmless("Acme")
    ("'=cmd|' /C calc'!A0", -5, '', 'Acme')
    """
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip().startswith(_RUNS) and value != "-Infinity":
        return "'" + value
    return value
