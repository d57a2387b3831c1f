"""What an engine reduces before it is fetched gives the same answer as the whole table."""

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney import active, retention
from apijourney.facts.in_engine import once_a_period

# around the change of the clocks in Berlin, a leap day and a new year
NEAR = ["2025-12-31T20:00", "2026-03-28T21:00", "2026-10-24T21:00", "2024-02-28T22:00"]
moments = st.builds(
    lambda near, minutes: pd.Timestamp(near) + pd.Timedelta(minutes=minutes), st.sampled_from(NEAR), st.integers(0, 3 * 1440)
)
rows = st.lists(st.tuples(st.sampled_from("abc"), moments), min_size=1, max_size=25)


def tables(rows) -> tuple[pd.DataFrame, ibis.Table]:
    frame = pd.DataFrame(rows, columns=["account_id", "occurred_at"]).assign(event="call")
    return frame, ibis.memtable(frame.astype({"occurred_at": "datetime64[us]"}))


@settings(max_examples=25)
@given(
    rows, st.sampled_from("DWM"), st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.sampled_from(["monday", "sunday"]), st.sampled_from(["recurring", "first_time"]), st.booleans(),
)  # fmt: skip
def test_retention_of_an_engines_table_is_that_of_all_its_rows(rows, period, zone, week_starts, cohort, cut):
    frame, table = tables(rows)
    options = {"period": period, "timezone": zone, "week_starts": week_starts, "cohort": cohort}
    options["observed_until"] = "2026-03-29T12:00" if cut else None
    pd.testing.assert_frame_equal(retention(table, **options), retention(frame, **options))


@settings(max_examples=25)
@given(rows, st.integers(1, 5), st.sampled_from(["UTC", "Europe/Berlin"]))
def test_rolling_actives_of_an_engines_table_are_those_of_all_its_rows(rows, days, zone):
    frame, table = tables(rows)
    pd.testing.assert_frame_equal(active(table, days, timezone=zone), active(frame, days, timezone=zone))


def test_far_fewer_rows_are_fetched_than_there_are():
    _, table = tables([("a", pd.Timestamp("2026-10-01") + pd.Timedelta(minutes=k)) for k in range(1000)])
    assert len(once_a_period(table, "D", "UTC", "monday")) == 1


@pytest.mark.parametrize("column", ["developer_id", "visitor_id"])
def test_a_table_with_other_ids_is_left_whole(column):
    frame, _ = tables([("a", pd.Timestamp("2026-10-01"))])
    table = ibis.memtable(frame.assign(**{column: "x"}))
    assert once_a_period(table, "D", "UTC", "monday") is table
