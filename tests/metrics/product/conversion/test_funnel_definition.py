"""Every order and every set of rules against the definition, on random logs full of ties."""

import numpy as np
import pandas as pd
import pytest
from funnel_by_hand import Row, counted_attempts, of_held_values, with_optional
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.facts.event_log import EventLog, Exclude, Step
from apijourney.metrics.product.conversion.funnel import funnel_accounts

BASE = int(np.datetime64("2026-10-01", "us").astype("int64"))
HELD = [None, "x", "y"]
EXAMPLES = settings(max_examples=200, deadline=None)

OVERLAPPING = st.lists(st.sampled_from(["A", "B", "C", "AP", "BP"]), min_size=1, max_size=4)
EXCLUSIVE = st.lists(st.sampled_from(["A", "B", "C"]), min_size=1, max_size=4)
# Mostly steps in a row that no event can confuse: with these, what lies between two steps decides.
SEVERAL = st.sampled_from(["AB", "ABC", "ABB", "ABCB"]).map(list) | OVERLAPPING.filter(lambda s: len(s) > 1)
WINDOW = st.integers(0, 6).map(lambda s: s * 1000)


def logs(letters="ABCPX", *, step_ms=1000, most=4, held=None, size=8):
    row = st.tuples(st.sampled_from(letters), st.integers(0, most).map(lambda t: t * step_ms),
                    st.sampled_from(held) if held else st.none())  # fmt: skip
    return st.lists(row, max_size=size).map(lambda rows: [Row(i, *r) for i, r in enumerate(rows)])


def exclusions(n_steps):
    pair = st.tuples(st.integers(0, n_steps - 1), st.integers(0, n_steps - 1)).filter(lambda p: p[0] < p[1])
    one = st.tuples(st.sampled_from("XXXPBA"), pair).map(lambda x: (x[0], *x[1]))
    return st.lists(one, min_size=1, max_size=2)


def moment(ms):
    return np.datetime64(BASE + ms * 1000, "us")


def specs(steps):
    return [Step("E", {"letter": list(s)}) for s in steps]


