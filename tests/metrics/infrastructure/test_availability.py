"""Is availability good over valid, and the budget what the promise leaves?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.metrics.infrastructure.availability import availability, error_budget
from apijourney.metrics.uncertainty import bootstrap_ratio


def daily(*rows):
    table = pd.DataFrame(rows, columns=["account_id", "day", "status", "calls"])
    return table.assign(month=table["day"].str[:7], status=table["status"].astype("Int64"))


HAND = daily(
    ("a", "2026-10-01", 200, 90),
    ("a", "2026-10-02", 429, 10),  # a has used 100 of 100: throttled
    ("b", "2026-10-01", 200, 60),
    ("b", "2026-10-01", 404, 20),
    ("b", "2026-10-03", 503, 15),
    (None, "2026-10-03", 401, 14),
    ("b", "2026-10-03", 429, 1),  # b has no quota: shed load
    ("b", "2026-10-03", None, 10),
    ("b", "2026-11-01", 200, 5),
)
QUOTAS = pd.DataFrame({"account_id": ["a"], "month": ["2026-10"], "quota_per_month": [100]})


def test_availability_by_hand():
    # October: good 90 + 60 + 20 + 14 = 184; bad 15 + 1 = 16; valid 200; share 0.92.
    # Left out: throttled 10, unknown 10 of 220 calls.
    # A promise of 0.9 allows 200 × 0.1 = 20 bad calls; 16 of 20 are used, 0.2 is left.
    got = availability(HAND, quotas=QUOTAS, slo=0.9).set_index("month")
    october = got.loc["2026-10"]
    assert october[["good", "valid", "throttled", "unknown"]].tolist() == [184, 200, 10, 10]
    assert october["share"] == 0.92 and october["unknown_share"] == 10 / 220
    assert october["budget_left"] == pytest.approx(0.2)
    assert got.loc["2026-11", "share"] == 1


def test_accounts_are_drawn_whole_and_calls_without_account_are_one_of_them():
    # Units of October: a 90/90, b 80/96, no account 14/14.
    october = availability(HAND, quotas=QUOTAS).iloc[0]
    assert (october["low"], october["high"]) == bootstrap_ratio([90, 80, 14], [90, 96, 14])
    assert october["low"] < october["share"] <= october["high"]


def test_one_account_gives_no_interval():
    november = availability(HAND).iloc[1]
    assert np.isnan(november["low"]) and np.isnan(november["high"])


def test_no_valid_call_gives_no_share():
    row = availability(daily(("a", "2026-10-01", None, 7)), slo=0.99).iloc[0]
    assert row["valid"] == 0 and np.isnan(row["share"]) and np.isnan(row["budget_left"])


def test_groups_add_up_to_the_whole_and_share_the_quota():
    # The quota of an account is one, whichever endpoint uses it: groups do not start it anew.
    table = HAND.assign(endpoint=["x", "y", "x", "y", "x", "y", "x", "y", "x"])
    parts = availability(table, quotas=QUOTAS, by=["month", "endpoint"])
    whole = availability(table, quotas=QUOTAS)
    counts = ["good", "valid", "throttled", "unknown"]
    pd.testing.assert_frame_equal(
        parts.groupby("month")[counts].sum(), whole.set_index("month")[counts], check_index_type=False
    )


def test_the_budget_looks_back_over_the_window_only():
    # Window of 2 days, promise 0.9. Day 1: 100 calls, 0 bad, window not full → unknown.
    # Day 2: no calls; window 100, 0 bad → 1 left.
    # Day 3: 100 calls, 20 bad; window 100 (day 2 had none) allows 10 → 1 − 20/10 = −1: broken.
    # Day 4: 300 calls, 0 bad; window 400 allows 40, 20 bad → 0.5.
    table = daily(
        ("a", "2026-10-01", 200, 100), ("a", "2026-10-03", 200, 80), ("a", "2026-10-03", 500, 20),
        ("b", "2026-10-04", 200, 300),
    )  # fmt: skip
    got = error_budget(table, 0.9, days=2)
    assert got["day"].dt.strftime("%d").tolist() == ["01", "02", "03", "04"]
    assert got["valid"].tolist() == [100, 100, 100, 400] and got["bad"].tolist() == [0, 0, 20, 20]
    assert got["mature"].tolist() == [False, True, True, True]
    assert np.isnan(got["budget_left"][0])
    assert got["budget_left"][1:].tolist() == pytest.approx([1, -1, 0.5])


def test_a_window_without_calls_has_no_budget():
    table = daily(("a", "2026-10-01", 200, 1), ("a", "2026-10-04", 200, 1))
    assert error_budget(table, 0.9, days=2)["budget_left"].isna().tolist() == [True, False, True, False]


def test_throttling_uses_no_budget():
    assert error_budget(HAND.iloc[:2], 0.9, days=1, quotas=QUOTAS)["bad"].tolist() == [0, 0]
    assert error_budget(HAND.iloc[:2], 0.9, days=1)["bad"].tolist() == [0, 10]


@pytest.mark.parametrize("empty", [HAND.iloc[:0]])
def test_an_empty_table_gives_an_empty_answer(empty):
    assert availability(empty, slo=0.9).empty and error_budget(empty, 0.9).empty


@pytest.mark.parametrize("slo", [0, 1, 99.9])
def test_a_promise_outside_0_and_1_is_one_sentence(slo):
    for call in (lambda: availability(HAND, slo=slo), lambda: error_budget(HAND, slo)):
        with pytest.raises(WorkbookError) as error:
            call()
        assert str(error.value) == f"slo: a promised share lies between 0 and 1 (0.999), not at {slo}."


row = st.tuples(
    st.sampled_from("ab"), st.integers(1, 9), st.sampled_from([200, 404, 500, None]), st.integers(1, 9)
)


@settings(max_examples=60)
@given(st.lists(row, min_size=1, max_size=12), st.integers(1, 4))
def test_availability_and_budget_equal_their_definition(rows, days):
    table = daily(*[(a, f"2026-10-{d:02d}", s, c) for a, d, s, c in rows])
    valid = [(d, s, c) for _, d, s, c in rows if s]
    good = sum(c for _, s, c in valid if s < 500)
    every = sum(c for *_, c in valid)
    share = availability(table, draws=5)["share"].iloc[0]
    assert share == pytest.approx(good / every) if every else np.isnan(share)
    first = min(d for _, d, *_ in rows)
    for row in error_budget(table, 0.75, days=days).itertuples():
        today = row.day.day
        window = [(s, c) for d, s, c in valid if today - days < d <= today]
        n, bad = sum(c for _, c in window), sum(c for s, c in window if s >= 500)
        assert (row.valid, row.bad) == (n, bad)
        if n and today - first >= days - 1:
            assert row.budget_left == pytest.approx(1 - bad / (n * 0.25))
        else:
            assert np.isnan(row.budget_left)
