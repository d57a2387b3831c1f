"""Metrics as rows: what JSON cannot carry is written so that it can be read back."""

import json
import math

import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.metrics.records import as_records


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
