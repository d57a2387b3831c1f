"""Files that cannot be used: each ends in one sentence that names file, place and remedy."""

import gzip
import io

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apijourney import open_study

INVOICES = "account_id,issued_at,amount_minor\n"
GOOD = INVOICES + "a,2026-01-10,100\nb,2026-02-10,200\n"


def parquet(**columns) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def damaged(path):
    """A Parquet file whose middle was overwritten."""
    rows = {"account_id": [f"a{i}" for i in range(5000)], "issued_at": ["2026-01-10"] * 5000}
    pq.write_table(pa.table(rows | {"amount_minor": list(range(5000))}), path, compression="zstd")
    content = bytearray(path.read_bytes())
    content[100:4000] = bytes(3900)
    path.write_bytes(content)


def database(*tables):
    def write(path):
        with duckdb.connect(str(path)) as con:
            for table in tables:
                con.execute(f"CREATE TABLE {table} AS SELECT 'a' AS account_id")

    return write


TIMES = "account_id,issued_at,amount_minor\r\n"
CUT = gzip.compress(GOOD.encode() * 500)[:-40]
MEND = "; mend the file, or correct its format or path."
NO_TABLE = (
    "workbook.yaml: no table was found in {}; expected at least one of accounts, touchpoints, requests or invoices as "
    ".parquet, .csv or .jsonl, or a path under tables."
)
EMPTY = "the file is empty; fill it, or take it away if you do not have these data."


