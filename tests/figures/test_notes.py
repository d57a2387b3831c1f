"""Every figure with a time axis takes the notes of the workbook, draws them, and is given them."""

import ast
import inspect
import json
from importlib import import_module
from pathlib import Path

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes

import apijourney
from apijourney.figures.style import INK

PACKAGE = Path(apijourney.__file__).parent
ROOT = Path(__file__).resolve().parents[2]
MONTHS = ["2026-01", "2026-02", "2026-03"]
DAYS = pd.date_range("2026-01-01", "2026-03-31")
NOTES = pd.DataFrame({"date": pd.to_datetime(["2026-01-20", "2026-02-10", "2027-01-01"]), "text": ["a release", "an outage", "far away"]})
SHARE = pd.DataFrame({"month": MONTHS, "value": [0.5, 0.6, 0.7], "low": 0.4, "high": 0.8, "mature": True})


def by_month(**columns) -> pd.DataFrame:
    return pd.DataFrame({"month": MONTHS} | columns)


def each(column: str, names, table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table.assign(**{column: name}) for name in names], ignore_index=True)


CASES = {
    "draw_adoption": ((SHARE.assign(of="API", version="v1", denominator=9),), {}),
    "draw_aftermath": ((by_month(failed_share=0.1, given_back_minor=100.0, churn=0.2),), {"slo": 0.99, "currency": "EUR"}),
    "draw_budget": ((pd.DataFrame({"day": DAYS, "bad": 1, "allowed": 2.0, "budget_left": 0.5, "mature": True}),), {}),
    "draw_costs": ((by_month(category="support", cost_minor=100),), {"currency": "EUR"}),
    "draw_daily": (({"active": pd.DataFrame({"day": DAYS, "accounts": 3.0})},), {"title": "Active"}),
    "draw_expansion": ((SHARE.assign(kind="endpoint"),), {"title": "More"}),
    "draw_fixed_days": (({"day 30": SHARE},), {"title": "Back"}),
    "draw_forecast": (
        (by_month(value=[1.0, 2.0, 3.0]), pd.DataFrame({"month": ["2026-04"], "value": 4.0, "low80": 3.0, "high80": 5.0, "low95": 2.0, "high95": 6.0})),
        {"title": "Ahead"},
    ),
    "draw_growth": ((each("state", ["grew", "steady", "shrank", "silent"], by_month(share=0.25)),), {"title": "Growth"}),
    "draw_lifecycle": (
        (pd.DataFrame({"period": pd.to_datetime([f"{m}-01" for m in MONTHS]), "new": 1, "returning": 2, "resurrecting": 1, "dormant": 1}),),
        {"title": "Lives"},
    ),
    "draw_machines": ((pd.DataFrame({"day": DAYS, "cpu_max": 0.5, "memory_max": 0.5, "connections_max": 9}),), {}),
    "draw_movements": ((by_month(new_minor=5, expansion_minor=1, reactivation_minor=1, contraction_minor=-1, churn_minor=-2),), {"currency": "EUR"}),
    "draw_percentiles": ((by_month(quantile=0.5, latency_ms=80.0, low=70.0, high=90.0),), {}),
    "draw_remaining": ((SHARE.assign(measure="accounts"),), {"title": "Left"}),
    "draw_revenue": ((by_month(subscription_minor=5, usage_minor=1, one_off_minor=1, taken_off_minor=-1),), {"currency": "EUR"}),
    "draw_revenue_retention": ((SHARE, SHARE), {}),
    "draw_stages": ((each("stage", ["discover", "test"], by_month(units=[1.0, 2.0, 3.0])),), {"title": "Stages"}),
    "draw_traffic": ((by_month(segment="all", per_minute=1.0),), {}),
    "draw_trend": ((SHARE,), {"unit": "share", "title": "Trend"}),
    "draw_unusual": ((pd.DataFrame({"measure": "calls", "day": DAYS, "value": 5.0, "low": 4.0, "high": 6.0, "unusual": False}),), {}),
    "draw_up_and_available": ((SHARE, SHARE), {"slo": 0.99}),
}
MARKED_OTHERWISE = {"draw_scorecard"}
"""Its axes are too small for numbers and texts: strokes at the foot, see test_holistic_figures."""


def figures_with_notes() -> dict:
    """Every draw_* of the package that takes notes, by name."""
    found = {}
    for file in sorted((PACKAGE / "figures").glob("*.py")):
        module = import_module(f"apijourney.figures.{file.stem}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("draw_") and "notes" in inspect.signature(function).parameters:
                found[name] = function
    return found


FIGURES = figures_with_notes()


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_every_figure_that_takes_notes_is_tried_below():
    assert set(FIGURES) == set(CASES) | MARKED_OTHERWISE


def lines_of_notes(ax: Axes) -> list[pd.Timestamp]:
    dotted = [line for line in ax.get_lines() if line.get_linestyle() == ":" and line.get_color() == INK]
    return [mdates.num2date(mdates.date2num(line.get_xdata()[0])).replace(tzinfo=None) for line in dotted]


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_figure_marks_the_notes_of_its_time_and_writes_their_texts_once(name):
    tables, options = CASES[name]
    drawn = FIGURES[name](*tables, **options, notes=NOTES)
    figure = drawn.figure if isinstance(drawn, Axes) else drawn
    panels = [ax for ax in figure.axes if ax.axison and ax.get_visible()]
    assert panels
    for ax in panels:
        assert lines_of_notes(ax) == NOTES["date"].tolist()[:2]
    said = " ".join([figure.get_supxlabel(), *(ax.get_xlabel() for ax in panels)])
    assert said.count("1 a release") == said.count("2 an outage") == 1
    assert "far away" not in said


@pytest.mark.parametrize("name", sorted(CASES))
def test_without_notes_no_line_is_drawn_for_them(name):
    tables, options = CASES[name]
    drawn = FIGURES[name](*tables, **options)
    figure = drawn.figure if isinstance(drawn, Axes) else drawn
    assert not any(lines_of_notes(ax) for ax in figure.axes)


# -- is every figure given the notes? ----------------------------------------------------------------


def sources() -> dict[str, str]:
    """The code of the notebooks, of what they try interactively, and of the tours of the report."""
    found = {str(f.relative_to(PACKAGE)): f.read_text() for part in ("explore", "report") for f in sorted((PACKAGE / part).rglob("*.py"))}
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(file.read_text())["cells"]
        found[file.name] = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    return found


def drawings(code: str) -> list[tuple[str, bool]]:
    """Each call of a figure that takes notes, also by `partial` or handed on with its arguments: its name, is it given them?"""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            named = [getattr(part, "id", getattr(part, "attr", "")) for part in (node.func, *node.args)]
            for name in set(named) & set(FIGURES):
                found.append((name, any(k.arg == "notes" for k in node.keywords)))
    return found


@pytest.mark.parametrize("where", sorted(sources()))
def test_every_drawing_over_time_is_given_the_notes(where):
    assert [name for name, given in drawings(sources()[where]) if not given] == []


def test_every_figure_that_takes_notes_is_drawn_somewhere():
    assert {name for code in sources().values() for name, _ in drawings(code)} == set(FIGURES)


def test_a_drawing_without_notes_is_found():
    assert drawings("draw_trend(table, unit='share', title='')") == [("draw_trend", False)]
    assert drawings("show(partial(draw_trend, unit='share', notes=notes))") == [("draw_trend", True)]
