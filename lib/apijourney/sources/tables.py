"""All canonical tables of a company: found, read by their format, brought into the columns of their contract.

In: the workbook file. Out: one `SourceTable` for each canonical table that is there.
"""

import re
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from pyarrow import parquet

from apijourney.errors import WorkbookError, unknown
from apijourney.sources.access_log import carried, is_access_log, parse_lines
from apijourney.sources.aside import put_aside
from apijourney.sources.canonical import SourceTable, canonical
from apijourney.sources.contracts import CONTRACTS, Contract
from apijourney.sources.csv_files import header, nothing, read_csv
from apijourney.sources.databases import alias, tables_in
from apijourney.sources.engine import connect
from apijourney.sources.found import find, is_log, source_of, version_of
from apijourney.sources.gateways import gateway_layout, is_gateway_log
from apijourney.sources.json_log import parse_objects
from apijourney.sources.lines import group, read_lines, without_names
from apijourney.sources.page_views import as_requests, as_touchpoints, page_view_rules
from apijourney.sources.unreadable import unreadable
from apijourney.workbook import Workbook
from apijourney.workbook_tables import SERIAL, ColumnSource, TableSource


class Sources:
    """All canonical tables of a workbook that are there.

    >>> from apijourney.workbook import load_workbook
    >>> "requests" in Sources(load_workbook("sample")).names
    True
    """

    def __init__(self, workbook: Workbook):
        self.workbook = workbook
        self.con = connect()
        for name, declared in workbook.tables.items():
            if name not in CONTRACTS:
                raise unknown("table", name, CONTRACTS, where=workbook.place("tables", name))
            self._check_patterns(name, declared)
        source_of(workbook)
        self._opened: dict[str, SourceTable] = {}
        self._found = {n: f for n in CONTRACTS if (f := find(n, workbook, self.con)) is not None}
        if not {"accounts", "touchpoints", "requests", "invoices"} & set(self._found):
            raise WorkbookError(
                f"{workbook.path.name}: no table was found in {workbook.source!r}; expected at least one of "
                "accounts, touchpoints, requests or invoices as .parquet, .csv or .jsonl, or a path "
                "under tables."
            )

    @property
    def names(self) -> list[str]:
        return list(self._found)

    def __getitem__(self, name: str) -> SourceTable:
        if name not in self._opened:
            self._opened[name] = self._open(name)
        return self._opened[name]

    def version(self, name: str) -> list:
        """Which files are behind a table, as they are now; it need not be opened for it."""
        return version_of(self._found[name].files)

    def part(self, name: str, files: tuple[Path, ...]) -> SourceTable:
        """Some of the files of a table, as if there were no others."""
        return self._open(name, files)

    def _check_patterns(self, name: str, declared: TableSource) -> None:
        """Ask the engine whether it follows the regular expressions and the ways to write a date."""
        patterns = {"pattern": declared.pattern}
        patterns |= {f"exclude.{c}": pattern for c, pattern in declared.exclude.items()}
        patterns |= {f"columns.{c}.file": origin.file for c, origin in declared.columns.items()}
        dates = {f"columns.{c}.format": o.format for c, o in declared.columns.items() if o.format not in SERIAL}
        asked = [("regexp_matches", at, without_names(p), "a regular expression", "look-around") for at, p in patterns.items()]
        asked += [("try_strptime", at, f, "a way to write a date", "unknown letters") for at, f in dates.items()]
        for function, place, text, what, remedy in asked:
            try:
                if text:
                    self.con.con.execute(f"SELECT {function}('', ?)", [text])
            except duckdb.Error as error:
                reason = str(error).split("\n")[0].rpartition("Error: ")[2]
                where = self.workbook.place("tables", name, *place.split(".", 2))
                raise WorkbookError(
                    f"{where}: not {what} the engine can follow ({reason}); write it without {remedy}."
                ) from None

    def _open(self, name: str, part: tuple[Path, ...] = ()) -> SourceTable:
        found, declared = self._found[name], self.workbook.tables.get(name, TableSource())
        kind, label, files = found.kind, found.label, part or found.files
        paths = [str(f) for f in files]
        _agree(CONTRACTS[name], declared, files, label, kind)
        if declared.timezone and is_log(kind):
            raise WorkbookError(
                f"{self.workbook.place('tables', name, 'timezone')}: a log of this format says itself in which zone its times "
                "are; take the line away."
            )
        view = f"source_{name}{'_part' if part else ''}"
        named = {"filename": "_file"} if any(c.file for c in declared.columns.values()) else {}
        where, exclude = declared.where, declared.exclude
        try:
            if kind == "parquet":
                raw = self.con.read_parquet(paths, table_name=view, union_by_name=True, **named)
            elif kind == "csv":
                raw = read_csv(self.con, files, label, view, **named)
            elif kind == "jsonl":
                raw = _json_lines(self.con, files, label, view, named)
            elif kind == "lines":
                raw = _lines(self.con, paths, view, declared.pattern, named)
            elif is_gateway_log(kind):
                raw = as_requests(parse_objects(read_lines(self.con, paths, view, **named), gateway_layout(kind)))
            elif is_access_log(kind):
                raw = parse_lines(read_lines(self.con, paths, view, **named), kind)
                if name == "touchpoints":
                    raw = as_touchpoints(raw, carried(kind), self.workbook.definitions.bots.property)
                    usual = page_view_rules(carried(kind))
                    where, exclude = usual[0] | where, usual[1] | exclude
                else:
                    raw = as_requests(raw)
            else:
                known, table = tables_in(self.con, files[0], where=self.workbook.path.name), declared.table or name
                if table not in known:
                    raise unknown("table", table, known, where=label)
                raw = self.con.table(table, database=(alias(files[0]), "main"))
        except duckdb.Error as error:
            raise unreadable(label, error, files, kind) from None
        raw = put_aside(
            raw, where=where, exclude=exclude, is_log=is_log(kind), is_csv=kind == "csv",
            place=partial(self.workbook.place, "tables", name),
        )
        return canonical(CONTRACTS[name], raw, self.workbook, files=files, label=label, kind=kind)


