"""The figures of the whole draw the numbers of their tables, and no others."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable
from apijourney.figures.associations import draw_drivers, draw_links
from apijourney.figures.levers import draw_changes, draw_levers, draw_mix_and_rate
from apijourney.figures.scorecard import draw_scorecard
from apijourney.figures.style import ACCENT, GOOD, INK, QUIET, WARM
from apijourney.metrics.holistic.changes import changes
from apijourney.metrics.holistic.mix_and_rate import mix_and_rate, parts_interval
from apijourney.metrics.holistic.scorecard import score

NAN = math.nan


def title(ax):
    return ax.get_title() or ax.get_title(loc="left")


MONTHS = [str(m) for m in pd.period_range("2025-11", periods=12, freq="M")]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def line(ax, label):
    return next(a for a in ax.get_lines() if a.get_label() == label)


def test_the_scorecard_marks_the_notes_of_its_months_at_the_foot_of_each_axis():
    steady = pd.DataFrame({"month": MONTHS, "value": 1.0, "low": NAN, "high": NAN, "denominator": 1.0})
    metrics = {"mrr": steady, "stickiness": steady}
    notes = pd.DataFrame({"date": pd.to_datetime(["2026-02-15", "2025-11-01", "2027-01-01"]), "text": ["an outage", "a release", "far away"]})
    table = score(metrics, month="2026-10", goals={}, owners={})
    figure = draw_scorecard(table, metrics, names=list(metrics), currency="EUR", notes=notes)
    for ax in [ax for ax in figure.axes if ax.get_lines()]:
        strokes = [a.get_xdata()[0] for a in ax.get_lines() if a.get_color() == INK]
        # November 1st is the left end of step 0; 14 of the 28 days of February, step 3, are over on the 15th
        assert strokes == [-0.5, 3.0]
        assert max(a.get_ydata()[1] for a in ax.get_lines() if a.get_color() == INK) < 0.2
    said = figure.get_supxlabel()
    assert "1 a release" in said and "2 an outage" in said and "far away" not in said
    bare = draw_scorecard(table, metrics, names=list(metrics), currency="EUR")
    assert bare.get_supxlabel() == "" and not [a for ax in bare.axes for a in ax.get_lines() if a.get_color() == INK]


def test_each_measurable_metric_has_its_small_line_with_goal_and_verdict():
    rising = pd.DataFrame({"month": MONTHS, "value": [1.0] * 9 + [5.0, 6.0, NAN], "low": NAN, "high": NAN, "denominator": 1.0})
    metrics = {"mrr": rising, "stickiness": rising.assign(value=0.4, low=0.3, high=0.5), "revenue": NotMeasurable("Revenue", "add invoices.")}
    table = score(metrics, month="2026-10", goals={"stickiness": 0.45}, owners={})
    names = ["mrr", "revenue", "stickiness"]
    figure = draw_scorecard(table, metrics, names=names, currency="EUR")
    axes = [ax for ax in figure.axes if ax.get_lines()]
    assert [title(ax) for ax in axes] == ["Monthly recurring revenue", "Stickiness (DAU/MAU)"]
    assert figure.get_suptitle() == "The scorecard, November 2025 to October 2026"
    assert [[t.get_text() for t in ax.get_xticklabels()] for ax in axes] == [["Nov 2025", "Oct 2026"]] * 2
    assert [t.get_text() for t in axes[0].get_yticklabels()] == ["EUR 0.01", "EUR 0.06"]
    np.testing.assert_allclose(axes[0].get_lines()[0].get_ydata(), rising["value"])
    assert axes[0].get_lines()[1].get_xdata().tolist() == [10]  # the dot stands at the latest known month
    assert [t.get_text() for ax in axes for t in ax.texts] == ["EUR 0.06", "40 % · unclear"]
    assert axes[1].get_lines()[-1].get_ydata()[0] == 0.45
    assert len([ax for ax in draw_scorecard(table, metrics, names=["stickiness"], currency="EUR").axes if ax.get_lines()]) == 1
    assert isinstance(draw_scorecard(table, metrics, names=["revenue"], currency="EUR"), NotMeasurable)


def test_the_color_of_a_metric_is_its_direction():
    rising = pd.DataFrame({"month": MONTHS, "value": np.arange(12.0), "low": NAN, "high": NAN, "denominator": 1.0})
    metrics = {"mrr": rising, "top_account_share": rising, "stickiness": rising.assign(value=0.4)}
    axes = draw_scorecard(score(metrics, month="2026-10", goals={}, owners={}), metrics, names=list(metrics), currency="EUR").axes
    assert [ax.get_lines()[0].get_color() for ax in axes[:3]] == [GOOD, WARM, ACCENT]


LINKS = pd.DataFrame({
    "signal": ["errors", "slow", "errors", "slow"], "outcome": ["kept", "kept", "mrr_minor", "mrr_minor"],
    "crude": [0.1, NAN, 500.0, -100.0], "adjusted": [0.05, NAN, 300.0, -50.0], "low": [-0.02, NAN, 100.0, -200.0],
    "high": [0.12, NAN, 500.0, 100.0], "note": ["", "too few to say", "", ""],
})  # fmt: skip


def test_links_stand_in_their_outcome_s_panel_with_crude_adjusted_and_interval():
    figure = draw_links(LINKS, signals={"errors": "rejected", "slow": "slow"}, outcomes={"kept": "kept", "mrr_minor": "MRR"}, currency="EUR")
    kept, money = figure.axes
    assert line(kept, "adjusted, with its 95 % interval").get_ydata().tolist() == [0, 1]
    np.testing.assert_allclose(line(money, "adjusted, with its 95 % interval").get_xdata(), [300, -50])
    np.testing.assert_allclose(line(kept, "crude").get_xdata(), [0.1, NAN])
    np.testing.assert_allclose([s[:, 0] for s in money.collections[0].get_segments()], [[100, 500], [-200, 100]])
    assert [t.get_text() for t in kept.texts] == ["too few to say"]
    assert figure.get_suptitle() == "Accounts above the median of each signal in their first week, against the others"
    assert [t.get_text() for t in kept.get_yticklabels()] == ["rejected", "slow"]
    for ax, ends in ((kept, (-0.02, 0.12)), (money, (-200, 500))):
        assert ax.get_xlim()[0] <= ends[0] and ends[1] <= ax.get_xlim()[1]


DRIVERS = pd.DataFrame({
    "behaviour": ["days with calls", "quickstart", "keys"], "cut": [3, 1, 1], "kind": ["use", "before use", "use"],
    "earlier": [0.4, 0.12, 0.3], "adjusted": [0.35, 0.1, NAN], "low": [0.3, 0.02, NAN], "high": [0.4, 0.18, NAN],
    "note": ["", "", "all or nothing in one group"],
})  # fmt: skip


def test_drivers_show_where_they_were_chosen_and_where_they_were_judged():
    ax = draw_drivers(DRIVERS)
    np.testing.assert_allclose(line(ax, "where it was chosen: earlier accounts").get_xdata(), [0.4, 0.12, 0.3])
    np.testing.assert_allclose(line(ax, "before use, later accounts").get_xydata(), [[0.1, 1]])
    np.testing.assert_allclose(line(ax, "use itself, later accounts").get_xydata(), [[0.35, 0], [NAN, 2]])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["days with calls ≥ 3", "quickstart", "keys"]
    assert "all or nothing in one group" in [t.get_text() for t in ax.texts]


LEVERS = pd.DataFrame({
    "lever": ["called → paid", "quickstart", "opened → called"], "kind": ["step", "driver", "step"], "paying": [0.5, -0.1, NAN],
    "low": [0.4, -0.3, NAN], "high": [0.6, 0.1, NAN], "mrr_minor": [12345.0, NAN, NAN],
})  # fmt: skip


def test_a_lever_s_bar_is_as_long_as_what_it_brings():
    ax = draw_levers(LEVERS, currency="EUR", title="Levers")
    np.testing.assert_allclose([b.get_width() for b in ax.patches], [0.5, -0.1, NAN])
    assert [t.get_text() for t in ax.texts] == ["0.50 · MRR EUR 123.45", "-0.10 · MRR unknown", "too few to say"]
    np.testing.assert_allclose([s[:, 0] for s in ax.collections[0].get_segments() if len(s)], [[0.4, 0.6], [-0.3, 0.1]])


def test_the_two_colors_of_levers_are_named_where_both_are_there():
    ax = draw_levers(LEVERS, currency="EUR", title="Levers")
    (legend,) = ax.figure.legends
    drawn = {h.get_facecolor()[:3]: t.get_text() for h, t in zip(legend.get_patches(), legend.get_texts(), strict=True)}
    of_kind = dict(zip(LEVERS["kind"], (b.get_facecolor()[:3] for b in ax.patches), strict=True))
    assert drawn == {of_kind["step"]: "a step of the funnel", of_kind["driver"]: "the early behaviour (driver)"}
    assert not draw_levers(LEVERS[LEVERS["kind"] == "step"], currency="EUR", title="Levers").figure.legends


def test_changes_stand_in_lengths_of_their_interval_and_totals_are_left_out():
    share = pd.DataFrame({"month": MONTHS[-2:], "value": [0.4, 0.8], "low": [0.35, 0.75], "high": [0.45, 0.85]})
    table = changes({"activated_share": share, "stickiness": share.assign(value=[0.4, 0.41], low=[0.3, 0.31], high=[0.5, 0.51]), "mrr": share.assign(low=NAN, high=NAN)})
    ax = draw_changes(table)
    points = ax.collections[-1]
    np.testing.assert_allclose(points.get_offsets(), [[table["in_intervals"].iloc[0], 0], [table["in_intervals"].iloc[1], 1]])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["Activated share, Oct 2026", "Stickiness (DAU/MAU), Oct 2026"]
    assert points.get_facecolors()[0][:3] == pytest.approx(plt.matplotlib.colors.to_rgb(GOOD))
    assert points.get_facecolors()[1][:3] == pytest.approx(plt.matplotlib.colors.to_rgb(QUIET))
    assert isinstance(draw_changes(table[table["metric"] == "mrr"]), NotMeasurable)


def test_the_surest_changes_are_drawn_where_only_some_are_and_the_note_still_counts_all():
    table = pd.DataFrame(
        {"name": ["A", "B", "C", "D"], "month": "2026-10", "in_intervals": [-2.0, 1.5, np.nan, 0.1], "moved": ["worse", "", "", ""]}
    )
    ax = draw_changes(table, most=2)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["A, Oct 2026", "B, Oct 2026"]
    note = ax.figure.get_supxlabel()
    assert "among all 3 metrics" in note and "the 2 surest are shown" in note
    assert "surest" not in draw_changes(table).figure.get_supxlabel()


def test_mix_and_rate_have_a_bar_each_and_the_whole_its_interval():
    before = pd.DataFrame({"group": ["ads", "docs"], "numerator": [1, 8], "denominator": [10, 10]})
    now = pd.DataFrame({"group": ["ads", "docs"], "numerator": [2, 9], "denominator": [15, 10]})
    table, parts = mix_and_rate(before, now), parts_interval(before, now)
    ax = draw_mix_and_rate((table, parts, "2026-10"), by="channel")
    widths = {c.get_label().split(":")[0]: [b.get_width() for b in c] for c in ax.containers}
    for part in ("mix", "rate"):
        np.testing.assert_allclose(widths[part], table[part])
    drawn = [s[0][:, 0].tolist() for s in (c.get_segments() for c in ax.collections)]
    np.testing.assert_allclose(drawn, parts.set_index("part").loc[["mix", "rate"], ["low", "high"]])
    assert title(ax) == "Activated share of October 2026 against the month before, by channel"
    assert ax.get_yticklabels()[-1].get_text() == "all together (n = 20, then 25)"


def test_what_is_not_measurable_is_handed_on():
    note = NotMeasurable("The chain", "add requests.")
    assert draw_links(note, signals={}, outcomes={}, currency="EUR") is note
    assert draw_drivers(note) is draw_changes(note) is draw_mix_and_rate(note, by="channel") is draw_levers(note, currency="EUR", title="x") is note
