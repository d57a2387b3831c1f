"""The exercises of the business notebook: laid out by hand, checked in three states."""

import pytest

from apijourney import open_study
from apijourney.exercises import business as exercises


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
    assert str(exercises.first.check(0.9)).startswith("**Not yet.** Hint:")
    assert str(exercises.first.check(140 / 150)) == "**Right.**"  # ada 100 and bo 40, of 100 and 50


@pytest.mark.parametrize(("answer", "what"), [(170 / 150, "*cy* paid nothing"), (140, "in euros"), (570 / 1250, "what was billed"), (93.3, "per cent")])
def test_each_likely_mistake_is_named(answer, what):
    assert what in str(exercises.first.check(answer))


def test_the_first_solution_runs_and_gives_the_answer():
    first, second = exercises.first.solution.split("\n")
    scope = {"exercises": exercises}
    exec(first, scope)
    assert str(exercises.first.check(eval(second, scope))) == "**Right.**"


def test_retention_without_the_two_largest_is_checked_on_the_study(company):
    # without a and b, the largest now, c is left: it paid 100 a year ago and pays 60; without a alone b and c pay 140 of 200
    rows = ["account_id,issued_at,amount_minor,kind", "a,2025-01-10,100,subscription", "b,2025-01-10,100,subscription", "c,2025-01-10,100,subscription"]
    rows += ["a,2026-01-10,300,subscription", "b,2026-01-10,80,subscription", "c,2026-01-10,60,subscription"]
    question = exercises.second(open_study(company({"invoices.csv": "\n".join(rows) + "\n"}), month="2026-01"))
    assert "Leave out the second one" in str(question.check(0.7))
    assert str(question.check(440 / 300)) == "**Not yet.** That is with all accounts."
    assert str(question.check(0.6)) == "**Right.**"
    assert "Answer: `0.6`" in str(question.show_solution())


def test_the_second_exercise_asks_for_other_data_where_it_must(company):
    one_off = "account_id,issued_at,amount_minor\na,2026-01-10,100\n"
    study = open_study(company({"invoices.csv": one_off}), month="2026-01")
    assert str(exercises.second(study).check(1.0)).startswith("This exercise needs other data:")
    early = "account_id,issued_at,amount_minor,kind\na,2026-01-10,100,subscription\n"
    study = open_study(company({"invoices.csv": early}, name="early"), month="2026-01")
    assert "a year ago is not observed" in str(exercises.second(study).check(1.0))
