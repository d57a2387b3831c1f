"""The holistic explorer answers for every choice a person can make of its controls."""

import pytest

from apijourney import open_study
from apijourney.explore import holistic
from apijourney.explore.holistic import explore_holistic


@pytest.fixture
def said(monkeypatch):
    """What the explorer says, in order."""
    texts = []
    monkeypatch.setattr(holistic, "say", lambda text: texts.append(str(text)))
    monkeypatch.setattr(holistic, "show", lambda figure, alt: texts.append(f"figure: {type(figure).__name__}"))
    return texts


@pytest.fixture
def controls(small_study, said):
    rows = explore_holistic(small_study).children[0]
    said.clear()
    return {c.description: c for c in rows.children}


def test_explorer_offers_four_choices(controls):
    assert list(controls) == ["points moved", "funnel window, days", "month split", "by"]


def test_moving_more_points_brings_more(controls, said):
    controls["points moved"].value = 10
    assert said[0].startswith("If the associations were causal, 10 points more would bring") and said[1] == "figure: Axes"


def test_the_split_is_of_the_month_and_group_chosen(controls, said, small_study):
    controls["by"].value = "segment"
    assert "By segment:" in said[0]
    said.clear()
    controls["month split"].value = small_study.months[2]
    assert "Of the accounts opened in November 2025" in said[0]


def test_a_month_whose_windows_are_open_is_a_note_and_no_traceback(controls, said, small_study):
    controls["month split"].value = small_study.month
    assert "closed windows are needed" in said[0]


def test_explorer_of_one_off_sales_is_a_note(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-05,1000\n"}))
    assert "the workbook file names no funnel" in explore_holistic(study).value
