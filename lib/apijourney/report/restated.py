"""Which numbers that were published are others today, and why?

Unit: one metric in one month. What this report says is laid beside what was last said about the same month, by an
earlier report or an earlier making of this one. A number that was not known then is news and no restatement. Why is
read from fingerprints: it names what changed, not whether the old number or the new one is right.
"""

import math

import numpy as np
import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.metrics.catalog import CATALOG
from apijourney.readings.alike import alike, shows

COLUMNS = ["metric", "month", "old", "new", "said_in", "said_at", "cause", "seen"]
DEFINITION, PROGRAM, DATA = "its definition changed", "the program changed", "data came late or were corrected"
EITHER, UNKNOWN = "the data or the program changed", "not known"


def last_said(history: pd.DataFrame, month: str) -> pd.DataFrame:
    """The last statement on each metric and month in reports up to a month: what a reader had to believe."""
    said = history[(history["report_month"] <= month) & history["value"].notna() & (history["restated_at"] == "")]
    said = said.sort_values(["report_month", "published_at"])
    return said.drop_duplicates(["metric", "month"], keep="last")


def restatements(metrics: dict, history: pd.DataFrame, month: str, definitions: dict, program: str, data: str,
                 currency: str) -> pd.DataFrame:  # fmt: skip
    """Compare what a report says with what was last said.

    metrics : id → table by month, or `NotMeasurable`. history : of the same company, segment and product.
    definitions, program, data : the fingerprints of now.

    Returns
    -------
    One row a changed number: metric, month, old, new (NaN = not known any more), said_in (the report that said the old
    one), said_at, cause, and seen: does the change show in the digits a reader sees? A number that only is not known
    any more, because the data say how things are now, is not contradicted. Largest relative changes first.
    """
    rows = []
    for row in _to_answer_for(history, month).itertuples(index=False):
        table = metrics.get(row.metric)
        if table is None or isinstance(table, NotMeasurable):
            continue
        found = table.loc[table["month"] == row.month, "value"]
        if found.empty:
            continue
        new = float(found.iloc[0])
        if new == row.value or (math.isfinite(new) and math.isclose(new, row.value, rel_tol=1e-9, abs_tol=1e-12)):
            continue
        finite = math.isfinite(new) and math.isfinite(row.value)
        seen = shows(row.value, new, CATALOG[row.metric].unit, currency) if finite else not math.isnan(new)
        cause = _cause(row, month, definitions.get(row.metric, ""), program, data)
        rows.append((row.metric, row.month, row.value, new, row.report_month, row.published_at, cause, seen))
    table = pd.DataFrame(rows, columns=COLUMNS)
    size = (table["new"] / table["old"] - 1).abs().replace(np.nan, np.inf)
    return table.assign(size=size).sort_values(["size", "metric", "month"], ascending=[False, True, True]).drop(
        columns="size"
    ).reset_index(drop=True)


def _to_answer_for(history: pd.DataFrame, month: str) -> pd.DataFrame:
    """What a report has to answer for: what earlier months' reports said last, and its own final making, if there is one.

    What an earlier, provisional making of the same report said was said with that reservation.
    """
    earlier = last_said(history[history["report_month"] < month], month)
    own = last_said(history[(history["report_month"] == month) & (history["status"] == "final")], month)
    both = pd.concat([part for part in (own, earlier) if len(part)]) if len(own) or len(earlier) else earlier
    return both.drop_duplicates(["metric", "month", "value"], keep="first")


def shown(table: pd.DataFrame, currency: str, most: int = 15) -> list[dict]:
    """Write the restatements a reader sees, at most `most`: name, id, month, old, new, change, said_in, cause."""
    rows = []
    for row in table[table["seen"]].head(most).itertuples(index=False):
        old, new, change = alike(row.old, row.new, CATALOG[row.metric].unit, currency)
        rows.append(
            {
                "id": row.metric, "name": CATALOG[row.metric].name, "month": row.month, "old": old, "new": new,
                "change": change, "said_in": row.said_in, "said_on": row.said_at[:10], "cause": row.cause,
            }
        )  # fmt: skip
    return rows


def filled(metrics: dict, history: pd.DataFrame, month: str, definitions: dict) -> dict:
    """Fill the earlier months a metric's table lacks, as a report with the same definition last said them.

    So trends and comparisons reach back further than the data that are kept. What is measured is left as it is, and so
    is the month reported on.
    """
    said = last_said(history, month)
    said = said[(said["definition"] != "") & (said["definition"] == said["metric"].map(definitions))]
    by_metric, out = dict(tuple(said.groupby("metric"))), {}
    for name, table in metrics.items():
        more = by_metric.get(name)
        if isinstance(table, NotMeasurable) or more is None:
            out[name] = table
            continue
        known = table[table["value"].notna() | (table["month"] >= month)]
        more = more[~more["month"].isin(known["month"]) & (more["month"] < month)][list(table.columns)]
        both = pd.concat([more, table[~table["month"].isin(more["month"])]], ignore_index=True) if len(more) else table
        out[name] = both.sort_values("month", ignore_index=True)
    return out


def _cause(said, month: str, definition: str, program: str, data: str) -> str:
    if not said.definition:
        return UNKNOWN
    if said.definition != definition:
        return DEFINITION
    if said.program == program:
        return DATA
    return PROGRAM if said.data == data and said.report_month == month else EITHER
