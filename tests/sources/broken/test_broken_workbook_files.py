"""Workbook files that cannot be used, beyond those of tests/test_workbook_file.py: one sentence each."""

import pytest

GOOD = {"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-31,100\n"}
PLAIN = "workbook.yaml: not a text file; write it as plain text in UTF-8."
UTF8 = "workbook.yaml: not a text file in UTF-8; save it as UTF-8."
NAMES = 'must hold "name: value" lines'


def table(text: str) -> str:
    """The settings of the table invoices, on line 2."""
    return f"tables: {{invoices: {{{text}}}}}"


CASES = {
    "a program instead of text": (b"\x00\x01\x02company: T", PLAIN),
    "a packed file": (b"PK\x03\x04\xff\xfe", UTF8),
    "UTF-16": ("company: T\n".encode("utf-16"), UTF8),
    "only a comment": (b"# to be written\n", 'workbook.yaml: expected "name: value" lines; see data/sample/workbook.yaml.'),
    "a mark that is never closed": (
        b'company: "T\ntimezone: UTC\n',
        "workbook.yaml line 3: not valid YAML (found unexpected end of stream); mend that line.",
    ),
    "a line too far to the right": (
        b"company: T\n  timezone: UTC\n",
        "workbook.yaml line 2: not valid YAML (mapping values are not allowed here); mend that line.",
    ),
    "brackets without end": (
        b"company: " + b"[" * 3000, "workbook.yaml: not valid YAML (nested too deeply); mend its brackets.",
    ),
    "no company": (b"company:\n", 'workbook.yaml line 1: "company": must be a valid string (found: nothing).'),
    "a currency by its name": (
        "currency: Euro", 'workbook.yaml line 2: "currency": "Euro" is no currency of ISO 4217; write it as "EUR" or "USD".',
    ),
    "a currency in small letters": (
        "currency: eur", 'workbook.yaml line 2: "currency": "eur" is no currency of ISO 4217; did you mean "EUR"?',
    ),
    "a currency that is none": (
        "currency: EUX", 'workbook.yaml line 2: "currency": "EUX" is no currency of ISO 4217; write it as "EUR" or "USD".',
    ),
    "an offset for a zone": (
        'timezone: "+02:00"',
        'workbook.yaml line 2: "timezone": unknown time zone "+02:00"; use a name such as "Europe/Berlin" or "UTC".',
    ),
    "a number for a zone": ("timezone: 2", 'workbook.yaml line 2: "timezone": must be a valid string (found: 2).'),
    "a day the week does not start with": (
        "week_starts: Monday", "workbook.yaml line 2: \"week_starts\": must be 'monday' or 'sunday' (found: 'Monday').",
    ),
    "a list of tables": ("tables: [invoices]", f"workbook.yaml line 2: \"tables\": {NAMES} (found: ['invoices'])."),
    "tables without a table": ("tables:", f'workbook.yaml line 2: "tables": {NAMES} (found: nothing).'),
    "a number for a table": (
        "tables: {invoices: 3}", f'workbook.yaml line 2: "tables.invoices": {NAMES} (found: 3).',
    ),
    "a list of columns": (
        table("columns: [account_id]"),
        f"workbook.yaml line 2: \"tables.invoices.columns\": {NAMES} (found: ['account_id']).",
    ),
    "a journey that is no list": (
        "journey: {touchpoint: a}", 'workbook.yaml line 2: "journey": must be a list, such as [a, b].',
    ),
    "a journey without touchpoints": (
        "journey: []", 'workbook.yaml line 2: "journey": is empty; list touchpoints, or take the line away.',
    ),
    "a format misspelt": (
        table("path: invoices.csv, format: cvs"),
        'workbook.yaml line 2: "tables.invoices.format": "cvs" is no format; did you mean "csv"?',
    ),
    "an access log of invoices": (
        table("path: invoices.csv, format: combined"),
        "workbook.yaml line 2: tables.invoices.format: an access log holds requests and touchpoints, not invoices; "
        "move it there, or choose another format.",
    ),
    "a log format without a time": (
        "tables:\n  requests:\n    path: invoices.csv\n    format: $status $host",
        "workbook.yaml line 5: tables.requests.format: the log format has no time ($status, $host); it needs "
        "$time_local, $time_iso8601 or $msec.",
    ),
    "a unit nobody knows": (
        table("columns: {amount_minor: {column: amount_minor, unit: cents}}"),
        "workbook.yaml line 2: \"tables.invoices.columns.amount_minor.unit\": must be 'minor' or 'major' (found: 'cents').",
    ),
    "what is excluded is no regular expression": (
        table("exclude: {account_id: '('}"),
        'workbook.yaml line 2: "tables.invoices.exclude": is not a regular expression (missing ), unterminated '
        "subpattern at position 0).",
    ),
    "a regular expression only Python knows": (
        table("exclude: {account_id: 'a(?=b)'}"),
        "workbook.yaml line 2: tables.invoices.exclude.account_id: not a regular expression the engine can follow "
        "(invalid perl operator: (?=); write it without look-around.",
    ),
    "a pattern only Python knows": (
        table("path: invoices.csv, format: lines, pattern: '(?P<account_id>a(?=b))'"),
        "workbook.yaml line 2: tables.invoices.pattern: not a regular expression the engine can follow (invalid perl "
        "operator: (?=); write it without look-around.",
    ),
    "a way to write dates nobody knows": (
        table("columns: {issued_at: {column: issued_at, format: '%Q'}}"),
        "workbook.yaml line 2: tables.invoices.columns.issued_at.format: not a way to write a date the engine can "
        "follow (Failed to parse format specifier %Q: Unrecognized format for strftime/strptime: %Q); write it without "
        "unknown letters.",
    ),
    "a file name of which nothing is wanted": (
        table("columns: {product: {file: 'abc'}}"),
        'workbook.yaml line 2: "tables.invoices.columns.product.file": needs one group, in round brackets, around what '
        "is wanted.",
    ),
    "a rule about a column that is not there": (
        "tables:\n  invoices:\n    where: {acount_id: a}",
        'workbook.yaml line 4: tables.invoices.where.acount_id: unknown column "acount_id"; did you mean "account_id"?',
    ),
    "a rule nothing passes": (
        table("where: {account_id: z}"),
        "workbook.yaml: no row can be used (1 of invoices: left out by where.account_id); correct the source, or map "
        "other columns under tables.",
    ),
    "a goal that is no number": (
        "goals: {mrr: much}",
        'workbook.yaml line 2: "goals.mrr": must be a valid number, unable to parse string as a number (found: \'much\').',
    ),
}  # fmt: skip
"""Each mistake: the file (bytes: all of it; text: what follows the company), and what is said about it."""


@pytest.mark.parametrize(("workbook", "expected"), CASES.values(), ids=CASES)
def test_a_workbook_file_that_cannot_be_used_is_one_sentence(broken, sentence, workbook, expected):
    assert sentence(broken(GOOD, workbook)) == expected


@pytest.mark.parametrize(
    "workbook", [b"\xef\xbb\xbfcompany: T\n", b"company: T\r\ncurrency: EUR\r\n"], ids=["order of bytes", "Windows"]
)
def test_what_only_looks_broken_is_read(broken, workbook):
    from apijourney import load_workbook

    assert load_workbook(broken(GOOD, workbook)).company == "T"
