"""The embedded engine: DuckDB behind Ibis.

Ibis 12 asks DuckDB for Arrow by names that DuckDB 2 has replaced. `bridge_arrow_names` puts them
back until Ibis has a release with the new ones; a test says when it is no longer needed.
"""

import warnings
from functools import lru_cache

import duckdb
from ibis.backends.duckdb import Backend
from ibis.expr.operations import InMemoryTable


def bridge_arrow_names() -> None:
    """Give DuckDB's connections the names that Ibis asks for; harmless when they are there."""
    warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
    connection = duckdb.DuckDBPyConnection
    if not hasattr(connection, "fetch_arrow_table"):
        connection.fetch_arrow_table = connection.to_arrow_table
    if not hasattr(connection, "fetch_record_batch"):
        connection.fetch_record_batch = lambda self, rows_per_batch=1_000_000: (
            self.to_arrow_reader(rows_per_batch)
        )


class Engine(Backend):
    """DuckDB behind Ibis, which writes the SQL of a question once: asked again, also of other files, it is known.

    Writing takes Ibis longer than the answer takes DuckDB where tables are small. A question is kept without the
    connection it was asked of; one that brings its own rows along is not kept.
    """

    name = "duckdb"

    def compile(self, expr, /, *, limit=None, params=None, pretty=False) -> str:
        question = expr.unbind().op()
        if params or pretty or question.find(InMemoryTable):
            return super().compile(expr, limit=limit, params=params, pretty=pretty)
        return _written(question, limit)


@lru_cache(maxsize=500)
def _written(question, limit) -> str:
    return Backend().compile(question.to_expr(), limit=limit)


def connect() -> Engine:
    """Open an empty in-memory engine whose clock is UTC."""
    bridge_arrow_names()
    con = Engine().connect()
    con.raw_sql("SET TimeZone = 'UTC'")
    con.raw_sql("SET enable_progress_bar = false")
    con.raw_sql("SET preserve_insertion_order = true")
    return con
