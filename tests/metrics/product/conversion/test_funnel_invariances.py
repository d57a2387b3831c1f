"""What must not change a funnel: the order of rows, the names of ids, whole days, and how the input comes."""

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from apijourney.facts.event_log import Exclude, Step, event_log
from apijourney.metrics.product.conversion import question
from apijourney.metrics.product.conversion.funnel import funnel, funnel_accounts, funnel_trend
from apijourney.metrics.product.conversion.sequence import built_from
from apijourney.metrics.product.windows import NEVER, as_window, deadlines

BASE = pd.Timestamp("2026-10-01")
ASKED = {
    "ordered": {}, "strict": {"order": "strict"}, "unordered": {"order": "unordered"},
    "totals": {"count": "totals"}, "excluding": {"exclude": [Exclude("X", 0, 2)]},
    "unordered excluding": {"order": "unordered", "exclude": ["X"]}, "optional": {"optional": [1]},
    "held": {"hold": "item"}, "held totals": {"hold": "item", "count": "totals"},
    "posthog": {"rules": "posthog", "exclude": ["X"]}, "mixpanel": {"rules": "mixpanel", "exclude": ["X"]},
    "mixpanel totals": {"rules": "mixpanel", "count": "totals"}, "amplitude": {"rules": "amplitude"},
    "clickhouse": {"rules": "clickhouse"},
    "immature": {"observed_until": BASE + pd.Timedelta("40s"), "entered": (BASE, BASE + pd.Timedelta("50s"))},
}  # fmt: skip
every_question = pytest.mark.parametrize("options", ASKED.values(), ids=ASKED)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """500 accounts with 10 events each in 60 seconds, many at one instant, to the microsecond."""
    rng = np.random.default_rng(8)
    at = rng.integers(0, 60, 5000) * 1_000_000 + rng.integers(0, 2, 5000)
    return pd.DataFrame(
        {"account_id": np.char.mod("acc_%03d", rng.integers(0, 500, 5000)), "event": rng.choice(list("AABBCX"), 5000),
         "occurred_at": BASE + pd.to_timedelta(at, unit="us"), "item": rng.choice(list("xy"), 5000)}
    )  # fmt: skip


def ask(table, options, steps=("A", "B", "C")):
    return funnel(table, list(steps), **{"window": 20} | options)


@every_question
def test_the_order_of_rows_changes_nothing(table, options):
    shuffled = table.sample(frac=1, random_state=1).reset_index(drop=True)
    pd.testing.assert_frame_equal(ask(table, options), ask(shuffled, options))


@every_question
def test_the_names_of_accounts_change_nothing(table, options):
    # Other text in another order, and numbers without order or beginning.
    for rename in (lambda a: "z" + a[::-1], lambda a: str(7919 * int(a[4:]) % 100_003)):
        renamed = table.assign(account_id=table["account_id"].map(rename))
        assert renamed["account_id"].nunique() == table["account_id"].nunique()
        pd.testing.assert_frame_equal(ask(table, options), ask(renamed, options))


@every_question
@pytest.mark.parametrize("days", [-9000, 4000])
def test_a_shift_by_whole_days_changes_nothing(table, options, days):
    shift = pd.Timedelta(days, "D")
    later = table.assign(occurred_at=table["occurred_at"] + shift)
    moved = dict(options)
    if "entered" in options:
        moved["observed_until"] += shift
        moved["entered"] = tuple(t + shift for t in options["entered"])
    pd.testing.assert_frame_equal(ask(table, options), ask(later, moved))


@every_question
def test_accounts_in_two_halves_add_up_to_the_whole(table, options):
    half = table["account_id"].str[-1].isin(list("02468"))
    parts = [ask(table[where], options) for where in (half, ~half)]
    columns = ["accounts", "immature", "denominator"]
    pd.testing.assert_frame_equal(ask(table, options)[columns], parts[0][columns] + parts[1][columns])


@every_question
def test_pandas_arrow_ibis_and_an_event_log_answer_alike(table, options):
    wanted = ask(table, options)
    connection = ibis.duckdb.connect()
    inputs = [
        pa.Table.from_pandas(table),
        connection.create_table("events", pa.Table.from_pandas(table)),
        event_log(table),
        table.astype({"account_id": "category", "event": object}),
    ]
    for one in inputs:
        pd.testing.assert_frame_equal(ask(one, options), wanted)


