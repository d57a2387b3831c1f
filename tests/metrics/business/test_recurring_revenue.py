"""Does revenue land in the months it pays for, to the cent?"""

import datetime as dt
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.facts.money.service_months import split_evenly
from apijourney.metrics.business.recurring_revenue import recurring_revenue

COLUMNS = ["account_id", "issued_at", "service_start", "service_end", "reporting_minor", "kind", "credits_kind"]


def lines(*rows):
    table = pd.DataFrame([(*row, None)[:7] for row in rows], columns=COLUMNS)
    for column in COLUMNS[1:4]:
        table[column] = pd.to_datetime(table[column])
    return table


def mrr(table, months, **options):
    result = recurring_revenue(table, months=months, **options)
    return {(r.account_id, r.month): r.mrr_minor for r in result.itertuples()}


def test_a_year_paid_ahead_is_twelve_months_and_adds_up():
    # 1000 cents over 12 months: 1000 = 12 × 83 + 4, so four months of 84, then eight of 83.
    table = lines(("a", "2026-01-01", "2026-01-01", "2027-01-01", 1000, "subscription"))
    months = [f"2026-{m:02d}" for m in range(1, 13)]
    got = mrr(table, months)
    assert [got["a", m] for m in months] == [84] * 4 + [83] * 8
    assert sum(got.values()) == 1000


def test_a_full_credit_cancels_its_line_month_by_month():
    # 100 over three months is 34, 33, 33; the credit takes away the same parts.
    table = lines(
        ("a", "2026-01-01", "2026-01-01", "2026-04-01", 100, "subscription"),
        ("a", "2026-02-10", "2026-01-01", "2026-04-01", -100, "credit", "subscription"),
    )
    assert mrr(table, ["2026-01", "2026-02", "2026-03"]) == {
        ("a", "2026-01"): 0, ("a", "2026-02"): 0, ("a", "2026-03"): 0,
    }  # fmt: skip


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("kind", ["credit", "refund"])
def test_a_credit_takes_away_however_its_sign_was_written(kind, sign):
    # 900 of usage less 200 = 700.
    table = lines(
        ("a", "2026-01-31", None, None, 900, "usage"),
        ("a", "2026-01-31", None, None, sign * 200, kind, "usage"),
    )
    assert mrr(table, ["2026-01"]) == {("a", "2026-01"): 700}


def test_one_off_sales_and_their_credits_never_recur():
    table = lines(
        ("a", "2026-01-05", None, None, 500, "one_off"),
        ("a", "2026-01-06", None, None, -100, "credit", "one_off"),
        ("a", "2026-01-07", None, None, -50, "credit"),
    )
    assert recurring_revenue(table, months=["2026-01"]).empty


def test_usage_stands_apart_and_may_be_left_out():
    table = lines(
        ("a", "2026-01-01", "2026-01-01", "2026-02-01", 1000, "subscription"),
        ("a", "2026-01-31", "2026-01-01", "2026-02-01", 300, "usage"),
    )
    with_usage = recurring_revenue(table, months=["2026-01"])
    assert with_usage.iloc[0].tolist() == ["a", "2026-01", 1000, 300, 1300]
    assert with_usage.columns.tolist() == ["account_id", "month", "subscription_minor", "usage_minor", "mrr_minor"]
    assert recurring_revenue(table, months=["2026-01"], include_usage=False)["mrr_minor"].tolist() == [1000]


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2026-02-01", "2026-03-01", ["2026-02"]),  # 28 days are one month
        ("2026-01-31", "2026-02-28", ["2026-01"]),  # a month that starts on the 31st
        ("2026-01-15", "2026-02-15", ["2026-01"]),  # counts in the month it starts
        ("2026-01-01", "2026-01-08", ["2026-01"]),  # a week is at least one month
        ("2026-01-01", "2026-03-01", ["2026-01", "2026-02"]),
        ("2026-01-10", "2026-02-22", ["2026-01"]),  # 43 days = 1.41 months
        ("2026-01-10", "2026-02-26", ["2026-01", "2026-02"]),  # 47 days = 1.54 months
        ("2026-01-01", "2025-01-01", ["2026-01"]),  # an end before its start stretches nothing
        ("2026-01-01", None, ["2026-01"]),
    ],
)
def test_a_service_period_covers_its_length_in_months_rounded(start, end, months):
    table = lines(("a", "2026-06-01", start, end, 1200, "subscription"))
    every = [f"2026-{m:02d}" for m in range(1, 7)]
    assert [m for _, m in mrr(table, every)] == months


