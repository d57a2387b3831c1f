"""Files that only look broken: they are read whole, and what does not count harms nothing."""

import gzip

import pytest

from apijourney import open_study

INVOICES = "account_id,issued_at,amount_minor\n"
GOOD = INVOICES + "a,2026-01-10,100\nb,2026-02-10,200\n"


def test_what_is_left_out_may_hold_what_it_likes(broken):
    rows = INVOICES + "a,2026-01-31,100\nTotal,,much\n"
    study = open_study(broken({"invoices.csv": rows}, "currency: USD\ntables: {invoices: {exclude: {account_id: ^Total}}}"))
    assert study.quality[["check", "rows"]].values.tolist() == [["left out by exclude.account_id", 1]]


HARMLESS = {
    "a mark for the order of bytes": {"invoices.csv": b"\xef\xbb\xbf" + GOOD.encode()},
    "line ends of Windows": {"invoices.csv": GOOD.replace("\n", "\r\n")},
    "line ends of old Macs": {"invoices.csv": GOOD.replace("\n", "\r")},
    "semicolons": {"invoices.csv": GOOD.replace(",", ";")},
    "upright strokes": {"invoices.csv": GOOD.replace(",", "|")},
    "blanks after the commas of the header": {"invoices.csv": GOOD.replace(",", ", ", 2)},
    "blank lines at the end": {"invoices.csv": GOOD + "\n\n"},
    "packed and plain daily files": {
        "invoices/1.csv": INVOICES + "a,2026-01-10,100\n",
        "invoices/2.csv.gz": gzip.compress((INVOICES + "b,2026-02-10,200\n").encode()),
    },
    "names in capitals and with blanks": {"invoices.csv": GOOD.replace(INVOICES, "Account ID,Issued At,AMOUNT_MINOR\n")},
    "names as programs write them": {"invoices.csv": GOOD.replace(INVOICES, "accountId,issuedAt,amountMinor\n")},
    "blanks around ids": {"invoices.csv": GOOD.replace("a,2026", " a ,2026")},
    "columns in another order": {
        "invoices/1.csv": INVOICES + "a,2026-01-10,100\n",
        "invoices/2.csv": "amount_minor,account_id,issued_at\n200,b,2026-02-10\n",
    },
}


@pytest.mark.parametrize("files", HARMLESS.values(), ids=HARMLESS)
def test_what_only_looks_broken_is_read_whole(broken, files):
    study = open_study(broken(files, "currency: USD"), month="2026-02")
    rows = study.table("invoices")[["account_id", "amount_minor"]]
    assert sorted(rows.values.tolist()) == [["a", 100], ["b", 200]]
    assert study.quality.empty


def test_lines_a_spreadsheet_left_without_a_value_are_counted_and_harm_nothing(broken):
    study = open_study(broken({"invoices.csv": GOOD + ",,\n , ,\n" + ",,\n" * 50}, "currency: USD"), month="2026-02")
    assert study.quality[["table", "check", "column", "rows", "severity"]].values.tolist() == [
        ["invoices", "left out: a line without any value", "", 52, "excluded"]
    ]
    assert len(study.table("invoices")) == 2


def test_a_currency_in_a_column_of_capitals_is_no_other_currency(broken, sentence):
    rows = "account_id,issued_at,amount_minor,Currency\na,2026-01-10,1,EUR\n"
    assert "rates into USD: EUR on 1 day of 2026-01" in sentence(broken({"invoices.csv": rows}))


def test_a_row_that_begins_like_a_comment_is_a_row(broken):
    study = open_study(broken({"invoices.csv": INVOICES + "#7,2026-01-10,100\na,2026-01-31,200\n"}))
    assert sorted(study.table("invoices")["account_id"]) == ["#7", "a"]


def test_the_order_of_the_lines_of_a_table_changes_nothing(broken):
    lines = ["", *(f"{a},2026-0{m}-10,{m}00" for m in (1, 2) for a in "cab")]
    one, other = (
        open_study(broken({"invoices.csv": INVOICES.strip() + "\n".join(rows)}, "currency: USD", name), month="2026-02")
        for name, rows in (("one", lines), ("other", ["", *lines[:0:-1]]))
    )
    assert one.table("invoices").equals(other.table("invoices"))
    assert one.table("invoices")["account_id"].tolist() == list("aabbcc")
