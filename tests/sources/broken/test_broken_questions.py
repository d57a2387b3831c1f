"""Questions that cannot be asked of a company: each ends in one sentence that names what can."""

import pytest

INVOICES = "account_id,issued_at,amount_minor\n"
GOOD = INVOICES + "a,2026-01-10,100\nb,2026-02-10,200\n"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"month": "2026-03"}, "workbook.yaml: month: there are no data for 2026-03; they run from 2026-01 to "
                               "2026-04; choose a month that has some."),
        ({"month": "2027-01"}, "workbook.yaml: month: there are no data for 2027-01; they run from 2026-01 to "
                               "2026-04; choose a month that has some."),
        ({"month": "2026-13"}, 'month: "2026-13" is not a month; write it as "2026-10", or "latest".'),
        ({"month": "October"}, 'month: "October" is not a month; write it as "2026-10", or "latest".'),
        ({"months_back": 0}, "months_back: expected a whole number from 1 to 120, not 0."),
        ({"months_back": "12"}, "months_back: expected a whole number from 1 to 120, not '12'."),
        ({"months_back": True}, "months_back: expected a whole number from 1 to 120, not True."),
        ({"segment": "startups"}, 'workbook.yaml: segment: unknown segment "startups"; did you mean "startup"?'),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_one_sentence(broken, sentence, options, expected):
    folder = broken({
        "invoices.csv": GOOD + "c,2026-04-30,300\n",
        "accounts.csv": "account_id,created_at,segment\na,2026-01-02,startup\n",
    })  # fmt: skip
    assert sentence(folder, **options) == expected


def test_a_company_without_segments_knows_only_all(broken, sentence):
    folder = broken({"invoices.csv": GOOD})
    assert sentence(folder, segment="smb") == 'workbook.yaml: segment: unknown segment "smb"; known are: all.'


def test_a_month_before_the_observed_interval_names_the_line(broken, sentence):
    folder = broken({"invoices.csv": GOOD}, "observed_from: 2026-02-01")
    assert sentence(folder, month="2026-01") == (
        "workbook.yaml line 2: observed_from is 2026-02-01, after the end of month 2026-01; choose a later month, or "
        "an earlier day."
    )
