"""Load of the hosts: samples one can count, and the rules for what is missing."""

import numpy as np
import pandas as pd

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.infrastructure.hosts import host_load, host_samples
from apijourney.metrics.infrastructure.usage import machines_of_day


def samples(*rows) -> pd.DataFrame:
    """Each row is (host, hour, connections)."""
    table = pd.DataFrame(rows, columns=["host", "hour", "connections"])
    return table.assign(month="2026-10", cpu_share=0.5, memory_share=0.6)


def test_hosts_of_one_hour_are_added_and_samples_of_one_host_are_not():
    row = host_load(samples(("a", 1, 10), ("a", 1, 30), ("b", 1, 5), ("a", 2, 15))).iloc[0]
    assert row["mean_connections"] == ((10 + 30) / 2 + 5 + 15) / 2
    assert row["peak_connections"] == 30 + 5
    assert row["hours"] == 2


def test_a_percentile_is_given_from_200_samples_on():
    ramp = samples(*[("a", i, 1) for i in range(200)]).assign(cpu_share=np.arange(200) / 200)
    assert host_load(ramp)["cpu_p95"].iloc[0] == np.quantile(np.arange(200) / 200, 0.95)
    assert np.isnan(host_load(ramp.iloc[1:])["cpu_p95"].iloc[0])


def test_a_missing_value_is_no_sample():
    table = samples(("a", 1, 10), ("a", 2, None))
    row = host_load(table.assign(cpu_share=[None, 0.5]).astype({"cpu_share": "float64"})).iloc[0]
    assert row["cpu_samples"] == 1 and row["hours"] == 1 and row["mean_connections"] == 10


HOSTS = """sampled_at,host,cpu_share,memory_share
2026-02-28T22:30:00Z,a,0.3,0.4
2026-02-28T23:30:00Z,a,0.9,0.5
2026-03-31T10:00:00Z,a,0.2,0.6
"""


def test_days_and_months_are_local_and_days_without_a_sample_stay_empty(company):
    study = open_study(
        company({"hosts.csv": HOSTS, "requests.csv": "occurred_at,account_id,status\n2026-02-01T10:00,a,200\n2026-03-31T10:00,a,200\n"},
                "timezone: Europe/Berlin\nobserved_from: 2026-02-01\n"), month="2026-03",
    )  # fmt: skip
    assert host_samples(study)["month"].tolist() == ["2026-02", "2026-03", "2026-03"]
    days = machines_of_day(study).set_index("day")["cpu_max"]
    assert days["2026-02-28"] == 0.3 and days["2026-03-01"] == 0.9 and np.isnan(days["2026-03-02"])
    assert len(days) == 28 + 31
    answer = measure(study, "peak_connections")
    assert isinstance(answer, NotMeasurable)
    assert 'no sample carries "connections"; map that column of hosts.' in str(answer)


def test_connections_of_a_day_are_those_of_its_busiest_hour(small_study):
    samples_, days = host_samples(small_study), machines_of_day(small_study)
    day = days["day"].iloc[10]
    part = samples_[samples_["day"] == day]
    assert days["connections_max"].iloc[10] == part.groupby("sampled_at")["connections"].sum().max()
    assert days["cpu_max"].iloc[10] == part["cpu_share"].max()
