"""The workbook file: what a short one means, and one sentence for each mistake."""

import pytest

from apijourney import WorkbookError, load_workbook
from apijourney.report.command import main
from apijourney.workbook import SAMPLE

NOT_THERE = 'give the path of a workbook file, a folder that holds workbook.yaml, or "sample".'


def written(folder, text: str):
    file = folder / "workbook.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def sentence(folder, text: str) -> str:
    with pytest.raises(WorkbookError) as caught:
        load_workbook(written(folder, text))
    return str(caught.value)


def test_one_line_is_enough_and_every_default_is_stated(tmp_path):
    book = load_workbook(written(tmp_path, "company: Tiny\n"))
    assert (book.timezone, book.week_starts, book.currency, book.source) == ("UTC", "monday", "USD", ".")
    assert book.definitions.active.event == "request"
    assert book.definitions.active.where == {"environment": "production", "status_class": "2xx"}
    assert (book.definitions.activated.days, book.definitions.activated.within_days) == (2, 14)
    assert [t.touchpoint for t in book.journey][:3] == ["landing_view", "docs_view", "sign_up"]
    assert book.folder == tmp_path.resolve()


def test_a_folder_and_the_word_sample_stand_for_their_workbook_file(tmp_path):
    written(tmp_path, "company: Tiny\n")
    assert load_workbook(tmp_path).company == "Tiny"
    assert load_workbook("sample").path == load_workbook(SAMPLE).path == SAMPLE


def test_short_forms_mean_a_path_and_a_source_column(tmp_path):
    text = "company: T\ntables:\n  tickets: t.csv\n  invoices: {path: i.csv, columns: {account_id: customer}}\n"
    tables = load_workbook(written(tmp_path, text)).tables
    assert tables["tickets"].path == "t.csv"
    assert tables["invoices"].columns["account_id"].column == "customer"


def test_a_day_may_be_written_with_or_without_quotes(tmp_path):
    for day in ("2025-05-01", '"2025-05-01"'):
        assert load_workbook(written(tmp_path, f"company: T\nobserved_from: {day}\n")).observed_from == "2025-05-01"


