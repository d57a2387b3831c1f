"""The same mistakes through the command: exit code 2, one sentence, and nothing half-written."""

import gzip

import pytest

from apijourney import load_workbook
from apijourney.report.command import main
from apijourney.report.notebooks import NOTEBOOKS, find_notebooks, read_parameters
from apijourney.report.parameter_values import _checks, check_values

INVOICES = "account_id,issued_at,amount_minor,currency\n"
GOOD = INVOICES + "a,2026-01-31,100,USD\n"
CASES = {
    "workbook file": ({"invoices.csv": GOOD}, b"company: T\ntimezon: UTC\n", '"timezon" is not a setting'),
    "program instead of text": ({"invoices.csv": GOOD}, b"\x00\x01", "workbook.yaml: not a text file"),
    "file": ({"invoices.csv": GOOD + "b,2026\n"}, "", "invoices.csv: line 3 has 2 fields, the first line has 4"),
    "packed file": ({"invoices.csv.gz": gzip.compress(GOOD.encode())[:-4]}, "", "Unexpected end of GZIP stream"),
    "no usable row": ({"requests.csv": "occurred_at,status\n2026-01-10,0\n"}, "", "no row can be used"),
    "metric nobody knows": ({"invoices.csv": GOOD}, "goals: {mmr: 5}", 'unknown metric "mmr"; did you mean "mrr"?'),
    "no rate": ({"invoices.csv": GOOD + "a,2026-01-10,100,EUR\n"}, "", "rates into USD: EUR on 1 day of 2026-01"),
}
PROMISED = {
    "a missing column": ({"invoices.csv": "account_id,amount_minor\na,100\n"}, "", [], 'invoices.csv: column "issued_at" is missing'),
    "a wrong type": (
        {"invoices.csv": INVOICES + "a,31.01.26,100,USD\n"}, "", [], 'invoices.csv: column "issued_at": 1 of 1 values cannot be read',
    ),
    "money in words": ({"invoices.csv": INVOICES + "a,2026-01-31,gift,USD\n"}, "", [], "values cannot be read as a whole number"),
    "a status in words": (
        {"requests.csv": "occurred_at,status\n2026-01-10,200 OK\n"}, "", [], 'requests.csv: column "status": 1 of 1 values cannot be read',
    ),
    "an empty table": ({"invoices.csv": GOOD, "tickets.csv": "opened_at\n"}, "", [], "tickets.csv: the table holds no rows; fill it"),
    "a month without data": ({"invoices.csv": GOOD}, "", ["--month", "2026-02"], "there are no data for 2026-02"),
    "an unknown parameter": ({"invoices.csv": GOOD}, "", ["-p", "wndow=28D"], 'unknown parameter "wndow"; did you mean "window"?'),
    "an unknown step": (
        {"invoices.csv": GOOD}, "funnel: [sign_up, key_created]", ["-p", "friction_step=key_creatd"],
        '--parameter friction_step: unknown step "key_creatd"; did you mean "key_created"?',
    ),
    "a typo in the workbook file": ({"invoices.csv": GOOD}, "definitions:\n  min_m: 3", [], 'line 3: "definitions.min_m" is not a setting'),
    "a window in words": ({"invoices.csv": GOOD}, "", ["-p", "window=two_weeks"], '--parameter window: "two_weeks" is no length of time'),
    "a window without a unit": ({"invoices.csv": GOOD}, "", ["-p", "window=28"], '--parameter window: "28" is no length of time'),
    "no points": ({"invoices.csv": GOOD}, "", ["-p", "points=0"], "--parameter points: a lever is moved by more than 0"),
    "fewer rows than none": ({"invoices.csv": GOOD}, "", ["-p", "worst=-3"], "--parameter worst: a list shows from 1 to 1,000 accounts, not -3"),
    "no hours": ({"invoices.csv": GOOD}, "", ["-p", "friction_hours=0"], "--parameter friction_hours: look for more than 0 and at most 8,784"),
    "a share in per cent": ({"invoices.csv": GOOD}, "", ["-p", "full_at=80"], "--parameter full_at: a share between 0 and 1 (0.8), found 80"),
    "no months": ({"invoices.csv": GOOD}, "", ["-p", "months_back=0"], "--parameter months_back: expected a whole number from 1 to 120"),
    "a goal in per cent": ({"invoices.csv": GOOD}, "goals: {availability: 99.9}", [], "goals.availability: 99.9 is not between 0 and 1"),
    "a segment nobody is in": ({"invoices.csv": GOOD}, "", ["-p", "segment=large"], 'segment: unknown segment "large"'),
}  # fmt: skip
"""What the report promises to refuse: files, workbook file, further words of the command, part of the sentence."""


@pytest.mark.parametrize(("files", "workbook", "words", "expected"), PROMISED.values(), ids=PROMISED)
def test_what_the_report_promises_to_refuse_ends_it_with_two_before_any_notebook_is_run(
    broken, tmp_path, capsys, monkeypatch, files, workbook, words, expected
):
    monkeypatch.setattr("apijourney.report.make.run_notebooks", lambda *_, **__: pytest.fail("a notebook was run"))
    out, folder = tmp_path / "reports", broken(files, workbook)
    assert main(["--workbook", str(folder), "--out", str(out), *words]) == 2
    complaint = capsys.readouterr().err
    assert expected in complaint and "Traceback" not in complaint
    assert complaint.count("\n") == 1 and complaint.endswith((".\n", "?\n"))
    assert not out.exists() or not list(out.iterdir())


@pytest.mark.parametrize("words", [["-p", "friction_step=sign_upp"], ["-p", "window=two_weeks"], ["-p", "points=0"], ["-p", "worst=-3"]])
def test_a_rehearsal_refuses_the_same_values(broken, tmp_path, capsys, words):
    assert main(["--workbook", str(broken({"invoices.csv": GOOD})), "--out", str(tmp_path / "out"), "--dry-run", *words]) == 2
    assert f"--parameter {words[1].split('=')[0]}: " in capsys.readouterr().err


def test_every_parameter_of_a_notebook_is_checked_or_judged_with_the_data():
    declared = {name for source in find_notebooks(NOTEBOOKS) for name in read_parameters(source)}
    assert declared == set(_checks(load_workbook("sample")))


def test_the_values_the_notebooks_stand_with_are_let_through():
    book = load_workbook("sample")
    good = {"window": "60D", "friction_step": "worst", "friction_hours": 24, "worst": 10, "full_at": 0.8, "points": 1.0, "months_back": 12}
    check_values(book, good | {"a parameter of my own": -1})
    check_values(book, {"friction_step": book.funnel[1], "window": "36h", "worst": 1000, "full_at": 1.0, "points": 100.0})


@pytest.mark.parametrize(("files", "workbook", "expected"), CASES.values(), ids=CASES)
def test_a_mistake_ends_the_command_with_two_and_one_sentence(broken, tmp_path, capsys, files, workbook, expected):
    out = tmp_path / "reports"
    folder = broken(files, workbook)
    before = {f: f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    assert main(["--workbook", str(folder), "--out", str(out)]) == 2
    complaint = capsys.readouterr().err
    assert expected in complaint and "Traceback" not in complaint
    assert complaint.count("\n") == 1 and complaint.endswith((".\n", "?\n"))
    assert not out.exists() or not list(out.iterdir())
    assert {f: f.read_bytes() for f in folder.rglob("*") if f.is_file()} == before
