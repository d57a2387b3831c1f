"""The business tables of a study, on seven invoices that can be added up by hand."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney import NotMeasurable, measure, open_study
from apijourney.errors import WorkbookError
from apijourney.metrics.business.broken_promises import after_outages, promise_by_month
from apijourney.metrics.business.study_costs import costs_by_category, costs_of_month
from apijourney.metrics.business.study_tables import (
    concentration_of_month,
    largest_moves,
    movement_parts,
    movements,
    paying_accounts,
    recurring,
    retained,
    retained_without_largest,
    revenue_at_a_glance,
    revenue_by_kind,
)

# Berlin is ahead of UTC: the line of 23:30 on January 31 belongs to February.
INVOICES = """invoice_id,account_id,issued_at,amount_minor,currency,kind,credits_kind
1,a,2026-01-05T12:00:00Z,1000,EUR,subscription,
2,a,2026-02-01T12:00:00Z,1500,EUR,subscription,
3,a,2026-03-01T12:00:00Z,1500,EUR,subscription,
4,b,2026-01-31T23:30:00Z,500,EUR,subscription,
5,c,2026-03-01T12:00:00Z,700,EUR,usage,
6,b,2026-01-20T12:00:00Z,250,EUR,one_off,
7,a,2026-03-10T12:00:00Z,-100,EUR,credit,subscription
"""
BOOK = "currency: EUR\ntimezone: Europe/Berlin\nobserved_from: 2026-01-01"


@pytest.fixture
def study(company):
    return open_study(company({"invoices.csv": INVOICES}, BOOK), month="2026-03")


def test_glance_counts_customers_lines_and_money_in_all_and_in_the_month(study):
    # all: a, b, c; seven lines; 5450 charged, 100 taken off. March: a and c; three lines
    assert revenue_at_a_glance(study).to_numpy().tolist() == [
        ["2026-01-01 to 2026-03-31", 3, 7, 5450, -100, 5350],
        ["2026-03", 2, 3, 2200, -100, 2100],
    ]


def test_a_line_counts_in_the_local_month_of_its_kind(study):
    # January 1000 and the one-off 250; February 1500 and b's 500; March 1500, usage 700, credit 100
    table = revenue_by_kind(study)
    assert table.drop(columns="month").to_numpy().tolist() == [
        [1000, 0, 250, 0, 1250], [2000, 0, 0, 0, 2000], [1500, 700, 0, -100, 2100],
    ]  # fmt: skip


def test_opening_and_movements_add_up_to_closing(study):
    # February: 1000 + 500 new (b) + 500 expansion (a) = 2000
    # March: 2000 + 700 new (c) − 100 contraction (a) − 500 churn (b) = 2100
    parts = movement_parts(movements(study)).set_index("part")
    assert parts["2026-02"].tolist() == [1000, 500, 500, 0, 0, 0, 2000, 2000]
    assert parts["2026-03"].tolist() == [2000, 700, 0, 0, -100, -500, 2100, 2100]
    assert parts.index[-2:].tolist() == ["sum of the above", "closing"]


def test_without_usage_nothing_of_c_recurs(study):
    assert movements(study, include_usage=False)["closing_minor"].tolist() == [2000, 1400]


def test_the_largest_account_of_the_month_is_left_out_of_all_months(study):
    # a is the largest in March, with 1400; b stays in February, c in March
    left = recurring(study, leave_out=1)
    assert left[["account_id", "month", "mrr_minor"]].to_numpy().tolist() == [["b", "2026-02", 500], ["c", "2026-03", 700]]


def test_the_accounts_behind_the_movements_come_largest_first(study):
    moves = largest_moves(study, most=2)
    assert moves[["account_id", "movement", "change_minor"]].to_numpy().tolist() == [["c", "new", 700], ["b", "churn", -500]]


def test_concentration_names_the_month_and_who_pays(study):
    # a 1400 and c 700 of 2100
    assert paying_accounts(study)["account_id"].tolist() == ["a", "c"]
    assert concentration_of_month(study)["top1_share"].iloc[0] == pytest.approx(2 / 3)


def test_the_first_month_has_no_movements_and_says_so(company):
    study = open_study(company({"invoices.csv": INVOICES}, BOOK), month="2026-01")
    for answer in (movements(study), largest_moves(study)):
        assert isinstance(answer, NotMeasurable)
        assert "2026-01 is the first observed; choose a later month." in str(answer)


def test_retention_that_cannot_look_back_a_year_names_the_month_to_choose(study):
    answer = retained_without_largest(study)
    assert isinstance(answer, NotMeasurable)
    assert "the first month observed is 2026-01; choose 2027-01 or a later month." in str(answer)


def test_retention_with_and_without_the_largest_account(company):
    # a year ago a, b, c paid 100 each; now a pays 300, b 80, c nothing, d (new) 50.
    # all: 380 / 300, capped (100 + 80) / 300. Without a, the largest now: 80 / 200 both ways
    rows = ["invoice_id,account_id,issued_at,amount_minor,kind"]
    rows += [f"{i},{a},2025-01-10,100,subscription" for i, a in enumerate("abc")]
    rows += ["7,a,2026-01-10,300,subscription", "8,b,2026-01-10,80,subscription", "9,d,2026-01-10,50,subscription"]
    study = open_study(company({"invoices.csv": "\n".join(rows) + "\n"}), month="2026-01")
    table = retained_without_largest(study).set_index("group")
    assert table["value"].to_dict() == pytest.approx(
        {"NRR, all accounts": 380 / 300, "NRR, without the largest": 0.4,
         "GRR, all accounts": 180 / 300, "GRR, without the largest": 0.4}
    )  # fmt: skip
    assert table["accounts"].tolist() == [3, 2, 3, 2]
    assert (table["low"] <= table["value"]).all() and (table["value"] <= table["high"]).all()
    assert retained(study)["nrr"].iloc[0] == pytest.approx(380 / 300)


def test_one_off_sales_are_revenue_and_nothing_that_recurs(company):
    lines = "account_id,issued_at,amount_minor\na,1997-01-01,1177\nb,1997-02-01,1200\na,1997-02-02,500\n"
    study = open_study(company({"invoices.csv": lines}), month="1997-02")
    assert revenue_at_a_glance(study)["revenue_minor"].tolist() == [2877, 1700]
    assert revenue_by_kind(study)["one_off_minor"].tolist() == [1177, 1700]
    for answer in (movements, largest_moves, paying_accounts, concentration_of_month, retained, retained_without_largest):
        assert "is not measurable: the invoices hold one-off purchases only" in str(answer(study))


def test_before_the_first_invoice_there_is_no_revenue_yet(company):
    visits = "occurred_at,touchpoint,visitor_id\n2026-01-05,docs_view,v\n2026-02-05,docs_view,v\n"
    late = "account_id,issued_at,amount_minor,kind\na,2026-03-01,500,subscription\n"
    folder = company({"touchpoints.csv": visits, "invoices.csv": late})
    for answer in (revenue_at_a_glance, revenue_by_kind, movements, paying_accounts):
        assert "no row before the end of 2026-02" in str(answer(open_study(folder, month="2026-02")))
    (folder / "touchpoints.csv").write_text(visits + "2026-03-31,docs_view,v\n")
    assert measure(open_study(folder, month="2026-03"), "revenue")["value"].tolist() == [0, 0, 500]


def test_leaving_out_fewer_than_none_is_one_sentence(study):
    with pytest.raises(WorkbookError, match=r"^leave_out: expected a whole number from 0 on, not -1\.$"):
        recurring(study, leave_out=-1)


def test_costs_of_the_month_stand_by_category_and_together(company):
    costs = "month,category,amount_minor\n2026-01,support,100\n2026-02,infrastructure,300\n2026-02,support,50\n2026-02,support,50\n"
    study = open_study(company({"costs.csv": costs, "invoices.csv": INVOICES}, "currency: EUR"), month="2026-02")
    table = costs_by_category(study)
    assert table.to_numpy().tolist() == [
        ["2026-01", "support", 100], ["2026-02", "infrastructure", 300], ["2026-02", "support", 100],
    ]  # fmt: skip
    # 2,000 calls in February: 400 for two thousand are 200 for one
    calls = pd.DataFrame({"month": ["2026-02"], "denominator": [2000.0]})
    month = costs_of_month(table, calls, month="2026-02")
    assert month["category"].tolist() == ["infrastructure", "support", "together"]
    assert month["cost_minor"].tolist() == [300, 100, 400]
    assert month["share"].tolist() == [0.75, 0.25, 1.0]
    assert month["per_thousand_minor"].tolist() == [150, 50, 200]
    unknown = costs_of_month(table, NotMeasurable("calls", "add requests."), month="2026-02")
    assert unknown["per_thousand_minor"].isna().all()
    assert costs_of_month(table, calls, month="2026-03").empty


def test_the_allowance_is_what_the_promise_lets_fail():
    # 2 of 1,000 failed; 0.1 % of 1,000, one call, may: twice the allowance. No calls: unknown, not 0
    table = pd.DataFrame(
        {"month": ["2026-01", "2026-02"], "value": [0.998, float("nan")], "low": [0.99, float("nan")],
         "high": [0.999, float("nan")], "numerator": [998.0, 0.0], "denominator": [1000.0, 0.0]}
    )  # fmt: skip
    got = promise_by_month(table, slo=0.999)
    assert got["failed"].iloc[0] == 2 and got["allowed"].iloc[0] == pytest.approx(1)
    assert got["allowance_used"].iloc[0] == pytest.approx(2)
    assert pd.isna(got["allowance_used"].iloc[1])


def test_failed_calls_credits_and_leavers_meet_in_their_month(study):
    months = ["2026-01", "2026-02", "2026-03"]
    calls = pd.DataFrame({"month": months, "value": [1.0, 0.9, float("nan")]})
    churn = pd.DataFrame({"month": months, "value": [float("nan"), 0.0, 0.5]})
    got = after_outages(calls, revenue_by_kind(study), churn)
    assert got["given_back_minor"].tolist() == [0, 0, 100]
    assert got["failed_share"].iloc[:2].tolist() == pytest.approx([0.0, 0.1]) and pd.isna(got["failed_share"].iloc[2])
    assert got["churn"].iloc[1:].tolist() == [0.0, 0.5]


@given(
    st.lists(
        st.fixed_dictionaries({f"{m}_minor": st.integers(0, 10**6) for m in ("new", "expansion", "reactivation")}
                              | {f"{m}_minor": st.integers(-(10**6), 0) for m in ("contraction", "churn")}),
        min_size=1, max_size=5,
    ),
    st.integers(0, 10**9),
)  # fmt: skip
def test_parts_add_up_in_every_month_whatever_moved(moves, opening):
    rows = []
    for i, move in enumerate(moves):
        closing = opening + sum(move.values())
        rows.append({"month": f"2026-0{i + 1}", "opening_minor": opening, **move, "closing_minor": closing})
        opening = closing
    parts = movement_parts(pd.DataFrame(rows), months=5).set_index("part")
    assert parts.loc["sum of the above"].equals(parts.loc["closing"].rename("sum of the above"))
    assert len(parts.columns) == len(moves)
