"""The exercises of the infrastructure notebook: counted by hand, checked in three states."""

import pytest

from apijourney import open_study
from apijourney.exercises import infrastructure as exercises
from apijourney.metrics.infrastructure.budget_by_account import error_budget_by_account


def test_the_toy_promise_is_kept_for_all_and_broken_for_one():
    table = exercises.toy_budgets().set_index("account")
    assert table[["valid", "failed"]].to_dict("index") == {
        "bo": {"valid": 100, "failed": 10}, "cy": {"valid": 900, "failed": 2}, "ada": {"valid": 1000, "failed": 0},
        "all three": {"valid": 2000, "failed": 12},
    }  # fmt: skip
    assert table["allowed"].round(9).to_dict() == {"bo": 1, "cy": 9, "ada": 10, "all three": 20}


def test_not_attempted_wrong_and_right_are_told_apart():
    assert str(exercises.first.check(None)).startswith("**Not attempted yet.**")
    assert str(exercises.first.check(0.1)).startswith("**Not yet.** Hint:")
    assert str(exercises.first.check(-0.2)) == "**Right.**"  # 10 may fail, 12 did


@pytest.mark.parametrize(("answer", "what"), [(0.4, "promise of 99 %"), (1.2, "what was used"), (0.6, "used with a promise of 99 %"), (0.2, "the sign"), (-20, "per cent")])
def test_each_likely_mistake_is_named(answer, what):
    assert what in str(exercises.first.check(answer))


def test_the_first_solution_runs_and_gives_the_answer():
    answer = eval(exercises.first.solution, {"exercises": exercises})
    assert str(exercises.first.check(answer)) == "**Right.**"


def test_accounts_beyond_ten_times_their_budget_are_checked_on_the_study(small_study):
    question = exercises.second(small_study)
    names = {"error_budget_by_account": error_budget_by_account, "study": small_study}
    first, second = question.solution.split("\n")
    exec(first, names)
    answer = eval(second, names)
    assert answer >= 1
    assert str(question.check(answer)) == "**Right.**"
    table = error_budget_by_account(small_study)
    once = int((table["failed"] > table["allowed"]).sum())
    assert once > answer
    assert "Ask for ten times the budget." in str(question.check(once))


def test_the_second_exercise_asks_for_other_data_where_it_must(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-10,100\n"}))
    assert str(exercises.second(study).check(1)).startswith("This exercise needs other data:")
