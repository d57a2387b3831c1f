"""The record of a report holds each metric once a month, however many notebooks show it."""

import pandas as pd

from apijourney import NotMeasurable, measure_all
from apijourney.metrics.records import as_records
from apijourney.report.record import gather


def chapter(value: float) -> dict:
    table = pd.DataFrame({"month": ["2026-09", "2026-10"], "value": [1.0, value]})
    return {"metrics": as_records({"mrr": table})}


def test_a_metric_that_several_notebooks_recorded_has_each_month_once_as_the_first_said_it(small_study):
    found = gather(small_study, {"03": chapter(5.0), "06": chapter(6.0)})
    assert found["mrr"]["month"].tolist() == ["2026-09", "2026-10"] and found["mrr"]["value"].tolist() == [1.0, 5.0]


def test_what_no_notebook_recorded_is_measured(small_study):
    found, measured = gather(small_study, {}), measure_all(small_study)
    assert list(found) == list(measured)
    tables = {name: table for name, table in found.items() if not isinstance(table, NotMeasurable)}
    assert tables and all(table["month"].is_unique for table in tables.values())
