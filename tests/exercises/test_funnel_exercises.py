"""The exercises of the funnel notebook: three states, a right and a wrong answer, never a traceback."""

import pandas as pd

from apijourney.exercises import funnel as exercises
from apijourney.exercises.question import Question


def test_not_attempted_wrong_and_right_are_told_apart():
    # ada only: bo takes eight days, cy calls before signing up, di never calls
    assert str(exercises.first.check(None)).startswith("**Not attempted yet.**")
    assert str(exercises.first.check(2)).startswith("**Not yet.**")
    assert str(exercises.first.check(1)) == "**Right.**"


def test_a_silly_answer_is_not_yet_right_and_raises_nothing():
    for answer in ("one", [1], pd.NA, {}, float("nan")):
        assert str(exercises.first.check(answer)).startswith("**Not yet.**")


def test_a_name_is_compared_without_case_and_spaces():
    question = Question("?", lambda: "First call", "", "")
    assert str(question.check(" first CALL ")) == "**Right.**"


def test_the_solution_runs_and_gives_the_answer():
    from apijourney import funnel

    answer = eval(exercises.first.solution, {"funnel": funnel, "toy_log": exercises.toy_log})
    assert str(exercises.first.check(answer)) == "**Right.**"
