"""Incidents: those of the table, those derived from calls, and the calls they cost."""

import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable, open_study
from apijourney.metrics.infrastructure.incidents import incident_list, incidents_from_calls, known_incidents

BOOK = "timezone: Europe/Berlin\nobserved_from: 2026-01-01\n"
LAST = "2026-03-31T10:00:00"


def hourly(failed: dict[int, int], calls: int = 100, hours: int = 400) -> pd.DataFrame:
    table = pd.DataFrame({"hour": pd.date_range("2026-02-01", periods=hours, freq="h"), "calls": calls, "failed": 0})
    for hour, n in failed.items():
        table.loc[hour, "failed"] = n
    return table


def spans(table: pd.DataFrame) -> list[tuple]:
    first = pd.Timestamp("2026-02-01")
    hour = pd.Timedelta(hours=1)
    return [((a - first) / hour, (b - first) / hour) for a, b in zip(table["started_at"], table["ended_at"], strict=True)]


def test_hours_with_one_quiet_hour_between_are_one_incident_with_two_they_are_two():
    assert spans(incidents_from_calls(hourly({10: 30, 12: 30, 15: 30}))) == [(10, 13), (15, 16)]


def test_an_hour_is_an_incident_only_from_ten_times_the_usual_share_on():
    # 40 of 40,000 usual: 1 in 1,000; 10 in 1,000 of an hour with 1,000 calls is ten times that
    table = hourly({10: 10, 50: 9}, calls=1000, hours=19)
    table = pd.concat([table, hourly({}, calls=1000, hours=0)])
    usual = table["failed"].sum() / table["calls"].sum()
    assert usual == 0.001 and spans(incidents_from_calls(table.dropna())) == [(10, 11)]


def test_with_much_traffic_incidents_are_found_to_five_minutes(company):
    # 24 calls a minute all day, so a block of five minutes holds 120; from 12:10 to 12:20 every second one fails
    start = pd.Timestamp("2026-03-10")
    times = [start + pd.Timedelta(seconds=2.5 * i) for i in range(24 * 1440)]
    rows = [f"{t:%Y-%m-%dT%H:%M:%S} {500 if '12:10' <= f'{t:%H:%M}' < '12:20' and i % 2 else 200}" for i, t in enumerate(times)]
    book = "timezone: UTC\nobserved_from: 2026-03-10\n"
    study = open_study(company({"requests.csv": requests(*rows)}, book), month="2026-03")
    found = known_incidents(study)
    assert list(zip(found["started_at"], found["ended_at"], strict=True)) == [
        (pd.Timestamp("2026-03-10T12:10"), pd.Timestamp("2026-03-10T12:20"))
    ]


def test_few_failures_in_an_hour_are_no_incident_whatever_their_share():
    assert incidents_from_calls(hourly({10: 4}, calls=4)).empty
    assert len(incidents_from_calls(hourly({10: 5}, calls=5))) == 1


def test_no_calls_and_no_failures_have_no_incidents():
    assert incidents_from_calls(hourly({})).empty
    assert incidents_from_calls(hourly({}, hours=0)).empty


def requests(*calls: str) -> str:
    rows = [f"r{i},{call.split()[0]},a,{call.split()[1]}" for i, call in enumerate(calls)]
    return "request_id,occurred_at,account_id,status\n" + "\n".join(rows) + "\n"


CALLS = requests("2026-03-05T09:59:59 500", "2026-03-05T10:00:00 500", "2026-03-05T10:30:00 200", "2026-03-05T11:00:00 500", f"{LAST} 200")


def test_calls_in_an_incident_are_those_from_its_start_until_before_its_end(company):
    incidents = "started_at,ended_at,scope\n2026-03-05T10:00Z,2026-03-05T11:00Z,all\n"
    study = open_study(company({"requests.csv": CALLS, "incidents.csv": incidents}, BOOK), month="2026-03")
    row = incident_list(study).iloc[0]
    assert row[["started", "ended", "scope"]].tolist() == ["2026-03-05 11:00", "2026-03-05 12:00", "all"]  # Berlin
    assert row[["hours", "calls", "failed", "failed_share"]].tolist() == [1, 2, 1, 0.5]


