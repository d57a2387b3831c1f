"""Where is each canonical table, and how does it become canonical?

In: the workbook file. Out: one Ibis table for each canonical table found, with every column of
its contract, typed, missing ones null. Nothing is counted or judged here; that is the gate's work.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
from ibis.expr.types import Table

from apijourney.errors import WorkbookError, did_you_mean, unknown
from apijourney.sources.contracts import CONTRACTS, Contract
from apijourney.sources.engine import connect
from apijourney.sources.values import as_text, to_minor_units, typed
from apijourney.workbook import ColumnSource, TableSource, Workbook

_ENDINGS = {
    "parquet": ("parquet",),
    "csv": ("csv", "csv.gz", "tsv", "tsv.gz"),
    "jsonl": ("jsonl", "jsonl.gz", "ndjson", "ndjson.gz"),
    "duckdb": ("duckdb", "db"),
}


@dataclass(frozen=True)
class SourceTable:
    """One canonical table: its expression, the text it was read from, and the files behind it.

    table : canonical columns, typed
    texts : the same rows, each column as it stood in the source, for the examples in errors
    """

    contract: Contract
    table: Table
    texts: Table
    files: tuple[Path, ...]
    label: str

    @property
    def version(self) -> list:
        """Size and modification time of every file behind the table, a database's journal included."""
        behind = [g for f in self.files for g in (f, f.with_name(f"{f.name}.wal")) if g.exists()]
        return [[f.name, f.stat().st_size, f.stat().st_mtime_ns] for f in behind]


