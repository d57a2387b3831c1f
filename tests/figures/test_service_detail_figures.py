"""The figures of the service closer by draw the numbers of their tables, and no others."""

import numpy as np
import pandas as pd

from apijourney import NotMeasurable
from apijourney.figures.service_detail import draw_after_errors, draw_hours, draw_migration, draw_unusual

NAN = float("nan")
NOTES = pd.DataFrame({"date": pd.to_datetime(["2026-10-02"]), "text": ["outage"]})


def test_an_hour_with_too_few_calls_stays_blank():
    table = pd.DataFrame(
        {"group": [9, 10, 9], "quantile": [0.5, 0.5, 0.9], "latency_ms": [90.0, NAN, 250.0], "low": [80.0, NAN, 240.0], "high": [99.0, NAN, 260.0]}
    )
    ax = draw_hours(table, title="t")
    lines = {line.get_label(): line for line in ax.lines}
    assert len(lines["p50"].get_xdata()) == 24
    assert lines["p50"].get_ydata()[9] == 90 and np.isnan(np.delete(lines["p50"].get_ydata(), 9)).all()
    assert lines["p90"].get_ydata()[9] == 250
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["p90", "p50"]


def test_the_hour_after_an_error_adds_up_and_codes_of_few_accounts_are_left_out():
    rows = [(429, 10, 60, "success", 0.25), (429, 10, 60, "more_errors", 0.25), (429, 10, 60, "silence", 0.5)]
    rows += [(500, 2, 3, a, NAN) for a in ("success", "more_errors", "silence")]
    rows += [(0, 90, 1_200, "success", 0.5), (0, 90, 1_200, "more_errors", 0.0), (0, 90, 1_200, "silence", 0.5)]
    ax = draw_after_errors(pd.DataFrame(rows, columns=["code", "accounts", "encounters", "after", "value"]), title="t")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["429", "a good call"]
    success, errors, silence = ([(b.get_x(), b.get_width()) for b in c] for c in ax.containers)
    assert success == [(0, 0.25), (0, 0.5)]
    assert errors == [(0.25, 0.25), (0.5, 0.0)]
    assert silence == [(0.5, 0.5), (0.5, 0.5)]
    assert [t.get_text() for t in ax.texts] == ["n = 60, 10 accounts", "n = 1,200, 90 accounts"]


def test_only_unusual_days_have_a_point_and_a_measure_nobody_knows_has_no_row():
    days = pd.date_range("2026-10-01", periods=3)
    calls = pd.DataFrame({"measure": "calls", "day": days, "value": [10.0, 90.0, 12.0], "low": 5.0, "high": 20.0, "unusual": [False, True, False]})
    unknown = calls.assign(measure="p95_ms", value=NAN, unusual=False)
    figure = draw_unusual(pd.concat([calls, unknown]), notes=NOTES)
    (ax,) = figure.axes
    assert ax.lines[0].get_ydata().tolist() == [10, 90, 12]
    assert ax.lines[1].get_ydata().tolist() == [90]
    assert ax.get_xlabel() == "1 outage"


def test_the_curve_of_those_who_stay_is_a_step_from_all_of_them():
    curve = pd.DataFrame({"days": [0.0, 10.0, 30.0], "value": [1.0, 0.75, 0.5], "low": [1.0, 0.4, 0.2], "high": [1.0, 0.9, 0.8], "at_risk": [4, 4, 2]})
    ax = draw_migration(curve, title="t")
    assert ax.lines[0].get_xdata().tolist() == [0, 10, 30] and ax.lines[0].get_ydata().tolist() == [1, 0.75, 0.5]
    assert ax.get_ylim() == (0, 1) and ax.get_xlim() == (0, 30)


def test_what_is_not_measurable_is_passed_on():
    note = NotMeasurable("Latency", "map latency_ms.")
    assert draw_hours(note, title="t") is draw_after_errors(note, title="t") is draw_unusual(note) is draw_migration(note, title="t") is note
