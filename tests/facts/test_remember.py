"""An answer is kept with the study it is about, and with no other."""

from copy import copy
from types import SimpleNamespace

from apijourney.facts.remember import remembered


def test_a_copy_of_a_study_that_looks_at_other_months_answers_for_itself():
    first = remembered(lambda study: study.months[0])
    study = SimpleNamespace(months=["2026-01", "2026-02"])
    assert first(study) == "2026-01"
    other = copy(study)
    other.months = ["2026-02"]
    assert (first(other), first(study)) == ("2026-02", "2026-01")
