"""An answer is kept with the study it is about and with no other, and not without bound."""

from copy import copy
from types import SimpleNamespace

import pandas as pd

from apijourney.facts.remember import MOST, remembered


def test_a_copy_of_a_study_that_looks_at_other_months_answers_for_itself():
    first = remembered(lambda study: study.months[0])
    study = SimpleNamespace(months=["2026-01", "2026-02"])
    assert first(study) == "2026-01"
    other = copy(study)
    other.months = ["2026-02"]
    assert (first(other), first(study)) == ("2026-02", "2026-01")


def test_the_answer_asked_for_longest_ago_is_forgotten():
    asked = []
    answer = remembered(lambda study, k: asked.append(k) or k, most=2)
    study = SimpleNamespace()
    for k in (1, 2, 1, 3, 1, 2):
        assert answer(study, k) == k
    assert asked == [1, 2, 3, 2]  # 2 was forgotten for 3, since 1 had been asked for again


def test_no_function_is_remembered_without_bound():
    study, answer = SimpleNamespace(), remembered(lambda study, k: k)
    for k in range(3 * MOST):
        answer(study, k)
    (answers,) = (v for k, v in study._remembered.items() if k != "of")
    assert len(answers) == MOST


def test_functions_do_not_push_out_each_others_answers():
    study, asked = SimpleNamespace(), []
    one = remembered(lambda study: asked.append("one") or 1, most=1)
    two = remembered(lambda study: 2, most=1)
    assert (one(study), two(study), one(study), asked) == (1, 2, 1, ["one"])


def test_a_column_added_to_an_answer_is_not_in_the_next():
    study, answer = SimpleNamespace(), remembered(lambda study: pd.DataFrame({"a": [1]}))
    first = answer(study)
    first.insert(0, "b", 2)
    assert list(answer(study)) == ["a"]
