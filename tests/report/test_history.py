"""The memory of a folder of reports: nothing that was said is lost, and what changed since is named."""

import json
import math

import pandas as pd
import pytest

from apijourney.report import history, publication
from apijourney.report.history import FILE, SCHEMA, joined, read_history, same_scope, statements, update_history
from apijourney.report.restated import DATA, DEFINITION, EITHER, PROGRAM, UNKNOWN, filled, restatements, shown

NAN = math.nan
HELLO = [("markdown", "# Hello"), ("code", "print(month)")]


def record(month="2026-10", run="r1", at="2026-11-06T01:00:00Z", value=5000.0, **more):
    row = {"metric": "revenue", "month": month, "value": value, "low": None, "high": None, "numerator": value,
           "denominator": None, "mature": True, "unit": "money"}  # fmt: skip
    return {
        "company": "Acme", "month": month, "segment": "all", "product": "all", "run": run, "published_at": at,
        "status": "final", "metrics": [row], "not_measurable": [], "definitions": {"revenue": "d1"}, "program": "p1",
        "data": "x1",
    } | more  # fmt: skip


def put(out, **told):
    made = record(**told)
    folder = out / made["month"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metrics.json").write_text(json.dumps(made))
    return made


def said(out):
    table = update_history(out)
    assert table.equals(read_history(out)), "what is returned is what was written"
    return [tuple(row) for row in table[["report_month", "run", "value", "restated_at"]].itertuples(index=False)]


def test_every_published_report_is_remembered_once(tmp_path):
    put(tmp_path, month="2026-09", run="r1", at="2026-10-06T01:00:00Z", value=1000.0)
    put(tmp_path, month="2026-10", run="r2")
    expected = [("2026-09", "r1", 1000.0, ""), ("2026-10", "r2", 5000.0, "")]
    assert said(tmp_path) == expected
    assert said(tmp_path) == expected, "a second look adds nothing"


def test_a_month_made_again_replaces_its_rows_and_keeps_what_was_said_before(tmp_path):
    put(tmp_path)
    said(tmp_path)
    put(tmp_path, run="r2", at="2026-11-09T01:00:00Z", value=5100.0)
    assert said(tmp_path) == [("2026-10", "r1", 5000.0, "2026-11-09T01:00:00Z"), ("2026-10", "r2", 5100.0, "")]


def test_a_run_stopped_between_report_and_history_loses_nothing(tmp_path):
    put(tmp_path, month="2026-09", run="r1", at="2026-10-06T01:00:00Z")
    said(tmp_path)
    put(tmp_path, run="r2")  # published; killed before the history was written
    assert [row[1] for row in said(tmp_path)] == ["r1", "r2"]


@pytest.mark.parametrize("damage", [b"", b"PAR1 torn"])
def test_a_damaged_history_is_kept_aside_and_answered_with_the_one_before(tmp_path, damage):
    put(tmp_path, month="2026-09", run="r1", at="2026-10-06T01:00:00Z", value=1000.0)
    said(tmp_path)
    put(tmp_path, month="2026-09", run="r2", at="2026-10-07T01:00:00Z", value=1100.0)  # r1 stands in history only
    before = said(tmp_path)
    put(tmp_path, run="r3")
    said(tmp_path)
    (tmp_path / FILE).write_bytes(damage)
    lines = []
    table = update_history(tmp_path, lines.append)
    assert [(r.run, r.value) for r in table.itertuples()] == [("r1", 1000.0), ("r2", 1100.0), ("r3", 5000.0)]
    assert len(before) == 2 and len(list(tmp_path.glob("history.damaged-*.parquet"))) == 1
    assert lines and "it is kept as history.damaged-" in lines[0]


def test_a_history_taken_away_is_made_again_from_the_reports_that_stand(tmp_path):
    put(tmp_path)
    said(tmp_path)
    (tmp_path / FILE).unlink()
    assert [row[1] for row in said(tmp_path)] == ["r1"]


def test_infinite_and_unknown_numbers_are_remembered_as_such(tmp_path):
    made = record()
    made["metrics"] += [made["metrics"][0] | {"month": "2026-08", "value": "Infinity"},
                        made["metrics"][0] | {"month": "2026-09", "value": None}]  # fmt: skip
    values = dict(zip(statements(made)["month"], statements(made)["value"], strict=True))
    assert values["2026-08"] == math.inf and math.isnan(values["2026-09"])


def test_companies_segments_and_products_are_not_mixed(tmp_path):
    put(tmp_path, month="2026-09", run="r1", segment="startup")
    put(tmp_path, month="2026-10", run="r2")
    table = update_history(tmp_path)
    assert list(same_scope(table, "Acme", "all", "all")["run"]) == ["r2"]
    assert list(same_scope(table, "Acme", "startup", "all")["run"]) == ["r1"]
    assert same_scope(table, "Other", "all", "all").empty


def table(**values):
    rows = [(m.replace("_", "-")[1:], v, NAN, NAN, v, NAN, not math.isnan(v)) for m, v in values.items()]
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator", "mature"])


def compare(history, month="2026-10", definition="d1", program="p1", data="x1", **values):
    return restatements({"revenue": table(**values)}, history, month, {"revenue": definition}, program, data, "USD")


def remembered(tmp_path, *told):
    for each in told:
        put(tmp_path, **each)
        update_history(tmp_path)
    return read_history(tmp_path)


SEPTEMBER = {"month": "2026-09", "run": "r1", "at": "2026-10-06T01:00:00Z", "value": 100000.0}


def test_a_published_number_that_is_another_today_is_restated(tmp_path):
    found = compare(remembered(tmp_path, SEPTEMBER), m2026_09=110000.0, m2026_10=1.0)
    (row,) = found.to_dict("records")
    assert (row["metric"], row["month"], row["old"], row["new"], row["said_in"]) == (
        "revenue", "2026-09", 100000.0, 110000.0, "2026-09",
    )  # fmt: skip
    assert row["cause"] == DATA and row["seen"]
    (line,) = shown(found, "USD")
    assert (line["old"], line["new"], line["change"]) == ("USD 1,000", "USD 1,100", "USD +100")
    assert compare(remembered(tmp_path, SEPTEMBER), m2026_09=100000.0).empty, "the same number is no restatement"


@pytest.mark.parametrize(
    ("now", "cause"),
    [
        ({}, DATA), ({"data": "x2"}, DATA), ({"definition": "d2"}, DEFINITION), ({"program": "p2"}, EITHER),
        ({"program": "p2", "month": "2026-09"}, PROGRAM), ({"program": "p2", "month": "2026-09", "data": "x2"}, EITHER),
    ],
)  # fmt: skip
def test_the_cause_is_read_from_what_changed(tmp_path, now, cause):
    found = compare(remembered(tmp_path, SEPTEMBER), **now, m2026_09=110000.0)
    assert list(found["cause"]) == [cause]


def test_a_report_that_kept_no_fingerprints_has_no_known_cause(tmp_path):
    history = remembered(tmp_path, SEPTEMBER | {"definitions": {}})
    assert list(compare(history, m2026_09=110000.0)["cause"]) == [UNKNOWN]


def test_a_number_that_was_not_known_is_news_and_one_not_known_any_more_is_not_contradicted(tmp_path):
    history = remembered(tmp_path, SEPTEMBER | {"value": None})
    assert compare(history, m2026_09=5.0).empty
    found = compare(remembered(tmp_path / "other", SEPTEMBER), m2026_09=NAN)
    assert list(found["seen"]) == [False] and len(found) == 1, "kept for the record, not shown"


def test_a_change_no_reader_sees_is_kept_and_not_shown(tmp_path):
    found = compare(remembered(tmp_path, SEPTEMBER), m2026_09=100000.4)
    assert list(found["seen"]) == [False] and shown(found, "USD") == []


def test_a_report_made_again_answers_for_earlier_months_and_for_its_own_final_making(tmp_path):
    own = {"month": "2026-10", "run": "r2", "value": 300000.0}
    provisional = remembered(tmp_path / "a", SEPTEMBER, own | {"status": "provisional"})
    found = compare(provisional, m2026_09=110000.0, m2026_10=310000.0)
    assert list(zip(found["month"], found["old"], strict=True)) == [("2026-09", 100000.0)]
    final = remembered(tmp_path / "b", SEPTEMBER, own)
    found = compare(final, m2026_09=110000.0, m2026_10=310000.0)
    assert list(zip(found["month"], found["old"], strict=True)) == [("2026-09", 100000.0), ("2026-10", 300000.0)]


def test_an_earlier_month_made_later_is_not_compared_with_reports_after_it(tmp_path):
    history = remembered(tmp_path, {"month": "2026-10", "run": "r2", "value": 7.0})
    assert compare(history, month="2026-09", m2026_10=9.0, m2026_09=5.0).empty


def test_trends_reach_back_to_months_only_history_knows(tmp_path):
    history = remembered(tmp_path, SEPTEMBER)
    longer = filled({"revenue": table(m2026_10=7.0)}, history, "2026-10", {"revenue": "d1"})["revenue"]
    assert list(zip(longer["month"], longer["value"], strict=True)) == [("2026-09", 100000.0), ("2026-10", 7.0)]
    gone = filled({"revenue": table(m2026_09=NAN, m2026_10=NAN)}, history, "2026-10", {"revenue": "d1"})["revenue"]
    assert gone["value"].iloc[0] == 100000.0 and math.isnan(gone["value"].iloc[1]), "of the month itself nothing is made up"
    measured = filled({"revenue": table(m2026_09=3.0)}, history, "2026-10", {"revenue": "d1"})["revenue"]
    assert list(measured["value"]) == [3.0], "what is measured is left as it is"
    other = filled({"revenue": table(m2026_10=7.0)}, history, "2026-10", {"revenue": "d2"})["revenue"]
    assert list(other["value"]) == [7.0], "under another definition a number is no neighbour"


def test_the_report_lists_what_changed_since_it_was_published(command, make_company, make_notebooks, tmp_path):
    company, notebooks, out = make_company(), make_notebooks(nb01_hello=HELLO), tmp_path / "out"
    assert command(company, notebooks, out, month="2026-09")[0] == 0
    assert "others today" not in (out / "2026-09" / "index.html").read_text()
    invoices = company.parent / "invoices.csv"
    invoices.write_text(invoices.read_text().replace(",1000,", ",1900,"))  # i1, of September, was corrected
    code, said, _ = command(company, notebooks, out)
    assert code == 0 and "1 published number restated" in said
    page = (out / "2026-10" / "index.html").read_text()
    assert "Numbers that were published and are others today" in page
    assert "<td>2026-09</td><td>USD 10</td><td>USD 19</td><td>USD +9</td>" in page and DATA in page
    (row,) = [r for r in json.loads((out / "2026-10" / "metrics.json").read_text())["restated"] if r["seen"]]
    assert (row["metric"], row["old"], row["new"]) == ("revenue", 1000, 1900)


def test_a_changed_definition_is_named_as_the_cause(command, make_company, make_notebooks, tmp_path):
    company, notebooks, out = make_company(), make_notebooks(nb01_hello=HELLO), tmp_path / "out"
    command(company, notebooks, out, month="2026-09")
    company.write_text(company.read_text().replace("definitions: {", "definitions: {min_n: 2, "))
    invoices = company.parent / "invoices.csv"
    invoices.write_text(invoices.read_text().replace(",1000,", ",1900,"))
    command(company, notebooks, out)
    assert DEFINITION in (out / "2026-10" / "index.html").read_text()


def test_a_publication_that_fails_leaves_history_and_overview_as_they_were(
    command, make_company, make_notebooks, tmp_path, monkeypatch
):
    company, notebooks, out = make_company(), make_notebooks(nb01_hello=HELLO), tmp_path / "out"
    command(company, notebooks, out, month="2026-09")
    before = {name: (out / name).read_bytes() for name in ("history.parquet", "index.html")}

    def full(building):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publication, "settle", full)
    code, _, complaint = command(company, notebooks, out)
    assert code == 4 and "could not be written (No space left on device)" in complaint and complaint.count("\n") == 1
    assert {name: (out / name).read_bytes() for name in before} == before
    monkeypatch.undo()


