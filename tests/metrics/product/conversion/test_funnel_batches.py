"""Thousands of random logs with heavy ties against a definition that compares arrays.

`make fuzz` runs the same with millions of logs; it is not a part of `make test`.
"""

import numpy as np
import pandas as pd
import pytest
from funnel_vectorised import A, B, C, levels, random_logs

from apijourney.facts.event_log import EventLog
from apijourney.metrics.product.conversion.funnel import funnel_accounts

BASE = int(np.datetime64("2026-10-01", "us").astype("int64"))
ASKED = [
    {"rules": rules, "order": order, "exclude": exclude, "steps": steps, "window": window * 1000}
    for rules, order, exclude in [
        ("workbook", "ordered", False), ("workbook", "ordered", True), ("workbook", "strict", False),
        ("workbook", "unordered", False), ("posthog", "ordered", True), ("mixpanel", "ordered", False),
        ("mixpanel", "ordered", True), ("amplitude", "ordered", False), ("clickhouse", "ordered", False),
    ]
    for steps in ([A, B], [A, B, C], [A, A, B], [A, B, A, C])
    for window in (0, 3, 6)
]  # fmt: skip


def event_log_of(letter, at) -> EventLog:
    n, most = letter.shape
    account = np.repeat(np.arange(n, dtype=np.int32), most)
    order = np.lexsort((at.ravel(), account))
    names = pd.Index(np.char.mod("%07d", np.arange(n)), dtype="str")
    time = BASE + at.ravel()[order] * 1000
    return EventLog(names, account[order], time, letter.ravel()[order].astype(np.int32), tuple("ABCX-"))


def check(seed: int, n: int, asked: dict) -> None:
    by_second = 1000 if asked["rules"] not in ("mixpanel", "amplitude") else 500
    letter, at = random_logs(seed, n, ties=asked["order"] != "strict", step_ms=by_second)
    wanted, began = levels(letter, at, **asked)
    found = funnel_accounts(
        event_log_of(letter, at), ["ABC"[s] for s in asked["steps"]], window=asked["window"] / 1000,
        order=asked["order"], rules=asked["rules"], exclude=["X"] if asked["exclude"] else (),
    )  # fmt: skip
    level = np.zeros(n, np.int64)
    who = found["account_id"].astype("int64").to_numpy()
    level[who] = found["level"]
    np.testing.assert_array_equal(level, wanted)
    entry = (found["time_0"].to_numpy().astype("datetime64[us]").astype("int64") - BASE) // 1000
    if asked["rules"] == "amplitude":
        entry = (entry + 500) // 1000 * 1000
    np.testing.assert_array_equal(entry, began[who])
    assert len(set(wanted)) > 1  # the logs tell the levels apart


@pytest.mark.parametrize("kind", range(9))
def test_twenty_thousand_logs_equal_the_definition(kind):
    mine = ASKED[kind * 12 : kind * 12 + 12]
    for seed, asked in enumerate(mine):
        check(seed, 20_000 // len(mine), asked)


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(100, 104))
@pytest.mark.parametrize("asked", ASKED, ids=lambda a: " ".join(map(str, a.values())))
def test_millions_of_logs_equal_the_definition(asked, seed):
    check(seed, 100_000, asked)