class Sources:
    """All canonical tables of a workbook that are there.

    >>> from apijourney.workbook import load_workbook
    >>> "requests" in Sources(load_workbook("sample")).names
    True
    """

    def __init__(self, workbook: Workbook):
        self.workbook = workbook
        self.con = connect()
        for name in workbook.tables:
            if name not in CONTRACTS:
                raise unknown("table", name, CONTRACTS, where=workbook.place("tables", name))
        self._root = (workbook.folder / workbook.source).resolve()
        if not self._root.exists():
            raise WorkbookError(
                f'{workbook.path.name}: source "{workbook.source}" was not found; give a folder or a '
                "DuckDB file, relative to the workbook file."
            )
        self._opened: dict[str, SourceTable] = {}
        self._found = {n: f for n in CONTRACTS if (f := self._find(n)) is not None}
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

    def _find(self, name: str) -> tuple[str, tuple[Path, ...], str] | None:
        """Return (format, files, label) of a table, or None where it is not."""
        declared = self.workbook.tables.get(name, TableSource())
        if declared.path:
            pattern = Path(declared.path).expanduser()
            base = pattern if pattern.is_absolute() else self.workbook.folder / pattern
            files = tuple(sorted(base.parent.glob(base.name))) if "*" in base.name else (base,)
            if not files or not files[0].exists():
                raise WorkbookError(f'{self._place(name)}: "{declared.path}" was not found; correct the path.')
            kind = declared.format or _format_of(files[0])
            if not kind:
                raise WorkbookError(
                    f'{self._place(name)}: the format of "{declared.path}" is not known by its ending; '
                    "set format to parquet, csv, jsonl, lines or duckdb."
                )
            if kind == "lines" and not declared.pattern:
                raise WorkbookError(f"{self._place(name)}: format lines needs a pattern with named groups.")
            return kind, files, declared.path
        if self._root.is_file():
            table = declared.table or name
            known = self._duckdb_tables(self._root)
            if table in known:
                return "duckdb", (self._root,), f"{self._root.name}, table {table}"
            if declared.table:
                raise unknown("table", table, known, where=f"{self._place(name)}: {self._root.name}")
        for kind in ("parquet", "csv", "jsonl"):
            for ending in _ENDINGS[kind]:
                one = self._root / f"{name}.{ending}"
                many = tuple(sorted((self._root / name).glob(f"*.{ending}")))
                if one.exists():
                    return kind, (one,), one.name
                if many:
                    return kind, many, f"{name}/*.{ending}"
        if name in self.workbook.tables:
            raise WorkbookError(
                f"{self._place(name)}: its rows were not found in {self.workbook.source!r}; give its path, or take the "
                "entry away."
            )
        return None

    def _place(self, name: str) -> str:
        return self.workbook.place("tables", name)

    def _duckdb_tables(self, file: Path) -> list[str]:
        try:
            self.con.raw_sql(f"ATTACH IF NOT EXISTS {_quoted(file)} AS {_alias(file)} (READ_ONLY)")
        except duckdb.Error:
            raise WorkbookError(
                f"{self.workbook.path.name}: {file.name} is not a DuckDB file that can be opened; "
                "give a folder of tables or a .duckdb file."
            ) from None
        return self.con.list_tables(database=(_alias(file), "main"))

    def _open(self, name: str) -> SourceTable:
        kind, files, label = self._found[name]
        declared = self.workbook.tables.get(name, TableSource())
        paths = [str(f) for f in files]
        view = f"source_{name}"
        try:
            if kind == "parquet":
                raw = self.con.read_parquet(paths, table_name=view, union_by_name=True)
            elif kind == "csv":
                raw = self.con.read_csv(
                    paths, table_name=view, all_varchar=True, header=True, union_by_name=True
                )
            elif kind == "jsonl":
                raw = self._json_lines(paths, view)
            elif kind == "lines":
                raw = self._lines(paths, view, declared.pattern)
            else:
                known, table = self._duckdb_tables(files[0]), declared.table or name
                if table not in known:
                    raise unknown("table", table, known, where=label)
                raw = self.con.table(table, database=(_alias(files[0]), "main"))
        except duckdb.Error as error:
            raise unreadable(label, error) from None
        if kind == "csv" and len(raw.columns) == 1 and set(raw.columns[0]) & set(",;\t|"):
            raise WorkbookError(f"{label}: its lines do not all have as many fields as its first; mend the file.")
        return self._canonical(CONTRACTS[name], raw, declared, files, label)

    def _json_lines(self, paths: list[str], view: str) -> Table:
        """Every value as text, as it stands: a guessed type would round money and shift instants."""
        options = {"format": "newline_delimited", "union_by_name": True}
        names = self.con.read_json(paths, sample_size=-1, **options).columns
        return self.con.read_json(paths, table_name=view, columns=dict.fromkeys(names, "VARCHAR"), **options)

    def _lines(self, paths: list[str], view: str, pattern: str) -> Table:
        text = self.con.read_csv(
            paths, table_name=view, columns={"line": "VARCHAR"}, header=False,
            delim="\x1f", quote="", escape="", auto_detect=False,
        )  # fmt: skip
        compiled = re.compile(pattern)
        plain = re.sub(r"\(\?P<\w+>", "(", pattern)
        matched = text.filter(text.line.length() > 0)
        return matched.select(
            **{
                group: matched.line.re_extract(plain, index).nullif("")
                for group, index in compiled.groupindex.items()
            }
        )

    def _canonical(
        self, contract: Contract, raw: Table, declared: TableSource, files: tuple, label: str
    ) -> SourceTable:
        hint = f"map it under tables.{contract.name}.columns in {self.workbook.path.name}"
        for name, origin in declared.columns.items():
            if name not in contract.columns:
                raise unknown(
                    "column", name, contract.columns,
                    where=self.workbook.place("tables", contract.name, "columns", name),
                )  # fmt: skip
            if origin.column and origin.column not in raw.columns:
                raise WorkbookError(
                    f'{label}: column "{origin.column}" (for {name}) is not in the file; '
                    f"{did_you_mean(origin.column, raw.columns)}"
                )
        origins = {n: declared.columns.get(n, ColumnSource(column=n)) for n in contract.columns}
        present = {n for n, o in origins.items() if o.value is not None or o.column in raw.columns}
        for name in contract.required:
            if name not in present:
                raise WorkbookError(
                    f'{label}: column "{name}" is missing; the file has {", ".join(raw.columns)}; {hint}.'
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
                columns[name] = typed(ibis.literal(str(origin.value)), contract.columns[name], origin.format)
                texts[name] = ibis.literal(str(origin.value))
            else:
                source = raw[origin.column]
                texts[name] = as_text(source)
                if origin.unit == "major":
                    columns[name] = to_minor_units(source, self._currency(origins, raw))
                else:
                    columns[name] = typed(source, contract.columns[name], origin.format)
        return SourceTable(contract, raw.select(**columns), raw.select(**texts), files, label)

    def _currency(self, origins: dict[str, ColumnSource], raw: Table):
        origin = origins.get("currency", ColumnSource(column="currency"))
        if origin.column in raw.columns:
            return as_text(raw[origin.column])
        return ibis.literal(origin.value or self.workbook.currency)


def unreadable(label: str, error: Exception) -> WorkbookError:
    """Build the error for a file the engine cannot read."""
    first = str(error).split("\n")[0][:160].rstrip(". ")
    return WorkbookError(f"{label}: cannot be read ({first}); mend the file, or correct its format or path.")


def _format_of(file: Path) -> str:
    for kind, endings in _ENDINGS.items():
        if any(file.name.endswith(f".{e}") for e in endings):
            return kind
    return ""


def _alias(file: Path) -> str:
    """A name for an attached DuckDB file; each file has its own."""
    return f"file_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
