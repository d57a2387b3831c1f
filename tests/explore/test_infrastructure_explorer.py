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
def both(small_study, said, monkeypatch):
    """The controls of each panel, by what stands beside them."""
    monkeypatch.setattr(infrastructure, "table", lambda frame: said.append(str(frame.to_dict("records"))))
    panels = explore_infrastructure(small_study).children
    said.clear()
    return [{c.description: c for c in one.children[0].children} for one in panels]


@pytest.fixture
def controls(both):
    return both[0]


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
                assert len(said) == 1 and not any("not measurable" in text for text in said), (control.description, value)
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


def test_every_alarm_is_tried_and_the_choice_changes_how_often_it_rings(both, said):
    windows, times = both[1].values()
    rung = {}
    for name in windows.options:
        for fast in (1.2, 30):
            said.clear()
            windows.value, times.value = name, fast
            assert name in said[-1] and "not measurable" not in said[-1]
            rung[name, fast] = int(said[-1].split("'alarms': ")[1].split(",")[0])
    assert len({rung[name, 1.2] for name in windows.options}) > 1 and any(rung[n, 1.2] != rung[n, 30] for n in windows.options)


def test_explorer_without_calls_is_a_note(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-10,100\n"}))
    assert "is not measurable" in explore_infrastructure(study).value
