"""The exercises of notebook 01 accept the right answer and only that."""

from apijourney import open_study
from apijourney.exercises import touchpoints as exercises
from apijourney.metrics.product.discovery.touchpoints import path_counts, path_shares, volume


def test_two_people_read_the_docs_in_the_toy_log():
    # ada (as v1 before she signed up, and as herself) and v2; v3 is a crawler.
    assert repr(exercises.first.check(2)) == "**Right.**"
    assert "Not yet" in repr(exercises.first.check(3))
    assert "Not attempted" in repr(exercises.first.check(None))


def test_the_solution_shown_is_code_that_answers():
    scope = {"volume": volume, "exercises": exercises}
    lines = exercises.first.solution.split("\n")
    exec(lines[0], scope)
    assert eval(lines[1], scope) == 2


def test_the_dead_end_is_the_touchpoint_with_the_largest_share_of_ends(small_study):
    shares = path_shares(path_counts(small_study))
    question = exercises.second(small_study)
    right = eval(question.solution, {"shares": shares})
    ends = {k: v for k, v in shares["(end)"].items() if k not in ("(start)", "(another)") and v == v}
    assert right == max(ends, key=ends.get)
    assert repr(question.check(right.upper())) == "**Right.**"
    assert "Not yet" in repr(question.check("nowhere"))


def test_without_touchpoints_the_exercise_says_what_it_needs(company):
    lines = "invoice_id,account_id,issued_at,amount_minor,currency\n1,a,2026-02-01T10:00:00Z,500,USD\n"
    study = open_study(company({"invoices.csv": lines}), month="2026-02")
    assert "needs other data" in repr(exercises.second(study).check("docs"))
