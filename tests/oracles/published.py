"""Answers that other tools publish for hand-made logs, read for the tests. Each case names its source.

The facts stand in `published_cases.json` and `more_cases.json`. Where a source counts by a rule of its
own that the workbook does not share, the case says so and the workbook's answer is asserted beside it.
"""

import json
from pathlib import Path

import pandas as pd
import pytest

from apijourney.facts.event_log import Step

CASES = {
    case["name"]: case
    for file in ("published_cases.json", "more_cases.json")
    for case in json.loads((Path(__file__).parent / file).read_text("utf-8"))
}


def cases(kind: str, *, stated: bool = False):
    """The cases of a kind; stated: only those whose parameters say how they are asked."""
    return [
        pytest.param(case, id=f"{name} [{case['source'].split('@')[0]}]")
        for name, case in CASES.items()
        if case["kind"] == kind and (case.get("params") or not stated)
    ]


def table(case) -> pd.DataFrame:
    rows = [row[:3] for row in case["events"]]
    frame = pd.DataFrame(rows, columns=["account_id", "event", "occurred_at"])
    frame["event"] = frame["event"].astype(str)
    frame = frame.join(pd.DataFrame([dict(*row[3:]) for row in case["events"]], index=frame.index))
    if pd.api.types.is_integer_dtype(frame["occurred_at"]):
        return frame.assign(occurred_at=pd.to_datetime(frame["occurred_at"], unit="s"))
    return frame.assign(occurred_at=pd.to_datetime(frame["occurred_at"], utc=True, format="ISO8601"))


def step(given):
    """A step as the library takes it, narrowed if the case says by which properties."""
    return Step(given["event"], given["where"]) if isinstance(given, dict) else given


def letters(case) -> pd.DataFrame:
    """A log whose events are single letters, all of one instant, in the order of the rows."""
    rows = [(who, letter, "2020-01-01") for who, path in case["events"].items() for letter in path]
    return pd.DataFrame(rows, columns=["account_id", "event", "occurred_at"])
