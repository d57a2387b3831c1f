"""Do the costs of serving go where the rule says, and add up to the books to the cent?"""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from apijourney.metrics.business.cost_allocation import NOBODY, allocate, split_by_weight
from apijourney.metrics.business.serving import cost_by_endpoint, costlier_than_paid, margin_groups

M = "2026-10"


def lines(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["month", "category", "account_id", "endpoint", "minor"])


def use(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["month", "account_id", "endpoint", "weight"])


def tickets(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["month", "account_id", "tickets"])


CALLS = use((M, "a", "/x", 3), (M, "b", "/x", 1), (M, "b", "/y", 4), (M, None, "/y", 2))


def parts(table: pd.DataFrame) -> dict:
    return table.groupby("account_id")["minor"].sum().to_dict()


def test_infrastructure_of_an_endpoint_goes_by_its_calls_and_other_by_all():
    # /x: 3 to 1 of 80; the rest: 3, 5 and 2 of 100 calls' worth
    got = allocate(lines((M, "infrastructure", None, "/x", 80), (M, "infrastructure", None, None, 100)), CALLS, tickets())
    assert parts(got) == {"a": 60 + 30, "b": 20 + 50, NOBODY: 20}


def test_support_goes_by_tickets_and_a_named_account_pays_its_own():
    got = allocate(
        lines((M, "support", None, None, 90), (M, "support", "b", None, 7)), CALLS, tickets((M, "a", 2), (M, "c", 1))
    )
    assert parts(got) == {"a": 60, "b": 7, "c": 30}


def test_an_endpoint_nobody_called_is_split_by_all_calls():
    got = allocate(lines((M, "infrastructure", None, "/z", 100)), CALLS, tickets())
    assert parts(got) == {"a": 30, "b": 50, NOBODY: 20}


def test_what_nobody_caused_stays_with_nobody():
    got = allocate(lines((M, "support", None, None, 90), ("2026-09", "infrastructure", None, None, 5)), CALLS, tickets())
    assert parts(got) == {NOBODY: 95}


def test_marketing_sales_and_operations_are_no_costs_of_serving():
    got = allocate(lines((M, "marketing", None, None, 90), (M, "sales", "a", None, 5)), CALLS, tickets())
    assert got.empty and list(got.columns) == ["month", "account_id", "category", "endpoint", "minor"]


@given(st.integers(-10**12, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_the_parts_add_up_and_are_within_a_cent_of_their_exact_share(amount, weights):
    got = split_by_weight(amount, np.array(weights))
    assert got.sum() == amount
    for part, weight in zip(got.tolist(), weights, strict=True):
        assert abs(part - amount * weight / sum(weights)) < 1.01


_line = st.tuples(
    st.sampled_from([M, "2026-09"]), st.sampled_from(["infrastructure", "support", "sales"]),
    st.sampled_from([None, "a", "b"]), st.sampled_from([None, "/x", "/y", "/z"]), st.integers(-1000, 10**6),
)  # fmt: skip
_use = st.tuples(st.just(M), st.sampled_from(["a", "b", "c", None]), st.sampled_from(["/x", "/y"]), st.integers(0, 50))
_tickets = st.tuples(st.sampled_from([M, "2026-09"]), st.sampled_from(["a", "b", None]), st.integers(0, 3))


@given(st.lists(_line, min_size=1, max_size=12), st.lists(_use, max_size=10), st.lists(_tickets, max_size=5))
def test_whatever_the_books_the_parts_of_each_month_and_category_are_the_lines(books, calls, opened):
    table = lines(*books)
    got = allocate(table, use(*calls), tickets(*opened))
    serving = table[table["category"] != "sales"]
    expected = serving.groupby(["month", "category"])["minor"].sum()
    added = got.groupby(["month", "category"])["minor"].sum().reindex(expected.index, fill_value=0)
    assert added.to_dict() == expected.to_dict()


MARGINS = pd.DataFrame(
    {
        "month": M, "account_id": ["a", "b", "c", "d", NOBODY], "mrr_minor": [100, 50, 20, 0, 0],
        "infrastructure_minor": [10, 30, 30, 5, 2], "support_minor": [10, 40, 0, 0, 3], "cost_minor": [20, 70, 30, 5, 5],
        "margin_minor": [80, -20, -10, -5, -5],
    }
)  # fmt: skip


def test_who_pays_less_than_it_costs_is_named_the_largest_loss_first_and_who_pays_nothing_is_not():
    assert costlier_than_paid(MARGINS, month=M)[["account_id", "margin_minor"]].values.tolist() == [["b", -20], ["c", -10]]


def test_groups_of_margin_add_up_to_all_and_nobody_is_no_account():
    got = margin_groups(MARGINS, month=M).set_index("group")
    assert got.loc["together"].tolist() == [4, 170, 130, 40]
    assert got.loc["pay less than they cost"].tolist() == [2, 70, 100, -30]
    assert got.loc["calls and tickets of nobody"].tolist() == [0, 0, 5, -5]
    assert margin_groups(MARGINS, month="2026-11").empty


def test_endpoints_carry_their_own_lines_and_their_share_of_the_rest():
    costs = allocate(lines((M, "infrastructure", None, "/x", 80), (M, "infrastructure", None, None, 100)), CALLS, tickets())
    got = cost_by_endpoint(costs, CALLS, month=M).set_index("endpoint")
    # 4 of 10 calls went to /x: 80 + 40; 6 to /y: 60
    assert got["cost_minor"].to_dict() == {"/x": 120, "/y": 60}
    assert got["per_thousand_minor"].to_dict() == {"/x": 30_000, "/y": 10_000}


def test_costs_of_the_small_company_add_up_to_its_books(small_study):
    from apijourney.metrics.business.serving import cost_lines, serving_costs

    books = cost_lines(small_study)
    books = books[books["category"].isin(["infrastructure", "support"])]
    by_calls, by_time = serving_costs(small_study), serving_costs(small_study, "milliseconds", "2026-08")
    assert by_calls["minor"].sum() == books["minor"].sum()
    assert by_time["minor"].sum() == books.loc[books["month"] == "2026-08", "minor"].sum()
    assert by_calls.groupby("account_id")["minor"].sum().to_dict() != by_time.groupby("account_id")["minor"].sum().to_dict()


def test_a_segment_carries_its_accounts_part_of_what_all_cost(small_study):
    from apijourney import measure
    from apijourney.metrics.business.serving import serving_costs

    every = serving_costs(small_study)
    added = 0
    for segment in small_study.segments:
        part = small_study.narrowed(segment=segment)
        costs = serving_costs(part)
        ids = set(part.accounts["account_id"])
        assert costs["minor"].sum() == every.loc[every["account_id"].isin(ids), "minor"].sum() > 0
        added += costs["minor"].sum()
    assert added == every.loc[every["account_id"] != NOBODY, "minor"].sum()
    assert measure(part, "cost_of_errors").reason == "costs that name no account belong to no segment; choose all segments."
