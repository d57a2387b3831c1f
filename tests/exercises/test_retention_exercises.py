"""The exercises of notebook 03 know a right answer from a wrong one."""

from apijourney import open_study
from apijourney.exercises import retention as exercises

INVOICES = "invoice_id,account_id,issued_at,amount_minor\n1,a,2026-01-05,1\n2,b,2026-01-06,1\n3,a,2026-02-05,1\n"


def test_two_of_three_accounts_of_august_were_active_in_october():
    assert exercises.first.check().text.startswith("**Not attempted yet.**")
    assert exercises.first.check(2 / 3).text == "**Right.**"
    assert exercises.first.check(0.67).text == "**Right.**"
    assert exercises.first.check(1 / 3).text.startswith("**Not yet.**")
    assert exercises.first.check("two thirds").text.startswith("**Not yet.**")


def test_growth_is_who_came_less_who_fell_silent(company):
    study = open_study(company({"invoices.csv": INVOICES}, "definitions:\n  active: {event: invoice}"), month="2026-02")
    question = exercises.second(study)  # January: a, b. February: a
    assert question.check(-1).text == "**Right.**"
    assert question.check(1).text.startswith("**Not yet.**")
    assert "-1" in question.show_solution().text


def test_growth_without_data_says_what_it_needs(company):
    study = open_study(company({"invoices.csv": INVOICES}), month="2026-02")
    assert "other data" in exercises.second(study).check(3).text
