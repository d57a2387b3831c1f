"""Each mistake in the data ends in one sentence that names file, place and remedy."""

import gzip

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apijourney import WorkbookError, open_study

INVOICES = "account_id,issued_at,amount_minor\n"
GOOD = INVOICES + "a,2026-01-10,100\nb,2026-02-10,200\n"


def sentence(folder, **options) -> str:
    with pytest.raises(WorkbookError) as caught:
        open_study(folder, **options)
    text = str(caught.value)
    assert "\n" not in text and "Traceback" not in text
    return text


@pytest.mark.parametrize(
    ("files", "workbook", "expected"),
    {
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
            "'11.77'); correct them or map another column under tables.invoices.columns.",
        ),
        "no timestamp": (
            {"invoices.csv": INVOICES + "a,10.01.26,100\n"}, "",
            'invoices.csv: column "issued_at": 1 of 1 values cannot be read as a timestamp (for example '
            "'10.01.26'); correct them or map another column under tables.invoices.columns.",
        ),
        "a value of the wrong type in the workbook": (
            {"invoices.csv": "account_id,issued_at\na,2026-01-10\n"},
            "tables: {invoices: {columns: {amount_minor: {value: much}}}}",
            'invoices.csv: column "amount_minor": 1 of 1 values cannot be read as a whole number (for example '
            "'much'); correct them or map another column under tables.invoices.columns.",
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
            "format to parquet, csv, jsonl, lines, duckdb, common or combined.",
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
        "no usable row": (
            {"requests.csv": "occurred_at,status\n2026-01-10,0\n2026-01-10,999\n"}, "",
            "workbook.yaml: no row can be used (2 of requests: no HTTP status); correct the source, or map other "
            "columns under tables.",
        ),
    }.values(),
)  # fmt: skip
def test_a_mistake_is_one_sentence(company, files, workbook, expected):
    assert sentence(company(files, workbook)) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"month": "2026-03"}, "workbook.yaml: month: there are no data for 2026-03; they run from 2026-01 to "
                               "2026-04; choose a month that has some."),
        ({"month": "2027-01"}, "workbook.yaml: month: there are no data for 2027-01; they run from 2026-01 to "
                               "2026-04; choose a month that has some."),
        ({"month": "2026-13"}, 'month: "2026-13" is not a month; write it as "2026-10", or "latest".'),
        ({"month": "October"}, 'month: "October" is not a month; write it as "2026-10", or "latest".'),
        ({"months_back": 0}, "months_back: expected a whole number from 1 to 120, not 0."),
        ({"months_back": "12"}, "months_back: expected a whole number from 1 to 120, not '12'."),
        ({"months_back": True}, "months_back: expected a whole number from 1 to 120, not True."),
        ({"segment": "startups"}, 'workbook.yaml: segment: unknown segment "startups"; did you mean "startup"?'),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_one_sentence(company, options, expected):
    folder = company({
        "invoices.csv": GOOD + "c,2026-04-30,300\n",
        "accounts.csv": "account_id,created_at,segment\na,2026-01-02,startup\n",
    })  # fmt: skip
    assert sentence(folder, **options) == expected


def test_a_company_without_segments_knows_only_all(company):
    folder = company({"invoices.csv": GOOD})
    assert sentence(folder, segment="smb") == 'workbook.yaml: segment: unknown segment "smb"; known are: all.'


def test_a_month_before_the_observed_interval_names_the_line(company):
    folder = company({"invoices.csv": GOOD}, "observed_from: 2026-02-01")
    assert sentence(folder, month="2026-01") == (
        "workbook.yaml line 2: observed_from is 2026-02-01, after the end of month 2026-01; choose a later month, or "
        "an earlier day."
    )


def test_a_parquet_file_that_is_none_is_one_sentence(company):
    folder = company({"invoices.parquet": "not parquet at all, but long enough for a footer"})
    text = sentence(folder)
    assert text.startswith("invoices.parquet: cannot be read (")
    assert text.endswith("); mend the file, or correct its format or path.")


def test_a_parquet_file_damaged_in_the_middle_is_one_sentence(company):
    folder = company({})
    rows = {"account_id": [f"a{i}" for i in range(5000)], "issued_at": ["2026-01-10"] * 5000}
    rows["amount_minor"] = list(range(5000))
    file = folder / "invoices.parquet"
    pq.write_table(pa.table(rows), file, compression="zstd")
    content = bytearray(file.read_bytes())
    content[100:4000] = bytes(3900)
    file.write_bytes(content)
    assert sentence(folder).startswith("invoices.parquet: cannot be read (")


def test_a_csv_file_of_uneven_lines_is_one_sentence(company):
    text = sentence(company({"invoices.csv": GOOD + "c,2026\n"}))
    assert text == "invoices.csv: its lines do not all have as many fields as its first; mend the file."


def test_a_csv_line_with_too_many_fields_far_down_is_one_sentence(company):
    rows = "a,2026-01-10,100\n" * 60_000 + "a,2026-01-10,100,extra,extra\n"
    text = sentence(company({"invoices.csv": INVOICES + rows}))
    assert text.startswith("invoices.csv: cannot be read (")


def test_other_damage_is_one_sentence(company):
    cut = company({}, name="cut")
    (cut / "invoices.csv.gz").write_bytes(gzip.compress(GOOD.encode() * 500)[:-40])
    assert sentence(cut).startswith("invoices.csv.gz: cannot be read (")
    words = company({"invoices.jsonl": "these are no JSON lines\n"}, name="words")
    assert sentence(words).startswith("invoices.jsonl: cannot be read (")
    nothing = company({"invoices.jsonl": ""}, name="nothing")
    assert sentence(nothing).startswith("invoices.jsonl: column \"account_id\" is missing")
    no_text = company({}, name="no-text")
    (no_text / "invoices.csv").write_bytes(GOOD.encode() + b"\xff\xfe,2026-01-10,1\n")
    assert sentence(no_text).startswith("invoices.csv: cannot be read (")


def test_a_pattern_the_engine_cannot_follow_is_one_sentence(company):
    workbook = "tables:\n  invoices: {path: a.txt, format: lines, pattern: '(?P<account_id>a(?=b))', columns: "
    workbook += "{issued_at: {value: 2026-01-01}, amount_minor: {value: 1}}}"
    assert sentence(company({"a.txt": "ab\n"}, workbook)).startswith("a.txt: cannot be read (")


def test_a_table_that_is_not_in_the_duckdb_file_is_one_sentence(company):
    folder = company({}, "source: books.duckdb\ntables: {invoices: {table: line}}")
    with duckdb.connect(str(folder / "books.duckdb")) as con:
        con.execute("CREATE TABLE lines AS SELECT 'a' AS account_id")
    assert sentence(folder) == (
        'workbook.yaml line 3: tables.invoices: books.duckdb: unknown table "line"; did you mean "lines"?'
    )


def test_a_mistake_leaves_the_facts_as_they_were(company):
    folder = company({"invoices.csv": GOOD})
    store = open_study(folder).store
    before = {f: f.stat().st_mtime_ns for f in store.folder.rglob("*") if f.name != ".lock"}
    (folder / "invoices.csv").write_text(INVOICES + "a,soon,100\n")
    assert "cannot be read as a timestamp" in sentence(folder)
    assert {f: f.stat().st_mtime_ns for f in store.folder.rglob("*") if f.name != ".lock"} == before
    (folder / "invoices.csv").write_text(GOOD)
    assert open_study(folder, month="2026-02").table("invoices")["amount_minor"].tolist() == [100, 200]
