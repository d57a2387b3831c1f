"""The quality gate: which rows may be used, and what does a reader have to know about the rest?

Before any metric, each table is checked once. Unreadable types in more than 1 % of the values and
empty tables stop with one sentence. Single bad rows and duplicates are counted and put aside in
quarantine, with the reason; they are never silently dropped. Rows in = rows used + rows put aside.
"""

import duckdb
import ibis
import pandas as pd
import pyarrow as pa
from ibis.expr.types import Table
from pandera.errors import SchemaError, SchemaErrors

from apijourney.errors import UnusableData
from apijourney.sources.contracts import Contract
from apijourney.sources.aside import BLANK, LEFT_OUT, MISFIT
from apijourney.sources.canonical import SourceTable
from apijourney.sources.remedies import named, readable, remedy
from apijourney.sources.unreadable import unreadable

COPY = "exact copy of another line of the same invoice (if both are owed, tell them apart)"
UNREADABLE_SHARE = 0.01
MISFIT_SHARE = 0.5
_FIRST_BY = ("received_at", "occurred_at", "created_at", "opened_at")  # which of several deliveries was the first
QUALITY_COLUMNS = ["table", "check", "column", "rows", "example", "severity"]


def count_values(source: SourceTable) -> dict:
    """Count the rows, and the values that cannot be read of each column that is there, with an example of each."""
    contract, label = source.contract, source.label
    try:
        contract.schema.validate(source.table, lazy=True)
    except (SchemaErrors, SchemaError) as error:
        first = str(error).split("\n")[0]
        raise UnusableData(f"{label}: does not fit the table {contract.name} ({first}).") from None
    joined = _side_by_side(source)
    checks = {"rows": joined.count()}
    if "_aside" in joined.columns:
        misfit = joined["_aside"] == MISFIT
        checks |= {"misfits": misfit.sum(), "misfit": joined[contract.key].min(where=misfit)} if contract.key else {}
    for name in source.origins:
        bad = joined[f"text_{name}"].notnull() & (joined[f"text_{name}"] != "") & joined[name].isnull()
        if "_aside" in joined.columns:  # what is left out anyway may hold what it likes
            bad &= joined["_aside"].isnull()
        checks[f"bad_{name}"] = bad.sum()
        checks[f"example_{name}"] = joined[f"text_{name}"].min(where=bad)
    try:
        counts = joined.aggregate(**checks).to_pyarrow().to_pylist()[0]
    except (duckdb.Error, pa.ArrowInvalid) as error:
        raise unreadable(label, error, source.files, source.kind) from None
    return {name: value if _is_text(name) else value or 0 for name, value in counts.items()}


def added(counts: dict, more: dict) -> dict:
    """The counts of two parts of one table together; examples are the first part's where it has one."""
    either = {name: counts.get(name) or value for name, value in more.items() if _is_text(name)}
    return {name: counts.get(name, 0) + value for name, value in more.items() if name not in either} | either


def _is_text(name: str) -> bool:
    return name == "misfit" or name.startswith("example_")


def stop_if_unfit(source: SourceTable, counts: dict) -> int:
    """Stop with one sentence if a table is empty or a column is of another type; return its rows.

    counts : of all rows of the table, as from `count_values`. So does a log of whose lines more than half
    do not fit the format: it is another format.

    Raises
    ------
    UnusableData : names file, column, count, an example and the remedy.
    """
    contract, label = source.contract, source.label
    rows = counts["rows"]
    if rows == 0:
        raise UnusableData(
            f"{label}: the table holds no rows; fill it, or take it away if you do not have these data."
        )
    if counts.get("misfits", 0) > MISFIT_SHARE * rows:
        raise UnusableData(
            f'{label}: {counts["misfits"]:,} of {rows:,} lines do not fit the format (for example '
            f"{counts['misfit'][:120]!r}); correct tables.{contract.name}.format."
        )
    for name in source.origins:
        bad = counts.get(f"bad_{name}", 0)
        if bad > UNREADABLE_SHARE * rows:
            origin, example = source.origins[name], counts[f"example_{name}"]
            raise UnusableData(
                f"{label}: {named(name, origin)}: {bad:,} of {rows:,} values cannot be read as {readable(contract, name, origin)} "
                f"(for example {example!r}); {remedy(contract, name, origin, example)}"
            )
    return rows


