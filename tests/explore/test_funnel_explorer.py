"""The funnel explorer answers for another window, step and number of hours, and a company without a funnel is a note."""

import pytest

from apijourney import open_study
from apijourney.explore import funnel as explorer
from apijourney.explore.funnel import explore_funnel


@pytest.fixture
def said(monkeypatch):
    """What the explorer says, in order."""
    texts = []
    monkeypatch.setattr(explorer, "say", lambda text: texts.append(str(text)))
    return texts


@pytest.fixture
def controls(small_study, said):
    panels = explore_funnel(small_study).children
    said.clear()
    return {c.description: c for one in panels for c in one.children[0].children}


def test_explorer_offers_a_window_and_a_step_for_the_funnel_and_three_choices_for_what_was_met(controls, small_study):
    friction = ["stopped before", "days to go on in", "first hours after the step before"]
    assert list(controls) == ["window, days", "step to reach", *friction]
    assert controls["step to reach"].options == tuple(small_study.workbook.funnel[1:])


def test_the_step_chosen_is_the_step_reached(controls, said):
    controls["step to reach"].value = "production call"
    assert len(said) == 1 and "reach “production call”" in said[0]


def test_step_and_hours_choose_where_friction_is_looked_for(controls, said):
    controls["stopped before"].value = "production call"
    assert "did not go on to “production call”" in said[-1]
    said.clear()
    controls["first hours after the step before"].value = 48
    assert "that went on within 48 hours" in said[-1]


def test_a_company_without_a_funnel_is_a_note(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-05,100\n"}))
    assert "names no funnel" in explore_funnel(study).value
