"""The same mistakes through the command: exit code 2, one sentence, and nothing half-written."""

import gzip

import pytest

from apijourney.report.command import main

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