def test_a_workbook_that_is_not_there(tmp_path):
    for path in (tmp_path / "no.yaml", tmp_path, "no such folder"):
        with pytest.raises(WorkbookError) as caught:
            load_workbook(path)
        assert str(caught.value) == f'workbook "{path}" was not found; {NOT_THERE}'


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "typo in a setting": (
            "company: T\ntimezon: UTC\n",
            'workbook.yaml line 2: "timezon" is not a setting; did you mean "timezone"?',
        ),
        "typo further down": (
            "company: T\ndefinitions:\n  activated:\n    dayz: 3\n",
            'workbook.yaml line 4: "definitions.activated.dayz" is not a setting; did you mean "days"?',
        ),
        "typo in a column mapping": (
            "company: T\ntables:\n  invoices:\n    columns:\n      kind: {valu: x}\n",
            'workbook.yaml line 5: "tables.invoices.columns.kind.valu" is not a setting; did you mean "value"?',
        ),
        "nothing where a name must be": ("timezone: UTC\n", 'workbook.yaml: "company" is missing; add it.'),
        "unknown step in a list": (
            "company: T\nfunnel:\n  - sign_up\n  - key_creatd\n",
            'workbook.yaml line 4: "funnel": unknown step "key_creatd"; did you mean "key_created"?',
        ),
        "unknown step of an own journey": (
            "company: T\njourney: [{touchpoint: start, stage: test}]\nfunnel: [sign_up]\n",
            'workbook.yaml line 3: "funnel": unknown step "sign_up"; known are: start.',
        ),
        "unknown stage": (
            "company: T\njourney:\n  - {touchpoint: a, stage: test}\n  - {touchpoint: b, stage: tets}\n",
            "workbook.yaml line 4: \"journey.stage\": must be 'discover', 'evaluate', 'integrate', 'test', "
            "'measure', 'scale' or 'decline' (found: 'tets').",
        ),
        "one touchpoint twice": (
            "company: T\njourney:\n  - {touchpoint: a, stage: test}\n  - {touchpoint: a, stage: scale}\n",
            'workbook.yaml line 2: "journey": the touchpoint "a" stands there twice; give each its own name.',
        ),
        "wrong type in a filter": (
            "company: T\ndefinitions:\n  active:\n    event: request\n    where: {status: [200, 2.5]}\n",
            'workbook.yaml line 5: "definitions.active.where.status": must be a valid string '
            "(found: [200, 2.5]).",
        ),
        "unknown zone": (
            "company: T\ntimezone: Europe/Berlim\n",
            'workbook.yaml line 2: "timezone": unknown time zone "Europe/Berlim"; use a name such as '
            '"Europe/Berlin" or "UTC".',
        ),
        "a number out of range": (
            "company: T\nslo:\n  availability: 99.9\n",
            'workbook.yaml line 3: "slo.availability": must be less than 1 (found: 99.9).',
        ),
        "a word for a number, twice": (
            "company: T\ndefinitions: {min_n: many, silence_days: few}\n",
            'workbook.yaml line 2: "definitions.min_n": must be a valid integer, unable to parse string as an '
            "integer (found: 'many'). (1 more like this)",
        ),
        "a month for a day": (
            "company: T\nobserved_from: 2025-13\n",
            'workbook.yaml line 2: "observed_from": "2025-13" is not a day such as 2025-05-01.',
        ),
        "a day no calendar has": (
            "company: T\nobserved_from: 2025-02-31\n",
            "workbook.yaml: not valid YAML (day is out of range for month); mend that value.",
        ),
        "column and value at once": (
            "company: T\ntables: {invoices: {columns: {kind: {column: a, value: b}}}}\n",
            'workbook.yaml line 2: "tables.invoices.columns.kind": give one of column, value or file.',
        ),
        "no regular expression": (
            "company: T\ntables:\n  invoices:\n    pattern: '('\n",
            'workbook.yaml line 4: "tables.invoices.pattern": is not a regular expression (missing ), '
            "unterminated subpattern at position 0).",
        ),
        "a pattern that names nothing": (
            "company: T\ntables:\n  invoices:\n    pattern: '(a)'\n",
            'workbook.yaml line 4: "tables.invoices.pattern": names no group; write (?P<column>…) for each '
            "column.",
        ),
        "bad YAML": (
            "company: T\n\ttimezone: UTC\n",
            "workbook.yaml line 2: not valid YAML (found character '\\t' that cannot start any token); mend "
            "that line.",
        ),
        "one setting twice": (
            "company: T\ncompany: U\n",
            'workbook.yaml line 2: not valid YAML (found duplicate key "company" with value "U" (original '
            'value: "T")); mend that line.',
        ),
        "a list instead of settings": (
            "- company\n",
            'workbook.yaml: expected "name: value" lines; see data/sample/workbook.yaml.',
        ),
        "an empty file": ("", 'workbook.yaml: expected "name: value" lines; see data/sample/workbook.yaml.'),
    }.values(),
)
def test_a_mistake_is_one_sentence_with_line_place_and_remedy(tmp_path, text, expected):
    assert sentence(tmp_path, text) == expected


def test_a_file_in_another_encoding_is_one_sentence(tmp_path):
    (tmp_path / "workbook.yaml").write_bytes("company: Müller\n".encode("latin-1"))
    with pytest.raises(WorkbookError, match="^workbook.yaml: not a text file in UTF-8; save it as UTF-8.$"):
        load_workbook(tmp_path)


def test_an_unknown_step_asked_for_later_names_the_file(tmp_path):
    book = load_workbook(written(tmp_path, "company: T\n"))
    with pytest.raises(WorkbookError, match='^workbook.yaml: unknown step "signup"; did you mean "sign_up"'):
        book.touchpoint("signup")


def test_a_setting_knows_its_line(tmp_path):
    book = load_workbook(written(tmp_path, "company: T\n\ntables:\n  invoices: a.csv\n"))
    assert book.place("tables", "invoices") == "workbook.yaml line 4: tables.invoices"
    assert book.place("observed_from") == "workbook.yaml: observed_from"


@pytest.mark.parametrize("text", ["company: T\ntimezon: UTC\n", "timezone: UTC\n", "", "company: T\n\ttimezone: UTC\n"])
def test_every_mistake_ends_the_command_with_two_and_its_sentence(tmp_path, capsys, text):
    expected = sentence(tmp_path, text)
    assert main(["--workbook", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == f"{expected}\n" and not (tmp_path / "out").exists()
