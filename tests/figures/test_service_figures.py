"""The figures of the service, the budget and the versions draw the numbers of their tables, and no others."""

import numpy as np
import pandas as pd

from apijourney import NotMeasurable
from apijourney.figures.budget import draw_budget, draw_budget_groups
from apijourney.figures.service import (
    draw_codes,
    draw_machines,
    draw_percentiles,
    draw_traffic,
    draw_up_and_available,
    draw_waits,
)
from apijourney.figures.trend import draw_trend
from apijourney.figures.versions import draw_adoption

NOTE = NotMeasurable("Latency", "map latency_ms.")
MONTHS = ["2026-09", "2026-10"]
NOTES = pd.DataFrame({"date": pd.to_datetime(["2026-09-15"]), "text": ["outage"]})
NAN = float("nan")


def lines(ax) -> dict:
    return {line.get_label(): line.get_ydata() for line in ax.lines}


def texts(ax) -> list[str]:
    return [t.get_text() for t in ax.texts]


def test_segments_are_stacked_and_rejected_keys_are_quiet():
    table = pd.DataFrame(
        {"month": np.repeat(MONTHS, 2), "segment": ["large", "no account"] * 2, "per_minute": [1.0, 0.5, 2.0, 0.25]}
    )
    ax = draw_traffic(table, notes=NOTES)
    large, nobody = ax.containers
    assert [b.get_height() for b in large] == [1.0, 2.0]
    assert [(b.get_y(), b.get_height()) for b in nobody] == [(1.0, 0.5), (2.0, 0.25)]
    assert large[0].get_facecolor() != nobody[0].get_facecolor()
    assert ax.get_xlabel() == "1 outage"


def test_machines_have_a_row_each_and_days_without_a_sample_stay_blank():
    table = pd.DataFrame(
        {"day": pd.to_datetime(["2026-10-01", "2026-10-02"]), "cpu_max": [0.5, NAN], "memory_max": [0.6, 0.7], "connections_max": [30, 40]}
    )
    cpu, memory, connections = draw_machines(table, notes=NOTES).axes
    assert cpu.lines[0].get_ydata()[0] == 0.5 and np.isnan(cpu.lines[0].get_ydata()[1])
    assert memory.lines[0].get_ydata().tolist() == [0.6, 0.7]
    assert connections.lines[0].get_ydata().tolist() == [30, 40]
    assert cpu.get_ylim() == (0, 1)


def test_each_percentile_is_a_line_on_a_log_scale():
    table = pd.DataFrame(
        {"month": np.repeat(MONTHS, 2), "quantile": [0.5, 0.95] * 2, "latency_ms": [90.0, 300.0, 95.0, NAN], "low": NAN, "high": NAN}
    )
    ax = draw_percentiles(table, goal=400, notes=NOTES)
    assert lines(ax)["p50"].tolist() == [90.0, 95.0]
    assert lines(ax)["p95"][0] == 300.0 and np.isnan(lines(ax)["p95"][1])
    assert lines(ax)["goal of p95, 400 ms"][0] == 400
    assert ax.get_yscale() == "log"


WAITS = pd.DataFrame(
    {"account_id": list("abc"), "latency_ms": [400.0, 200.0, NAN], "low": [350.0, 150.0, NAN], "high": [500.0, 260.0, NAN], "calls": [120, 200, 9]}
)


def test_accounts_with_too_few_calls_have_no_point_among_the_waits():
    ax = draw_waits(WAITS, title="t", overall=250.0)
    assert ax.lines[0].get_xdata().tolist() == [400.0, 200.0]
    assert texts(ax) == ["400 ms (n = 120)", "200 ms (n = 200)"]
    assert ax.lines[1].get_xdata() == [250.0, 250.0]
    assert [t.get_text() for t in draw_waits(WAITS, title="t", most=1).get_yticklabels()] == ["a"]


def test_waits_nobody_can_be_told_of_are_an_empty_figure():
    ax = draw_waits(WAITS.iloc[2:], title="t")
    assert ax.lines[0].get_xdata().size == 0 and texts(ax) == []


def test_rare_codes_are_seen_beside_frequent_ones_and_the_servers_are_red():
    table = pd.DataFrame(
        {"status": [429, 500], "share": [0.02, 0.0002], "low": [0.0, 0.0001], "high": [0.05, 0.0004], "numerator": [800, 8], "accounts": [15, 0]}
    )
    ax = draw_codes(table)
    points = ax.collections[1]
    assert points.get_offsets()[:, 0].tolist() == [0.02, 0.0002]
    assert ax.get_xscale() == "log" and ax.get_xlim()[0] <= 0.0001
    assert texts(ax) == ["2.0 % · 800 calls · 15 accounts", "0.02 % · 8 calls · no account"]
    assert not np.array_equal(points.get_facecolors()[0], points.get_facecolors()[1])


