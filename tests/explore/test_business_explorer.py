"""The business explorer answers for every choice a person can make of its controls."""

import pytest

from apijourney import open_study
from apijourney.explore import business
from apijourney.explore.business import explore_business

LINES = """account_id,issued_at,amount_minor,kind
a,2026-01-05,1000,subscription
a,2026-02-05,1500,subscription
b,2026-02-05,500,subscription
c,2026-02-05,700,usage
"""


@pytest.fixture
def said(monkeypatch):
    """What the explorer says, in order."""
    texts = []
    monkeypatch.setattr(business, "say", lambda text: texts.append(str(text)))
    return texts


@pytest.fixture
def controls(company, said):
    study = open_study(company({"invoices.csv": LINES}, "currency: EUR"), month="2026-02")
    rows = explore_business(study).children[0].children[0]
    said.clear()
    return {c.description: c for c in rows.children}


def test_explorer_offers_three_choices(controls):
    assert list(controls) == ["months shown", "MRR includes usage", "leave out the largest"]


def test_leaving_usage_and_the_largest_out_changes_the_answer(controls, said):
    # February: a 1,500, b 500, c 700 of usage, in cents; the largest is a
    controls["MRR includes usage"].value = False
    assert "to **EUR 20**" in said[0] and "**2 accounts**. The largest" in said[-1]
    said.clear()
    controls["leave out the largest"].value = 1
    assert "to **EUR 5**" in said[0] and "Net revenue retention is not measurable" in said[1]
    said.clear()
    controls["leave out the largest"].value = 10  # nobody is left: a note, no traceback
    assert "nobody pays in 2026-02" in said[-1]


def test_the_size_of_a_worth_falls_with_the_discount_and_grows_with_the_months_that_count(small_study, said, monkeypatch):
    drawn = []
    monkeypatch.setattr(business, "show", lambda axes, alt: drawn.append(alt))
    worth = explore_business(small_study).children[1].children[0]
    controls = {c.description: c for c in worth.children}
    assert list(controls) == ["discount a year", "months ahead that count", "months back that are read"]

    def amount(name, value) -> float:
        said.clear()
        controls[name].value = value
        return abs(float(said[-1].split("worth **EUR ")[1].split("**")[0].replace(",", "")))  # this company loses by each

    at_ten = amount("months ahead that count", 48)
    assert amount("discount a year", 0.3) < at_ten < amount("discount a year", 0)
    assert amount("months ahead that count", 120) > amount("months ahead that count", 12)
    assert amount("months back that are read", 2) != amount("months back that are read", 12)
    assert drawn and all(alt.startswith("What a paying account is worth. In ") for alt in drawn[-3:])


def test_explorer_of_one_off_sales_is_a_note(company):
    lines = "account_id,issued_at,amount_minor\na,2026-01-05,1000\na,2026-02-05,1000\n"
    study = open_study(company({"invoices.csv": lines}), month="2026-02")
    assert "is not measurable: the invoices hold one-off purchases only" in explore_business(study).value
