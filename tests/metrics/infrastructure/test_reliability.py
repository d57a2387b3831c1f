"""MTTF, MTTR, MTBF and ROCOF: an observed month one can lay out by hand, and Garwood's published bounds."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney import NotMeasurable, measure, open_study
from apijourney.errors import WorkbookError
from apijourney.metrics.infrastructure.reliability import reliability
from apijourney.metrics.infrastructure.reliability_metrics import reliability_parts

SINCE, UNTIL = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-31")  # 30 days


def incidents(*spans: tuple[str, str | None]) -> pd.DataFrame:
    """Each span is (start, end) as "11T06": day and hour of January."""
    instants = [[pd.Timestamp(f"2026-01-{x}:00") if x else pd.NaT for x in span] for span in spans]
    return pd.DataFrame(instants, columns=["started_at", "ended_at"]).astype("datetime64[us]")


def row_of(*spans, **options) -> pd.Series:
    return reliability(incidents(*spans), since=SINCE, until=UNTIL, **options).iloc[0]


def test_time_between_failures_is_time_up_and_time_down_together():
    # 12 and 36 hours down of 720: up 672 hours for two failures
    row = row_of(("05T00", "05T12"), ("20T00", "21T12"))
    assert row["mttr_minutes"] == 24 * 60
    assert row["mttf_days"] == 14 and row["mtbf_days"] == 15
    assert row["mtbf_days"] == row["mttf_days"] + row["mttr_minutes"] / 1440
    assert row["per_30_days"] == 2


def test_incidents_that_overlap_are_one_failure():
    row = row_of(("05T00", "05T12"), ("05T06", "05T18"))
    assert row[["failures", "repairs"]].tolist() == [1, 1]
    assert row["mttr_minutes"] == 18 * 60


def test_a_failure_that_goes_on_is_down_but_not_repaired():
    row = row_of(("05T00", "05T12"), ("30T12", None))
    assert row[["failures", "repairs"]].tolist() == [2, 1]
    assert row["down_minutes"] == 24 * 60 and row["mttr_minutes"] == 12 * 60


def test_a_failure_begun_before_the_stretch_is_time_down_but_neither_a_failure_nor_a_repair():
    early = pd.DataFrame({"started_at": [pd.Timestamp("2025-12-31T12:00")], "ended_at": [pd.Timestamp("2026-01-01T12:00")]})
    row = reliability(early, since=SINCE, until=UNTIL).iloc[0]
    assert row[["failures", "repairs"]].tolist() == [0, 0]
    assert row["down_minutes"] == 12 * 60
    assert math.isnan(row["mttr_minutes"]) and math.isnan(row["mtbf_days"])


def test_the_length_of_a_failure_begun_before_the_stretch_is_not_among_the_repairs():
    early = pd.DataFrame({"started_at": [pd.Timestamp("2025-12-26")], "ended_at": [pd.Timestamp("2026-01-01T12:00")]})
    table = pd.concat([early, pd.DataFrame({"started_at": [pd.Timestamp("2026-01-10")], "ended_at": [pd.Timestamp("2026-01-10T02:00")]})])
    row = reliability(table, since=SINCE, until=UNTIL).iloc[0]
    assert row[["failures", "repairs", "mttr_minutes"]].tolist() == [1, 1, 120]
    # of the 30 days, half a day and two hours were down
    assert row["mttf_days"] == pytest.approx(30 - 0.5 - 2 / 24)


def test_without_a_failure_only_the_rate_is_known_and_it_has_an_upper_bound():
    row = row_of()
    assert row[["mttr_minutes", "mttf_days", "mtbf_days"]].isna().all()
    assert row[["per_30_days", "rocof_low"]].tolist() == [0, 0]
    assert row["rocof_high"] == pytest.approx(3.689, abs=0.001)  # Garwood's bound of a count of 0


def test_bounds_of_two_failures_are_garwoods():
    row = row_of(("05T00", "05T12"), ("20T00", "21T12"))
    assert (row["rocof_low"], row["rocof_high"]) == pytest.approx((0.242, 7.225), abs=0.001)
    assert (row["mtbf_low"], row["mtbf_high"]) == pytest.approx((30 / 7.225, 30 / 0.242), rel=0.01)
    assert row["mttf_low"] < row["mttf_days"] < row["mttf_high"]


def test_fewer_repairs_than_min_n_carry_no_interval():
    two = [("05T00", "05T12"), ("20T00", "21T12")]
    assert row_of(*two)[["mttr_low", "mttr_high"]].isna().all()
    row = row_of(*two, min_n=2)
    assert row["mttr_low"] == 12 * 60 and row["mttr_high"] == 36 * 60


def test_a_stretch_that_ends_before_it_begins_is_refused():
    with pytest.raises(WorkbookError, match="is not before .*; swap them"):
        reliability(incidents(), since=UNTIL, until=SINCE)


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(1, 60)), max_size=6))
def test_time_down_is_that_of_the_hours_in_which_something_was_down(spans):
    hour = pd.Timedelta(hours=1)
    table = pd.DataFrame({"started_at": [SINCE + a * hour for a, _ in spans], "ended_at": [SINCE + (a + n) * hour for a, n in spans]})
    table = table.astype("datetime64[us]")
    down = {h for a, n in spans for h in range(a, min(a + n, 720))}
    covered = {h for a, n in spans for h in range(a, a + n)}
    begun = sum(1 for a in {a for a, _ in spans} if a - 1 not in covered and all(not (b < a <= b + n) for b, n in spans))
    row = reliability(table, since=SINCE, until=UNTIL).iloc[0]
    assert row["down_minutes"] == 60 * len(down)
    assert row["failures"] == begun


def test_parts_are_side_by_side_with_what_they_count(small_study):
    parts = reliability_parts(small_study)
    assert parts["of"].tolist() == ["failures", "repairs", "failures", "days", "calls"]
    assert np.isfinite(parts["value"]).all()


def test_parts_without_calls_are_not_measurable(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-10,100\n"}))
    assert isinstance(reliability_parts(study), NotMeasurable)


INVOICES = "account_id,issued_at,amount_minor\na,2026-01-01,100\na,2026-02-01,100\na,2026-02-28,100\n"
CALLS = "occurred_at,account_id\n2026-01-01T10:00Z,a\n2026-02-28T10:00Z,a\n"
TWO_HOURS = "started_at,ended_at\n2026-02-03T10:00Z,2026-02-03T12:00Z\n"
OF_OUTAGES = {
    # February has 28 days, of which two hours were down; the 59 days of both months hold one failure
    "time_uptime": 1 - 2 / (28 * 24),
    "mean_time_to_repair": 120,
    "mean_time_to_failure": 59 - 2 / 24,
    "mean_time_between_failures": 59,
    "rate_of_occurrence_of_failure": 30 / 59,
}


@pytest.mark.parametrize("metric", OF_OUTAGES)
@pytest.mark.parametrize("others", [{"invoices.csv": INVOICES}, {"requests.csv": CALLS}], ids=["no calls", "calls without a status"])
def test_incidents_written_down_are_enough(company, others, metric):
    folder = company(others | {"incidents.csv": TWO_HOURS}, "observed_from: 2026-01-01\n")
    table = measure(open_study(folder, month="2026-02"), metric)
    assert table["value"].iloc[-1] == pytest.approx(OF_OUTAGES[metric])


@pytest.mark.parametrize("metric", OF_OUTAGES)
def test_without_incidents_and_without_a_status_it_is_said_what_to_add(company, metric):
    answer = measure(open_study(company({"requests.csv": CALLS}, "observed_from: 2026-01-01\n"), month="2026-02"), metric)
    assert str(answer) == (
        'Incidents is not measurable: neither "incidents" nor calls that say how they ended are there; add incidents.csv with '
        "started_at and ended_at, or requests with their status, to the source folder, or map them under tables in the "
        "workbook file."
    )


def test_parts_without_calls_are_those_of_the_incidents(company):
    folder = company({"invoices.csv": INVOICES, "incidents.csv": TWO_HOURS}, "observed_from: 2026-01-01\n")
    assert reliability_parts(open_study(folder, month="2026-02"))["of"].tolist() == ["failures", "repairs", "failures", "days"]


def test_an_incident_begun_before_the_first_day_observed_is_no_repair(company):
    # six days from Christmas on, and two hours in February
    incidents = TWO_HOURS.replace("\n", "\n2025-12-26T00:00Z,2026-01-01T00:00Z\n", 1).replace("2026-01-01T00:00Z", "2026-01-02T00:00Z")
    folder = company({"invoices.csv": INVOICES, "incidents.csv": incidents}, "observed_from: 2026-01-01\n")
    study = open_study(folder, month="2026-02", months_back=2)
    repair, failure = (measure(study, f"mean_time_to_{what}").set_index("month") for what in ("repair", "failure"))
    assert repair["denominator"].tolist() == failure["denominator"].tolist() == [0, 1]
    assert repair["value"].iloc[1] == 120
