"""The embedded engine, and the bridge between Ibis and DuckDB that is to go one day."""

import gc
import inspect
import weakref

import duckdb
import ibis
import ibis.backends.duckdb as backend

from apijourney.sources.engine import _written, connect


def test_the_bridge_is_still_needed():
    connect()
    remedy = "take `bridge_arrow_names` out of sources/engine.py, and this test with it."
    source = inspect.getsource(backend)
    assert "fetch_arrow_table" in source or "fetch_record_batch" in source, (
        f"Ibis {ibis.__version__} no longer asks DuckDB for the old Arrow names: {remedy}"
    )
    connection = duckdb.DuckDBPyConnection
    assert connection.fetch_arrow_table is connection.to_arrow_table, (
        f"DuckDB {duckdb.__version__} has the old Arrow names itself: {remedy}"
    )


def test_batches_come_through_the_bridge():
    reader = connect().sql("SELECT range AS n FROM range(5)").to_pyarrow_batches(chunk_size=2)
    assert [n for batch in reader for n in batch["n"].to_pylist()] == [0, 1, 2, 3, 4]


def test_the_clock_of_the_engine_is_utc_whatever_the_machine(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    noon = connect().sql("SELECT CAST(TIMESTAMPTZ '2026-01-01 12:00:00+00' AS TIMESTAMP) AS t")
    assert str(noon.to_pyarrow()["t"][0]) == "2026-01-01 12:00:00"


def test_two_engines_share_nothing():
    one, other = connect(), connect()
    one.raw_sql("CREATE TABLE t AS SELECT 1 AS n")
    assert one.list_tables() == ["t"] and other.list_tables() == []


def asked(rows: int):
    """A connection of its own, and the same question of its table."""
    con = connect()
    con.raw_sql(f"CREATE TABLE calls AS SELECT range AS n FROM range({rows})")
    calls = con.table("calls")
    return con, calls.filter(calls.n > 1).count()


def test_a_question_asked_of_other_rows_is_written_once_and_answered_anew():
    _written.cache_clear()
    for rows in (5, 9):
        con, question = asked(rows)
        assert con.execute(question) == rows - 2
    assert (_written.cache_info().misses, _written.cache_info().hits) == (1, 1)


def test_what_is_kept_of_a_question_keeps_neither_its_connection_nor_rows_it_brought_along():
    _written.cache_clear()
    con, question = asked(5)
    con.execute(question)
    con.execute(ibis.memtable({"n": [1, 2]}).n.sum())
    assert _written.cache_info().currsize == 1
    closed = weakref.ref(con.con)
    del con, question
    gc.collect()
    assert closed() is None
