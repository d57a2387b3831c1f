"""The funnel on random logs, against a definition of its own: every chain of rows that could fill the steps."""

import itertools

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.facts.event_log import Exclude, Step, event_log
from apijourney.metrics.product.conversion.funnel import funnel, funnel_accounts

BASE = pd.Timestamp("2026-10-01")
MATCHES = {"any A": "AP", "A": "A", "B": "B", "C": "C"}  # step → the letters that take it
SPECS = {"any A": Step("E", {"letter": ["A", "P"]}), **{k: Step("E", {"letter": k}) for k in "ABC"}}
steps_drawn = st.lists(st.sampled_from(sorted(SPECS)), min_size=1, max_size=4)


def rows_drawn(letters, times, unique=False):
    row = st.tuples(st.sampled_from("ab"), st.sampled_from(letters), times)
    return st.lists(row, max_size=9, unique_by=(lambda r: r[2]) if unique else None)


def as_table(rows):
    frame = pd.DataFrame(rows, columns=["account_id", "letter", "t"]).astype({"letter": "str"})
    return frame.assign(event="E", occurred_at=BASE + pd.to_timedelta(frame["t"].astype("int64"), unit="s"))


def chains(rows, steps, start, until):
    """Every way to take steps with different rows, from a first step at `start` on, in time order."""
    grown = [[r] for r in rows if r[2] == start and r[1] in MATCHES[steps[0]]]
    while grown:
        yield from grown
        grown = [
            c + [r] for c in grown if len(c) < len(steps) for r in rows
            if not any(r is used for used in c) and c[-1][2] <= r[2] <= until
            and r[1] in MATCHES[steps[len(c)]]
        ]  # fmt: skip


def starts(rows, letters):
    return sorted({r[2] for r in rows if r[1] in letters})


def best(outcomes):
    """The earliest among the longest: outcomes are (start, level, …) with level 0 = void."""
    counted = [o for o in outcomes if o[1]]
    return max(counted, key=lambda o: (o[1], -o[0]), default=None)


def of_account(rows, name):
    return [r for r in rows if r[0] == name]


@settings(max_examples=100, deadline=None)
@given(rows_drawn("ABCP", st.integers(0, 6)), steps_drawn, st.integers(0, 6), st.none() | st.integers(0, 12))
def test_ordered_funnel_equals_its_definition(rows, steps, window, until):
    found = funnel_accounts(
        as_table(rows), [SPECS[s] for s in steps], window=window,
        observed_until=None if until is None else BASE + pd.Timedelta(until, "s"),
    ).set_index("account_id")  # fmt: skip
    for name in "ab":
        mine = [r for r in of_account(rows, name) if until is None or r[2] < until]
        outcomes = {True: [], False: []}
        for start in starts(mine, MATCHES[steps[0]]):
            ways = list(chains(mine, steps, start, start + window))
            level = max(map(len, ways))
            times = [min(w[k][2] for w in ways if len(w) > k) for k in range(level)]
            outcomes[until is None or start + window <= until].append((start, level, times))
        wanted = best(outcomes[True] or outcomes[False])
        if wanted is None:
            assert name not in found.index
            continue
        row = found.loc[name]
        assert row["level"] == wanted[1] and row["immature"] == (not outcomes[True])
        taken = [(row[f"time_{k}"] - BASE).total_seconds() for k in range(wanted[1])]
        assert taken == wanted[2]
        assert all(pd.isna(row[f"time_{k}"]) for k in range(wanted[1], len(steps)))


@settings(max_examples=100, deadline=None)
@given(
    rows_drawn("ABCX", st.integers(0, 40), unique=True), steps_drawn.filter(lambda s: len(s) > 1),
    st.integers(0, 40), st.data(),
)  # fmt: skip
def test_exclusions_equal_their_definition(rows, steps, window, data):
    after = data.draw(st.integers(0, len(steps) - 2))
    before = data.draw(st.integers(after + 1, len(steps) - 1))
    found = funnel_accounts(
        as_table(rows), [SPECS[s] for s in steps], window=window,
        exclude=[Exclude(Step("E", {"letter": "X"}), after, before)],
    ).set_index("account_id")["level"].to_dict()  # fmt: skip
    wanted = {}
    for name in "ab":
        mine, outcomes = of_account(rows, name), []
        for start in starts(mine, MATCHES[steps[0]]):
            spoilers = [r[2] for r in mine if r[1] == "X" and r[2] <= start + window]

            def clean(chain, until, spoilers=spoilers):
                if len(chain) <= after:
                    return True
                end = chain[before][2] if len(chain) > before else until
                return not any(chain[after][2] < x < end for x in spoilers)

            ways = [w for w in chains(mine, steps, start, start + window) if clean(w, w[-1][2])]
            level = max(map(len, ways))
            kept = any(clean(w, np.inf) for w in ways if len(w) == level)
            outcomes.append((start, level if kept else 0))
        if best(outcomes):
            wanted[name] = best(outcomes)[1]
    assert found == wanted


