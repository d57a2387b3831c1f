"""The exercises of notebook 03 know a right answer from a wrong one."""

from apijourney import open_study
from apijourney.exercises import retention as exercises
from apijourney.metrics.product.retention.retention import retention_average

INVOICES = "invoice_id,account_id,issued_at,amount_minor\n1,a,2026-01-05,1\n2,b,2026-01-06,1\n3,a,2026-02-05,1\n4,a,2026-03-05,1\n5,b,2026-03-06,1\n6,c,2026-03-07,1\n"


def test_two_of_four_accounts_were_active_a_month_after_their_first():
    # August: ada of ada, bo, cy; September: di. October began with nobody
    assert exercises.first.check().text.startswith("**Not attempted yet.**")
    assert exercises.first.check(0.5).text == "**Right.**"
    assert exercises.first.check("half").text.startswith("**Not yet.** Hint:")


def test_a_mean_of_rates_and_one_cohort_alone_are_told_from_the_answer():
    assert "mean of the two cohorts" in exercises.first.check(2 / 3).text
    assert "August alone" in exercises.first.check(1 / 3).text
    assert "per cent" in exercises.first.check(50).text


def test_the_first_solution_runs_and_gives_the_answer():
    scope = {"retention_average": retention_average, "exercises": exercises}
    first, second = exercises.first.solution.split("\n")
    exec(first, scope)
    assert exercises.first.check(eval(second, scope)).text == "**Right.**"


def test_growth_is_who_came_less_who_is_dormant_in_the_month_before(company):
    study = open_study(company({"invoices.csv": INVOICES}, "definitions:\n  active: {event: invoice}"), month="2026-03")
    question = exercises.second(study)  # January: a, b. February: a. March: a, b, c
    assert question.check(-1).text == "**Right.**"
    assert question.check(1).text.endswith("The size is right, the sign is not.")
    assert question.check(2).text.endswith("That is March 2026. Look one month earlier.")
    assert "-1" in question.show_solution().text


def test_growth_without_data_or_without_a_month_before_says_what_it_needs(company):
    study = open_study(company({"invoices.csv": INVOICES}), month="2026-02")
    assert "other data" in exercises.second(study).check(3).text
    alone = open_study(company({"invoices.csv": INVOICES}, "definitions:\n  active: {event: invoice}", name="alone"), month="2026-02", months_back=1)
    assert "other data" in exercises.second(alone).check(3).text