def _side_by_side(source: SourceTable) -> Table:
    """Each row once as typed and, of the columns that are there, once as the text it came from.

    Both projections come from the same raw table, so they merge into one select.
    """
    typed = source.table.op().values
    texts = source.texts.op().values
    raw = source.table.op().parent.to_expr()
    aside = {"_aside": raw["_aside"]} if "_aside" in raw.columns else {}
    return raw.select(
        **aside,
        **{n: v.to_expr() for n, v in typed.items()},
        **{f"text_{n}": texts[n].to_expr() for n in source.origins},
    )


def with_reason(source: SourceTable) -> Table:
    """Add the column `reason`: null for a row that may be used, else why it is put aside."""
    contract, rows = source.contract, judged(source)
    if contract.copies:
        return without_copies(rows, contract)
    if not contract.key:
        return rows
    usable = rows.reason.isnull() & rows[contract.key].notnull()
    nth = first_received(rows, contract, among=rows.reason.isnull())
    late = rows.mutate(late=usable & (nth > 0))
    return late.mutate(reason=late.late.ifelse(f"duplicate {contract.key}", late.reason)).drop("late")


def without_copies(rows: Table, contract: Contract) -> Table:
    """Put all but one aside of the usable rows that share an id and are alike in every column: pasted twice."""
    alike = [rows[c] for c in contract.columns]
    nth = ibis.row_number().over(ibis.window(group_by=[*alike, rows.reason.isnull()]))
    again = rows.mutate(again=rows.reason.isnull() & rows[contract.copies].notnull() & (nth > 0))
    return again.mutate(reason=again.again.ifelse(COPY, again.reason)).drop("again")


def judged(source: SourceTable) -> Table:
    """Add the column `reason` of each row by itself, without a look at the others."""
    contract = source.contract
    joined = _side_by_side(source)
    branches = [(joined["_aside"].notnull(), joined["_aside"])] if "_aside" in joined.columns else []
    for name in source.origins:
        text = joined[f"text_{name}"]
        branches.append((text.notnull() & (text != "") & joined[name].isnull(), f"unreadable {name}"))
    branches += [(rule(joined), reason) for reason, _, rule in contract.unusable]
    reasoned = joined.mutate(reason=ibis.cases(*branches, else_=ibis.null("string")))
    return reasoned.select(*contract.columns, "reason")


def first_received(rows: Table, contract: Contract, among=None):
    """Number the rows of each key, the first one received 0; equal instants go by the hash of the row."""
    order = [rows[c] for c in _FIRST_BY if c in contract.columns]
    order.append(ibis.struct({c: rows[c] for c in contract.columns}).hash())
    group = [rows[contract.key]] if among is None else [rows[contract.key], among]
    return ibis.row_number().over(ibis.window(group_by=group, order_by=order))


def quality_rows(table: str, counts: pd.DataFrame, contract) -> pd.DataFrame:
    """Turn counts by reason (reason, rows, example) into rows of the quality table."""
    columns = {reason: column for reason, column, _ in contract.unusable} | {COPY: contract.copies}
    out = counts.assign(
        table=table,
        check=counts["reason"],
        column=[
            "" if r in (MISFIT, BLANK) else columns.get(r) or r.split(".")[-1].removeprefix("unreadable ").removeprefix("duplicate ")
            for r in counts["reason"]
        ],
        severity=["excluded" if r.startswith((LEFT_OUT, BLANK)) else "put aside" for r in counts["reason"]],
    )
    return out[QUALITY_COLUMNS]
