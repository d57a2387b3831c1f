"""Retention after fixed days: weeks of days counted by hand, open months masked, changes tested."""

import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.product.retention.fixed_days import back_within_days, fixed_day_changes, fixed_days

ACTIVE = "definitions: {active: {event: invoice}}\nobserved_from: 2025-12-01"
# Who was there in the first month, y, is no beginner. a: back on day 24; b: on day 23 and 31 only; c: on day 30. d and e begin in February; e too late for day 30 to be over.
LINES = """account_id,issued_at,amount_minor
y,2025-12-20,1
a,2026-01-05,1
a,2026-01-29,1
b,2026-01-05,1
b,2026-01-28,1
b,2026-02-05,1
c,2026-01-10,1
c,2026-02-09,1
d,2026-02-01,1
d,2026-02-25,1
e,2026-02-28,1
z,2026-03-31,1
"""


@pytest.fixture
def study(company):
    return open_study(company({"invoices.csv": LINES}, ACTIVE), month="2026-03", months_back=3)


def test_day_30_is_the_week_from_day_24_to_day_30(study):
    table = back_within_days(study, 24, 30)
    assert table["month"].tolist() == ["2026-01", "2026-02", "2026-03"]
    assert table[["numerator", "denominator"]].iloc[:2].values.tolist() == [[2, 3], [1, 2]]
    assert table["value"].iloc[0] == pytest.approx(2 / 3)
    # February 28 + 30 days is March 30, over at the end of March. z begins on the last day of March.
    assert table["mature"].tolist() == [True, True, False]
    pd.testing.assert_frame_equal(measure(study, "day_30_retention")[["value"]], table[["value"]])


def test_a_month_is_open_until_the_last_day_of_its_last_beginner_is_over(study):
    february = open_study(study.workbook, month="2026-02", months_back=2)
    table = back_within_days(february, 24, 30).iloc[-1]
    assert not table["mature"] and table[["value", "low", "high", "numerator", "denominator"]].isna().all()


def test_nobody_who_began_is_not_measurable(company):
    lines = "account_id,issued_at,amount_minor\na,2026-01-05,1\na,2026-03-05,1\n"
    book = "definitions: {active: {event: invoice}}\nobserved_from: 2026-01-01"
    found = fixed_days(open_study(company({"invoices.csv": lines}, book), month="2026-03", months_back=2))
    assert isinstance(found, NotMeasurable) and "nobody is known to have begun in February 2026 to March 2026" in str(found)


def month(name, k, n):
    return {"month": name, "value": k / n if n else np.nan, "numerator": float(k), "denominator": float(n)}


def test_change_pools_the_latest_three_known_months_against_those_before():
    rows = [month("2026-01", 1, 20), month("2026-02", 2, 20), month("2026-03", 0, 0), month("2026-04", 3, 10),
            month("2026-05", 9, 10), month("2026-06", 10, 10), month("2026-07", 8, 10)]  # fmt: skip
    (row,) = fixed_day_changes({"x": pd.DataFrame(rows)}).to_dict("records")
    # Known: January, February, April against May, June, July; March has nobody.
    assert (row["before_numerator"], row["before_denominator"], row["before_last"]) == (6, 50, "2026-04")
    assert (row["now_numerator"], row["now_denominator"], row["now_first"]) == (27, 30, "2026-05")
    assert row["now_value"] == 0.9 and row["p"] < 1e-6 and row["q"] == row["p"]


def test_change_needs_six_known_months():
    rows = [month(f"2026-0{i}", 1, 2) for i in range(1, 6)]
    assert fixed_day_changes({"x": pd.DataFrame(rows)}).empty
