"""The same rows from any format give the same canonical table."""

import gzip
import json
import re

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apijourney import load_workbook
from apijourney.sources.gate import with_reason
from apijourney.sources.tables import Sources

HEADER = ["invoice_id", "account_id", "issued_at", "service_start", "amount_minor", "currency", "kind"]
ROWS = [
    ["1", "a", "2026-01-05T12:00:00Z", "2026-01-01", "1177", "EUR", "subscription"],
    ["2", "b", "2026-01-05T14:00:00+02:00", "2026-01-01", "-500", "EUR", "refund"],
    ["3", "a b", "2026-02-01 00:30:00", "", "99000", "USD", ""],
]
CSV = "\n".join(",".join(r) for r in [HEADER, *ROWS]) + "\n"
AT = [pd.Timestamp("2026-01-05 12:00"), pd.Timestamp("2026-01-05 12:00"), pd.Timestamp("2026-02-01 00:30")]


def records():
    return [{k: v or None for k, v in zip(HEADER, row, strict=True)} for row in ROWS]


def arrow():
    frame = pd.DataFrame(records()).assign(amount_minor=[1177, -500, 99000], issued_at=AT)
    frame["issued_at"] = frame["issued_at"].dt.tz_localize("UTC")
    frame["service_start"] = pd.to_datetime(frame["service_start"]).dt.date
    return pa.Table.from_pandas(frame, preserve_index=False)


def write_duckdb(file, table="invoices"):
    rows = arrow()
    with duckdb.connect(str(file)) as con:
        con.register("rows", rows)
        con.execute(f"CREATE TABLE {table} AS SELECT * FROM rows")


def as_csv(folder):
    (folder / "invoices.csv").write_text(CSV)


def as_semicolons(folder):
    (folder / "invoices.csv").write_text(CSV.replace(",", ";"))


def as_gzip(folder):
    (folder / "invoices.csv.gz").write_bytes(gzip.compress(CSV.encode()))


def as_daily_files(folder):
    (folder / "invoices").mkdir()
    (folder / "invoices" / "day1.csv").write_text("".join(CSV.splitlines(keepends=True)[:2]))
    turned = [",".join(reversed(line.split(","))) for line in (CSV.splitlines()[0], *CSV.splitlines()[2:])]
    (folder / "invoices" / "day2.csv").write_text("\n".join(turned) + "\n")  # columns in another order


def as_json_lines(folder):
    rows = [r | {"amount_minor": int(r["amount_minor"])} for r in records()]
    (folder / "invoices.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")


def as_parquet(folder):
    pq.write_table(arrow(), folder / "invoices.parquet")


def as_duckdb(folder):
    write_duckdb(folder / "books.duckdb")
    return "source: books.duckdb"


def as_another_duckdb_beside(folder):
    write_duckdb(folder / "books.duckdb", table="lines")
    with duckdb.connect(str(folder / "people.duckdb")) as con:
        con.execute("CREATE TABLE lines AS SELECT 'a' AS account_id, '2026-01-01' AS created_at")
    return "tables: {accounts: {path: people.duckdb, table: lines}, invoices: {path: books.duckdb, table: lines}}"


def as_lines(folder):
    pattern = "^" + ",".join(rf"(?P<{name}>[^,]*)" for name in HEADER) + "$"
    (folder / "export.log").write_text("\n".join(",".join(r) for r in ROWS) + "\n\n")
    return f"tables:\n  invoices:\n    path: export.log\n    format: lines\n    pattern: '{pattern}'\n"


FORMATS = [
    as_csv, as_semicolons, as_gzip, as_daily_files, as_json_lines, as_parquet, as_duckdb,
    as_another_duckdb_beside, as_lines,
]  # fmt: skip


@pytest.mark.parametrize("write", FORMATS, ids=lambda f: f.__name__)
def test_every_format_gives_the_same_canonical_table(tmp_path, write):
    workbook = write(tmp_path) or ""
    (tmp_path / "workbook.yaml").write_text(f"company: T\n{workbook}\n")
    table = Sources(load_workbook(tmp_path))["invoices"].table
    found = table.execute().sort_values("invoice_id", ignore_index=True)
    assert found["invoice_id"].tolist() == ["1", "2", "3"]
    assert found["account_id"].tolist() == ["a", "b", "a b"]
    assert found["issued_at"].tolist() == AT  # two offsets, and no offset is UTC
    assert [str(d)[:10] for d in found["service_start"][:2]] == ["2026-01-01"] * 2
    assert found["amount_minor"].tolist() == [1177, -500, 99000]
    assert found["currency"].tolist() == ["EUR", "EUR", "USD"]
    assert found["kind"][:2].tolist() == ["subscription", "refund"]
    missing = found.loc[2, ["service_start", "kind"]].tolist() + found["product"].tolist()
    assert pd.isna(missing).all()  # an empty text is no value, nor is a column that is not there


