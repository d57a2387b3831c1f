"""Where is each canonical table, and how does it become canonical?

In: the workbook file. Out: one Ibis table for each canonical table found, with every column of
its contract, typed, missing ones null. Nothing is counted or judged here; that is the gate's work.
"""

import glob
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
from ibis.expr.types import Table
from pyarrow import parquet

from apijourney.errors import WorkbookError, did_you_mean, unknown
from apijourney.sources.access_log import carried, is_access_log, parse_lines, variables
from apijourney.sources.contracts import CONTRACTS, Contract
from apijourney.sources.engine import connect
from apijourney.sources.csv_files import header, nothing, read_csv
from apijourney.sources.gateways import gateway_layout, is_gateway_log
from apijourney.sources.json_log import parse_objects
from apijourney.sources.lines import group, read_lines, without_names
from apijourney.sources.page_views import as_requests, as_touchpoints, page_view_rules
from apijourney.sources.unreadable import unreadable
from apijourney.sources.values import as_text, known_id, one_of, to_minor_units, typed
from apijourney.workbook import FORMATS, ColumnSource, TableSource, Workbook

_ENDINGS = {
    "parquet": ("parquet",),
    "csv": ("csv", "csv.gz", "tsv", "tsv.gz"),
    "jsonl": ("jsonl", "jsonl.gz", "ndjson", "ndjson.gz"),
    "duckdb": ("duckdb", "db"),
}

