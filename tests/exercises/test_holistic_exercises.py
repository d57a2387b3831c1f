"""The exercises of the holistic notebook: counted by hand, checked in three states."""

import pytest

from apijourney import open_study
from apijourney.exercises import holistic as exercises
from apijourney.metrics.holistic.drivers import chosen_driver, drivers


def test_the_toy_falls_by_a_third_and_all_of_it_is_mix():
    # 2 of 3 in August, 1 of 3 in September; docs 100 % and ads 0 % in both
    whole = exercises.toy_split().set_index("group").loc["all together"]
    assert whole[["rate_before", "rate_now", "mix", "rate", "total"]].tolist() == pytest.approx([2 / 3, 1 / 3, -1 / 3, 0, -1 / 3])
    accounts = exercises.toy_accounts()
    assert accounts.groupby("opened in")["activated"].agg(["sum", "size"]).loc[["August", "September"]].values.tolist() == [[2, 3], [1, 3]]


def test_not_attempted_wrong_and_right_are_told_apart():
    assert str(exercises.first.check(None)).startswith("**Not attempted yet.**")
    assert str(exercises.first.check(33)).startswith("**Not yet.**")  # the sign matters
    assert str(exercises.first.check(-33)) == "**Right.**"


def test_the_first_solution_runs_and_gives_the_answer():
    answer = eval(exercises.first.solution, {"toy_split": exercises.toy_split})
    assert str(exercises.first.check(answer)) == "**Right.**"


def test_the_second_asks_for_the_later_accounts_and_not_for_those_it_was_chosen_on(small_study):
    row = chosen_driver(drivers(small_study)).iloc[0]
    question = exercises.second(small_study)
    assert abs(row["earlier"] - row["adjusted"]) > 0.005
    assert str(question.check(row["earlier"])).startswith("**Not yet.**")
    assert str(question.check(row["adjusted"])) == "**Right.**"
    assert eval(question.solution, {"chosen_driver": chosen_driver, "drivers": drivers, "study": small_study}) == row["adjusted"]


def test_the_second_asks_for_other_data_where_it_must(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-10,100\n"}))
    assert str(exercises.second(study).check(0.1)).startswith("This exercise needs other data:")