def test_lines_are_matched_by_named_groups_and_the_rest_has_no_value(tmp_path):
    (tmp_path / "access.log").write_text('10.0.0.1 "GET /v1" 200 0.5\nnonsense\n10.0.0.2 "GET /v2" 404 1.5\n')
    pattern = r'^\S+ "(?P<verb>\w+) (?P<endpoint>\S+)" (?P<status>\d+) (?P<latency_ms>\S+)$'
    (tmp_path / "workbook.yaml").write_text(
        "company: T\ntables:\n  requests:\n    path: access.log\n    format: lines\n"
        f"    pattern: '{pattern}'\n    columns: {{method: verb, occurred_at: {{value: 2026-01-01}}}}\n"
    )
    found = Sources(load_workbook(tmp_path))["requests"].table.execute()
    assert found["endpoint"].tolist()[::2] == ["/v1", "/v2"] and pd.isna(found["endpoint"][1])
    assert found["status"].tolist()[::2] == [200, 404]
    assert found["method"].tolist()[::2] == ["GET", "GET"]
    assert set(found["occurred_at"]) == {pd.Timestamp("2026-01-01")}
    assert re.compile(pattern).match("nonsense") is None


def test_a_key_that_first_appears_late_in_json_lines_is_read(tmp_path):
    lines = ['{"account_id": "a", "issued_at": "2026-01-01", "amount_minor": 1}'] * 25_000
    lines.append('{"account_id": "b", "issued_at": "2026-01-01", "amount_minor": 2, "kind": "usage"}')
    (tmp_path / "invoices.jsonl").write_text("\n".join(lines))
    (tmp_path / "workbook.yaml").write_text("company: T\n")
    table = Sources(load_workbook(tmp_path))["invoices"].table
    assert table.filter(table.kind == "usage").account_id.execute().tolist() == ["b"]


# -- rules and names of files ---------------------------------------------------------------------


def opened(folder, workbook: str, name: str = "invoices"):
    (folder / "workbook.yaml").write_text(f"company: T\n{workbook}\n")
    return with_reason(Sources(load_workbook(folder))[name]).execute()


def test_a_value_may_stand_only_in_the_name_of_the_file(tmp_path):
    for folder, day in (("eu", "01"), ("us", "02")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"export-2026-01-{day}.csv").write_text(f"account_id,amount_minor\n{folder},1\n")
    columns = "{issued_at: {file: '(\\d{4}-\\d\\d-\\d\\d)\\.csv$'}, product: {file: '(nothing)'}}"
    rows = opened(tmp_path, f"tables: {{invoices: {{path: '*/export-*.csv', columns: {columns}}}}}")
    found = rows.set_index("account_id")["issued_at"].dt.strftime("%m-%d").to_dict()
    assert found == {"eu": "01-01", "us": "01-02"}
    assert rows["product"].isna().all()  # what is not in the name is no value


@pytest.mark.parametrize("write", [as_csv, as_json_lines, as_parquet], ids=lambda f: f.__name__)
def test_every_format_has_names_of_files(tmp_path, write):
    write(tmp_path)
    rows = opened(tmp_path, "tables: {invoices: {columns: {product: {file: '^(inv)oices'}}}}")
    assert rows["product"].tolist() == ["inv"] * 3


def test_rules_leave_out_rows_and_every_one_of_them_is_counted(tmp_path):
    as_csv(tmp_path)
    where = "where: {currency: [EUR, USD], amount_minor: [1177, 99000]}"
    rows = opened(tmp_path, f"tables: {{invoices: {{{where}, exclude: {{account_id: ' '}}}}}}").set_index("invoice_id")
    assert rows["reason"].fillna("used").to_dict() == {
        "1": "used", "2": "left out by where.amount_minor", "3": "left out by exclude.account_id",
    }  # fmt: skip


def test_a_rule_takes_true_and_false_as_they_are_written(tmp_path):
    pq.write_table(pa.table({"account_id": ["a", "b"], "created_at": ["2026-01-01"] * 2, "live": [True, False]}),
                   tmp_path / "accounts.parquet")  # fmt: skip
    rows = opened(tmp_path, "tables: {accounts: {where: {live: true}}}", "accounts").set_index("account_id")
    assert rows["reason"].fillna("used").to_dict() == {"a": "used", "b": "left out by where.live"}


def test_a_pattern_may_have_more_groups_than_the_engine_counts(tmp_path):
    names = [f"c{i}" for i in range(10)] + ["account_id", "issued_at", "amount_minor"]
    (tmp_path / "export.log").write_text(" ".join([*map(str, range(10)), "a", "2026-01-01", "7"]) + "\n")
    pattern = "^" + " ".join(rf"(?P<{n}>\S+)" for n in names) + "$"
    rows = opened(tmp_path, f"tables: {{invoices: {{path: export.log, format: lines, pattern: '{pattern}'}}}}")
    assert rows[["account_id", "amount_minor"]].values.tolist() == [["a", 7]]
