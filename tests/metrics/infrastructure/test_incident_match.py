"""Incidents compared: matched by overlap, in both, written down only, or seen in the calls only."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney import open_study
from apijourney.metrics.infrastructure.incident_match import incidents_compared, match_incidents

DAY = pd.Timestamp("2026-02-01")


def spans(*hours: tuple[float, float]) -> pd.DataFrame:
    rows = [(DAY + pd.Timedelta(hours=a), DAY + pd.Timedelta(hours=b)) for a, b in hours]
    return pd.DataFrame(rows, columns=["started_at", "ended_at"]).astype("datetime64[us]")


def test_incidents_that_overlap_are_one_and_the_others_stand_alone():
    table = match_incidents(spans((10, 12), (20, 21)), spans((11, 13), (30, 31)))
    assert table["seen"].tolist() == ["in both", "written down only", "in the calls only"]
    assert table["overlap_minutes"].tolist() == [60, 0, 0]
    assert table["overlap_share"].round(3).tolist() == [round(1 / 3, 3), 0, 0]  # one hour of 10 to 13


def test_touching_is_no_overlap_and_two_short_ones_may_lie_in_one_long_one():
    assert match_incidents(spans((10, 11)), spans((11, 12)))["seen"].tolist() == ["written down only", "in the calls only"]
    two = match_incidents(spans((10, 20)), spans((11, 12), (15, 16)))
    assert two["seen"].tolist() == ["in both"] and two["overlap_minutes"].tolist() == [120]


def test_without_any_incident_there_is_no_row():
    assert match_incidents(spans(), spans()).empty


@settings(max_examples=60, deadline=None)
@given(*[st.lists(st.tuples(st.integers(0, 60), st.integers(1, 6)), max_size=5)] * 2)
def test_every_incident_of_either_list_is_counted_once(given_ones, derived):
    one, other = (spans(*[(a, a + w) for a, w in rows]) for rows in (given_ones, derived))
    table = match_incidents(one, other)
    meets = [any(a < d + v and d < a + w for a, w in given_ones) for d, v in derived]
    assert (table["seen"] != "in the calls only").sum() == len(given_ones)
    assert (table["seen"] == "in the calls only").sum() == len(derived) - sum(meets)
    assert table["overlap_share"].between(0, 1 + 1e-9).all() or len(given_ones) > 1 or len(derived) > 1


def test_the_calls_of_the_sample_show_both_outages_and_no_other():
    assert incidents_compared(open_study("sample"))["seen"].tolist() == ["in both", "in both"]