def test_an_incident_in_which_nothing_was_logged_has_no_share_of_failures(company):
    incidents = "started_at,ended_at\n2026-03-06T10:00Z,2026-03-06T12:00Z\n"
    study = open_study(company({"requests.csv": CALLS, "incidents.csv": incidents}, BOOK), month="2026-03")
    row = incident_list(study).iloc[0]
    assert row[["calls", "failed"]].tolist() == [0, 0] and np.isnan(row["failed_share"])


def test_an_incident_that_goes_on_is_counted_up_to_what_is_known(company):
    incidents = "started_at,ended_at\n2026-03-31T20:00Z,2026-04-02T08:00Z\n"
    study = open_study(company({"requests.csv": CALLS, "incidents.csv": incidents}, BOOK), month="2026-03")
    row = incident_list(study).iloc[0]
    assert row["ended"] == "goes on" and row["hours"] == 2  # the month ends at 22:00 UTC


def test_incidents_of_earlier_months_are_not_listed(company):
    incidents = "started_at,ended_at\n2026-01-05T10:00Z,2026-01-05T11:00Z\n"
    study = open_study(company({"requests.csv": CALLS, "incidents.csv": incidents}, BOOK), month="2026-03", months_back=1)
    assert incident_list(study).empty


def test_without_the_table_incidents_come_from_the_calls(company):
    quiet = [f"2026-03-{day:02d}T{hour:02d}:00:00 200" for day in range(1, 29) for hour in range(24)]
    bad = [f"2026-03-10T12:0{i}:00 503" for i in range(6)]
    study = open_study(company({"requests.csv": requests(*quiet, *bad, f"{LAST} 200")}, BOOK), month="2026-03")
    assert known_incidents(study).to_numpy().tolist() == [
        [pd.Timestamp("2026-03-10T12:00"), pd.Timestamp("2026-03-10T13:00"), "derived from calls"]
    ]
    assert incident_list(study)[["calls", "failed"]].to_numpy().tolist() == [[7, 6]]


def test_a_table_without_an_incident_yet_is_believed_whatever_the_calls_say(company):
    quiet = [f"2026-02-{day:02d}T{hour:02d}:00:00 200" for day in range(1, 29) for hour in range(24)]
    bad = [f"2026-02-10T12:0{i}:00 503" for i in range(6)]
    later = "started_at,ended_at\n2026-03-05T10:00Z,2026-03-05T11:00Z\n"
    files = {"requests.csv": requests(*quiet, *bad, f"{LAST} 200"), "incidents.csv": later}
    study = open_study(company(files, BOOK), month="2026-02")
    assert known_incidents(study).empty and incident_list(study).empty
    assert len(known_incidents(open_study(study.workbook, month="2026-03"))) == 1


def test_without_incidents_and_calls_it_is_said_what_to_add(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-10,100\n"}))
    answer = incident_list(study)
    assert isinstance(answer, NotMeasurable)
    assert str(answer) == (
        'Incidents is not measurable: neither "incidents" nor calls that say how they ended are there; add incidents.csv with '
        "started_at and ended_at, or requests with their status, to the source folder, or map them under tables in the "
        "workbook file."
    )


def test_an_incident_among_calls_without_a_status_has_calls_and_no_number_of_failures(company):
    calls = "occurred_at,account_id\n2026-02-01T00:00Z,a\n2026-02-10T10:30Z,a\n2026-02-28T10:00Z,a\n"
    incidents = "started_at,ended_at\n2026-02-10T10:00Z,2026-02-10T11:00Z\n"
    row = incident_list(open_study(company({"requests.csv": calls, "incidents.csv": incidents}), month="2026-02")).iloc[0]
    assert row["calls"] == 1 and np.isnan(row["failed"]) and np.isnan(row["failed_share"])


@pytest.mark.parametrize("times, expected", [(10, [(10, 11)]), (5, [(10, 11), (40, 41)])])
def test_how_many_times_the_usual_can_be_chosen(times, expected):
    # 24 of 4,000 calls fail, 0.6 %: hour 10 has 20 %, hour 40 has 4 %, which is 6.7 times as much
    table = hourly({10: 20, 40: 4}, hours=40 + 1)
    assert table["calls"].sum() == 4100
    assert spans(incidents_from_calls(table, times=times, least_failed=1)) == expected