@every_question
def test_an_empty_log_gives_zeros_and_unknowns(table, options):
    empty = table.iloc[:0]
    found = ask(empty, options)
    assert found["accounts"].tolist() == [0, 0, 0] and found["share_of_first"].isna().all()
    assert funnel_trend(empty, ["A", "B", "C"], **options).empty
    if options.get("rules") != "clickhouse":
        assert ask(empty, options | {"by": "item"}).empty


@every_question
def test_segments_of_accounts_add_up_to_the_whole(table, options):
    half = pd.Series({a: a[-1] in "02468" for a in table["account_id"].unique()})
    parts = ask(table, options | {"by": half}).groupby("step")[["accounts", "immature"]].sum()
    whole = ask(table, options).set_index("step")[["accounts", "immature"]]
    pd.testing.assert_frame_equal(parts, whole)


def test_a_microsecond_decides():
    at = [BASE, BASE + pd.Timedelta(10, "s"), BASE, BASE + pd.Timedelta("10s") + pd.Timedelta(1, "us")]
    table = pd.DataFrame({"account_id": list("aabb"), "event": list("ABAB"), "occurred_at": at})
    assert funnel(table, ["A", "B"], window=10)["accounts"].tolist() == [2, 1]
    assert funnel(table, ["A", "B"], window=pd.Timedelta(10_000_001, "us"))["accounts"].tolist() == [2, 2]
    assert funnel_accounts(table, ["A", "B"])["time_1"].tolist() == at[1::2]


def test_a_window_longer_than_time_can_count_is_endless():
    start = np.array([0, 10**15])
    for window in (1e18, "200000000D", pd.Timedelta.max):
        ends = deadlines(start, as_window(window), "Europe/Berlin")
        assert (ends > start + 10**15).all()
    assert deadlines(start, as_window("200000000D"), "UTC").tolist() == [NEVER, NEVER]


def test_many_entries_of_one_account_are_counted_in_a_moment():
    # 200,000 first steps and no second one: no attempt may read the rest of the log again.
    n = 200_000
    at = BASE + pd.to_timedelta(np.arange(n), unit="s")
    table = pd.DataFrame({"account_id": "a", "event": "A", "occurred_at": at})
    log = event_log(pd.concat([table, table.iloc[:1].assign(account_id="b", event="B")]))
    for rules in ("workbook", "mixpanel", "amplitude", "clickhouse"):
        assert funnel(log, ["A", "B"], window=None, rules=rules)["accounts"].tolist() == [1, 0]
    assert funnel(log, ["A", "B"], window=None, optional=[1])["accounts"].tolist() == [1, 0]


def test_every_argument_of_funnel_is_an_argument_of_its_accounts_and_checked():
    import inspect

    wanted = list(inspect.signature(funnel).parameters)
    for other in (funnel_accounts, question.ask):
        assert list(inspect.signature(other).parameters) == wanted
    defaults = inspect.signature(funnel).parameters
    assert {k: p.default for k, p in inspect.signature(question.ask).parameters.items()} == {
        k: p.default for k, p in defaults.items()
    }


def test_a_changed_state_machine_is_another_number(tmp_path, monkeypatch):
    (tmp_path / "one.py").write_text("a = 1")
    monkeypatch.setattr(built_from, "__file__", str(tmp_path / "built_from.py"))
    first = built_from.sources_number()
    assert built_from.sources_number() == first
    (tmp_path / "one.py").write_text("a = 2")
    assert built_from.sources_number() != first


def test_trend_of_another_tool_adds_up_by_period(table):
    # Each period is a funnel of its own: the same as asking it for the period alone.
    day = pd.to_timedelta(table.index % 5, unit="D")
    spread = table.assign(occurred_at=table["occurred_at"] + day)
    excluding = {"rules": "posthog", "exclude": ["X"]}
    for options in ({"rules": "posthog"}, excluding, {"rules": "mixpanel"}, {"rules": "amplitude"}):
        options = {"window": "2D", **options}
        found = funnel_trend(spread, ["A", "B", "C"], period="D", **options)
        assert len(found) == 5
        for row in found.itertuples():
            alone = funnel(spread, ["A", "B", "C"], entered=(row.period, row.period + pd.Timedelta(1, "D")), **options)
            assert [row.denominator, row.numerator] == alone["accounts"].tolist()[::2]


def test_steps_of_arbitrary_text_are_kept_apart():
    table = pd.DataFrame({"account_id": "ä'\"", "event": ["Größe \\ 1", "é"], "occurred_at": [BASE, BASE]})
    assert funnel(table, ["Größe \\ 1", Step("é")])["accounts"].tolist() == [1, 1]
