"""From the columns of a source to those of a contract: which is which, typed, missing ones null.

In: one Ibis table as it was read. Out: a `SourceTable`. Nothing is counted or judged here; that is the gate's work.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import ibis
from ibis.expr.types import Table

from apijourney.errors import WorkbookError, did_you_mean, unknown
from apijourney.sources.aside import as_written
from apijourney.sources.contracts import OWN_EVENTS, Contract
from apijourney.sources.found import version_of
from apijourney.sources.values import (
    as_text, inside, known_id, no_event_of_ours, one_of, plain_number, to_minor_units, typed,
)  # fmt: skip
from apijourney.workbook import Workbook
from apijourney.workbook_tables import ColumnSource, TableSource


_OF_TEXT = ("csv", "jsonl", "lines")


@dataclass(frozen=True)
class SourceTable:
    """One canonical table: its expression, the text it was read from, and the files behind it.

    table : canonical columns, typed
    texts : the same rows, each column as it stood in the source, for the examples in errors
    origins : canonical column → where it comes from, for those that are there
    """

    contract: Contract
    table: Table
    texts: Table
    files: tuple[Path, ...]
    label: str
    kind: str = ""
    origins: dict[str, ColumnSource] = field(default_factory=dict)

    def came_since(self, version: list) -> tuple[Path, ...]:
        """The files that came to an earlier version of the table; none where anything else changed too."""
        now = version_of(self.files)
        if self.kind == "duckdb" or not all(known in now for known in version):
            return ()
        known = {file for file, *_ in version}
        return tuple(f for f in self.files if str(f) not in known)


def canonical(
    contract: Contract, raw: Table, workbook: Workbook, *, files: tuple[Path, ...], label: str, kind: str
) -> SourceTable:
    """Bring what was read into the columns of a contract.

    raw : the rows as the source has them. workbook : whose `tables` say which column is which.

    Raises
    ------
    WorkbookError : for a column that is declared or needed and is not there.
    """
    declared = workbook.tables.get(contract.name, TableSource())
    raw = _opened_up(raw, declared)
    hint = f"map it under tables.{contract.name}.columns in {workbook.path.name}"
    for name, origin in declared.columns.items():
        if name not in contract.columns:
            raise unknown(
                "column", name, contract.columns,
                where=workbook.place("tables", contract.name, "columns", name),
            )  # fmt: skip
        _check_settings(contract, name, origin, workbook)
        if origin.column and origin.column not in raw.columns:
            raise WorkbookError(
                f'{label}: column "{origin.column}" (for {name}) is not in the file; '
                f"{did_you_mean(origin.column, columns_shown(raw))}"
            )
        if origin.file and "_file" not in raw.columns:
            place = workbook.place("tables", contract.name, "columns", name)
            raise WorkbookError(f"{place}: a table of a database has no file of its own; give column or value.")
    origins = {n: ColumnSource(column=_called(n, raw, declared)) for n in contract.columns} | declared.columns
    present = {n for n, o in origins.items() if o.value is not None or o.file or o.column in raw.columns}
    for name in contract.required:
        if name not in present:
            raise WorkbookError(
                f'{label}: column "{name}" is missing; the file has {", ".join(columns_shown(raw))}; {hint}.'
            )
    if contract.one_of and not present & set(contract.one_of):
        raise WorkbookError(
            f"{label}: none of the columns {', '.join(contract.one_of)} is there; "
            f"at least one is needed; {hint}."
        )
    columns, texts = {}, {}
    for name in contract.columns:
        origin = origins[name]
        dtype = contract.dtype(name)
        if name not in present:
            columns[name] = ibis.null(dtype)
            texts[name] = ibis.null("string")
        elif origin.value is not None:
            columns[name] = typed(ibis.literal(str(origin.value)), contract.columns[name], origin.format, declared.timezone)
            texts[name] = ibis.literal(str(origin.value))
        else:
            source = _from_name(raw, origin.file) if origin.file else raw[origin.column]
            if name.endswith("_id"):
                source = known_id(as_text(source), typed_by_hand=kind in _OF_TEXT)
            if origin.values:
                text = as_text(source)
                source = text.strip().cases(*((w, as_written(v)) for w, v in origin.values.items()), else_=text)
            texts[name] = as_text(source)
            if origin.decimal:
                source = plain_number(source, origin.decimal)
            if origin.unit == "major":
                columns[name] = to_minor_units(source, _currency(origins, raw, workbook))
            else:
                columns[name] = typed(source, contract.columns[name], origin.format, declared.timezone)
        if name in contract.choices and name in present:
            columns[name] = one_of(columns[name], contract.choices[name])
        if name == "touchpoint":
            columns[name] = no_event_of_ours(columns[name], OWN_EVENTS)
    there = {n: origins[n] for n in contract.columns if n in present}
    return SourceTable(contract, raw.select(**columns), raw.select(**texts), files, label, kind, there)


def _check_settings(contract: Contract, name: str, origin: ColumnSource, workbook: Workbook) -> None:
    """Refuse a setting that means nothing for a column of its type, instead of reading it wrong."""
    kind = contract.columns[name]
    dated, number = kind in ("instant", "date", "month"), kind in ("integer", "number", "decimal")
    for setting, given, fits, what in (
        ("format", origin.format, dated, "a date, a time or a month"), ("decimal", origin.decimal, number, "a number"),
        ("unit", origin.unit == "major", name.endswith("_minor"), "an amount of money"),
    ):  # fmt: skip
        if given and not fits:
            place = workbook.place("tables", contract.name, "columns", name, setting)
            raise WorkbookError(f"{place}: it is for a column that holds {what}, which {name} is not; take it away.")


def _called(name: str, raw: Table, declared: TableSource) -> str:
    """The source column of a canonical one that the workbook file does not map: the same name, however it is written.

    "Account ID", "accountId" and "account-id" are account_id, unless two columns could be meant.
    """
    if name in raw.columns:
        return name
    taken = {origin.column for origin in declared.columns.values()}
    alike = [c for c in columns_shown(raw) if c not in taken and plain_name(c) == name]
    return alike[0] if len(alike) == 1 else name


def plain_name(column: str) -> str:
    """A name in small letters, its words set apart by underscores.

    >>> plain_name("Account ID"), plain_name("accountId"), plain_name(" occurred-at ")
    ('account_id', 'account_id', 'occurred_at')
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.strip())
    return re.sub(r"[\s-]+", "_", apart).lower()


def _opened_up(raw: Table, declared: TableSource) -> Table:
    """Give a value inside a nested column, named as customer.id, a column of its own."""
    paths = [o.column for o in declared.columns.values() if "." in o.column and o.column not in raw.columns]
    found = {p: inside(raw[head], rest) for p in paths for head, _, rest in [p.partition(".")] if head in raw.columns}
    return raw.mutate(**found) if found else raw


def columns_shown(raw: Table) -> list[str]:
    """The columns of a source, without those that were added to it here."""
    return [c for c in raw.columns if not c.startswith("_")]


def _currency(origins: dict[str, ColumnSource], raw: Table, workbook: Workbook):
    origin = origins.get("currency", ColumnSource(column="currency"))
    if origin.column in raw.columns:
        return as_text(raw[origin.column])
    return ibis.literal(origin.value or workbook.currency)


def _from_name(raw: Table, pattern: str):
    """What the one group of a pattern finds in the name of each row's file; null where it does not."""
    name = raw["_file"].re_extract(r"([^/\\]*)$", 1)
    return name.re_search(pattern).ifelse(name.re_extract(pattern, 1), ibis.null("string"))
