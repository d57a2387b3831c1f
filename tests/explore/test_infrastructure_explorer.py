"""The infrastructure explorer answers for every choice a person can make of its controls."""

import pytest

from apijourney import open_study
from apijourney.explore import infrastructure
from apijourney.explore.infrastructure import explore_infrastructure


@pytest.fixture
def said(monkeypatch):
    """What the explorer says, in order."""
    texts = []
    monkeypatch.setattr(infrastructure, "say", lambda text: texts.append(str(text)))
    return texts


@pytest.fixture
def controls(small_study, said):
    rows = explore_infrastructure(small_study).children[0]
    said.clear()
    return {c.description: c for c in rows.children}


def test_explorer_offers_four_choices_and_begins_with_the_promise_of_the_workbook(controls):
    assert list(controls) == ["percentile", "endpoint", "promised availability", "days looked back"]
    assert controls["promised availability"].value == 0.999


def test_every_percentile_endpoint_promise_and_window_has_an_answer(controls, said):
    for control in controls.values():
        for option in control.options:
            value = option[1] if isinstance(option, tuple) else option
            if value != control.value:
                said.clear()
                control.value = value
                assert len(said) == 2 and not any("not measurable" in text for text in said), (control.description, value)
    assert "If 99.95 % were promised: In the 56 days up to" in said[-1]


def test_a_lower_promise_leaves_more_of_the_budget(controls, said):
    controls["promised availability"].value = 0.99
    used = [float(text.split(": **")[1].split(" %")[0].replace(",", "")) for text in said if "promised" in text]
    said.clear()
    controls["promised availability"].value = 0.999
    strict = [float(text.split(": **")[1].split(" %")[0].replace(",", "")) for text in said if "promised" in text]
    assert used[0] < strict[0]


def test_one_endpoint_has_answers_of_its_own(controls, said):
    controls["endpoint"].value = "/v1/payments"
    first = said[0]
    said.clear()
    controls["endpoint"].value = "all endpoints"
    assert said[0] != first


def test_explorer_without_calls_is_a_note(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-10,100\n"}))
    assert "is not measurable" in explore_infrastructure(study).value