def test_a_history_that_cannot_be_written_is_caught_up_by_the_next_call(
    command, make_company, make_notebooks, tmp_path, monkeypatch
):
    company, notebooks, out = make_company(), make_notebooks(nb01_hello=HELLO), tmp_path / "out"

    def full(*args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(history, "_write", full)
        code, _, complaint = command(company, notebooks, out)
    assert code == 4 and "history.parquet could not be written (No space left on device)" in complaint
    assert (out / "2026-10" / "index.html").exists() and not (out / "history.parquet").exists()
    code, said, _ = command(company, notebooks, out)
    assert code == 0 and "is final since" in said
    assert read_history(out)["report_month"].unique().tolist() == ["2026-10"] and (out / "index.html").exists()


def test_two_histories_become_one_that_loses_no_run_and_lets_one_publication_of_a_month_hold():
    def rows(*runs):
        told = [{"company": "Acme", "segment": "all", "product": "all", "metric": "revenue", "report_month": month, "run": run,
                 "published_at": at, "restated_at": restated} for run, month, at, restated in runs]  # fmt: skip
        return pd.DataFrame(told, columns=SCHEMA.names)

    ours = rows(("a", "2026-09", "1", ""), ("d", "2026-10", "4", ""))
    theirs = rows(("a", "2026-09", "1", "2"), ("b", "2026-09", "2", ""), ("c", "2026-10", "3", ""))
    for both in (joined(ours, theirs), joined(theirs, ours)):
        told = both.set_index("run")["restated_at"].to_dict()
        assert told == {"a": "2", "b": "", "c": "4", "d": ""}
    assert joined(ours, ours).equals(ours)
