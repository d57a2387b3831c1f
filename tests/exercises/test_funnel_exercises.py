"""The exercises of the funnel notebook: three states, a right and a wrong answer, never a traceback."""

import pandas as pd

from apijourney import open_study
from apijourney.exercises import funnel as exercises
from apijourney.exercises.question import Question
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.conversion.journey_funnel import journey_funnel


def test_not_attempted_wrong_and_right_are_told_apart():
    # ada after an hour, bo after eight days; cy calls before signing up, di never calls
    assert str(exercises.first.check(None)).startswith("**Not attempted yet.**")
    assert str(exercises.first.check(0)).startswith("**Not yet.** Hint:")
    assert str(exercises.first.check(2)) == "**Right.**"


def test_a_likely_mistake_gets_a_hint_of_its_own():
    assert str(exercises.first.check(1)) == "**Not yet.** That is within 7 days. With 14, one more account is in time."
    assert "called *before* it signed up" in str(exercises.first.check(3))


def test_a_silly_answer_is_not_yet_right_and_raises_nothing():
    for answer in ("one", [1], pd.NA, {}, float("nan")):
        assert str(exercises.first.check(answer)).startswith("**Not yet.**")


def test_a_name_is_compared_without_case_and_spaces():
    question = Question("?", lambda: "First call", "", "")
    assert str(question.check(" first CALL ")) == "**Right.**"


def test_per_cent_a_text_and_a_wrong_sign_are_told_from_a_wrong_number():
    question = Question("?", lambda: -0.25, "think.", "", share=True)
    assert str(question.check(-25)) == "**Not yet.** That is in per cent: a share of 25 % is `0.25`."
    assert str(question.check("-25 %")) == "**Not yet.** Answer with a plain number, not with a text."
    assert str(question.check(0.25)) == "**Not yet.** The size is right, the sign is not."
    assert str(question.check(0.3)) == "**Not yet.** Hint: think."


def test_a_mistake_that_needs_other_data_is_passed_over():
    question = Question("?", lambda: 1.0, "think.", "", mistakes=((lambda: NotMeasurable("MRR", "add invoices."), "no"),))
    assert str(question.check(2)) == "**Not yet.** Hint: think."


def test_the_solution_runs_and_gives_the_answer():
    from apijourney import funnel

    answer = eval(exercises.first.solution, {"funnel": funnel, "toy_log": exercises.toy_log})
    assert str(exercises.first.check(answer)) == "**Right.**"


def test_half_the_time_is_checked_on_the_study_and_the_whole_time_is_told_from_it(small_study):
    question = exercises.second(small_study, window="60D")
    answer = eval(question.solution, {"journey_funnel": journey_funnel, "study": small_study})
    assert str(question.check(answer)) == "**Right.**"
    whole = journey_funnel(small_study, window="60D")["share_of_first"].iloc[-1]
    assert abs(whole - answer) > 0.005
    assert str(question.check(whole)).startswith("**Not yet.** That is within 60D")
    assert "in per cent" in str(question.check(100 * answer))
    step = journey_funnel(small_study, window="30D")["share_of_previous"].iloc[-1]
    assert "at the step before" in str(question.check(step))


def test_without_accounts_the_second_says_what_it_needs(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-10,100\n"}))
    assert str(exercises.second(study).check(0.1)).startswith("This exercise needs other data:")