def test_a_line_without_a_period_belongs_to_the_local_month_of_issue():
    # 23:30 UTC on 31 January is 1 February in Berlin and still January in New York.
    table = lines(("a", "2026-01-31T23:30", None, None, 100, "usage"))
    assert mrr(table, ["2026-01", "2026-02"], timezone="Europe/Berlin") == {("a", "2026-02"): 100}
    assert mrr(table, ["2026-01", "2026-02"], timezone="America/New_York") == {("a", "2026-01"): 100}


@pytest.mark.parametrize("read", [pd.to_datetime, lambda days: pd.Series(days, dtype=object)])
def test_service_dates_are_local_days_and_do_not_move_with_the_zone(read):
    table = lines(("a", "2026-01-01", None, None, 100, "subscription"))
    days = {"service_start": dt.date(2026, 2, 1), "service_end": dt.date(2026, 3, 1)}
    table = table.assign(**{c: read([d]) for c, d in days.items()})
    assert mrr(table, ["2026-01", "2026-02"], timezone="America/New_York") == {("a", "2026-02"): 100}


def test_only_the_months_asked_for_are_reported():
    table = lines(("a", "2025-11-01", "2025-11-01", "2026-02-01", 90, "subscription"))
    assert mrr(table, ["2026-01"]) == {("a", "2026-01"): 30}


def test_service_columns_may_be_absent():
    table = lines(("a", "2026-01-05", None, None, 7, "usage")).drop(columns=["service_start", "service_end", "credits_kind"])
    assert mrr(table, ["2026-01"]) == {("a", "2026-01"): 7}


@pytest.mark.parametrize(
    ("table", "months", "sentence"),
    [
        (
            lines(("a", "2026-01-05", None, None, 7, "usagee")),
            ["2026-01"],
            'recurring_revenue(lines): unknown kind "usagee"; did you mean "usage"?',
        ),
        (
            lines(("a", "2026-01-05", None, None, 7, "usage")),
            ["2026-1"],
            'recurring_revenue(months): "2026-1" is not a month; write it as "2026-10".',
        ),
        (
            lines(("a", "2026-01-05", None, None, 7, "usage")).rename(columns={"kind": "kinds"}),
            ["2026-01"],
            'recurring_revenue(lines): column "kind" is missing; did you mean "kinds"? Add or rename it.',
        ),
    ],
)
def test_a_mistake_is_one_sentence(table, months, sentence):
    with pytest.raises(WorkbookError) as error:
        recurring_revenue(table, months=months)
    assert str(error.value) == sentence


@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(1, 40)), min_size=1, max_size=8))
def test_the_parts_of_a_split_add_up_and_differ_by_a_cent_at_most(amounts):
    values, parts = (np.array(column) for column in zip(*amounts, strict=True))
    row, month, minor = split_evenly(values, np.zeros(len(values), dtype="int64"), parts)
    for i, (value, k) in enumerate(amounts):
        mine = minor[row == i]
        assert mine.sum() == value and len(mine) == k
        assert month[row == i].tolist() == list(range(k))
        sizes = np.abs(mine)
        assert sizes.max() - sizes.min() <= 1 and (np.diff(sizes) <= 0).all()


line = st.tuples(
    st.sampled_from("ab"),
    st.integers(0, 5),  # start month of 2026
    st.integers(1, 14),  # whole months covered
    st.integers(-500, 500),
    st.sampled_from(["subscription", "usage", "one_off", "credit", "refund"]),
    st.sampled_from(["subscription", "usage", "one_off"]),
)


@settings(max_examples=60)
@given(st.lists(line, min_size=1, max_size=8))
def test_mrr_equals_handing_out_cent_by_cent(drawn):
    # By definition: hand the cents of a line out one by one, a month after the other in turn.
    expected = defaultdict(int)
    rows = []
    for account, start, k, amount, kind, credited in drawn:
        first = np.datetime64("2026-01") + start
        rows.append((account, "2026-01-01", str(first), str(first + k), amount, kind, credited))
        taken_away = kind in ("credit", "refund")
        if (credited if taken_away else kind) == "one_off":
            continue
        step = -1 if taken_away or amount < 0 else 1
        for cent in range(abs(amount)):
            expected[account, str(first + cent % k)] += step
    months = [str(np.datetime64("2026-01") + i) for i in range(24)]
    got = mrr(lines(*rows), months)
    assert {key: value for key, value in got.items() if value} == {k: v for k, v in expected.items() if v}
