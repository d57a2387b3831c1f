"""The touchpoint explorer answers for every choice a person can make of its controls."""

from apijourney import open_study
from apijourney.explore.touchpoints import explore_touchpoints


def _answers(widget) -> tuple:
    """The controls of a panel, and a function that collects what is shown."""
    controls = {c.description: c for c in widget.children[0].children}
    return controls, widget.children[1]


def test_explorer_offers_the_journey_and_the_months_shown(small_study):
    controls, _ = _answers(explore_touchpoints(small_study))
    assert list(controls) == ["stage", "touchpoint", "month"]
    assert controls["stage"].options[:2] == ("all", "discover")
    assert controls["month"].options[0] == controls["month"].value == small_study.month
    assert "webhook set" in controls["touchpoint"].options


def test_choosing_shows_the_touchpoint_of_that_month(small_study, capsys):
    controls, _ = _answers(explore_touchpoints(small_study))
    capsys.readouterr()
    controls["touchpoint"].value = "docs page"
    assert "next touchpoint" in capsys.readouterr().out
    controls["touchpoint"].value = "webhook set"  # cannot be measured: a note, no crash
    assert "webhook set” is not measurable" in capsys.readouterr().out


def test_explorer_works_with_invoices_alone(company, capsys):
    lines = "invoice_id,account_id,issued_at,amount_minor,currency\n1,a,2026-02-01T10:00:00Z,500,USD\n"
    study = open_study(company({"invoices.csv": lines}), month="2026-02")
    controls, _ = _answers(explore_touchpoints(study))
    controls["stage"].value = "scale"
    controls["touchpoint"].value = "invoice"
    assert "Traceback" not in "".join(capsys.readouterr())
