"""The exercises of the business notebook: laid out by hand, checked in three states."""

from apijourney import open_study
from apijourney.exercises import business as exercises
from apijourney.metrics.business.recurring_revenue import recurring_revenue


def test_the_toy_invoices_are_laid_into_the_months_they_are_for():
    # ada: 1,200 for a year is 100 a month. bo: 50, then 50 − 10, then nothing. cy: 30 of usage; the 500 do not recur
    table = exercises.toy_mrr().set_index("account")
    assert table.loc["ada"].tolist() == [10_000, 10_000, 10_000]
    assert table.loc["bo"].tolist() == [5_000, 4_000, 0]
    assert table.loc["cy"].tolist() == [0, 3_000, 0]
    assert table.loc["MRR, all three"].tolist() == [15_000, 17_000, 10_000]
    # 1,200 + 50; 50 − 10 + 30 + 500; nothing
    assert table.loc["billed"].tolist() == [125_000, 57_000, 0]


def test_not_attempted_wrong_and_right_are_told_apart():
    assert str(exercises.first.check(None)).startswith("**Not attempted yet.**")
    assert str(exercises.first.check(570)).startswith("**Not yet.**")  # billed, not recurring
    assert str(exercises.first.check(170)) == "**Right.**"


def test_the_first_solution_runs_and_gives_the_answer():
    answer = eval(exercises.first.solution, {"recurring_revenue": recurring_revenue, "toy_invoices": exercises.toy_invoices})
    assert str(exercises.first.check(answer)) == "**Right.**"


def test_retention_without_the_largest_is_checked_on_the_study(company):
    # without a, the largest now, b is left: it paid 100 a year ago and pays 80
    rows = ["account_id,issued_at,amount_minor,kind", "a,2025-01-10,100,subscription", "b,2025-01-10,100,subscription"]
    rows += ["a,2026-01-10,300,subscription", "b,2026-01-10,80,subscription"]
    question = exercises.second(open_study(company({"invoices.csv": "\n".join(rows) + "\n"}), month="2026-01"))
    assert str(question.check(1.9)).startswith("**Not yet.**")
    assert str(question.check(0.80)) == "**Right.**"
    assert "Answer: `0.8`" in str(question.show_solution())


def test_the_second_exercise_asks_for_other_data_where_it_must(company):
    one_off = "account_id,issued_at,amount_minor\na,2026-01-10,100\n"
    study = open_study(company({"invoices.csv": one_off}), month="2026-01")
    assert str(exercises.second(study).check(1.0)).startswith("This exercise needs other data:")
    early = "account_id,issued_at,amount_minor,kind\na,2026-01-10,100,subscription\n"
    study = open_study(company({"invoices.csv": early}, name="early"), month="2026-01")
    assert "a year ago is not observed" in str(exercises.second(study).check(1.0))
