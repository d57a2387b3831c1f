"""Where is each canonical table, and in which format?

It looks at the entry of the workbook file, then in the source folder or database, for files called like the table.
It opens no table.
"""

import glob
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ibis.backends.duckdb import Backend

from apijourney.errors import WorkbookError, unknown
from apijourney.sources.access_log import is_access_log, variables
from apijourney.sources.databases import tables_in
from apijourney.sources.gateways import gateway_layout, is_gateway_log
from apijourney.workbook import Workbook
from apijourney.workbook_tables import FORMATS, TableSource

_ENDINGS = {
    "parquet": ("parquet",),
    "csv": ("csv", "csv.gz", "tsv", "tsv.gz"),
    "jsonl": ("jsonl", "jsonl.gz", "ndjson", "ndjson.gz"),
    "duckdb": ("duckdb", "db"),
}
_LOGGED = ("requests", "touchpoints")


@dataclass(frozen=True)
class Found:
    """Where a table is. kind : its format; label : what an error calls it."""

    kind: str
    files: tuple[Path, ...]
    label: str


def version_of(files: tuple[Path, ...]) -> list:
    """Size and modification time of every file behind a table, a database's journal included."""
    behind = [g for f in files for g in (f, f.with_name(f"{f.name}.wal")) if g.exists()]
    return [[str(f), f.stat().st_size, f.stat().st_mtime_ns] for f in behind]


def source_of(workbook: Workbook) -> Path:
    """The folder or database the workbook file names."""
    root = (workbook.folder / workbook.source).resolve()
    if not root.exists():
        raise WorkbookError(
            f'{workbook.path.name}: source "{workbook.source}" was not found; give a folder or a '
            "DuckDB file, relative to the workbook file."
        )
    return root


def find(name: str, workbook: Workbook, con: Backend) -> Found | None:
    """Find one canonical table; None where it is not there.

    Raises
    ------
    WorkbookError : when a declared path, format or table cannot be found, or the table is there twice.
    """
    declared, place = workbook.tables.get(name, TableSource()), partial(workbook.place, "tables", name)
    root = source_of(workbook)
    if declared.path:
        pattern = Path(declared.path).expanduser()
        base = pattern if pattern.is_absolute() else workbook.folder / pattern
        files = (base,) if base.exists() else tuple(map(Path, sorted(glob.glob(str(base), recursive=True))))
        if not files:
            raise WorkbookError(f'{place()}: "{declared.path}" was not found; correct the path.')
        if files[0].is_dir():
            raise WorkbookError(
                f'{place()}: "{declared.path}" is a folder; name its files, as in '
                f'"{declared.path.rstrip("/")}/*.csv".'
            )
        kind = declared.format or _format_of(files[0])
        if not kind:
            raise WorkbookError(
                f'{place()}: the format of "{declared.path}" is not known by its ending; '
                f"set format to {', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
            )
        if kind == "lines" and not declared.pattern:
            raise WorkbookError(f"{place()}: format lines needs a pattern with named groups.")
        if is_log(kind):
            _check_log(name, kind, workbook)
        return Found(kind, files, declared.path)
    if root.is_file():
        table = declared.table or name
        known = tables_in(con, root, where=workbook.path.name)
        if table in known:
            return Found("duckdb", (root,), f"{root.name}, table {table}")
        if declared.table:
            raise unknown("table", table, known, where=f"{place()}: {root.name}")
    found = _beside(name, root)
    if len(found) > 1:
        raise WorkbookError(
            f"{workbook.path.name}: the table {name} is there more than once: "
            f"{' and '.join(one.label for one in found)}; take one away, or name its path under tables.{name}."
        )
    if found:
        return found[0]
    if name in workbook.tables:
        raise WorkbookError(
            f"{place()}: its rows were not found in {workbook.source!r}; give its path, or take the "
            "entry away."
        )
    return None


def _beside(name: str, root: Path) -> list[Found]:
    """The files in the source folder that are called like a table, or stand in a folder called so."""
    found = []
    for kind in ("parquet", "csv", "jsonl"):
        ones = [f for e in _ENDINGS[kind] if (f := root / f"{name}.{e}").is_file()]
        found += [Found(kind, (one,), one.name) for one in ones]
        several = {e: sorted((root / name).glob(f"*.{e}")) for e in _ENDINGS[kind]}
        several = {e: files for e, files in several.items() if files}
        if several:
            label = f"{name}/*.{next(iter(several)) if len(several) == 1 else f'{kind}*'}"
            found.append(Found(kind, tuple(sorted(f for files in several.values() for f in files)), label))
    return found


def _check_log(name: str, format: str, workbook: Workbook) -> None:
    place = partial(workbook.place, "tables", name, "format")
    gateway = is_gateway_log(format)
    if name not in _LOGGED or (gateway and name != "requests"):
        holds = "the log of a gateway holds requests" if gateway else "an access log holds requests and touchpoints"
        raise WorkbookError(f"{place()}: {holds}, not {name}; move it there, or choose another format.")
    try:
        gateway_layout(format) if gateway else variables(format)
    except WorkbookError as error:
        raise WorkbookError(f"{place()}: {error}") from None


def is_log(kind: str) -> bool:
    """Is it written line by line by a server, so that a line may not fit?"""
    return is_gateway_log(kind) or is_access_log(kind)


def _format_of(file: Path) -> str:
    for kind, endings in _ENDINGS.items():
        if any(file.name.endswith(f".{e}") for e in endings):
            return kind
    return ""
