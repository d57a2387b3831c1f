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


BELONG_TO_NO_PRODUCT = {
    "accounts": {"sign_ups", "sandbox_use"},
    "rows of hosts": {"cpu_p95", "memory_p95", "concurrent_connections", "peak_connections", "capacity_headroom"},
    "rows of incidents": {
        "time_uptime", "mean_time_to_repair", "mean_time_to_failure", "mean_time_between_failures", "rate_of_occurrence_of_failure",
    },
    "rows of pages": {"broken_links_per_page", "reading_level"},
    "rows of releases": {
        "deprecated_version_exposure", "release_frequency", "breaking_changes", "changelog_lead_time", "deprecated_calls_share",
        "deprecated_mrr_share", "time_to_fix",
    },
    "rows of surveys": {"csat", "nps", "ces"},
    "rows of tickets": {"tickets_per_active_account", "ticket_resolution_days"},
    "rows of touchpoints": {
        "unique_visitors", "sign_up_rate", "page_views", "bounce_rate", "pages_per_session", "time_on_page", "docs_search_zero_share",
        "quickstart_completion", "ai_agent_share", "keys_created", "silent_integrations", "sessions_per_active_account",
    },
}  # fmt: skip
REFUSED = {metric: f"{what} belong to no product; " for what, metrics in BELONG_TO_NO_PRODUCT.items() for metric in metrics} | {
    "metered_billed_gap": "a bill may cover several products; choose all products, or ",
    "quota_utilisation_share": "a quota counts the calls of all products; choose all products, or ",
    "product_attach": "it counts products, so one of them has none; choose all products, or ",
    "product_expansion": "one product has no other to expand to; choose all products, or ",
} | dict.fromkeys(
    ["customer_acquisition_cost", "payback_months", "ltv_to_cac"],
    "what marketing and sales cost belongs to no product; choose all products, or ",
)


@pytest.mark.parametrize("metric", sorted(CATALOG))
def test_every_metric_is_broken_down_by_product_but_those_whose_rows_belong_to_none(small_study, metric):
    found = measure_by(small_study, metric)
    if metric in REFUSED:
        assert isinstance(found, NotMeasurable)
        assert found.reason == f"{REFUSED[metric]}break it down by segment instead."
    else:
        assert list(found.columns[:3]) == ["group", "month", "value"]
        assert set(found["group"]) <= set(small_study.products)


def test_a_product_has_the_transactions_of_its_own_endpoints(company):
    # a pays through /x once with two calls of x; its call of y is none of x's. By y nobody pays
    calls = "occurred_at,account_id,endpoint,status\n2026-01-10,a,/x,200\n2026-01-11,a,/x/look,200\n2026-01-12,a,/y,200\n2026-01-31,b,/y,200\n"
    book = "observed_from: 2026-01-01\nproducts: {x: [/x, /x/look], y: [/y]}\n"
    book += "definitions: {transaction: {event: request, where: {status_class: 2xx, endpoint: /x}}}\n"
    accounts = "account_id,created_at\na,2026-01-08\nb,2026-01-09\n"
    study = open_study(company({"requests.csv": calls, "accounts.csv": accounts}, book), month="2026-01")
    table = measure_by(study, "calls_per_transaction").set_index("group")
    assert table.loc["x", ["numerator", "denominator"]].tolist() == [2, 1]
    assert np.isnan(table.loc["y", "value"])
    assert measure_by(study, "first_transaction_days").set_index("group").loc["x", "value"] == 2.0


def test_uptime_derived_from_calls_is_broken_down_by_product(company):
    calls = "occurred_at,account_id,endpoint,status\n2026-01-10,a,/x,200\n2026-01-31,b,/y,200\n"
    study = open_study(company({"requests.csv": calls}, "observed_from: 2026-01-01\nproducts: {x: [/x], y: [/y]}"), month="2026-01")
    assert measure_by(study, "time_uptime").set_index("group")["value"].to_dict() == {"x": 1.0, "y": 1.0}


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
