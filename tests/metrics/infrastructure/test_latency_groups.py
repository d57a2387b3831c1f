"""Waits by group: exact percentiles of the local hour, region or endpoint, none from too few calls."""

import numpy as np
import pytest

from apijourney import NotMeasurable, open_study
from apijourney.metrics.infrastructure.latency_groups import latency_by_group
from apijourney.metrics.infrastructure.service_metrics import good_requests


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    # 120 calls at 10:00 in Berlin (08:00 UTC in summer) of 1 to 120 ms from eu; 5 at 23:30 UTC, which is 01:30 the next day
    folder = tmp_path_factory.mktemp("groups")
    rows = [f"{i},2026-07-10T08:00:{i % 60:02}Z,a,200,{i},eu" for i in range(1, 121)]
    rows += [f"n{i},2026-07-10T23:30:00Z,a,200,50," for i in range(5)]
    rows += ["f,2026-07-10T08:30:00Z,a,503,9000,eu"]
    (folder / "requests.csv").write_text("request_id,occurred_at,account_id,status,latency_ms,region\n" + "\n".join(rows) + "\n")
    (folder / "workbook.yaml").write_text("company: Groups\ntimezone: Europe/Berlin\n")
    return open_study(folder, month="2026-07")


def test_hours_are_local_failed_calls_are_left_out_and_few_calls_have_no_percentile(study):
    table = latency_by_group(study, "hour").set_index(["group", "quantile"])
    assert table["calls"].groupby(level=0).first().to_dict() == {1: 5, 10: 120}
    assert table.loc[(10, 0.5), "latency_ms"] == 60.5  # the middle of 1 to 120
    assert table.loc[(10, 0.9), "latency_ms"] == pytest.approx(np.quantile(np.arange(1, 121), 0.9))
    assert np.isnan(table.loc[(10, 0.99), "latency_ms"]) and np.isnan(table.loc[(1, 0.5), "latency_ms"])
    known = table.dropna(subset="latency_ms")
    assert ((known["low"] <= known["latency_ms"]) & (known["latency_ms"] <= known["high"])).all()


def test_a_call_without_a_region_is_not_named(study):
    table = latency_by_group(study, "region")
    assert sorted(table["group"].unique()) == ["eu", "not named"]


def test_a_friday_is_a_friday(study):
    assert latency_by_group(study, "weekday")["group"].unique().tolist() == [4, 5]


def test_groups_add_up_to_all_good_calls_of_the_sample():
    sample = open_study("sample")
    total = good_requests(sample, [sample.month]).count().execute()
    for by in ("hour", "weekday", "region", "endpoint"):
        assert latency_by_group(sample, by, (0.5,))["calls"].sum() == total


def test_without_regions_it_says_what_to_map(tmp_path):
    (tmp_path / "requests.csv").write_text("occurred_at,status,latency_ms\n2026-07-10T08:00:00Z,200,5\n")
    (tmp_path / "workbook.yaml").write_text("company: Bare\n")
    answer = latency_by_group(open_study(tmp_path), "region")
    assert isinstance(answer, NotMeasurable) and "map region of requests" in str(answer)
