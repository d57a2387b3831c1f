"""How does what the engine computes for a month come into a file, when it is too much for memory?

Unit: the rows of one query. The engine writes Parquet files itself. Of events it hands over a batch after the
other, sorted, texts already coded; what it cannot hold while it sorts, it lays down in its folder for that.
A file is there whole or not at all. What the rows mean, and whether they are due, is not decided here.
"""

import os
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet

_BATCH = 250_000
_TEXT = pa.dictionary(pa.int32(), pa.string())


def view_of(files: list[Path], name: str, options: str = "") -> str:
    """The statement that lets a view show the rows of Parquet files. options : of the engine's reader."""
    quoted = ", ".join("'" + str(f).replace("'", "''") + "'" for f in files)
    rows = f"read_parquet([{quoted}], hive_partitioning = false{options and ', ' + options})"
    return f"CREATE OR REPLACE TEMP VIEW {_quoted(name)} AS SELECT * FROM {rows}"


def write_query(con, query: str, schema: ibis.Schema, file: Path) -> None:
    """Write the rows of a query to a Parquet file, sorted by all columns; they never pass through Python.

    con : the engine, as Ibis opens it. schema : the columns and types the file shall have.
    """
    aside = _aside(file)
    place = str(aside).replace("'", "''")
    options = "FORMAT parquet, COMPRESSION zstd"
    con.raw_sql(f"COPY (SELECT {_typed(con, schema)} FROM ({query}) ORDER BY ALL) TO '{place}' ({options})").fetchall()
    os.replace(aside, file)


def write_coded(con, query: str, schema: ibis.Schema, file: Path, *, sort: tuple[str, ...]) -> None:
    """Write the rows of a query to an Arrow file that can be mapped into memory, every text column coded.

    sort : the columns to sort by first; the others follow in the order of the schema, texts by their letters,
    nulls last. A text column has one dictionary in the whole file: the texts that occur, in order.
    """
    texts = [name for name, kind in schema.items() if kind.is_string()]
    values = _values(con, query, texts)
    kinds = {name: _enumeration(found) for name, found in values.items() if len(found)}
    known = {name: kind for name, kind in schema.items() if name not in texts or name in kinds}
    first = [*sort, *(name for name in known if name not in sort)]
    rows = f"SELECT {_typed(con, known, kinds)} FROM ({query}) ORDER BY {', '.join(map(_quoted, first))}"
    fields = schema.to_pyarrow()
    fields = pa.schema([pa.field(f.name, _TEXT if f.name in texts else f.type) for f in fields])
    aside = _aside(file)
    with pa.ipc.new_file(str(aside), fields) as sink:
        for batch in con.con.sql(rows).to_arrow_reader(_BATCH):
            sink.write_batch(_as_in(fields, batch, values))
    os.replace(aside, file)


def write_parquet(table: pa.Table, file: Path) -> None:
    """Write a table that is in memory to a Parquet file."""
    aside = _aside(file)
    pa.parquet.write_table(table, aside, compression="zstd")
    os.replace(aside, file)


def _values(con, query: str, texts: list[str]) -> dict[str, pa.Array]:
    """The texts that occur in each column, sorted; of a column without one, none."""
    lists = ", ".join(f"list(DISTINCT {_quoted(name)}) AS {_quoted(name)}" for name in texts)
    found = con.con.sql(f"SELECT {lists} FROM ({query})").to_arrow_table().to_pylist()[0]
    return {name: pa.array(sorted(v for v in found[name] or [] if v is not None), pa.string()) for name in texts}


def _enumeration(values: pa.Array) -> str:
    """The engine's type for one of these texts, stored as its place among them."""
    quoted = (value.replace("'", "''") for value in values.to_pylist())
    return "ENUM(" + ", ".join(f"'{value}'" for value in quoted) + ")"


def _as_in(fields: pa.Schema, batch: pa.RecordBatch, values: dict[str, pa.Array]) -> pa.RecordBatch:
    """A batch of the engine in the columns of the file; a text column it does not have is empty."""
    columns = []
    for field in fields:
        if field.name not in values:
            columns.append(batch.column(field.name).cast(field.type))
            continue
        there = field.name in batch.schema.names
        codes = batch.column(field.name).indices.cast(pa.int32()) if there else pa.nulls(len(batch), pa.int32())
        columns.append(pa.DictionaryArray.from_arrays(codes, values[field.name]))
    return pa.RecordBatch.from_arrays(columns, schema=fields)


def _typed(con, schema, kinds: dict[str, str] | None = None) -> str:
    """The columns of a query, each cast to its type, or to another one of the engine where `kinds` names it."""
    write = con.compiler.type_mapper.to_string
    names = {n: write(kind) for n, kind in schema.items()} | (kinds or {})
    return ", ".join(f"CAST({_quoted(n)} AS {kind}) AS {_quoted(n)}" for n, kind in names.items())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _aside(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.with_suffix(f".{os.getpid()}.tmp")