_LOGGED = ("requests", "touchpoints")
MISFIT = "line does not fit the format"
LEFT_OUT = "left out by"


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
    kind: str = ""

    @property
    def version(self) -> list:
        """Size and modification time of every file behind the table, a database's journal included."""
        behind = [g for f in self.files for g in (f, f.with_name(f"{f.name}.wal")) if g.exists()]
        return [[str(f), f.stat().st_size, f.stat().st_mtime_ns] for f in behind]

    def came_since(self, version: list) -> tuple[Path, ...]:
        """The files that came to an earlier version of the table; none where anything else changed too."""
        if self.kind == "duckdb" or not all(known in self.version for known in version):
            return ()
        known = {file for file, *_ in version}
        return tuple(f for f in self.files if str(f) not in known)


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

    def part(self, name: str, files: tuple[Path, ...]) -> SourceTable:
        """Some of the files of a table, as if there were no others."""
        return self._open(name, files)

    def _find(self, name: str) -> tuple[str, tuple[Path, ...], str] | None:
        """Return (format, files, label) of a table, or None where it is not."""
        declared = self.workbook.tables.get(name, TableSource())
        if declared.path:
            pattern = Path(declared.path).expanduser()
            base = pattern if pattern.is_absolute() else self.workbook.folder / pattern
            files = (base,) if base.exists() else tuple(map(Path, sorted(glob.glob(str(base), recursive=True))))
            if not files:
                raise WorkbookError(f'{self._place(name)}: "{declared.path}" was not found; correct the path.')
            if files[0].is_dir():
                raise WorkbookError(
                    f'{self._place(name)}: "{declared.path}" is a folder; name its files, as in '
                    f'"{declared.path.rstrip("/")}/*.csv".'
                )
            kind = declared.format or _format_of(files[0])
            if not kind:
                raise WorkbookError(
                    f'{self._place(name)}: the format of "{declared.path}" is not known by its ending; '
                    f"set format to {', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
                )
            if kind == "lines" and not declared.pattern:
                raise WorkbookError(f"{self._place(name)}: format lines needs a pattern with named groups.")
            if _is_log(kind):
                self._check_log(name, kind)
            return kind, files, declared.path
        if self._root.is_file():
            table = declared.table or name
            known = self._duckdb_tables(self._root)
            if table in known:
                return "duckdb", (self._root,), f"{self._root.name}, table {table}"
            if declared.table:
                raise unknown("table", table, known, where=f"{self._place(name)}: {self._root.name}")
        found = self._beside(name)
        if len(found) > 1:
            raise WorkbookError(
                f"{self.workbook.path.name}: the table {name} is there more than once: "
                f"{' and '.join(label for _, _, label in found)}; take one away, or name its path under tables.{name}."
            )
        if found:
            return found[0]
        if name in self.workbook.tables:
            raise WorkbookError(
                f"{self._place(name)}: its rows were not found in {self.workbook.source!r}; give its path, or take the "
                "entry away."
            )
        return None

    def _beside(self, name: str) -> list[tuple[str, tuple[Path, ...], str]]:
        """The files in the source folder that are called like a table, or stand in a folder called so."""
        found = []
        for kind in ("parquet", "csv", "jsonl"):
            ones = [f for e in _ENDINGS[kind] if (f := self._root / f"{name}.{e}").is_file()]
            found += [(kind, (one,), one.name) for one in ones]
            several = {e: sorted((self._root / name).glob(f"*.{e}")) for e in _ENDINGS[kind]}
            several = {e: files for e, files in several.items() if files}
            if several:
                label = f"{name}/*.{next(iter(several)) if len(several) == 1 else f'{kind}*'}"
                found.append((kind, tuple(sorted(f for files in several.values() for f in files)), label))
        return found

    def _check_patterns(self, name: str, declared: TableSource) -> None:
        """Ask the engine whether it follows the regular expressions and the ways to write a date."""
        patterns = {"pattern": declared.pattern}
        patterns |= {f"exclude.{c}": pattern for c, pattern in declared.exclude.items()}
        patterns |= {f"columns.{c}.file": origin.file for c, origin in declared.columns.items()}
        dates = {f"columns.{c}.format": origin.format for c, origin in declared.columns.items()}
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

    def _check_log(self, name: str, format: str) -> None:
        place = self.workbook.place("tables", name, "format")
        gateway = is_gateway_log(format)
        if name not in _LOGGED or (gateway and name != "requests"):
            holds = "the log of a gateway holds requests" if gateway else "an access log holds requests and touchpoints"
            raise WorkbookError(f"{place}: {holds}, not {name}; move it there, or choose another format.")
        try:
            gateway_layout(format) if gateway else variables(format)
        except WorkbookError as error:
            raise WorkbookError(f"{place}: {error}") from None

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

    def _open(self, name: str, part: tuple[Path, ...] = ()) -> SourceTable:
        kind, files, label = self._found[name]
        files = part or files
        declared = self.workbook.tables.get(name, TableSource())
        paths = [str(f) for f in files]
        self._agree(CONTRACTS[name], declared, files, label, kind)
        view = f"source_{name}{'_part' if part else ''}"
        named = {"filename": "_file"} if any(c.file for c in declared.columns.values()) else {}
        where, exclude = declared.where, declared.exclude
        try:
            if kind == "parquet":
                raw = self.con.read_parquet(paths, table_name=view, union_by_name=True, **named)
            elif kind == "csv":
                raw = read_csv(self.con, files, label, view, **named)
            elif kind == "jsonl":
                raw = self._json_lines(files, label, view, named)
            elif kind == "lines":
                raw = self._lines(paths, view, declared.pattern, named)
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
                known, table = self._duckdb_tables(files[0]), declared.table or name
                if table not in known:
                    raise unknown("table", table, known, where=label)
                raw = self.con.table(table, database=(_alias(files[0]), "main"))
        except duckdb.Error as error:
            raise unreadable(label, error, files, kind) from None
        raw = self._judged(name, raw, where, exclude, kind)
        return self._canonical(CONTRACTS[name], raw, declared, files, label, kind)

    def _agree(self, contract: Contract, declared: TableSource, files: tuple, label: str, kind: str) -> None:
        """Refuse files of which some have a needed column and others do not, or one that has it twice."""
        if kind not in ("csv", "parquet"):
            return
        origins = [declared.columns.get(n, ColumnSource(column=n)).column for n in contract.required]
        names = {f: _columns_of(f, kind) for f in files}
        for column in filter(None, origins):
            twice = next((f for f in files if names[f].count(column) > 1), None)
            if twice:
                raise WorkbookError(f'{label}: column "{column}" stands twice in {twice.name}; rename one of the two.')
            without = [f for f in files if names[f] and column not in names[f]]
            if without and len(without) < len(files):
                raise WorkbookError(
                    f'{label}: column "{column}" is missing in {len(without):,} of {len(files):,} files (for example '
                    f"{without[0].name}); write all files with the same columns."
                )

    def _judged(self, name: str, raw: Table, where: dict, exclude: dict, format: str) -> Table:
        """Add the column `_aside`: why a row is not to be used, by the rules of the workbook file."""
        rules = []
        if _is_log(format):
            rules.append((raw.rejected.notnull(), MISFIT))
        for setting, columns in (("where", where), ("exclude", exclude)):
            for column in columns:
                if column not in raw.columns:
                    raise unknown(
                        "column", column, raw.columns, where=self.workbook.place("tables", name, setting, column)
                    )  # fmt: skip
        for column, value in where.items():
            wanted = [_as_written(v) for v in (value if isinstance(value, list) else [value])]
            rules.append((~as_text(raw[column]).isin(wanted).fill_null(False), f"{LEFT_OUT} where.{column}"))
        for column, pattern in exclude.items():
            found = as_text(raw[column]).re_search(pattern).fill_null(False)
            rules.append((found, f"{LEFT_OUT} exclude.{column}"))
        return raw.mutate(_aside=ibis.cases(*rules, else_=ibis.null("string"))) if rules else raw

    def _json_lines(self, files: tuple, label: str, view: str, named: dict) -> Table:
        """Every value as text, as it stands: a guessed type would round money and shift instants."""
        paths, options = [str(f) for f in files], {"format": "newline_delimited", "union_by_name": True}
        names = self.con.read_json(paths, sample_size=-1, **options).columns
        if tuple(names) == ("json",):  # what the engine says when it found no object
            raise nothing(label) if not any(f.stat().st_size for f in files) else WorkbookError(
                f"{label}: it holds no JSON lines; write one object, {{…}}, on each line."
            )
        columns = dict.fromkeys(names, "VARCHAR")
        return self.con.read_json(paths, table_name=view, columns=columns, **options, **named)

    def _lines(self, paths: list[str], view: str, pattern: str, named: dict) -> Table:
        text = read_lines(self.con, paths, view, **named)
        matched = text.filter(text.line.length() > 0)
        groups = {g: group(matched.line, pattern, g).nullif("") for g in re.compile(pattern).groupindex}
        return matched.select(**groups, **{c: matched[c] for c in named.values()})

    def _canonical(
        self, contract: Contract, raw: Table, declared: TableSource, files: tuple, label: str, kind: str
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
                    f"{did_you_mean(origin.column, _shown(raw))}"
                )
            if origin.file and "_file" not in raw.columns:
                place = self.workbook.place("tables", contract.name, "columns", name)
                raise WorkbookError(f"{place}: a table of a database has no file of its own; give column or value.")
        origins = {n: declared.columns.get(n, ColumnSource(column=n)) for n in contract.columns}
        present = {n for n, o in origins.items() if o.value is not None or o.file or o.column in raw.columns}
        for name in contract.required:
            if name not in present:
                raise WorkbookError(
                    f'{label}: column "{name}" is missing; the file has {", ".join(_shown(raw))}; {hint}.'
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
                source = _from_name(raw, origin.file) if origin.file else raw[origin.column]
                if name.endswith("_id"):
                    source = known_id(as_text(source))
                texts[name] = as_text(source)
                if origin.unit == "major":
                    columns[name] = to_minor_units(source, self._currency(origins, raw))
                else:
                    columns[name] = typed(source, contract.columns[name], origin.format)
            if name in contract.choices and name in present:
                columns[name] = one_of(columns[name], contract.choices[name])
        return SourceTable(contract, raw.select(**columns), raw.select(**texts), files, label, kind)

    def _currency(self, origins: dict[str, ColumnSource], raw: Table):
        origin = origins.get("currency", ColumnSource(column="currency"))
        if origin.column in raw.columns:
            return as_text(raw[origin.column])
        return ibis.literal(origin.value or self.workbook.currency)


def _is_log(kind: str) -> bool:
    """Is it written line by line by a server, so that a line may not fit?"""
    return is_gateway_log(kind) or is_access_log(kind)


def _columns_of(file: Path, kind: str) -> list[str]:
    """The columns of one file; none where they cannot be read, which the engine will say."""
    if kind == "csv":
        return header(file)[1]
    try:
        return parquet.read_schema(file).names
    except (OSError, pa.ArrowException):
        return []


def _shown(raw: Table) -> list[str]:
    """The columns of a source, without those that were added to it here."""
    return [c for c in raw.columns if not c.startswith("_")]


def _from_name(raw: Table, pattern: str):
    """What the one group of a pattern finds in the name of each row's file; null where it does not."""
    name = raw["_file"].re_extract(r"([^/\\]*)$", 1)
    return name.re_search(pattern).ifelse(name.re_extract(pattern, 1), ibis.null("string"))


def _as_written(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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
