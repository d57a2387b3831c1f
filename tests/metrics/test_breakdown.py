"""A metric by product or segment is the metric of the part, and parts add up where the metric adds up."""

import numpy as np
import pytest

from apijourney import CATALOG, NotMeasurable, WorkbookError, measure, measure_by, open_study


@pytest.mark.parametrize("metric", ["requests_per_minute", "errors_per_minute", "revenue", "mrr"])
def test_products_add_up_to_the_whole(small_study, metric):
    parts = measure_by(small_study, metric).groupby("month")["value"].sum()
    np.testing.assert_allclose(parts, measure(small_study, metric).set_index("month")["value"], rtol=1e-12)


def test_good_and_valid_calls_of_products_add_up_though_quotas_count_all_products(small_study):
    parts = measure_by(small_study, "availability").groupby("month")[["numerator", "denominator"]].sum()
    whole = measure(small_study, "availability").set_index("month")[["numerator", "denominator"]]
    np.testing.assert_allclose(parts, whole)


def test_a_quota_used_up_with_one_product_throttles_the_other(company):
    # 3 calls of x on the 10th use the quota up; the 429 of y on the 11th is the customer's own doing
    calls = "occurred_at,account_id,endpoint,status\n" + "2026-01-10,a,/x,200\n" * 3
    calls += "2026-01-11,a,/y,429\n2026-01-12,a,/y,200\n2026-01-31,b,/y,503\n"
    accounts = "account_id,created_at,quota_per_month\na,2026-01-01,3\nb,2026-01-01,\n"
    book = "observed_from: 2026-01-01\nproducts: {x: [/x], y: [/y]}"
    study = open_study(company({"requests.csv": calls, "accounts.csv": accounts}, book), month="2026-01")
    table = measure_by(study, "availability").set_index("group")
    assert table.loc["y", ["numerator", "denominator"]].tolist() == [1, 2]


@pytest.mark.parametrize("metric", ["requests_per_minute", "sign_ups", "mrr", "monthly_active_accounts"])
def test_segments_add_up_to_the_whole(small_study, metric):
    calls_of_nobody = metric == "requests_per_minute"  # rejected keys belong to no segment
    parts = measure_by(small_study, metric, "segment").groupby("month")["value"].sum()
    whole = measure(small_study, metric).set_index("month")["value"]
    assert (parts <= whole).all() if calls_of_nobody else np.allclose(parts, whole)


@pytest.mark.parametrize("metric", sorted(CATALOG))
def test_every_metric_is_broken_down_by_product_or_says_why_not(small_study, metric):
    found = measure_by(small_study, metric)
    if isinstance(found, NotMeasurable):
        assert "product" in str(found) and "break it down by segment instead" in str(found)
    else:
        assert list(found.columns[:3]) == ["group", "month", "value"]
        assert set(found["group"]) <= set(small_study.products)


def test_an_account_may_be_active_with_several_products_and_counts_in_each(company):
    calls = "occurred_at,account_id,endpoint,status\n2026-01-10,a,/x,200\n2026-01-11,a,/y,200\n2026-01-31,b,/y,200\n"
    study = open_study(company({"requests.csv": calls}, "observed_from: 2026-01-01\nproducts: {x: [/x], y: [/y]}"), month="2026-01")
    table = measure_by(study, "monthly_active_accounts").set_index("group")["value"]
    assert table.to_dict() == {"x": 1, "y": 2}


def test_without_products_the_answer_says_where_to_name_them(company):
    study = open_study(company({"requests.csv": "occurred_at,account_id,status\n2026-01-31,a,200\n"}), month="2026-01")
    assert "list each product's endpoints under products in the workbook file" in str(measure_by(study, "availability"))


def test_unknown_names_are_answered_with_a_suggestion(small_study):
    with pytest.raises(WorkbookError, match='unknown breakdown "products"; did you mean "product"?'):
        measure_by(small_study, "mrr", "products")
    with pytest.raises(WorkbookError, match='unknown metric "mmr"; did you mean "mrr"?'):
        measure_by(small_study, "mmr")
