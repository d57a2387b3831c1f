"""Metrics as rows: what JSON cannot carry is written so that it can be read back."""

import json
import math

import pandas as pd

from apijourney import measure_all
from apijourney.measurable import NotMeasurable
from apijourney.metrics.records import as_records, from_records


def test_unknown_is_null_infinite_is_a_text_and_all_is_strict_json():
    table = pd.DataFrame(
        {"month": ["2026-09", "2026-10", "2026-11"], "value": [math.inf, -math.inf, math.nan], "mature": [True, True, False]}
    )
    rows = as_records({"quick": table, "mrr": NotMeasurable("MRR", "add invoices.")})
    assert rows == [
        {"metric": "quick", "month": "2026-09", "value": "Infinity", "mature": True},
        {"metric": "quick", "month": "2026-10", "value": "-Infinity", "mature": True},
        {"metric": "quick", "month": "2026-11", "value": None, "mature": False},
        {"metric": "mrr", "not_measurable": "add invoices."},
    ]
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert float(rows[0]["value"]) == math.inf


def test_records_read_back_are_the_metrics_that_were_written(small_study):
    metrics = measure_all(small_study, ["mrr", "activated_share", "revenue_quick_ratio", "account_quick_ratio"])
    metrics["availability"] = NotMeasurable("Availability", "add requests.")
    back = from_records(json.loads(json.dumps(as_records(metrics))))
    assert list(back) == list(metrics)
    assert back.pop("availability") == metrics.pop("availability")
    for name, table in metrics.items():
        pd.testing.assert_frame_equal(back[name], table)
