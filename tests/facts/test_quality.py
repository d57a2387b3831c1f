"""What a reader is told about rows that were kept with a doubt."""

import pytest

from apijourney import open_study

BY_DAY = "account_id,issued_at,amount_minor,kind\na,2026-01-01,100,subscription\na,2026-02-01,100,subscription\n"
BY_CLOCK = BY_DAY.replace("2026-02-01", "2026-02-01T12:00:00Z")


def doubts(study) -> list[tuple]:
    rows = study.quality
    rows = rows[rows["check"].str.contains("without a clock")]
    return list(rows[["table", "column", "rows", "example"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("zone", "invoices", "expected"),
    [
        ("America/New_York", BY_DAY, [("invoices", "issued_at", 2, "2026-01-01")]),
        ("America/New_York", BY_CLOCK, []),  # there are clocks, so midnight may be meant
        ("UTC", BY_DAY, []),
        ("Asia/Tokyo", BY_DAY, []),  # nine o'clock of the same day
    ],
)
def test_days_that_fall_on_the_evening_before_are_named(company, zone, invoices, expected):
    study = open_study(company({"invoices.csv": invoices}, f"timezone: {zone}\n"))
    assert doubts(study) == expected


def test_the_sentence_says_what_to_do(company):
    study = open_study(company({"invoices.csv": BY_DAY}, "timezone: America/New_York\n"))
    check = study.quality.loc[study.quality["column"] == "issued_at", "check"].item()
    assert check == (
        "day without a clock, read as midnight UTC: the evening before in America/New_York; if they are days of "
        "America/New_York, set tables.invoices.timezone: America/New_York"
    )


def test_the_sentence_names_the_column_of_the_file(company):
    book = "timezone: America/New_York\ntables: {invoices: {columns: {issued_at: billed}}}\n"
    study = open_study(company({"invoices.csv": BY_DAY.replace("issued_at", "billed")}, book))
    check = study.quality.loc[study.quality["column"] == "issued_at", "check"].item()
    assert check.startswith("day without a clock (in the file: “billed”), read as midnight UTC: the evening before")


def test_days_whose_zone_is_said_are_days_of_that_zone(company):
    book = "timezone: America/New_York\ntables: {invoices: {timezone: America/New_York}}\n"
    study = open_study(company({"invoices.csv": BY_DAY}, book), month="2026-02")
    assert doubts(study) == [] and study.data_months == ["2026-01", "2026-02"]


def test_days_of_calls_and_visits_are_named_too(company):
    visits = "visitor_id,occurred_at,touchpoint\nv,2026-01-01,docs_view\nv,2026-01-02,docs_view\n"
    study = open_study(company({"touchpoints.csv": visits}, "timezone: America/New_York\n"), month="2026-01")
    assert doubts(study) == [("touchpoints", "occurred_at", 2, "2026-01-01")]
    clock = company({"touchpoints.csv": visits + "v,2026-01-03T12:00,docs_view\n"}, "timezone: America/New_York\n", name="clock")
    study = open_study(clock, month="2026-01")
    assert doubts(study) == []