def accounts(rows, steps, *, exclude=(), entered=None, observed_until=None, window, **options):
    """What the library says, in the words of the definition: (level, open, times) of each attempt."""
    rows = sorted(rows, key=lambda r: r.at)
    log = EventLog(
        accounts=pd.Index(["a"], dtype="str"), account=np.zeros(len(rows), np.int32),
        time=BASE + np.array([r.at * 1000 for r in rows], np.int64), event=np.zeros(len(rows), np.int32),
        events=("E",), properties={
            "letter": pd.Categorical.from_codes(["ABCPX".index(r.letter) for r in rows], list("ABCPX")),
            "held": pd.Categorical.from_codes([HELD.index(r.held) - 1 for r in rows], HELD[1:]),
        },
    )  # fmt: skip
    found = funnel_accounts(
        log, specs(steps), window=pd.Timedelta(window, "ms"),
        exclude=[Exclude(Step("E", {"letter": list(x)}), after, before) for x, after, before in exclude],
        entered=entered and tuple(moment(t) for t in entered),
        observed_until=None if observed_until is None else moment(observed_until), **options,
    )  # fmt: skip
    columns = [f"time_{k}" for k in range(len(steps))]
    taken = [found[c].to_numpy().astype("datetime64[us]") for c in columns]
    at = [[None if np.isnat(t[i]) else (int(t[i].astype("int64")) - BASE) // 1000 for t in taken]
          for i in range(len(found))]  # fmt: skip
    return list(zip(found["level"].tolist(), found["immature"].tolist(), at, strict=True))


def agree(found, wanted, n_steps, seconds=False):
    assert [(level, is_open) for level, is_open, _ in found] == [(a.level, a.open) for a in wanted]
    for (level, _, at), attempt in zip(found, wanted, strict=True):
        if seconds:
            at = [t if t is None else (t + 500) // 1000 * 1000 for t in at]
        assert at[:level] in attempt.ways and at[level:] == [None] * (n_steps - level)


def test_the_definition_is_right_about_a_log_one_can_count():
    # A0 A20 B25 in a window of 10 s: the second attempt gets further.
    rows = [Row(0, "A", 0), Row(1, "A", 20_000), Row(2, "B", 25_000)]
    (found,) = counted_attempts(rows, ["A", "B"], window=10_000)
    assert (found.start, found.level, found.ways) == (20_000, 2, [[20_000, 25_000]])


@pytest.mark.parametrize("count", ["uniques", "totals"])
@pytest.mark.parametrize("order", ["ordered", "strict", "unordered"])
@EXAMPLES
@given(logs(), OVERLAPPING, WINDOW, st.none() | st.integers(0, 12).map(lambda s: s * 1000), st.booleans())
def test_every_order_equals_its_definition(order, count, rows, steps, window, until, part):
    options = {"order": order, "count": count, "window": window, "observed_until": until}
    if part:
        options["entered"] = (1000, 4000)
    agree(accounts(rows, steps, **options), counted_attempts(rows, steps, **options), len(steps))


@pytest.mark.parametrize("rules", ["workbook", "posthog"])
@pytest.mark.parametrize("count", ["uniques", "totals"])
@pytest.mark.parametrize("order", ["ordered", "unordered"])
@EXAMPLES
@given(logs("ABBCPXX"), SEVERAL, WINDOW, st.data())
def test_exclusions_equal_their_definition_ties_included(order, count, rules, rows, steps, window, data):
    options = {"order": order, "count": count, "rules": rules, "window": window,
               "exclude": data.draw(exclusions(len(steps)))}  # fmt: skip
    agree(accounts(rows, steps, **options), counted_attempts(rows, steps, **options), len(steps))


@pytest.mark.parametrize("count", ["uniques", "totals"])
@EXAMPLES
@given(logs("ABCX", step_ms=500, most=16), EXCLUSIVE, WINDOW, st.booleans(), st.data())
def test_rules_of_mixpanel_equal_their_definition(count, rows, steps, window, part, data):
    options = {"count": count, "rules": "mixpanel", "window": window}
    if len(steps) > 1:
        options["exclude"] = data.draw(st.just([]) | exclusions(len(steps)))
    if part:
        options["entered"] = (1000, 4000)
    agree(accounts(rows, steps, **options), counted_attempts(rows, steps, **options), len(steps))


@EXAMPLES
@given(logs("ABCX", step_ms=250, most=24), EXCLUSIVE, WINDOW)
def test_rules_of_amplitude_equal_their_definition(rows, steps, window):
    options = {"rules": "amplitude", "window": window}
    agree(accounts(rows, steps, **options), counted_attempts(rows, steps, **options), len(steps), seconds=True)


@EXAMPLES
@given(logs(), OVERLAPPING, WINDOW)
def test_rules_of_clickhouse_equal_their_definition(rows, steps, window):
    options = {"rules": "clickhouse", "window": window}
    agree(accounts(rows, steps, **options), counted_attempts(rows, steps, **options), len(steps))


@pytest.mark.parametrize("count", ["uniques", "totals"])
@EXAMPLES
@given(logs("ABCPX"), OVERLAPPING.filter(lambda s: len(s) > 1), WINDOW, st.booleans(), st.data())
def test_optional_steps_equal_their_definition(count, rows, steps, window, excluded, data):
    skipped = data.draw(st.sets(st.integers(1, len(steps) - 1), min_size=1))
    check_optional(rows, steps, skipped, window=window, count=count, excluded=excluded)


def check_optional(rows, steps, skipped, *, window, count, excluded):
    required = [k for k in range(len(steps)) if k not in skipped]
    exclude = [("X", 0, required[-1])] if excluded and len(required) > 1 else []
    found = accounts(rows, steps, window=window, count=count, exclude=exclude, optional=sorted(skipped))
    wanted = counted_attempts(
        rows, [steps[k] for k in required], window=window, count=count,
        exclude=[("X", 0, len(required) - 1)] if exclude else [],
    )  # fmt: skip
    assert [level for level, _, _ in found] == [a.level for a in wanted]
    for (level, _, at), attempt, later in zip(found, wanted, [*wanted[1:], None], strict=False):
        way = [at[k] for k in required[:level]]
        assert way in attempt.ways
        until = attempt.start + window
        if later is not None:
            until = min(until, later.start - 1)
        assert at == with_optional(rows, steps, required, way, until)


@pytest.mark.parametrize(
    ("rules", "order", "count"),
    [("workbook", "ordered", "uniques"), ("workbook", "ordered", "totals"), ("workbook", "strict", "uniques"),
     ("workbook", "unordered", "uniques"), ("mixpanel", "ordered", "uniques"), ("mixpanel", "ordered", "totals"),
     ("amplitude", "ordered", "uniques")],
)  # fmt: skip
@EXAMPLES
@given(logs("ABC", held=["x", "y", None], size=9), EXCLUSIVE, WINDOW, st.none() | st.integers(0, 12000))
def test_held_properties_equal_their_definition(rules, order, count, rows, steps, window, until):
    check_held(rows, steps, rules=rules, order=order, count=count, window=window, observed_until=until)


def check_held(rows, steps, **options):
    found = accounts(rows, steps, hold="held", **options)
    wanted = [a for _, a in of_held_values(rows, steps, **options)]
    agree(found, wanted, len(steps), seconds=options["rules"] == "amplitude")


@EXAMPLES
@given(logs("ABCPX"), OVERLAPPING, WINDOW, st.data())
def test_optional_steps_never_change_who_converts(rows, steps, window, data):
    skipped = data.draw(st.sets(st.integers(1, len(steps)), max_size=2)) - {len(steps)}
    kept = [s for k, s in enumerate(steps) if k not in skipped]
    with_them = accounts(rows, steps, window=window, optional=sorted(skipped))
    without = accounts(rows, kept, window=window)
    assert [x[0] for x in with_them] == [x[0] for x in without]


# The same on logs drawn without hypothesis, which prefers simple ones: some mistakes need eight rows.

KINDS = [
    {"order": order, "rules": rules, "count": count, "excluded": excluded}
    for order, rules, excluded in [
        ("ordered", "workbook", 0), ("ordered", "workbook", 2), ("ordered", "posthog", 2), ("strict", "workbook", 0),
        ("unordered", "workbook", 0), ("unordered", "workbook", 1), ("unordered", "posthog", 2),
        ("ordered", "mixpanel", 0), ("ordered", "mixpanel", 2), ("ordered", "amplitude", 0),
        ("ordered", "clickhouse", 0),
    ]
    for count in ("uniques", "totals")
    if count == "uniques" or rules not in ("amplitude", "clickhouse")
]  # fmt: skip
LISTS = [["A", "B"], ["A", "B", "C"], ["A", "B", "B"], ["A", "B", "C", "B"], ["A", "A", "B"], ["A", "B", "A"]]
LISTS_OVERLAPPING = [*LISTS, ["A", "AP", "B"], ["AP", "A"], ["A", "BP", "B", "C"], ["AB", "B", "A"]]


def draw_log(rng, rules):
    step_ms = {"mixpanel": 500, "amplitude": 250}.get(rules, 1000)
    return [
        Row(i, "AABBCPX"[rng.integers(7)], int(rng.integers(5000 // step_ms)) * step_ms, HELD[rng.integers(3)])
        for i in range(rng.integers(3, 9))
    ]


def check_drawn(seed, n, *, order, rules, count, excluded):
    rng = np.random.default_rng(seed)
    lists = LISTS if rules in ("mixpanel", "amplitude") else LISTS_OVERLAPPING
    levels = set()
    for _ in range(n):
        steps = lists[rng.integers(len(lists))]
        options = {"order": order, "rules": rules, "count": count, "window": int(rng.integers(1, 6)) * 1000}
        for _ in range(rng.integers(excluded + 1)):
            after = int(rng.integers(len(steps) - 1))
            one = ("XXPB"[rng.integers(4)], after, int(rng.integers(after + 1, len(steps))))
            options["exclude"] = [*options.get("exclude", []), one]
        if rng.integers(3) == 0 and rules == "workbook":
            options["observed_until"] = int(rng.integers(3, 10)) * 1000
        rows = draw_log(rng, rules)
        wanted = counted_attempts(rows, steps, **options)
        agree(accounts(rows, steps, **options), wanted, len(steps), seconds=rules == "amplitude")
        levels |= {a.level for a in wanted}
    assert len(levels) > 2


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: " ".join(map(str, kind.values())))
def test_drawn_logs_equal_the_definition(kind):
    check_drawn(1, 700, **kind)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.fuzz) for seed in range(2, 20))])
def test_drawn_logs_take_optional_steps_and_hold_values_by_the_definition(seed):
    rng = np.random.default_rng(seed)
    for _ in range(700):
        steps = LISTS_OVERLAPPING[rng.integers(len(LISTS_OVERLAPPING))]
        window, count = int(rng.integers(1, 6)) * 1000, ("uniques", "totals")[rng.integers(2)]
        skipped = {int(k) for k in rng.integers(1, len(steps), 2)}
        check_optional(draw_log(rng, ""), steps, skipped, window=window, count=count, excluded=bool(rng.integers(2)))
        options = {"order": ("ordered", "strict", "unordered")[rng.integers(3)], "count": count}
        rules = ("workbook", "mixpanel", "amplitude")[rng.integers(3)]
        if rules != "workbook":
            options = {"order": "ordered", "count": "uniques" if rules == "amplitude" else count}
            steps = LISTS[rng.integers(len(LISTS))]
        check_held(draw_log(rng, rules), steps, rules=rules, window=window, **options)


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: " ".join(map(str, kind.values())))
def test_very_many_drawn_logs_equal_the_definition(kind, seed):
    check_drawn(seed, 10_000, **kind)