@settings(max_examples=100, deadline=None)
@given(rows_drawn("ABCP", st.integers(0, 8)), steps_drawn, st.integers(0, 8))
def test_unordered_funnel_equals_its_definition(rows, steps, window):
    found = funnel_accounts(
        as_table(rows), [SPECS[s] for s in steps], window=window, order="unordered"
    ).set_index("account_id")
    letters = "".join(MATCHES[s] for s in steps)

    def filled(some):
        """The most steps that different rows can fill."""
        return max(
            (len(c) for k in range(len(steps) + 1) for c in itertools.permutations(range(len(steps)), k)
             for rs in itertools.combinations(some, k)
             if all(r[1] in MATCHES[steps[s]] for r, s in zip(rs, c, strict=True))),
        )  # fmt: skip

    for name in "ab":
        mine = sorted(of_account(rows, name), key=lambda r: r[2])[:6]
        if len(of_account(rows, name)) > 6:
            continue
        outcomes = [
            (s, filled([r for r in mine if s <= r[2] <= s + window])) for s in starts(mine, letters)
        ]
        wanted = best(outcomes)
        if wanted is None:
            assert name not in found.index
        else:
            assert found.loc[name, "level"] == wanted[1]
            assert found.loc[name, "time_0"] == BASE + pd.Timedelta(wanted[0], "s")


@settings(max_examples=100, deadline=None)
@given(rows_drawn("ABCP", st.integers(0, 40), unique=True), steps_drawn, st.integers(0, 40))
def test_strict_funnel_equals_its_definition(rows, steps, window):
    found = funnel_accounts(as_table(rows), [SPECS[s] for s in steps], window=window, order="strict")
    wanted = {}
    for name in "ab":
        mine, outcomes = sorted(of_account(rows, name), key=lambda r: r[2]), []
        for i, first in enumerate(mine):
            level = 0
            for r, step in zip(mine[i:], steps, strict=False):
                if r[1] not in MATCHES[step] or r[2] > first[2] + window:
                    break
                level += 1
            outcomes.append((first[2], level))
        if best(outcomes):
            wanted[name] = best(outcomes)[1]
    assert found.set_index("account_id")["level"].to_dict() == wanted


@settings(max_examples=60, deadline=None)
@given(rows_drawn("ABC", st.integers(0, 6)), steps_drawn, st.integers(0, 6))
def test_a_funnel_never_grows_and_segments_add_up_to_the_whole(rows, steps, window):
    table = as_table(rows).assign(half=[str(i % 2) for i in range(len(rows))])
    specs = [SPECS[s] for s in steps]
    whole = funnel(table, specs, window=window)["accounts"].tolist()
    assert whole == sorted(whole, reverse=True)
    parts = funnel(table, specs, window=window, by="half").groupby("step")["accounts"].sum()
    assert parts.tolist() == (whole if whole[0] else [])


@settings(max_examples=60, deadline=None)
@given(rows_drawn("ABCX", st.integers(0, 6)), steps_drawn, st.integers(0, 6), st.booleans())
def test_an_exclusion_that_never_happens_changes_nothing(rows, steps, window, totals):
    # The loops with and without exclusions are written apart; here they must agree, ties included.
    if len(steps) == 1:
        return
    options = {"window": window, "count": "totals" if totals else "uniques"}
    specs = [SPECS[s] for s in steps]
    plain = funnel_accounts(as_table(rows), specs, **options)
    with_exclusion = funnel_accounts(as_table(rows), specs, exclude=["never"], **options)
    pd.testing.assert_frame_equal(plain, with_exclusion)


def test_truncating_the_data_equals_passing_the_observed_moment():
    rng = np.random.default_rng(5)
    table = pd.DataFrame(
        {"account_id": rng.integers(0, 40, 400).astype(str), "event": rng.choice(list("ABC"), 400),
         "occurred_at": BASE + pd.to_timedelta(rng.integers(0, 40 * 86400, 400), unit="s")}
    )
    until = BASE + pd.Timedelta("25D")
    options = {"window": "5D", "timezone": "Europe/Berlin", "observed_until": until}
    cut = table[table["occurred_at"] < until]
    pd.testing.assert_frame_equal(
        funnel(table, ["A", "B", "C"], **options), funnel(cut, ["A", "B", "C"], **options)
    )
    pd.testing.assert_frame_equal(
        funnel(event_log(table), ["A", "B", "C"], **options), funnel(cut, ["A", "B", "C"], **options)
    )
