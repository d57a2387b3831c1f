"""Paths: what follows what, and where accounts are after n events."""

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.metrics.product.conversion.paths import END, START, step_matrix, transitions


def log(**accounts) -> pd.DataFrame:
    """log(a="ABB") is account a with these events a second apart."""
    rows = [
        (name, letter, pd.Timestamp("2026-10-01") + pd.Timedelta(i, "s"))
        for name, letters in accounts.items()
        for i, letter in enumerate(letters)
    ]
    return pd.DataFrame(rows, columns=["account_id", "event", "occurred_at"])


def as_counts(table) -> dict:
    keys = zip(table["from_event"], table["to_event"], strict=True)
    return dict(zip(keys, table["count"], strict=True))


def test_every_event_has_one_successor():
    # a: A B B, b: B. Starts: A, B. Ends: B twice.
    found = transitions(log(a="ABB", b="B"))
    assert as_counts(found) == {
        (START, "A"): 1, (START, "B"): 1, ("A", "B"): 1, ("B", "B"): 1, ("B", END): 2,
    }  # fmt: skip
    shares = found.set_index(["from_event", "to_event"])["share"]
    assert shares["B", END] == pytest.approx(2 / 3)
    assert found.set_index(["from_event", "to_event"])["accounts"]["B", END] == 2


def test_runs_of_one_event_may_count_as_one():
    assert as_counts(transitions(log(a="AABBA"), collapse=True)) == {
        (START, "A"): 1, ("A", "B"): 1, ("B", "A"): 1, ("A", END): 1,
    }  # fmt: skip


def test_step_matrix_says_where_accounts_are():
    # First: A, A, B. Second: B, ended, ended.
    found = step_matrix(log(a="AB", b="A", c="B"), 2)
    assert found[["position", "event", "accounts"]].values.tolist() == [
        [1, "A", 2], [1, "B", 1], [2, "B", 1], [2, END, 2],
    ]  # fmt: skip


def test_an_empty_log_gives_empty_tables():
    nothing = log(a="A").iloc[:0]
    assert transitions(nothing).empty and transitions(nothing, collapse=True).empty
    assert step_matrix(nothing, 3).empty


def test_step_matrix_wants_a_whole_number():
    with pytest.raises(WorkbookError, match="n: give a whole number"):
        step_matrix(log(a="A"), 0)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("xyz"), st.text("ABC", min_size=1, max_size=6), min_size=1))
def test_paths_equal_their_definition(accounts):
    table = log(**accounts)
    expected = Counter()
    for letters in accounts.values():
        whole = [START, *letters, END]
        expected.update(zip(whole, whole[1:], strict=False))
    found = transitions(table)
    assert as_counts(found) == expected
    assert found.groupby("from_event")["share"].sum().to_numpy() == pytest.approx(1)
    matrix = step_matrix(table, 4).set_index(["position", "event"])["accounts"].to_dict()
    places = Counter((n + 1, s[n] if n < len(s) else END) for s in accounts.values() for n in range(4))
    assert matrix == places