def _agree(contract: Contract, declared: TableSource, files: tuple, label: str, kind: str) -> None:
    """Refuse files of which some have a needed column and others do not, or one that has it twice."""
    if kind not in ("csv", "parquet"):
        return
    origins = {n: declared.columns.get(n, ColumnSource(column=n)).column for n in contract.columns}
    names = {f: _columns_of(f, kind) for f in files}
    for name, column in origins.items():
        if not column:
            continue
        twice = next((f for f in files if names[f].count(column) > 1), None)
        if twice:
            raise WorkbookError(f'{label}: column "{column}" stands twice in {twice.name}; rename one of the two.')
        if name not in contract.required:
            continue
        without = [f for f in files if names[f] and column not in names[f]]
        if without and len(without) < len(files):
            raise WorkbookError(
                f'{label}: column "{column}" is missing in {len(without):,} of {len(files):,} files (for example '
                f"{without[0].name}); write all files with the same columns."
            )


def _json_lines(con: Backend, files: tuple, label: str, view: str, named: dict) -> Table:
    """Every value as text, as it stands: a guessed type would round money and shift instants."""
    paths, options = [str(f) for f in files], {"format": "newline_delimited", "union_by_name": True}
    names = con.read_json(paths, sample_size=-1, **options).columns
    if tuple(names) == ("json",):  # what the engine says when it found no object
        raise nothing(label) if not any(f.stat().st_size for f in files) else WorkbookError(
            f"{label}: it holds no JSON lines; write one object, {{…}}, on each line."
        )
    columns = dict.fromkeys(names, "VARCHAR")
    return con.read_json(paths, table_name=view, columns=columns, **options, **named)


def _lines(con: Backend, paths: list[str], view: str, pattern: str, named: dict) -> Table:
    text = read_lines(con, paths, view, **named)
    matched = text.filter(text.line.length() > 0)
    groups = {g: group(matched.line, pattern, g).nullif("") for g in re.compile(pattern).groupindex}
    return matched.select(**groups, **{c: matched[c] for c in named.values()})


def _columns_of(file: Path, kind: str) -> list[str]:
    """The columns of one file; none where they cannot be read, which the engine will say."""
    if kind == "csv":
        return header(file)[1]
    try:
        return parquet.read_schema(file).names
    except (OSError, pa.ArrowException):
        return []
