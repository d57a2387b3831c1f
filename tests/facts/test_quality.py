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
    assert check == "day without a clock, read as midnight UTC: the evening before in America/New_York; give times, or timezone: UTC"
