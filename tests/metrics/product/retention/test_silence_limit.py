"""After which silence is an account gone: counted by hand, and against a slow count."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney import NotMeasurable, open_study
from apijourney.metrics.product.retention import silence_limit as module
from apijourney.metrics.product.retention.silence_limit import return_shares, silence_choice, silence_limit, silences


def days(*accounts) -> tuple[np.ndarray, np.ndarray]:
    """Active days of accounts 0, 1, …"""
    account = np.repeat(np.arange(len(accounts)), [len(a) for a in accounts])
    return account, np.array([d for a in accounts for d in sorted(a)], dtype=np.int64)


def test_a_silence_is_the_days_between_two_active_days_or_up_to_the_end():
    # 0: silent on 2 and 3, then from 5 on, until 9; 1: active on two days running, then silent from 2 on
    table = silences(*days([1, 4], [0, 1]), 10)
    assert table.values.tolist() == [[0, 2, 2, True], [0, 5, 5, False], [1, 2, 8, False]]


def test_only_silences_watched_for_more_than_twice_a_limit_judge_it(monkeypatch):
    monkeypatch.setattr(module, "LEAST_JUDGED", 1)
    # Until day 20. Longer than 2 days and begun by day 15: 3 days from day 1 (returned), 12 from day 8 (not).
    # The one that began on day 17 is 3 days long, but five days from day 17 on are not over.
    table = return_shares(silences(*days([0, 4, 5, 6, 7], [16]), 20), 20).set_index("limit_days")
    assert table.loc[2, ["judged", "returned", "share"]].tolist() == [2, 1, 0.5]
    assert table.loc[3, ["judged", "returned"]].tolist() == [1, 0]  # 3 days are not more than 3
    assert table.index.max() == 5  # begun on day 8, watched for more than 2 × 5 days; 13 would need day 21


def test_the_limit_is_the_shortest_that_at_most_one_in_twenty_outlived(company):
    # 38 accounts return after a silence of 3 days and are then active every day; 2 return after 9 days; 20 never do.
    # Longer than 3 to 8 days: 22 silences, 2 returned (9.1 %). Longer than 9: 20, none returned.
    rows, begin = ["account_id,issued_at,amount_minor"], pd.Timestamp("2026-01-01")
    for i in range(60):
        gap = 4 if i < 38 else 10 if i < 40 else 100
        rows += [f"a{i},{(begin + pd.Timedelta(d, 'D')).date()},1" for d in (0, *range(gap, 59))]
    study = open_study(company({"invoices.csv": "\n".join(rows)}, "definitions: {active: {event: invoice}}"), month="2026-02")
    limit = silence_limit(study)
    assert limit == (9, True, 20, 0)
    table = silence_choice(study).set_index("limit_days")
    assert table.loc[8, ["judged", "returned"]].tolist() == [22, 2] and table.loc[2, "returned"] == 40


def test_too_few_silences_leave_the_limit_to_the_workbook_file(company):
    lines = "account_id,issued_at,amount_minor\na,2026-01-01,1\na,2026-01-20,1\n"
    study = open_study(company({"invoices.csv": lines}, "definitions: {active: {event: invoice}, silence_days: 12}"))
    assert silence_limit(study) == (12, False, 0, 0)
    assert "fewer than 20 silences were watched for long enough, so the 12 days" in str(silence_choice(study))


def test_where_everybody_returns_no_silence_means_gone(company):
    rows, begin = ["account_id,issued_at,amount_minor"], pd.Timestamp("2026-01-01")
    rows += [f"a{i},{(begin + pd.Timedelta(d, 'D')).date()},1" for i in range(30) for d in (0, 40, 58)]
    study = open_study(company({"invoices.csv": "\n".join(rows)}, "definitions: {active: {event: invoice}}"), month="2026-02")
    found = silence_limit(study)
    assert isinstance(found, NotMeasurable)
    assert str(found).endswith("100 % still ended in a return, so no silence tells an end from a pause; observe for longer.")


def test_nobody_has_no_silences():
    table = silences(*days(), 10)
    assert table.empty and return_shares(table, 10).empty


@given(st.lists(st.sets(st.integers(0, 29), min_size=1, max_size=6), min_size=1, max_size=8))
def test_shares_equal_a_slow_count(accounts):
    wanted = {}
    every = []
    for active in accounts:
        known = sorted(active)
        ends = [(b, True) for b in known[1:]] + [(30, False)]
        every += [(a + 1, b - a - 1, back) for a, (b, back) in zip(known, ends, strict=True) if b - a > 1]
    for limit in range(1, 31):
        judged = [back for began, length, back in every if length > limit and all(began + k < 30 for k in range(2 * limit + 1))]
        if not judged:
            break
        wanted[limit] = (len(judged), sum(judged))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LEAST_JUDGED", 1)
        table = return_shares(silences(*days(*accounts), 30), 30)
    assert {r.limit_days: (r.judged, r.returned) for r in table.itertuples()} == wanted
