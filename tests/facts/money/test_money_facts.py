"""What accounts bring and cost is laid into months once, and built again only where lines or rates change."""

import pandas as pd
import pytest

from apijourney import WorkbookError, measure, open_study
from apijourney.facts.money.currency import to_reporting_currency
from apijourney.metrics.business.ledger import recurring_lines
from apijourney.metrics.business.recurring_revenue import recurring_revenue

# ada pays 300 dollars for a quarter ahead; bo uses calls worth 10 euros in January and gets 4 back in
# February for them; nobody says what cy's credit was for.
INVOICES = """invoice_id,account_id,issued_at,service_start,service_end,amount_minor,currency,product,kind,credits_kind
1,ada,2026-01-05T12:00:00Z,2026-01-01,2026-04-01,30000,USD,tides,subscription,
2,bo,2026-01-31T23:30:00Z,2026-01-01,2026-02-01,1000,EUR,,usage,
3,bo,2026-02-20T12:00:00Z,2026-01-01,2026-02-01,400,EUR,,credit,usage
4,cy,2026-02-21T12:00:00Z,,,50,EUR,,credit,
"""
RATES = "date,currency,rate\n2026-01-05,USD,0.5\n2026-02-01,USD,0.9\n"
COSTS = "month,category,amount_minor,currency,account_id\n2026-01,support,100,EUR,bo\n2026-02,support,100,USD,\n"
BOOK = "currency: EUR\ntimezone: Europe/Berlin"


def facts(study, kind: str) -> list[tuple]:
    rows = study.fact(kind).to_pandas()
    rows["received_day"] = pd.to_datetime(rows["received_day"]).dt.strftime("%Y-%m-%d")
    return sorted(rows.astype("object").where(rows.notna(), "").itertuples(index=False, name=None))


@pytest.fixture
def folder(company):
    return company({"invoices.csv": INVOICES, "fx_rates.csv": RATES, "costs.csv": COSTS}, BOOK)


def test_revenue_is_converted_once_and_laid_into_the_months_it_pays_for(folder):
    # 300 dollars are 150 euros, 50 a month, counted as one line in January; bo's usage was issued on
    # February 1st in Berlin, for January
    assert facts(open_study(folder, month="2026-02"), "revenue") == [
        ("ada", "2026-01", "subscription", False, "tides", "2026-01-05", 5000, 1),
        ("ada", "2026-02", "subscription", False, "tides", "2026-01-05", 5000, 0),
        ("ada", "2026-03", "subscription", False, "tides", "2026-01-05", 5000, 0),
        ("bo", "2026-01", "usage", False, "(no product)", "2026-02-01", 1000, 1),
        ("bo", "2026-01", "usage", True, "(no product)", "2026-02-20", -400, 1),
        ("cy", "2026-02", "", True, "(no product)", "2026-02-21", -50, 1),
    ]


def test_what_was_issued_later_is_not_known_earlier(folder):
    january = open_study(folder, month="2026-01")
    assert [row[:2] for row in facts(january, "revenue")] == [("ada", "2026-01"), ("ada", "2026-02"), ("ada", "2026-03")]
    assert measure(january, "mrr")["value"].tolist() == [5000]
    assert measure(open_study(folder, month="2026-02"), "mrr")["value"].tolist()[0] == 5000 + 1000 - 400


def test_costs_are_known_when_their_month_is_over(folder):
    assert facts(open_study(folder, month="2026-02"), "cost") == [
        ("2026-01", "support", "bo", "", "(no product)", "", "2026-01-31", 100),
        ("2026-02", "support", "", "", "(no product)", "", "2026-02-28", 90),
    ]
    assert len(facts(open_study(folder, month="2026-01"), "cost")) == 1


def test_a_new_line_builds_its_month_alone(folder):
    open_study(folder)
    (folder / "invoices.csv").write_text(INVOICES + "5,ada,2026-02-25T12:00:00Z,,,7,EUR,,one_off,\n")
    assert open_study(folder).store.rebuilt == ["invoices", "revenue 2026-02"]


def test_a_corrected_rate_builds_the_months_of_its_days(folder):
    open_study(folder)
    (folder / "fx_rates.csv").write_text(RATES.replace("0.9", "0.8"))
    study = open_study(folder, month="2026-02")
    assert study.store.rebuilt == ["fx_rates", "revenue 2026-02", "cost 2026-02"]
    assert facts(study, "cost")[-1][-1] == 80


def test_lines_taken_away_take_their_facts_with_them(folder):
    open_study(folder)
    (folder / "costs.csv").unlink()
    study = open_study(folder)
    assert not list((study.store.folder / "cost").glob("*"))
    (folder / "invoices.csv").write_text("\n".join(INVOICES.splitlines()[:2]) + "\n")
    assert [row[0] for row in facts(open_study(folder), "revenue")] == ["ada"] * 3


def test_a_line_that_cannot_be_converted_ends_in_one_sentence_and_leaves_no_half_built_facts(folder):
    open_study(folder)
    (folder / "invoices.csv").write_text(INVOICES + "5,bo,2026-02-25,,,7,CHF,,usage,\n")
    with pytest.raises(WorkbookError) as caught:
        open_study(folder)
    assert str(caught.value) == (
        "fx_rates.csv: rates into EUR are missing: CHF on 1 day of 2026-02 (needed by invoices.csv); add a line for each, such "
        'as "2026-02-25,CHF,1.25" where one CHF was worth 1.25 EUR that day.'
    )
    (folder / "invoices.csv").write_text(INVOICES)
    assert len(facts(open_study(folder, month="2026-02"), "revenue")) == 6


def test_mrr_from_the_facts_is_mrr_from_the_lines(small_study):
    book = small_study.workbook
    lines = to_reporting_currency(
        small_study.table("invoices"), small_study.table("fx_rates"), currency=book.currency, timezone=book.timezone
    )
    expected = recurring_revenue(lines, months=small_study.all_months, timezone=book.timezone)
    found = recurring_lines(small_study)
    keys = ["account_id", "month"]
    assert len(found) > 100
    pd.testing.assert_frame_equal(
        found.sort_values(keys, ignore_index=True), expected.sort_values(keys, ignore_index=True), check_dtype=False
    )