CASES = {
    "missing column": (
        {"invoices.csv": "account_id,issued_at,amount\na,2026-01-10,100\n"}, "",
        'invoices.csv: column "amount_minor" is missing; the file has account_id, issued_at, amount; map '
        "it under tables.invoices.columns in workbook.yaml.",
    ),
    "no id of anybody": (
        {"touchpoints.csv": "occurred_at,touchpoint\n2026-01-10,sign_up\n"}, "",
        "touchpoints.csv: none of the columns visitor_id, developer_id, account_id is there; at least one is "
        "needed; map it under tables.touchpoints.columns in workbook.yaml.",
    ),
    "wrong type": (
        {"invoices.csv": INVOICES + "a,2026-01-10,100\nb,2026-01-11,free\nc,2026-01-12,gift\n"}, "",
        'invoices.csv: column "amount_minor": 2 of 3 values cannot be read as a whole number (for example '
        "'free'); correct them or map another column under tables.invoices.columns.",
    ),
    "money in major units, unsaid": (
        {"invoices.csv": INVOICES + "a,2026-01-10,11.77\n"}, "",
        'invoices.csv: column "amount_minor": 1 of 1 values cannot be read as a whole number (for example '
        "'11.77'); say how the numbers are written: tables.invoices.columns.amount_minor: {column: amount_minor, unit: major}.",
    ),
    "no timestamp": (
        {"invoices.csv": INVOICES + "a,10.01.26,100\n"}, "",
        'invoices.csv: column "issued_at": 1 of 1 values cannot be read as a time (for example \'10.01.26\'); say how it '
        'is written: tables.invoices.columns.issued_at: {column: issued_at, format: "%d.%m.%y"}.',
    ),
    "a value of the wrong type in the workbook": (
        {"invoices.csv": "account_id,issued_at\na,2026-01-10\n"},
        "tables: {invoices: {columns: {amount_minor: {value: much}}}}",
        'invoices.csv: column "amount_minor": 1 of 1 values cannot be read as a whole number (for example '
        "'much'); correct tables.invoices.columns.amount_minor.value in the workbook file.",
    ),
    "a category nobody knows": (
        {"costs.csv": "month,category,amount_minor\n2026-01,suport,100\n2026-01,Sales ,100\n", "invoices.csv": GOOD}, "",
        'costs.csv: column "category": 1 of 2 values cannot be read as one of infrastructure, support, marketing, sales, '
        "operations (for example 'suport'); did you mean \"support\"? If not, map another column under tables.costs.columns.",
    ),
    "empty table": (
        {"invoices.csv": INVOICES}, "",
        "invoices.csv: the table holds no rows; fill it, or take it away if you do not have these data.",
    ),
    "mapped file not there": (
        {"invoices.csv": GOOD}, "\ntables:\n  tickets: {path: zendesk/*.csv}",
        'workbook.yaml line 4: tables.tickets: "zendesk/*.csv" was not found; correct the path.',
    ),
    "mapped table not there": (
        {"invoices.csv": GOOD}, "tables:\n  tickets: {columns: {topic: subject}}",
        "workbook.yaml line 3: tables.tickets: its rows were not found in '.'; give its path, or take the "
        "entry away.",
    ),
    "no table at all": (
        {}, "",
        "workbook.yaml: no table was found in '.'; expected at least one of accounts, touchpoints, requests or "
        "invoices as .parquet, .csv or .jsonl, or a path under tables.",
    ),
    "source not there": (
        {"invoices.csv": GOOD}, "source: ../data",
        'workbook.yaml: source "../data" was not found; give a folder or a DuckDB file, relative to the '
        "workbook file.",
    ),
    "source of another kind": (
        {"invoices.csv": GOOD}, "source: invoices.csv",
        "workbook.yaml: invoices.csv is not a DuckDB file that can be opened; give a folder of tables or a "
        ".duckdb file.",
    ),
    "format that no ending tells": (
        {"orders.txt": GOOD}, "tables: {invoices: orders.txt}",
        'workbook.yaml line 2: tables.invoices: the format of "orders.txt" is not known by its ending; set '
        "format to parquet, csv, jsonl, lines, duckdb, common, combined, aws_api_gateway, kong or envoy.",
    ),
    "lines without a pattern": (
        {"orders.txt": GOOD}, "tables: {invoices: {path: orders.txt, format: lines}}",
        "workbook.yaml line 2: tables.invoices: format lines needs a pattern with named groups.",
    ),
    "typo in a table": (
        {"invoices.csv": GOOD}, "tables:\n  invoises: invoices.csv",
        'workbook.yaml line 3: tables.invoises: unknown table "invoises"; did you mean "invoices"?',
    ),
    "typo in a canonical column": (
        {"invoices.csv": GOOD}, "tables:\n  invoices:\n    columns:\n      amount: amount_minor",
        'workbook.yaml line 5: tables.invoices.columns.amount: unknown column "amount"; did you mean '
        '"amount_minor"?',
    ),
    "typo in a source column": (
        {"invoices.csv": GOOD}, "tables: {invoices: {columns: {account_id: accountid}}}",
        'invoices.csv: column "accountid" (for account_id) is not in the file; did you mean "account_id"?',
    ),
    "nothing in the file": ({"invoices.csv": ""}, "", f"invoices.csv: {EMPTY}"),
    "only blank lines": ({"invoices.csv": "\n\n"}, "", f"invoices.csv: {EMPTY}"),
    "no JSON lines in the file": ({"invoices.jsonl": ""}, "", f"invoices.jsonl: {EMPTY}"),
    "a JSON list": (
        {"invoices.jsonl": '[{"account_id": "a", "issued_at": "2026-01-10", "amount_minor": 1}]'}, "",
        "invoices.jsonl: it holds no JSON lines; write one object, {…}, on each line.",
    ),
    "no JSON at all": (
        {"invoices.jsonl": "these are no JSON lines\n"}, "",
        "invoices.jsonl: line 1 is no JSON object; write one whole object on each line.",
    ),
    "a JSON line that was cut": (
        {"invoices.jsonl": '{"account_id": "a", "issued_at": "2026-01-10", "amount_minor": 1}\n{"account_id": "b", "iss\n'}, "",
        "invoices.jsonl: line 2 is no JSON object; write one whole object on each line.",
    ),
    "an object over several lines": (
        {"invoices.jsonl": '{\n"account_id": "a",\n"issued_at": "2026-01-10"}\n'}, "",
        "invoices.jsonl: line 1 is no JSON object; write one whole object on each line.",
    ),
    "no header": (
        {"invoices.csv": "a,2026-01-10,100\nb,2026-02-10,200\n"}, "",
        'invoices.csv: column "account_id" is missing; the file has a, 2026-01-10, 100; map it under '
        "tables.invoices.columns in workbook.yaml.",
    ),
    "a page to log in instead of the export": (
        {"invoices.csv": "<!DOCTYPE html><html>Please log in</html>\n"}, "",
        'invoices.csv: column "account_id" is missing; the file has <!DOCTYPE html><html>Please log in</html>; map '
        "it under tables.invoices.columns in workbook.yaml.",
    ),
    "a separator nobody uses": (
        {"invoices.csv": GOOD.replace(",", "^")}, "",
        'invoices.csv: column "account_id" is missing; the file has account_id^issued_at^amount_minor; map it under '
        "tables.invoices.columns in workbook.yaml.",
    ),
    "a comma in a number": (
        {"invoices.csv": "account_id;issued_at;amount_minor\na;2026-01-10;11,77\n"}, "",
        'invoices.csv: column "amount_minor": 1 of 1 values cannot be read as a whole number (for example '
        "'11,77'); say how the numbers are written: tables.invoices.columns.amount_minor: {column: amount_minor, "
        'decimal: ",", unit: major}.',
    ),
    "a line too short": (
        {"invoices.csv": GOOD + "c,2026\n"}, "",
        "invoices.csv: line 4 has 2 fields, the first line has 3; mend that line.",
    ),
    "a line too long": (
        {"invoices.csv": GOOD + "c,2026-01-10,1,2,3\n"}, "",
        "invoices.csv: line 4 has 5 fields, the first line has 3; mend that line.",
    ),
    "a line too long far down": (
        {"invoices.csv": INVOICES + "a,2026-01-10,100\n" * 60_000 + "a,2026-01-10,100,extra\n"}, "",
        "invoices.csv: line 60002 has 4 fields, the first line has 3; mend that line.",
    ),
    "a title above the header": (
        {"invoices.csv": "# export of today\n" + GOOD}, "",
        "invoices.csv: line 2 has 3 fields, the first line has 1; mend that line.",
    ),
    "a mark that is never closed": (
        {"invoices.csv": INVOICES + 'a,2026-01-10,100\n"b,2026-02-10,200\nc,2026-02-10,200\n'}, "",
        "invoices.csv: line 3 has a quotation mark that is not closed or not doubled; mend that line.",
    ),
    "two kinds of line end": (
        {"invoices.csv": TIMES + "a,2026-01-10,100\nb,2026-02-10,200\r\n"}, "",
        "invoices.csv: some lines end as on Windows and others do not; save it with one kind of line end.",
    ),
    "letters of another encoding": (
        {"invoices.csv": GOOD.encode() + b"caf\xe9,2026-01-10,1\n"}, "",
        "invoices.csv: line 4 is not UTF-8; save the file as UTF-8.",
    ),
    "UTF-16": (
        {"invoices.csv": GOOD.encode("utf-16")}, "",
        "invoices.csv: it is written in UTF-16; save it as UTF-8.",
    ),
    "a column twice": (
        {"invoices.csv": "account_id,issued_at,amount_minor,amount_minor\na,2026-01-10,1,2\n"}, "",
        'invoices.csv: column "amount_minor" stands twice in invoices.csv; rename one of the two.',
    ),
    "a packed file that was cut": (
        {"invoices.csv.gz": CUT}, "",
        f"invoices.csv.gz: cannot be read (Unexpected end of GZIP stream: invoices.csv.gz){MEND}",
    ),
    "a packed file that is not packed": (
        {"invoices.csv.gz": GOOD}, "",
        f"invoices.csv.gz: cannot be read (Input is not a GZIP stream: invoices.csv.gz){MEND}",
    ),
    "no Parquet": (
        {"invoices.parquet": "not parquet at all, but long enough for a footer"}, "",
        f"invoices.parquet: cannot be read (No magic bytes found at end of file 'invoices.parquet'){MEND}",
    ),
    "Parquet that was cut": (
        {"invoices.parquet": parquet(account_id=["a"], issued_at=["2026-01-10"], amount_minor=[1])[:-20]}, "",
        f"invoices.parquet: cannot be read (No magic bytes found at end of file 'invoices.parquet'){MEND}",
    ),
    "Parquet without a row": (
        {"invoices.parquet": parquet(account_id=pa.array([], "string"), issued_at=pa.array([], "string"),
                                     amount_minor=pa.array([], "int64"))}, "",
        "invoices.parquet: the table holds no rows; fill it, or take it away if you do not have these data.",
    ),
    "a folder without tables": (
        {"readme.txt": "the data will come tomorrow"}, "", NO_TABLE.format("'.'"),
    ),
    "a folder that is called like a file": (
        {"invoices.csv/a.csv": GOOD}, "", NO_TABLE.format("'.'"),
    ),
    "a folder for a file": (
        {"day/1.csv": GOOD}, "tables: {invoices: day}",
        'workbook.yaml line 2: tables.invoices: "day" is a folder; name its files, as in "day/*.csv".',
    ),
    "a database of another kind": (
        {"books.db": b"SQLite format 3\x00" + bytes(4000)}, "source: books.db",
        "workbook.yaml: books.db is not a DuckDB file that can be opened; give a folder of tables or a .duckdb "
        "file.",
    ),
    "a database without tables": (
        {"books.duckdb": database()}, "source: books.duckdb", NO_TABLE.format("'books.duckdb'"),
    ),
    "a table that is not in the database": (
        {"books.duckdb": database("lines")}, "source: books.duckdb\ntables: {invoices: {table: line}}",
        'workbook.yaml line 3: tables.invoices: books.duckdb: unknown table "line"; did you mean "lines"?',
    ),
    "a database has no file names": (
        {"books.duckdb": database("invoices")},
        "source: books.duckdb\ntables:\n  invoices:\n    columns: {issued_at: {file: '(.*)'}}",
        "workbook.yaml line 5: tables.invoices.columns.issued_at: a table of a database has no file of its own; "
        "give column or value.",
    ),
    "one table in two files": (
        {"invoices.csv": GOOD, "invoices.jsonl": "{}"}, "",
        "workbook.yaml: the table invoices is there more than once: invoices.csv and invoices.jsonl; take one "
        "away, or name its path under tables.invoices.",
    ),
    "one table in a file and a folder": (
        {"invoices.csv": GOOD, "invoices/a.csv": GOOD}, "",
        "workbook.yaml: the table invoices is there more than once: invoices.csv and invoices/*.csv; take one "
        "away, or name its path under tables.invoices.",
    ),
    "daily files of which one lacks a column": (
        {"invoices/a.csv": GOOD, "invoices/b.csv": "account_id,issued_at,amount\nc,2026-01-10,5\n"}, "",
        'invoices/*.csv: column "amount_minor" is missing in 1 of 2 files (for example b.csv); write all files with '
        "the same columns.",
    ),
    "daily files with different separators": (
        {"invoices/a.csv": GOOD, "invoices/b.csv": GOOD.replace(",", ";")}, "",
        "invoices/*.csv: b.csv separates its fields by semicolons, a.csv by commas; write all files alike.",
    ),
    "daily files of which one is ragged": (
        {"invoices/a.csv": GOOD, "invoices/b.csv": GOOD + "c\n"}, "",
        "invoices/*.csv: b.csv: line 4 has 1 field, the first line has 3; mend that line.",
    ),
    "Parquet files of different types": (
        {"invoices/a.parquet": parquet(account_id=["a"], issued_at=["2026-01-10"], amount_minor=[1]),
         "invoices/b.parquet": parquet(account_id=["b"], issued_at=["2026-01-10"], amount_minor=["free"])}, "",
        'invoices/*.parquet: column "amount_minor": 1 of 2 values cannot be read as a whole number (for example '
        "'free'); correct them or map another column under tables.invoices.columns.",
    ),
    "a currency nobody knows": (
        {"invoices.csv": "account_id,issued_at,amount_minor,currency\na,2026-01-10,1,EUR\na,2026-01-10,1,Taler\n"}, "",
        'invoices.csv: column "currency": 1 of 2 values cannot be read as a currency of ISO 4217 (for example '
        "'Taler'); correct them or map another column under tables.invoices.columns.",
    ),
    "a kind of revenue nobody knows": (
        {"invoices.csv": "account_id,issued_at,amount_minor,kind\na,2026-01-10,1,rent\n"}, "",
        'invoices.csv: column "kind": 1 of 1 values cannot be read as one of subscription, usage, one_off, credit, '
        "refund (for example 'rent'); say what they mean: tables.invoices.columns.kind: {column: kind, values: {rent: "
        "subscription}}.",
    ),
    "a month that is none": (
        {"invoices.csv": GOOD, "costs.csv": "month,category,amount_minor\nJanuary,support,5\n"}, "",
        'costs.csv: column "month": 1 of 1 values cannot be read as a month such as 2026-10 (for example '
        "'January'); correct them or map another column under tables.costs.columns.",
    ),
    "columns of other names": (
        {"invoices.csv": "Kunde;Datum;Betrag (€);Art\nK1;31.12.2025 09:30;1.234,50;Abo\n"},
        "tables:\n  invoices:\n    columns: {account_id: Kunde, issued_at: Datum, amount_minor: 'Betrag (€)'}",
        'invoices.csv: column "Datum" (for issued_at): 1 of 1 values cannot be read as a time (for example '
        "'31.12.2025 09:30'); say how it is written: tables.invoices.columns.issued_at: {column: Datum, format: "
        '"%d.%m.%Y %H:%M"}.',
    ),
    "money of another name": (
        {"invoices.csv": "Kunde;Datum;Betrag (€);Art\nK1;2025-12-31;1.234,50;Abo\n"},
        "tables:\n  invoices:\n    columns: {account_id: Kunde, issued_at: Datum, amount_minor: 'Betrag (€)'}",
        'invoices.csv: column "Betrag (€)" (for amount_minor): 1 of 1 values cannot be read as a whole number (for '
        "example '1.234,50'); say how the numbers are written: tables.invoices.columns.amount_minor: {column: "
        '"Betrag (€)", decimal: ",", unit: major}.',
    ),
    "money with its sign": (
        {"invoices.csv": INVOICES + "a,2026-01-10,€12\n"}, "",
        'invoices.csv: column "amount_minor": 1 of 1 values cannot be read as a whole number (for example \'€12\'); leave '
        "only the number; the currency has a column of its own, or map another column under tables.invoices.columns.",
    ),
    "money with its sign, in major units": (
        {"invoices.csv": INVOICES + "a,2026-01-10,$12.50\n"},
        "tables: {invoices: {columns: {amount_minor: {column: amount_minor, unit: major}}}}",
        'invoices.csv: column "amount_minor": 1 of 1 values cannot be read as an amount such as 12.34 (for example '
        "'$12.50'); leave only the number; the currency has a column of its own, or map another column under "
        "tables.invoices.columns.",
    ),
    "thousands set apart": (
        {"invoices.csv": INVOICES + 'a,2026-01-10,"1,234.56"\n'}, "",
        'invoices.csv: column "amount_minor": 1 of 1 values cannot be read as a whole number (for example '
        "'1,234.56'); say how the numbers are written: tables.invoices.columns.amount_minor: {column: amount_minor, "
        'decimal: ".", unit: major}.',
    ),
    "thousands or decimals": (
        {"invoices.csv": INVOICES + 'a,2026-01-10,"1,234"\n'}, "",
        'invoices.csv: column "amount_minor": 1 of 1 values cannot be read as a whole number (for example '
        "'1,234'); say how the numbers are written: tables.invoices.columns.amount_minor: {column: amount_minor, "
        'decimal: "."}, or {column: amount_minor, decimal: ",", unit: major}.',
    ),
    "days or months first": (
        {"invoices.csv": INVOICES + "a,01/02/2026,100\n"}, "",
        'invoices.csv: column "issued_at": 1 of 1 values cannot be read as a time (for example \'01/02/2026\'); say how '
        'it is written: tables.invoices.columns.issued_at: {column: issued_at, format: "%d/%m/%Y"}, or {column: '
        'issued_at, format: "%m/%d/%Y"}.',
    ),
    "months first": (
        {"invoices.csv": INVOICES + "a,12/31/2025 9:05 PM,100\n"}, "",
        'invoices.csv: column "issued_at": 1 of 1 values cannot be read as a time (for example \'12/31/2025 9:05 PM\'); '
        'say how it is written: tables.invoices.columns.issued_at: {column: issued_at, format: "%m/%d/%Y %I:%M %p"}.',
    ),
    "seconds since 1970": (
        {"invoices.csv": INVOICES + "a,1768000000,100\n"}, "",
        'invoices.csv: column "issued_at": 1 of 1 values cannot be read as a time (for example \'1768000000\'); say how '
        "it is written: tables.invoices.columns.issued_at: {column: issued_at, format: unix}.",
    ),
    "days of a spreadsheet": (
        {"invoices.csv": INVOICES + "a,46032.5,100\n"}, "",
        'invoices.csv: column "issued_at": 1 of 1 values cannot be read as a time (for example \'46032.5\'); say how it '
        "is written: tables.invoices.columns.issued_at: {column: issued_at, format: excel}.",
    ),
    "a rate with a comma": (
        {"invoices.csv": GOOD, "kurse.csv": "Tag;Währung;Kurs\n2026-01-10;EUR;0,92\n"},
        "tables: {fx_rates: {path: kurse.csv, columns: {date: Tag, currency: Währung, rate: Kurs}}}",
        'kurse.csv: column "Kurs" (for rate): 1 of 1 values cannot be read as a decimal number (for example \'0,92\'); say '
        'how the numbers are written: tables.fx_rates.columns.rate: {column: Kurs, decimal: ","}.',
    ),
    "a unit of what is no money": (
        {"invoices.csv": GOOD, "requests.csv": "occurred_at,ms\n2026-01-10,5\n"},
        "tables: {requests: {columns: {latency_ms: {column: ms, unit: major}}}}",
        "workbook.yaml line 2: tables.requests.columns.latency_ms.unit: it is for a column that holds an amount of money, "
        "which latency_ms is not; take it away.",
    ),
    "a zone for a log that says it itself": (
        {"access.log": "x"}, "tables: {requests: {path: access.log, format: combined, timezone: Europe/Berlin}}",
        "workbook.yaml line 2: tables.requests.timezone: a log of this format says itself in which zone its times are; take "
        "the line away.",
    ),
    "UTF-16 that does not say so": (
        {"invoices.csv": GOOD.encode("utf-16-le")}, "",
        "invoices.csv: it is written in UTF-16; save it as UTF-8.",
    ),
    "JSON lines in UTF-16": (
        {"invoices.jsonl": '{"account_id": "a"}\n'.encode("utf-16")}, "",
        "invoices.jsonl: it is written in UTF-16; save it as UTF-8.",
    ),
    "a spreadsheet called CSV": (
        {"invoices.csv": b"PK\x03\x04" + bytes(range(256)) * 5}, "",
        "invoices.csv: it is a spreadsheet or a zip archive; save it as CSV in UTF-8, or unpack it.",
    ),
    "a column twice that is not needed": (
        {"invoices.csv": "account_id,issued_at,amount_minor,currency,currency\na,2026-01-10,1,EUR,USD\n"}, "",
        'invoices.csv: column "currency" stands twice in invoices.csv; rename one of the two.',
    ),
    "a mapped column twice": (
        {"invoices.csv": "account_id,issued_at,sum,sum\na,2026-01-10,1,2\n"},
        "tables: {invoices: {columns: {amount_minor: sum}}}",
        'invoices.csv: column "sum" stands twice in invoices.csv; rename one of the two.',
    ),
    "a month of another form": (
        {"invoices.csv": GOOD, "costs.csv": "month,category,amount_minor\n01/2026,support,5\n"}, "",
        'costs.csv: column "month": 1 of 1 values cannot be read as a month such as 2026-10 (for example \'01/2026\'); say '
        'how it is written: tables.costs.columns.month: {column: month, format: "%m/%Y"}.',
    ),
    "words of another language": (
        {"invoices.csv": GOOD, "accounts.csv": "account_id,created_at,is_internal\na,2026-01-01,ja\nb,2026-01-01,nein\n"}, "",
        'accounts.csv: column "is_internal": 2 of 2 values cannot be read as true or false (for example \'ja\'); say what '
        "they mean: tables.accounts.columns.is_internal: {column: is_internal, values: {ja: true}}.",
    ),
    "two columns that could be meant": (
        {"invoices.csv": "Account ID,accountId,issued_at,amount_minor\na,b,2026-01-10,1\n"}, "",
        'invoices.csv: column "account_id" is missing; the file has Account ID, accountId, issued_at, amount_minor; map it '
        "under tables.invoices.columns in workbook.yaml.",
    ),
    "no time when an account was opened": (
        {"accounts.csv": "account_id,segment\na,smb\n"}, "",
        'accounts.csv: column "created_at" is missing; the file has account_id, segment; map it under '
        "tables.accounts.columns in workbook.yaml.",
    ),
    "a way to write a date of another program": (
        {"invoices.csv": GOOD}, "tables: {invoices: {columns: {issued_at: {column: issued_at, format: YYYY-MM-DD}}}}",
        'workbook.yaml line 2: "tables.invoices.columns.issued_at.format": "YYYY-MM-DD" is no way to write a date; write it '
        'as "%Y-%m-%d %H:%M:%S", or one of unix, unix_ms, excel.',
    ),
    "no usable row": (
        {"requests.csv": "occurred_at,status\n2026-01-10,0\n2026-01-10,999\n"}, "",
        "workbook.yaml: no row can be used (2 of requests: no HTTP status); correct the source, or map other "
        "columns under tables.",
    ),
}  # fmt: skip
"""Each mistake: the files, further lines of the workbook file, and what is said about them."""


@pytest.mark.parametrize(("files", "workbook", "expected"), CASES.values(), ids=CASES)
def test_a_file_that_cannot_be_used_is_one_sentence(broken, sentence, files, workbook, expected):
    assert sentence(broken(files, workbook)) == expected


def test_a_parquet_file_damaged_in_the_middle_is_one_sentence(broken, sentence):
    text = sentence(broken({"invoices.parquet": damaged}))
    assert text.startswith("invoices.parquet: cannot be read (") and text.endswith(f"){MEND}")


def test_a_mistake_leaves_the_facts_as_they_were(broken, sentence):
    folder = broken({"invoices.csv": GOOD})
    store = open_study(folder).store
    before = {f: f.stat().st_mtime_ns for f in store.folder.rglob("*") if f.name != ".lock"}
    (folder / "invoices.csv").write_text(INVOICES + "a,soon,100\n")
    assert "cannot be read as a time (" in sentence(folder)
    assert {f: f.stat().st_mtime_ns for f in store.folder.rglob("*") if f.name != ".lock"} == before
    (folder / "invoices.csv").write_text(GOOD)
    assert open_study(folder, month="2026-02").table("invoices")["amount_minor"].tolist() == [100, 200]