def test_no_error_and_codes_without_an_interval_are_drawn_too():
    table = pd.DataFrame({"status": [404], "share": [0.5], "low": [NAN], "high": [NAN], "numerator": [1], "accounts": [1]})
    assert texts(draw_codes(table)) == ["50 % · 1 call · 1 account"]
    assert texts(draw_codes(table.iloc[:0])) == []


def test_calls_and_minutes_are_two_lines_beside_the_promise():
    available = pd.DataFrame({"month": MONTHS, "value": [0.998, 0.9995], "low": [0.997, 0.999], "high": [0.999, 1.0]})
    uptime = pd.DataFrame({"month": MONTHS, "value": [0.99, 1.0]})
    drawn = lines(draw_up_and_available(available, uptime, slo=0.999))
    assert drawn["calls answered well"].tolist() == [0.998, 0.9995]
    assert drawn["minutes without\nan incident"].tolist() == [0.99, 1.0]
    assert drawn["promised 99.90 %"][0] == 0.999


def budget(left: list[float]) -> pd.DataFrame:
    day = pd.date_range("2026-09-10", periods=len(left))
    return pd.DataFrame({"day": day, "budget_left": left, "allowed": 10.0, "mature": ~np.isnan(left)})


def test_the_budget_is_drawn_as_used_and_an_unfilled_window_stays_blank():
    ax = draw_budget(budget([NAN, 1.0, 0.25, -0.1]), notes=NOTES)
    used = lines(ax)["used"]
    assert np.isnan(used[0]) and used[1:].tolist() == [0.0, 0.75, 1.1]
    assert ax.get_yscale() == "linear" and "log" not in ax.get_title()


def test_a_budget_used_many_times_is_on_a_log_scale_and_says_so():
    ax = draw_budget(budget([0.5, -14.0]))
    assert ax.get_yscale() == "symlog" and ax.get_title().endswith("log scale above 200 %")
    assert ax.get_ylim()[1] > 15
    formatter = ax.yaxis.get_major_formatter()
    assert [formatter(v) for v in (0.5, 10)] == ["50 %", "1,000 %"]


def test_states_of_the_budget_are_stacked_to_one_and_the_broken_share_is_always_written():
    groups = pd.DataFrame(
        {"group": ["no failed call", "within the budget", "beyond the budget"], "accounts_share": [0.9, 0.08, 0.02],
         "valid_share": [0.5, 0.3, 0.2], "mrr_share": [NAN] * 3}
    )  # fmt: skip
    ax = draw_budget_groups(groups)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["accounts", "their calls"]  # revenue is not known
    widths = np.array([[bar.get_width() for bar in container] for container in ax.containers])
    np.testing.assert_allclose(widths, [[0.9, 0.5], [0.08, 0.3], [0.02, 0.2]])
    assert "2.0 %" in texts(ax) and "20 %" in texts(ax)


def adoption(*names: str) -> pd.DataFrame:
    rows = [(of, m, v, share, 10) for of in names for m, shares in zip(MONTHS, ((1.0, 0.0), (0.4, 0.6)), strict=True) for v, share in zip("12", shares, strict=True)]
    table = pd.DataFrame(rows, columns=["of", "month", "version", "value", "denominator"])
    return table.assign(low=table["value"], high=table["value"])


def test_each_panel_names_its_lines_where_they_end():
    figure = draw_adoption(adoption("API", "python"), notes=NOTES)
    api, python = (ax for ax in figure.axes if ax.get_visible())
    assert lines(api)["1"].tolist() == [1.0, 0.4] and lines(api)["2"].tolist() == [0.0, 0.6]
    assert {"1", "2"} <= set(texts(api))
    assert python.get_title() == "python (n = 10 accounts that use it)"
    assert figure.get_supxlabel() == "1 outage"


def test_at_most_four_panels_are_drawn_and_one_stands_alone():
    assert len([ax for ax in draw_adoption(adoption(*"abcdef")).axes if ax.get_visible()]) == 4
    assert len(draw_adoption(adoption("API")).axes) == 1


def test_names_of_lines_that_end_together_are_moved_apart():
    table = adoption("API").assign(value=0.0, low=0.0, high=0.0)
    ax = draw_adoption(table).axes[0]
    heights = [t.xy[1] for t in ax.texts if t.get_text() in "12"]
    assert len(heights) == 2 and abs(heights[0] - heights[1]) > 0.05


def test_a_share_below_zero_is_not_cut_off():
    table = pd.DataFrame({"month": MONTHS, "value": [-2.0, 0.5], "low": NAN, "high": NAN, "mature": True})
    assert draw_trend(table, unit="share", title="Error budget left").get_ylim()[0] <= -2


def test_what_is_not_measurable_is_handed_on():
    assert draw_traffic(NOTE) is NOTE and draw_machines(NOTE) is NOTE and draw_percentiles(NOTE) is NOTE
    assert draw_waits(NOTE, title="t") is NOTE and draw_codes(NOTE) is NOTE
    assert draw_up_and_available(WAITS, NOTE, slo=0.999) is NOTE
    assert draw_budget(NOTE) is NOTE and draw_budget_groups(NOTE) is NOTE and draw_adoption(NOTE) is NOTE
