"""A month is provisional, then final; comments stay; a month is compared day for day."""

from datetime import UTC, datetime

import pytest

from apijourney import load_workbook, open_study
from apijourney.errors import WorkbookError
from apijourney.report import close, make
from apijourney.report.close import closing
from apijourney.report.compared import a_month_longer, compared, days_observed, with_year_before
from apijourney.report.notes import read_notes

HELLO = [("markdown", "# Hello"), ("code", "print(month)")]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "zone", "status"),
    [
        ("2026-11-05T23:59", "UTC", "provisional"),
        ("2026-11-06T00:00", "UTC", "final"),
        ("2026-11-05T23:30", "Europe/Berlin", "final"),  # there it is the 6th already
        ("2026-11-06T04:00", "America/New_York", "provisional"),  # and here still the 5th
    ],
)
def test_a_month_is_final_after_the_closing_day_of_its_own_zone(make_company, instant, zone, status):
    book = load_workbook(make_company(more=f"timezone: {zone}"))
    assert closing(book, "2026-10", at(instant)).status == status


def test_the_closing_day_is_the_workbooks_and_december_closes_in_january(make_company):
    book = load_workbook(make_company(more="report: {close_day: 10}"))
    assert str(closing(book, "2026-12", at("2027-01-10T12:00")).final_from) == "2027-01-11"
    with pytest.raises(WorkbookError, match="close_day"):
        load_workbook(make_company(more="report: {close_day: 0}"))


def test_months_of_a_simulated_company_are_never_closed(make_company):
    assert closing(load_workbook(make_company(simulated=True)), "2026-10", at("2030-01-01")).status == "simulated"


@pytest.fixture
def clock(monkeypatch):
    def set_to(text):
        monkeypatch.setattr(make, "now", lambda: at(text))

    return set_to


def test_a_provisional_report_is_made_again_and_a_final_one_only_on_demand(
    command, make_company, make_notebooks, tmp_path, clock
):
    company, notebooks, page = make_company(), make_notebooks(nb01_hello=HELLO), tmp_path / "2026-10" / "index.html"
    clock("2026-11-03T06:00")
    assert command(company, notebooks, tmp_path)[0] == 0
    assert "Provisional: numbers may change until the month is closed, on 2026-11-06." in page.read_text()
    clock("2026-11-06T06:00")
    assert command(company, notebooks, tmp_path)[0] == 0
    assert "Final since 2026-11-06." in page.read_text()
    before = page.stat().st_mtime_ns
    code, said, complaint = command(company, notebooks, tmp_path)
    assert (code, complaint) == (0, "")
    assert "The report of October 2026 is final since 2026-11-06 and was not made again; --restate publishes it" in said
    assert page.stat().st_mtime_ns == before and "comments" not in said
    (company.parent / "notes").mkdir()
    (company.parent / "notes" / "2026-10.md").write_text("Prices went up.")
    said = command(company, notebooks, tmp_path)[1]
    assert "The comments in notes/2026-10.md are not in it: they too are shown only with --restate." in said
    assert page.stat().st_mtime_ns == before
    assert command(company, notebooks, tmp_path, "--restate")[0] == 0
    assert page.stat().st_mtime_ns > before and "Prices went up." in page.read_text()
    assert "comments" not in command(company, notebooks, tmp_path)[1]


def test_comments_of_the_pm_are_shown_escaped_and_survive_reruns(command, make_company, make_notebooks, tmp_path):
    company, notebooks = make_company(simulated=True), make_notebooks(nb01_hello=HELLO)
    (company.parent / "notes").mkdir()
    note = company.parent / "notes" / "2026-10.md"
    note.write_text("# Launch\n\nThe **new** price <script>alert(1)</script>\n\n![x](https://x.io/a.png)")
    for _ in range(2):
        assert command(company, notebooks, tmp_path)[0] == 0
        page = (tmp_path / "2026-10" / "index.html").read_text()
        assert '<h2 id="notes">Comments</h2>' in page and "<h3>Launch</h3>" in page
        assert "<strong>new</strong> price &lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script" not in page and "<img" not in page.split('id="notes"')[1].split("</section>")[0]
    assert note.exists()
    assert read_notes(load_workbook(company), "2026-09") == ""


def test_a_comment_that_is_no_text_is_refused_before_anything_is_run(command, make_company, make_notebooks, tmp_path):
    company = make_company()
    (company.parent / "notes").mkdir()
    (company.parent / "notes" / "2026-10.md").write_bytes(b"\xff\xfe\x00")
    code, _, complaint = command(company, make_notebooks(nb01_hello=HELLO), tmp_path)
    assert code == 2 and "2026-10.md: it cannot be read as text; save it as UTF-8" in complaint


def test_sums_are_compared_per_day_and_the_rest_as_it_is(make_company, facts):
    from apijourney import measure_all

    company = make_company(more="observed_from: 2026-09-01")
    with (company.parent / "invoices.csv").open("a") as file:
        file.write("i4,bo,2026-09-30T10:00:00,,,29000,USD,calls,one_off,\n")  # September: 1,000 + 29,000 in 30 days
        file.write("i5,bo,2026-10-30T10:00:00,,,26000,USD,calls,one_off,\n")  # October: 5,000 + 26,000 in 31 days
    study = open_study(company, month="2026-10")
    assert (days_observed(study, "2026-09"), days_observed(study, "2026-10")) == (30, 31)
    (row,) = compared(study, measure_all(study, ["revenue"]), ["revenue"])
    assert (row["value"], row["before"], row["before_change"]) == ("USD 10", "USD 10", "+0.0 %")
    assert row["per_day"] and row["year"] == ""
    assert close.now().tzinfo is not None


def test_the_month_a_year_ago_is_measured_where_the_months_shown_do_not_reach_it(make_company, facts):
    from apijourney import measure_all

    company = make_company(more="observed_from: 2025-10-01")
    with (company.parent / "invoices.csv").open("a") as file:
        file.write("i0,bo,2025-10-09T10:00:00,,,3100,USD,calls,one_off,\n")  # 31 days: 100 a day
    study = open_study(company, month="2026-10")
    measured = measure_all(study, ["revenue"])
    assert "2025-10" not in set(measured["revenue"]["month"])
    (row,) = compared(study, with_year_before(measured, ["revenue"], a_month_longer(study)), ["revenue"])
    assert (row["value"], row["year"], row["year_change"]) == ("USD 1.61", "USD 1", "+61.3 %")  # 5,000 / 31
    begins = open_study(make_company(more="observed_from: 2026-09-01"), month="2026-10")
    measured = measure_all(begins, ["revenue"])
    assert with_year_before(measured, ["revenue"], a_month_longer(begins)) is measured, "the data do not reach back"
