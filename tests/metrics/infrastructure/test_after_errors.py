"""What follows an error: an encounter is counted once, and success, more errors and silence are all of them."""

import ibis
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney import open_study
from apijourney.metrics.infrastructure.after_errors import after_errors, encounters

DAY = pd.Timestamp("2026-10-01")


def counted(calls: list[tuple[str | None, float, int | None]]) -> dict:
    """(account, minute, status) of each call → (account, code) → encounters, success, more errors, silence."""
    table = pd.DataFrame(calls, columns=["account_id", "minute", "status"]).astype({"account_id": "str"})
    table = table.assign(
        occurred_at=DAY + pd.to_timedelta(table.pop("minute"), unit="min"), request_id=[f"{i:03}" for i in range(len(calls))],
        status=table["status"].astype("Int64"), account_id=table["account_id"].where(table["account_id"].notna()),
    )  # fmt: skip
    rows = encounters(ibis.memtable(table)).to_pandas()
    return {(r.account_id, r.code): (r.encounters, r.success, r.more_errors, r.silence) for r in rows.itertuples()}


def test_an_error_mended_within_the_hour_and_one_that_was_not():
    found = counted([("a", 0, 404), ("a", 30, 200), ("b", 0, 404), ("b", 61, 200)])
    assert found["a", 404] == (1, 1, 0, 0)
    assert found["b", 404] == (1, 0, 0, 1)  # the success came after the hour
    assert found["a", 0] == (1, 0, 0, 1)


def test_a_loop_of_one_error_is_one_encounter_followed_by_more_errors():
    assert counted([("a", m, 429) for m in (0, 10, 20, 75)])["a", 429] == (1, 0, 1, 0)
    # an hour without it makes the next one a new encounter
    assert counted([("a", 0, 429), ("a", 61, 429)])["a", 429] == (2, 0, 0, 2)


def test_another_error_in_between_is_no_success_but_a_later_success_is():
    assert counted([("a", 0, 400), ("a", 5, 422), ("a", 20, 201)])["a", 400] == (1, 1, 0, 0)
    assert counted([("a", 0, 400), ("a", 5, 422)])["a", 400] == (1, 0, 1, 0)


def test_the_success_of_another_account_and_calls_without_an_account_do_not_count():
    assert counted([("a", 0, 400), ("b", 5, 200), (None, 6, 200)]) == {("a", 400): (1, 0, 0, 1), ("b", 0): (1, 0, 0, 1)}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 400), st.sampled_from([200, 400, 429, 503])), min_size=1, max_size=20))
def test_encounters_equal_a_walk_over_the_calls(calls):
    calls = sorted({(a, m): (a, float(m), s) for a, m, s in calls}.values(), key=lambda c: (c[1], c[0]))
    expected: dict = {}
    for account, minute, status in calls:
        mine = [(m, s) for a, m, s in calls if a == account]
        code = 0 if status < 400 else status
        if any(m < minute and minute - m <= 60 and (0 if s < 400 else s) == code for m, s in mine):
            continue
        later = [s for m, s in mine if minute < m <= minute + 60]
        kind = 1 if any(s < 400 for s in later) else 2 if later else 3
        row = expected.setdefault((account, code), [0, 0, 0, 0])
        row[0] += 1
        row[kind] += 1
    assert counted(calls) == {k: tuple(v) for k, v in expected.items()}


def test_the_three_shares_add_up_and_a_code_of_few_accounts_has_none():
    table = after_errors(open_study("sample"))
    sums = table.groupby("code")["value"].sum(min_count=1)
    assert sums.dropna().round(9).eq(1).all() and table["code"].iloc[-1] == 0
    few = table[table["accounts"] < 5]
    assert few["value"].isna().all()
