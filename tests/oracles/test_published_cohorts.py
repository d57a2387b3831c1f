"""Retention, lifecycle, stickiness and how long it takes, as other tools publish them."""

from pathlib import Path

import pandas as pd
import pytest
from published import CASES, cases, step, table

from apijourney.metrics.product.conversion.time_to import time_to, time_to_summary
from apijourney.metrics.product.engagement.activity import stickiness
from apijourney.metrics.product.engagement.lifecycle import lifecycle
from apijourney.metrics.product.retention.frequency_recency import frequency_recency
from apijourney.metrics.product.retention.retention import retention, retention_average


def triangle(found, cohorts) -> list[list[int]]:
    """The retained of the wanted cohorts, as far as the published rows reach."""
    by = {str(day)[:10]: cells["retained"].tolist() for day, cells in found.groupby("cohort")}
    return [by[str(day)[:10]] for day in cohorts]


@pytest.mark.parametrize(
    ("name", "options", "first"),
    [
        ("ph_retention_recurring_day", {}, "2020-06-10"),
        ("ph_retention_min_occurrences_2", {"minimum": 2}, "2020-06-10"),
        ("ph_retention_rolling_5", {"kind": "on_or_after", "silence": 0}, "2020-06-11"),
    ],
)
def test_retention_triangle_is_that_of_the_source(name, options, first):
    case = CASES[name]
    expected = case["expected"]["triangle"]
    cohorts = pd.date_range(first, periods=len(expected))
    until = cohorts[-1] + pd.Timedelta(1, "D")
    found = retention(table(case), entered=(first, until), observed_until=until, **options)
    assert triangle(found, cohorts) == expected
    assert found["mature"].all()


@pytest.mark.parametrize("case", cases("retention", stated=True))
def test_retention_is_that_of_the_source(case):
    """From period 1 on where the source writes the size of the cohort into period 0."""
    params, expected = dict(case["params"]), case["expected"]["triangle"]
    first = params.pop("from_period", 0)
    asked = {name: step(value) for name, value in params.items()}
    found = retention(table(case), **asked)
    by = [cells["retained"].tolist() for _, cells in found.groupby("cohort")]
    assert [row[first : len(wanted)] for row, wanted in zip(by, expected, strict=True)] == [row[first:] for row in expected]
    assert found.loc[found["period"] == 0, "size"].tolist() == [row[0] for row in expected]


def test_first_ever_retention_is_that_of_the_source_from_period_1_on():
    # The source writes the size of the cohort into period 0 although the events differ.
    case = CASES["ph_retention_first_ever_occurrence"]
    expected = case["expected"]["matrix"]
    cohorts = pd.date_range("2020-06-10", periods=len(expected))
    found = retention(
        table(case), start="$user_signed_up", back="$pageview", cohort="first_ever",
        entered=(cohorts[0], cohorts[-1] + pd.Timedelta(1, "D")), observed_until="2020-06-24",
    )  # fmt: skip
    rows = triangle(found, cohorts)
    assert [row[1:7] for row in rows] == [row[1:] for row in expected]
    sizes = found[found["period"] == 0]["size"].tolist()
    assert sizes == [row[0] for row in expected]


def test_unbounded_retention_is_the_corrected_answer_of_the_source():
    # Published by days since the first completed order; the data end with the month.
    case = CASES["dbt_retention_jaffle_AS_SHIPPED_BUGGY"]
    expected = case["expected"]["correct_first_action_completed"]
    found = retention(
        table(case), start="completed", back="completed", cohort="first_time",
        kind="on_or_after", clock="rolling", silence=0, observed_until="2018-02-28",
    )  # fmt: skip
    retained = found.groupby("period")["retained"].sum()
    assert found.loc[found["period"] == 0, "size"].sum() == expected["denominator"]
    assert {k: retained[int(k)] for k in expected["counts"]} == expected["counts"]


def test_lifecycle_is_that_of_the_source():
    case = CASES["ph_lifecycle_day"]
    expected = case["expected"]
    found = lifecycle(table(case))
    for column in ("new", "returning", "resurrecting"):
        assert found[column].tolist() == expected[column]
    assert (-found["dormant"]).tolist() == expected["dormant"]


@pytest.mark.parametrize("case", cases("lifecycle", stated=True))
def test_lifecycle_between_two_periods_is_that_of_the_source(case):
    params = dict(case["params"])
    first, last = params.pop("first"), params.pop("last")
    found = lifecycle(table(case), **params | {"step": step(params.get("step"))}).set_index("period").loc[first:last]
    for column in ("new", "returning", "resurrecting"):
        assert found[column].tolist() == case["expected"][column]
    assert (-found["dormant"]).tolist() == case["expected"]["dormant"]


@pytest.mark.parametrize("case", cases("stickiness", stated=True))
def test_stickiness_within_an_interval_is_that_of_the_source(case):
    found = stickiness(table(case), **case["params"] | {"step": step(case["params"].get("step"))})
    assert found["accounts"].tolist() == case["expected"]["accounts"]


@pytest.mark.parametrize(
    ("name", "key", "options"),
    [
        ("ph_stickiness_day", "k=1..10", {"within": ("2020-01-11", "2020-01-21")}),
        ("ph_stickiness_week", "k=1..3", {"period": "W", "week_starts": "sunday",
                                          "within": ("2020-01-05", "2020-01-21")}),
    ],
)  # fmt: skip
def test_stickiness_is_that_of_the_source(name, key, options):
    found = stickiness(table(CASES[name]), **options)
    assert found["accounts"].tolist() == CASES[name]["expected"][key]


def test_average_retention_leaves_the_incomplete_cohort_out():
    expected = CASES["mp_retention_average_row"]["expected"]
    cells = pd.DataFrame(
        {"period": 1, "size": [1000, 500, 700], "retained": [500, 400, 10], "mature": [True, True, False]}
    )
    assert retention_average(cells)["share"][0] * 100 == expected["pooled_percent_amplitude_style"]
    assert retention_average(cells, "mean")["share"][0] * 100 == expected["simple_mean_percent"]


@pytest.mark.parametrize("case", cases("frequency_recency"))
def test_frequency_and_recency_are_those_of_the_source(case):
    found = frequency_recency(table(case), **case["params"]).set_index("account_id")
    assert {who: row.tolist() for who, row in found.iterrows()} == case["expected"]


@pytest.mark.parametrize("case", cases("survival"))
def test_survival_is_that_of_the_source(case):
    until = case["params"]["observed_until"]
    curve = time_to(table(case), "start", "end", observed_until=until).set_index("days")["reached"]
    for days, waiting in case["expected"]["waiting"].items():
        assert 1 - curve[float(days)] == pytest.approx(waiting, abs=0.001)
    if case["expected"]["median_days"] is not None:
        summary = time_to_summary(table(case), "start", "end", observed_until=until)
        assert summary["median"][0] == pd.Timedelta(case["expected"]["median_days"], "D")


def test_every_case_of_cohorts_and_activity_that_does_not_say_how_is_asked_for_by_its_name():
    source = Path(__file__).read_text(encoding="utf-8")
    kinds = {"retention", "retention_average", "lifecycle", "stickiness"}
    names = [name for name, case in CASES.items() if case["kind"] in kinds and not case["params"]]
    assert len(names) == 9 and [name for name in names if f'"{name}"' not in source] == []
