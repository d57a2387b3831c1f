"""Is down time counted once, in the month and zone it fell into?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.metrics.infrastructure.uptime import incident_minutes, uptime


def incidents(*rows):
    table = pd.DataFrame(rows, columns=["started_at", "ended_at"])
    return table.apply(pd.to_datetime)


def test_overlapping_incidents_count_once():
    # 10:00-12:00 and 11:00-13:00 are 3 hours; 11:30-11:45 lies inside; 20:00-20:30 apart: 210 minutes.
    table = incidents(
        ("2026-10-01T10:00", "2026-10-01T12:00"), ("2026-10-01T11:00", "2026-10-01T13:00"),
        ("2026-10-01T11:30", "2026-10-01T11:45"), ("2026-10-01T20:00", "2026-10-01T20:30"),
    )  # fmt: skip
    row = incident_minutes(table, months=["2026-10"]).iloc[0]
    assert row[["incidents", "incident_minutes", "month_minutes"]].tolist() == [4, 210, 31 * 1440]
    assert uptime(table, months=["2026-10"])["share"].tolist() == [1 - 210 / 44640]


def test_a_long_incident_is_not_ended_by_a_short_one_inside():
    # 10:00-16:00 holds 11:00-12:00; 13:00-14:00 comes after the short one, still inside: 6 hours.
    table = incidents(
        ("2026-10-01T10:00", "2026-10-01T16:00"), ("2026-10-01T11:00", "2026-10-01T12:00"),
        ("2026-10-01T13:00", "2026-10-01T14:00"),
    )  # fmt: skip
    assert incident_minutes(table, months=["2026-10"])["incident_minutes"].tolist() == [360]


def test_an_incident_over_midnight_is_shared_by_its_local_months():
    # 22:30-23:30 UTC on 30 September is 00:30-01:30 on 1 October in Berlin; in UTC it is September.
    table = incidents(("2026-09-30T21:30", "2026-09-30T23:30"))
    months = ["2026-09", "2026-10"]
    assert incident_minutes(table, months=months)["incident_minutes"].tolist() == [120, 0]
    berlin = incident_minutes(table, months=months, timezone="Europe/Berlin")
    assert berlin["incident_minutes"].tolist() == [30, 90]
    assert berlin["incidents"].tolist() == [1, 1]


def test_a_month_with_a_clock_change_has_its_true_length():
    # October 2026 in Berlin has one hour more, March one hour less.
    got = incident_minutes(incidents(), months=["2026-03", "2026-10"], timezone="Europe/Berlin")
    assert got["month_minutes"].tolist() == [31 * 1440 - 60, 31 * 1440 + 60]
    assert uptime(incidents(), months=["2026-10"])["share"].tolist() == [1.0]


def test_a_month_that_is_not_over_is_unknown():
    table = incidents(("2026-09-30T23:00", None))
    until = pd.Timestamp("2026-10-10")
    got = uptime(table, months=["2026-09", "2026-10"], observed_until=until)
    assert got["mature"].tolist() == [True, False]
    assert got["share"][0] == 1 - 60 / (30 * 1440) and np.isnan(got["share"][1])
    assert np.isnan(got["numerator"][1])


def test_an_incident_not_yet_seen_does_not_count():
    # Known until 1 October 00:00: the incident that starts then is not known yet.
    table = incidents(("2026-10-01T00:00", "2026-10-01T02:00"))
    got = uptime(table, months=["2026-09", "2026-10"], observed_until=pd.Timestamp("2026-10-01"))
    assert got["incidents"].tolist() == [0, 0] and got["share"][0] == 1
    later = uptime(incidents(("2026-10-09", None)), months=["2026-10"], observed_until=pd.Timestamp("2026-10-09"))
    assert later["incidents"].tolist() == [0]


def test_an_incident_still_going_on_reaches_to_the_end_of_what_is_known():
    got = incident_minutes(incidents(("2026-09-30T12:00", None)), months=["2026-09", "2026-10"])
    assert got["incident_minutes"].tolist() == [720, 31 * 1440]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            incidents(("2026-10-02T10:00", "2026-10-02T09:00")),
            "uptime(incidents): the incident of 2026-10-02 10:00 UTC ends before it starts; mend "
            "started_at or ended_at.",
        ),
        (
            incidents((None, "2026-10-02T09:00")),
            "uptime(incidents): an incident has no started_at; fill it in.",
        ),
    ],
)
def test_an_impossible_incident_is_one_sentence(table, sentence):
    with pytest.raises(WorkbookError) as error:
        uptime(table, months=["2026-10"])
    assert str(error.value) == sentence


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 40)), max_size=6))
def test_minutes_equal_counting_each_minute(drawn):
    # Minutes are counted one by one from 30 September 23:20 UTC on.
    start = pd.Timestamp("2026-09-30T23:20")
    table = incidents(*[(start + pd.Timedelta(minutes=a), start + pd.Timedelta(minutes=a + n)) for a, n in drawn])
    down = {minute for a, n in drawn for minute in range(a, a + n)}
    got = incident_minutes(table, months=["2026-09", "2026-10"])
    assert got["incident_minutes"].tolist() == [sum(m < 40 for m in down), sum(m >= 40 for m in down)]
