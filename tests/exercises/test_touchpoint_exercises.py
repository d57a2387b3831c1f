"""The exercises of notebook 01 accept the right answer and only that."""

import pytest

from apijourney import open_study
from apijourney.exercises import touchpoints as exercises
from apijourney.metrics.product.discovery.touchpoints import path_counts, path_shares, volume


def test_one_of_two_readers_looked_at_the_prices():
    # ada (as v1 before she signed up, and as herself) and v2 read the docs; v2 saw the prices; v3 is a crawler
    assert repr(exercises.first.check(0.5)) == "**Right.**"
    assert "Not yet" in repr(exercises.first.check(0.9))
    assert "Not attempted" in repr(exercises.first.check(None))


@pytest.mark.parametrize(("answer", "what"), [(2 / 3, "crawler"), (1 / 3, "one person"), (1 / 4, "Count people"), (50, "per cent")])
def test_each_likely_mistake_is_named(answer, what):
    assert what in repr(exercises.first.check(answer))


def test_the_solution_shown_is_code_that_answers():
    scope = {"volume": volume, "exercises": exercises}
    lines = exercises.first.solution.split("\n")
    exec(lines[0], scope)
    assert eval(lines[1], scope) == 0.5


def test_the_dead_end_is_looked_up_in_the_month_before(small_study):
    shares = path_shares(path_counts(small_study))
    question = exercises.second(small_study)
    scope = {"shares": shares, "path_shares": path_shares, "path_counts": path_counts, "study": small_study}
    first, second = question.solution.split("\n")
    exec(first, scope)
    ends = {k: v for k, v in shares["(end)"].items() if k not in ("(start)", "(another)") and v == v}
    assert scope["end"] == max(ends, key=ends.get)
    right = eval(second, scope)
    assert repr(question.check(right)) == "**Right.**"
    assert abs(right - max(ends.values())) > 0.005
    assert "Look one month earlier." in repr(question.check(max(ends.values())))


def test_without_touchpoints_the_exercise_says_what_it_needs(company):
    lines = "invoice_id,account_id,issued_at,amount_minor,currency\n1,a,2026-02-01T10:00:00Z,500,USD\n"
    study = open_study(company({"invoices.csv": lines}), month="2026-02")
    assert "needs other data" in repr(exercises.second(study).check(0.4))


def test_without_a_month_before_the_exercise_says_what_it_needs(company):
    lines = "event_id,occurred_at,visitor_id,touchpoint\n" + "".join(f"{i},2026-02-0{i}T10:00:00Z,v{i},docs_view\n" for i in range(1, 4))
    study = open_study(company({"touchpoints.csv": lines}), month="2026-02")
    assert "needs other data" in repr(exercises.second(study).check(0.4))
