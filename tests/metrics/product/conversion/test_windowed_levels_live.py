"""ClickHouse itself, where it is installed, against the levels that follow its rules.

The engine runs inside the test (package chdb). Without it the tests are skipped, with a sentence.
"""

import numpy as np
import pandas as pd
import pytest

from apijourney.facts.event_log import Step
from apijourney.metrics.product.conversion.funnel import funnel_accounts
from apijourney.metrics.product.conversion.windowed_levels import windowed_levels

BASE = pd.Timestamp("2026-10-01")
N = 20_000
STEPS = [["A", "B", "C"], ["A", "A", "B"], ["A", "B", "A", "C"], ["AP", "A", "B"], ["B", "AB", "ABC"]]


@pytest.fixture(scope="module")
def chdb():
    return pytest.importorskip("chdb", reason="chdb (ClickHouse as a package) is not installed.")


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    """20,000 accounts with eight events each, at one of nine seconds: full of ties."""
    rng = np.random.default_rng(11)
    return pd.DataFrame(
        {"account_id": np.char.mod("%05d", np.repeat(np.arange(N), 8)), "event": "E",
         "letter": rng.choice(list("ABCPX"), 8 * N), "second": rng.integers(0, 9, 8 * N)}
    )  # fmt: skip


def of_clickhouse(chdb, events, steps, window, modes):
    conditions = ", ".join("letter IN (" + ", ".join(f"'{x}'" for x in step) + ")" for step in steps)
    named = "".join(f", '{mode}'" for mode in modes)
    answer = chdb.query(
        f"SELECT account_id, windowFunnel({window}{named})(toUInt32(second), {conditions}) AS level "
        "FROM Python(events) GROUP BY account_id ORDER BY account_id",
        "DataFrame",
    )
    return answer["level"].astype("int64").tolist()


def as_table(events):
    return events.assign(occurred_at=BASE + pd.to_timedelta(events["second"], unit="s"))


def as_steps(steps):
    return [Step("E", {"letter": list(step)}) for step in steps]


@pytest.mark.parametrize("steps", STEPS, ids=" ".join)
@pytest.mark.parametrize("modes", [(), ("strict_increase",)], ids=str)
@pytest.mark.parametrize("window", [0, 3, 8])
def test_levels_are_those_of_clickhouse(chdb, events, steps, window, modes):
    wanted = of_clickhouse(chdb, events, steps, window, modes)
    found = windowed_levels(as_table(events), as_steps(steps), window=window, modes=modes)
    assert len(set(wanted)) > 1
    assert found["level"].tolist() == wanted


@pytest.mark.parametrize("steps", STEPS, ids=" ".join)
def test_funnel_by_the_rules_of_clickhouse_has_its_levels(chdb, events, steps):
    wanted = pd.Series(of_clickhouse(chdb, events, steps, 4, ()))
    found = funnel_accounts(as_table(events), as_steps(steps), window=4, rules="clickhouse")
    assert found["level"].tolist() == wanted[wanted > 0].tolist()


@pytest.mark.parametrize("modes", [("strict_deduplication",), ("strict_order",), ("strict_once",)], ids=str)
@pytest.mark.parametrize("steps", STEPS[:3], ids=" ".join)
def test_other_modes_agree_where_no_two_events_share_a_second(chdb, events, steps, modes):
    # With ties these modes depend on the order in which the engine sorts equal times.
    rng = np.random.default_rng(12)
    apart = rng.permuted(np.tile(np.arange(8), (N, 1)), axis=1).ravel()
    events = events.assign(second=apart)
    if modes == ("strict_order",):  # versions differ on a first step that comes again, see `windowed_levels`
        again = events["letter"].isin(list(steps[0])).groupby(events["account_id"]).transform("sum") > 1
        events = events[~again]
    wanted = of_clickhouse(chdb, events, steps, 6, modes)
    found = windowed_levels(as_table(events), as_steps(steps), window=6, modes=modes)
    assert found["level"].tolist() == wanted
