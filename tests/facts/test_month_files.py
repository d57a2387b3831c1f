"""What the engine writes for a month is what it computed: every row, sorted, typed, texts coded once a file."""

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apijourney.facts import month_files
from apijourney.facts.month_files import write_coded, write_query
from apijourney.sources.engine import connect

SCHEMA = ibis.schema({"actor": "int32", "at": "timestamp(6)", "event": "string", "page": "string", "sdk": "string"})
ROWS = [(2, 9, "view", "b'", None), (1, 7, "view", None, None), (1, 5, "call", "é", None), (1, 5, "call", "a", None),
        (1, 5, "Call", None, None)]  # fmt: skip


@pytest.fixture
def con():
    con = connect()
    frame = pd.DataFrame(ROWS, columns=["actor", "at", "event", "page", "sdk"]).astype({"sdk": "string", "page": "string"})
    con.con.register("came", frame.assign(at=frame["at"].astype("datetime64[s]")))
    return con


def coded(con, file, query="SELECT * FROM came") -> pa.Table:
    write_coded(con, query, SCHEMA, file, sort=("actor", "at"))
    return pa.ipc.open_file(pa.memory_map(str(file))).read_all()


def test_events_are_sorted_by_actor_and_time_then_by_the_letters_of_their_texts(con, tmp_path):
    rows = coded(con, tmp_path / "m.arrow").to_pylist()
    found = [(r["actor"], r["at"].second, r["event"], r["page"], r["sdk"]) for r in rows]
    assert found == [ROWS[4], ROWS[3], ROWS[2], ROWS[1], ROWS[0]]


def test_a_text_column_holds_only_texts_that_occur_in_order_and_one_without_any_is_there(con, tmp_path):
    rows = coded(con, tmp_path / "m.arrow")
    kind = pa.dictionary(pa.int32(), pa.string())
    assert [rows.schema.field(n).type for n in ("event", "page", "sdk")] == [kind] * 3
    assert rows["page"].chunk(0).dictionary.to_pylist() == ["a", "b'", "é"]
    assert rows["sdk"].null_count == 5 and rows["sdk"].chunk(0).dictionary.to_pylist() == []


def test_many_batches_share_one_dictionary(con, tmp_path, monkeypatch):
    monkeypatch.setattr(month_files, "_BATCH", 2048)  # the engine's smallest
    many = "SELECT came.* REPLACE (actor + i AS actor) FROM came, range(2000) AS t(i)"
    rows = coded(con, tmp_path / "m.arrow", many)
    assert len(rows) == 10_000 and rows["event"].num_chunks > 1
    assert {tuple(c.dictionary.to_pylist()) for c in rows["event"].chunks} == {("Call", "call", "view")}
    assert rows["actor"].to_pandas().is_monotonic_increasing
    assert rows["event"].to_pandas().value_counts().to_dict() == {"call": 4000, "view": 4000, "Call": 2000}


def test_no_event_leaves_a_file_without_rows(con, tmp_path):
    rows = coded(con, tmp_path / "m.arrow", "SELECT * FROM came WHERE actor > 2")
    assert len(rows) == 0 and rows.schema.names == list(SCHEMA.names)


def test_a_fact_is_sorted_by_all_columns_and_keeps_its_types(con, tmp_path):
    schema = ibis.schema({"event": "string", "calls": "int64"})
    write_query(con, "SELECT event, sum(actor) AS calls FROM came GROUP BY event", schema, tmp_path / "f.parquet")
    rows = pq.read_table(tmp_path / "f.parquet")
    assert rows.to_pylist() == [{"event": "Call", "calls": 1}, {"event": "call", "calls": 2}, {"event": "view", "calls": 3}]
    assert rows.schema.field("calls").type == pa.int64()


def test_a_query_that_fails_leaves_the_file_as_it_was(con, tmp_path):
    file = tmp_path / "m.arrow"
    before = coded(con, file)
    with pytest.raises(Exception, match="Could not convert"):
        coded(con, file, "SELECT * REPLACE ('x' AS actor) FROM came")
    assert pa.ipc.open_file(file).read_all().equals(before)
