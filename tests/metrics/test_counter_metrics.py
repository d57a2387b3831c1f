"""Do the counter-metrics of some metrics stand beside them, each measured once?"""

import pandas as pd

from apijourney import NotMeasurable
from apijourney.metrics.catalog import CATALOG
from apijourney.metrics.counter_metrics import counter_metrics
from apijourney.readings.business import beside_each_other


def test_only_counter_metrics_of_the_catalogue_that_are_not_there_yet_are_measured(monkeypatch):
    measured = []
    monkeypatch.setattr("apijourney.metrics.counter_metrics.measure", lambda study, name: measured.append(name) or name)
    assert CATALOG["latency_p50"].counter_metric == CATALOG["latency_p95"].counter_metric == "availability"
    got = counter_metrics(None, ["latency_p50", "latency_p95", "availability"])
    assert measured == ["requests_per_minute"] and got == {"requests_per_minute": "requests_per_minute"}
    assert CATALOG["revenue"].counter_metric not in CATALOG and counter_metrics(None, ["revenue"]) == {}


def test_a_counter_metric_stands_beside_and_is_no_row_of_its_own():
    value = pd.DataFrame({"month": ["2026-09", "2026-10"], "value": [90.0, 93.0], "mature": True})
    share = value.assign(value=[0.998, 0.999])
    table = beside_each_other({"latency_p50": value}, currency="EUR", counters={"availability": share})
    assert table["metric"].tolist() == ["Median latency"] and table["which is"].tolist() == ["99.90 %"]
    nothing = NotMeasurable("Availability", "add requests.")
    assert beside_each_other({"latency_p50": value}, currency="EUR", counters={"availability": nothing})["which is"].tolist() == [""]
