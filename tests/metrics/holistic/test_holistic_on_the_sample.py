"""What was planted in the sample company is found by the holistic metrics, and nothing where nothing was."""

import pytest
from ruamel.yaml import YAML

from apijourney import NotMeasurable, open_study
from apijourney.metrics.holistic.changes import what_changed
from apijourney.metrics.holistic.drivers import chosen_driver, drivers, early_behaviour
from apijourney.readings.holistic import find_driver
from apijourney.workbook import SAMPLE


@pytest.fixture(scope="module")
def truth():
    return YAML(typ="safe").load((SAMPLE.parent / "truth.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sample():
    return open_study("sample", month="2026-10")


def test_the_helpful_quickstart_is_the_driver_found_and_confirmed(sample, truth):
    assert truth["helpful_quickstart"]["true_odds_ratio_of_activation"] > 1
    chosen = chosen_driver(drivers(sample))
    assert chosen["behaviour"].tolist() == ["quickstart completed"]
    assert "“quickstart completed”" in find_driver(chosen)


def test_the_quickstart_is_counted_as_often_as_it_was_drawn(sample, truth):
    drawn = [truth["helpful_quickstart"][f"drawn_completed_{w}"] for w in ("when_nudged", "otherwise")]
    share = sum(d["hits"] for d in drawn) / sum(d["accounts"] for d in drawn)
    table = early_behaviour(sample)
    # some wait for a link to their account that is only made later, or made their first call sooner
    assert 0.9 * share < (table["quickstart completed"] >= 1).mean() <= 1.02 * share


def test_the_outage_month_is_seen_as_a_change_beyond_chance(truth):
    month = truth["outage_month"]["month"]
    changed = what_changed(open_study("sample", month=month)).set_index("metric")
    assert changed.loc["availability", ["month", "moved"]].tolist() == [month, "worse"]


def test_a_company_without_stories_has_no_driver_to_claim(null_company):
    chosen = chosen_driver(drivers(open_study(null_company, month="2026-10")))
    assert isinstance(chosen, NotMeasurable) or find_driver(chosen) == ""
