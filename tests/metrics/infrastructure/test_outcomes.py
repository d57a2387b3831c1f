"""Is each call good, bad, throttled or unknown, and only one of them?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.metrics.infrastructure.outcomes import OUTCOMES, outcomes

COLUMNS = ["account_id", "day", "status", "calls"]


def daily(*rows):
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.assign(day=pd.to_datetime(table["day"]), status=table["status"].astype("Int64"))


def quotas(*rows):
    return pd.DataFrame(rows, columns=["account_id", "month", "quota_per_month"])


def outcome(table, **options):
    counted = outcomes(table, **options)
    return [next(o for o in OUTCOMES if row[o]) for _, row in counted.iterrows()]


def test_a_callers_mistake_is_answered_well_and_a_server_error_is_not():
    table = daily(*[("a", "2026-10-01", s, 5) for s in (200, 304, 404, 499, 500, 503, None, 0, 999)])
    assert outcome(table) == ["good"] * 4 + ["bad"] * 2 + ["unknown"] * 3


def test_throttling_counts_as_the_customers_own_from_the_day_the_quota_is_reached():
    # quota 10. 1 Oct: 6 + 1 = 7 calls so far: the 429 is shed load.
    # 2 Oct: 7 + 2 + 1 = 10, the quota is reached: throttled. November starts again at 0.
    table = daily(
        ("a", "2026-10-01", 200, 6), ("a", "2026-10-01", 429, 1),
        ("a", "2026-10-02", 200, 2), ("a", "2026-10-02", 429, 1), ("a", "2026-11-01", 429, 1),
    )  # fmt: skip
    limits = quotas(("a", "2026-10", 10), ("a", "2026-11", 10))
    assert outcome(table, quotas=limits) == ["good", "bad", "good", "throttled", "bad"]


def test_a_429_without_a_quota_is_shed_load():
    # a has no quota, b's is unlimited (null), the third call has no account.
    table = daily(("a", "2026-10-01", 429, 9), ("b", "2026-10-01", 429, 9), (None, "2026-10-01", 429, 9))
    limits = quotas(("b", "2026-10", None), (None, "2026-10", 1))
    assert outcome(table, quotas=limits) == ["bad"] * 3
    assert outcome(table) == ["bad"] * 3


def test_only_the_environment_asked_for_is_read():
    table = daily(("a", "2026-10-01", 500, 1), ("a", "2026-10-01", 200, 1))
    table = table.assign(environment=["sandbox", "production"])
    assert outcome(table) == ["good"]
    assert outcome(table, environment="sandbox") == ["bad"]


def test_a_missing_column_is_one_sentence():
    with pytest.raises(WorkbookError) as error:
        outcomes(daily(("a", "2026-10-01", 200, 1)).rename(columns={"status": "state"}), where="availability")
    assert str(error.value) == (
        'availability(daily): column "status" is missing; did you mean "state"? Add or rename it.'
    )


row = st.tuples(
    st.sampled_from(["a", "b", None]),
    st.sampled_from(["2026-09-30", "2026-10-01", "2026-10-02"]),
    st.sampled_from([200, 404, 429, 500, None]),
    st.integers(1, 6),
)


@settings(max_examples=80)
@given(st.lists(row, min_size=1, max_size=12), st.sampled_from([None, 5, 9]))
def test_outcomes_equal_their_definition_row_by_row(rows, limit):
    table = daily(*rows)
    limits = quotas(("a", "2026-09", 4), ("a", "2026-10", limit))
    quota = {("a", "2026-09"): 4, ("a", "2026-10"): np.inf if limit is None else limit}
    expected = []
    for account, day, status, _ in rows:
        used = sum(c for a, d, _, c in rows if a == account and d[:7] == day[:7] and d <= day)
        if status is None:
            expected.append("unknown")
        elif status == 429:
            own = account and used >= quota.get((account, day[:7]), np.inf)
            expected.append("throttled" if own else "bad")
        else:
            expected.append("bad" if status >= 500 else "good")
    assert outcome(table, quotas=limits) == expected
    counted = outcomes(table, quotas=limits)
    assert counted[list(OUTCOMES)].sum(axis=1).tolist() == table["calls"].tolist()
