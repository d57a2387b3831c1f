"""Are errors shared out by code over all calls of known outcome?"""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.metrics.infrastructure.errors import error_distribution
from apijourney.metrics.uncertainty import bootstrap_ratio


def daily(*rows):
    table = pd.DataFrame(rows, columns=["month", "account_id", "status", "calls"])
    return table.assign(status=table["status"].astype("Int64"))


HAND = daily(
    ("2026-10", "a", 200, 50), ("2026-10", "a", 404, 10), ("2026-10", "b", 200, 30),
    ("2026-10", "b", 404, 2), ("2026-10", None, 401, 8), ("2026-10", "a", None, 99),
    ("2026-11", "a", 200, 5),
)  # fmt: skip


def test_error_distribution_by_hand():
    # Known calls 50 + 10 + 30 + 2 + 8 = 100 (99 unknown are out): 401 is 8, 404 is 12 of them,
    # 8 and 12 of 20 errors. November has no error and no row.
    got = error_distribution(HAND)
    assert got[["month", "status", "numerator", "denominator"]].to_numpy().tolist() == [
        ["2026-10", 401, 8, 100], ["2026-10", 404, 12, 100],
    ]  # fmt: skip
    assert got["share"].tolist() == [0.08, 0.12]
    assert got["share_of_errors"].tolist() == [0.4, 0.6]


def test_intervals_draw_whole_accounts_also_those_without_the_error():
    # 404 by unit: a 10 of 60, b 2 of 32, no account 0 of 8; 401: 0, 0, 8.
    got = error_distribution(HAND).set_index("status")
    assert tuple(got.loc[404, ["low", "high"]]) == bootstrap_ratio([10, 2, 0], [60, 32, 8])
    assert got.loc[401, ["low", "high"]].isna().all()  # one unit met it: it says nothing of others


def test_a_month_of_unknown_outcome_has_no_row():
    assert error_distribution(daily(("2026-10", "a", None, 7))).empty


row = st.tuples(
    st.sampled_from(["2026-09", "2026-10"]),
    st.sampled_from(["a", "b", None]),
    st.sampled_from([200, 302, 400, 429, 500, None]),
    st.integers(0, 9),
)


@settings(max_examples=60)
@given(st.lists(row, min_size=1, max_size=12))
def test_codes_add_up_to_all_errors(rows):
    codes = error_distribution(daily(*rows), draws=5)
    for month in ("2026-09", "2026-10"):
        known = [(s, c) for m, _, s, c in rows if m == month and s and c]
        wrong, of = sum(c for s, c in known if s >= 400), sum(c for _, c in known)
        mine = codes[codes["month"] == month]
        assert mine["numerator"].sum() == wrong
        if wrong:
            assert set(mine["denominator"]) == {of}
            assert mine["share"].sum() == pytest.approx(wrong / of)
            assert mine["share_of_errors"].sum() == pytest.approx(1)
        for code in mine.itertuples():
            assert code.numerator == sum(c for s, c in known if s == code.status)
