"""How long accounts live: counted by hand, compared with lifelines on rows, and with a slow definition."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from apijourney import NotMeasurable, open_study
from apijourney.errors import WorkbookError
from apijourney.metrics.product.retention.account_life import (
    account_lives,
    alive_after,
    half_life,
    hazard_by_age,
    life_log_rank,
    lives,
    lives_by,
    survival_curve,
)


def days(*accounts) -> tuple[np.ndarray, np.ndarray]:
    account = np.repeat(np.arange(len(accounts)), [len(a) for a in accounts])
    return account, np.array([d for a in accounts for d in sorted(a)], dtype=np.int64)


def table_of(pairs) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["days", "ended"]).assign(watched=100)


def test_a_life_ends_with_its_first_silence_longer_than_the_limit():
    # Gone after more than 5 silent days, seen until day 30: known up to day 25.
    # 0: silent from day 3 on, 3 days old. 1: 5 silent days are no end; silent from day 21 to the end, 9 days: it was
    # 21 days old. 2: silent from 11 to 19, comes back: the first life counts, 11 - 10 = 1 day. 3: last active on day 24,
    # five silent days: still there. 4: began on day 26: too late to tell.
    found = lives(*days([0, 2], [0, 6, 12, 18, 20], [10, 20, 26], [4, 9, 14, 19, 24], [26]), 30, 5)
    assert found["days"].tolist() == [3, 21, 1, 21] and found["ended"].tolist() == [True, True, True, False]
    assert found["watched"].tolist() == [25, 25, 15, 21] and found["account"].tolist() == [0, 1, 2, 3]


def test_survival_counted_by_hand():
    # Five accounts: ends at 1 and 3 days, one only watched for 2, two for 5. 4/5 are left after 1; of the 3 at risk at
    # day 3 (5 less the one that ended and the one watched for 2), 2 are left: 4/5 × 2/3 = 8/15.
    curve = survival_curve(table_of([(1, True), (2, False), (3, True), (5, False), (5, False)]))
    assert curve[["days", "at_risk"]].values.tolist() == [[0, 5], [1, 5], [3, 3], [5, 2]]
    assert curve["alive"].tolist() == pytest.approx([1, 4 / 5, 8 / 15, 8 / 15])
    assert curve[["low", "high"]].iloc[0].isna().all() and (curve["low"] < curve["alive"])[1:].all()


def test_half_life_is_where_half_are_gone_or_not_reached():
    assert half_life(survival_curve(table_of([(1, True), (4, True), (9, False), (9, False)])))[0] == 4
    assert np.isnan(half_life(survival_curve(table_of([(1, True), (9, False), (9, False)])))).any()
    assert np.isnan(half_life(survival_curve(table_of([(9, False)]))))[0]


def test_survival_after_so_many_days_needs_somebody_watched_for_as_long():
    table = table_of([(1, True)] * 5 + [(10, False)] * 5)
    assert alive_after(table, 10)[0] == pytest.approx(0.5)
    assert np.isnan(alive_after(table, 11)[0]) and np.isnan(alive_after(table, 10, min_n=6)[0])


def test_hazard_asks_only_accounts_that_could_be_watched_to_the_end_of_the_month():
    # Six accounts watched for 60 days: one is gone after 10 days, two in the second month. Four watched for 40 days,
    # one gone after 20: they count in the first month, and in no later one.
    pairs = [(10, True, 60), (35, True, 60), (60, True, 60), *[(60, False, 60)] * 3, (20, True, 40), *[(40, False, 40)] * 3]
    found = hazard_by_age(pd.DataFrame(pairs, columns=["days", "ended", "watched"]))
    assert found[["age", "numerator", "denominator"]].values.tolist() == [[0, 2, 10], [1, 2, 5]]
    assert found["value"].tolist() == [0.2, 0.4]
    assert hazard_by_age(table_of([]).astype({"days": int, "ended": bool})).empty


def test_nobody_has_no_curve():
    assert survival_curve(table_of([])).empty and lives(*days(), 30, 5).empty


pairs = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=2, max_size=30)


@settings(max_examples=30)
@given(pairs)
def test_curve_equals_lifelines_on_single_rows_and_the_median_exact_fractions(rows):
    table = table_of(rows)
    curve = survival_curve(table)
    fit = KaplanMeierFitter().fit(table["days"], table["ended"])
    for row in curve.itertuples():
        assert row.alive == pytest.approx(float(fit.predict(row.days)))
    alive, half = Fraction(1), None  # in floats a half of ten products may be a hair above one half
    for age in sorted({days for days, ended in rows if ended}):
        alive *= 1 - Fraction(sum(r == (age, True) for r in rows), sum(days >= age for days, _ in rows))
        half = age if half is None and alive <= Fraction(1, 2) else half
    assert half_life(curve)[0] == half if half is not None else np.isnan(half_life(curve)[0])


@given(st.lists(st.sets(st.integers(0, 29), min_size=1, max_size=6), min_size=1, max_size=8), st.integers(1, 8))
def test_lives_equal_their_definition(accounts, limit):
    wanted = []
    for active in accounts:
        begin, horizon = min(active), 30 - limit
        if begin >= horizon:
            continue
        gone = next((d for d in range(begin, horizon) if d not in active and not set(range(d, d + limit + 1)) & active
                     and d + limit < 30), None)  # fmt: skip
        wanted.append((horizon - begin, False) if gone is None else (gone - begin, True))
    found = lives(*days(*accounts), 30, limit)
    assert list(zip(found["days"], found["ended"], strict=True)) == wanted


def test_lives_of_a_company_are_those_of_its_beginners(small_study):
    table = account_lives(small_study)
    opened = small_study.accounts.set_index("account_id")["created_at"]
    begun = pd.Timestamp(small_study.observed_from, unit="us")
    assert len(table) and (opened[table["account_id"]] >= begun).all()
    assert set(account_lives(small_study, limit=7)["days"]) != set(table["days"])


def test_groups_are_compared_as_one_family(small_study):
    tests = life_log_rank(small_study)
    assert tests["by"].tolist() == ["segment", "channel"] and (tests["q"] >= tests["p"]).all()
    parts = lives_by(small_study, "segment")
    assert all(len(part) >= small_study.workbook.definitions.min_n for part in parts.values())
    with pytest.raises(WorkbookError, match='unknown grouping "chanel"; did you mean "channel"'):
        lives_by(small_study, "chanel")


def test_accounts_without_a_segment_cannot_be_compared(company):
    lines = "account_id,issued_at,amount_minor\n" + "".join(f"a{i},2026-01-0{i + 1},1\nb,2026-03-0{i + 1},1\n" for i in range(9))
    book = "definitions: {active: {event: invoice}}\nobserved_from: 2025-12-01"
    study = open_study(company({"invoices.csv": lines}, book), month="2026-03")
    assert isinstance(lives_by(study, "segment"), NotMeasurable) and isinstance(life_log_rank(study), NotMeasurable)
