"""The tables of a DuckDB file: attached for reading only, each file under a name of its own."""

import hashlib
from pathlib import Path

import duckdb
from ibis.backends.duckdb import Backend

from apijourney.errors import WorkbookError


def tables_in(con: Backend, file: Path, *, where: str) -> list[str]:
    """Name the tables of a DuckDB file, which is then attached to be read. where : the workbook file, for an error."""
    try:
        con.raw_sql(f"ATTACH IF NOT EXISTS {_quoted(file)} AS {alias(file)} (READ_ONLY)")
    except duckdb.Error:
        raise WorkbookError(
            f"{where}: {file.name} is not a DuckDB file that can be opened; "
            "give a folder of tables or a .duckdb file."
        ) from None
    return con.list_tables(database=(alias(file), "main"))


def alias(file: Path) -> str:
    """A name for an attached DuckDB file; each file has its own."""
    return f"file_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
