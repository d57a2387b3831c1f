"""The exercises of the holistic notebook: counted by hand, checked in three states."""

import pytest

from apijourney import open_study
from apijourney.exercises import holistic as exercises
from apijourney.metrics.holistic.levers import levers


def test_the_toy_falls_by_a_third_and_all_of_it_is_mix():
    # 2 of 3 in August, 1 of 3 in September; docs 100 % and ads 0 % in both
    whole = exercises.toy_split().set_index("group").loc["all together"]
    assert whole[["rate_before", "rate_now", "mix", "rate", "total"]].tolist() == pytest.approx([2 / 3, 1 / 3, -1 / 3, 0, -1 / 3])
    accounts = exercises.toy_accounts()
    assert accounts.groupby("opened in")["activated"].agg(["sum", "size"]).loc[["August", "September"]].values.tolist() == [[2, 3], [1, 3]]


def test_not_attempted_wrong_and_right_are_told_apart():
    # August: docs 100 %, ads 100 %; September: docs 100 %, ads 0 %. docs: -1/3 of 100 %; ads: +1/3 of 50 %
    assert str(exercises.first.check(None)).startswith("**Not attempted yet.**")
    assert str(exercises.first.check(5)).startswith("**Not yet.** Hint:")
    assert str(exercises.first.check(-16.7)) == "**Right.**"


@pytest.mark.parametrize(
    ("answer", "what"),
    [(-33.3, "as it stands"), (-66.7, "the whole change"), (-50, "from the rate"), (16.7, "the sign"), (-1 / 6, "in percentage points")],
)
def test_each_likely_mistake_is_named(answer, what):
    assert what in str(exercises.first.check(answer))


def test_the_first_solution_runs_and_gives_the_answer():
    answer = eval(exercises.first.solution, {"exercises": exercises})
    assert str(exercises.first.check(answer)) == "**Right.**"


def test_the_second_asks_for_five_times_the_points_of_the_notebook(small_study):
    question = exercises.second(small_study, points=1.0)
    answer = eval(question.solution, {"levers": levers, "study": small_study})
    printed = levers(small_study, points=1.0)["paying"].iloc[0]
    assert answer == pytest.approx(5 * printed, rel=0.1)
    assert str(question.check(answer)) == "**Right.**"
    assert "Move the lever five times as far." in str(question.check(printed))


def test_the_second_asks_for_other_data_where_it_must(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-10,100\n"}))
    assert str(exercises.second(study).check(0.1)).startswith("This exercise needs other data:")
