"""Is the cost of a thousand calls known exactly where both cost and calls are?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.metrics.business.unit_cost import cost_per_thousand_calls


def costs(*rows):
    return pd.DataFrame(rows, columns=["month", "category", "reporting_minor"])


def calls(**months):
    return pd.DataFrame({"month": [m[1:].replace("_", "-") for m in months], "calls": list(months.values())})


COSTS = costs(
    ("2026-09", "infrastructure", 3000), ("2026-09", "support", 1000), ("2026-10", "infrastructure", 6000)
)  # fmt: skip


def test_all_categories_count_unless_named():
    # September: (3000 + 1000) / 8 thousand = 500. October: 6000 / 20 thousand = 300.
    traffic = calls(m2026_09=8000, m2026_10=20000)
    got = cost_per_thousand_calls(COSTS, traffic)
    assert got.to_numpy().tolist() == [["2026-09", 4000, 8000, 500.0], ["2026-10", 6000, 20000, 300.0]]
    # Infrastructure alone: 3000 / 8 thousand = 375.
    one = cost_per_thousand_calls(COSTS, traffic, categories=["infrastructure"])
    assert one["cost_per_thousand_minor"].tolist() == [375.0, 300.0]


def test_unknown_is_not_zero():
    # August has calls and no books, September books and no calls row, October books and 0 calls.
    got = cost_per_thousand_calls(COSTS, calls(m2026_08=5000, m2026_10=0)).set_index("month")
    assert got["cost_per_thousand_minor"].isna().all()
    assert pd.isna(got.loc["2026-08", "cost_minor"]) and pd.isna(got.loc["2026-09", "calls"])
    assert got.loc["2026-10", "calls"] == 0


def test_an_unknown_category_is_one_sentence():
    with pytest.raises(WorkbookError) as error:
        cost_per_thousand_calls(COSTS, calls(m2026_10=1), categories=["suport"])
    assert str(error.value) == 'cost_per_thousand_calls(costs): unknown category "suport"; did you mean "support"?'


@given(
    st.lists(st.tuples(st.sampled_from(["2026-08", "2026-09"]), st.sampled_from("xy"), st.integers(-99, 999))),
    st.lists(st.tuples(st.sampled_from(["2026-09", "2026-10"]), st.integers(0, 50))),
)
def test_it_equals_the_sums_of_each_month(books, traffic):
    table = costs(*books).astype({"reporting_minor": "int64"})
    counted = pd.DataFrame(traffic, columns=["month", "calls"]).astype({"calls": "int64"})
    got = cost_per_thousand_calls(table, counted)
    assert got["month"].tolist() == sorted({m for m, *_ in books} | {m for m, _ in traffic})
    for row in got.itertuples():
        cost = sum(v for m, _, v in books if m == row.month)
        n = sum(c for m, c in traffic if m == row.month)
        if n and any(m == row.month for m, *_ in books):
            assert row.cost_per_thousand_minor == pytest.approx(1000 * cost / n)
        else:
            assert np.isnan(row.cost_per_thousand_minor)
