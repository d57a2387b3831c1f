"""A path becomes the endpoint it fits, and belongs to that endpoint's product."""

import ibis
import pytest

from apijourney import WorkbookError, load_workbook, open_study
from apijourney.facts.endpoints import NO_PRODUCT, UNMATCHED, product_of, with_endpoints
from apijourney.workbook import Workbook

BOOK = Workbook(
    company="Test",
    products={
        "payments": ["/v1/payments", "/v1/payments/{id}", "/v1/payments/{id}/refunds"],
        "reports": ["/v1/payments/summary", "/v1/reports/*"],
    },
)
PATHS = {
    "/v1/payments": ("/v1/payments", "payments"),
    "/v1/payments/": ("/v1/payments", "payments"),
    "/v1/payments/83f1?expand=1": ("/v1/payments/{id}", "payments"),
    "https://api.example.com/v1/payments/83f1#top": ("/v1/payments/{id}", "payments"),
    "/v1/payments/83f1/refunds": ("/v1/payments/{id}/refunds", "payments"),
    "/v1/payments/summary": ("/v1/payments/summary", "reports"),  # the literal goes before the placeholder
    "/v1/reports": ("/v1/reports/*", "reports"),
    "/v1/reports/2026/10": ("/v1/reports/*", "reports"),
    "/v1/payments/83f1/notes": (UNMATCHED, NO_PRODUCT),
    "/V1/payments": (UNMATCHED, NO_PRODUCT),  # paths are case-sensitive
    "/v1/paymentsx": (UNMATCHED, NO_PRODUCT),
    None: (None, NO_PRODUCT),
}


def test_paths_become_templates_with_their_product():
    rows = ibis.memtable({"endpoint": list(PATHS)}, schema={"endpoint": "string"})
    found = with_endpoints(rows, BOOK).to_pandas()
    found = found.astype("object").where(found.notna(), None)
    assert dict(zip(PATHS, found.itertuples(index=False, name=None), strict=True)) == PATHS


def test_one_path_has_the_product_that_the_table_gives_it():
    assert {path: product_of(path, BOOK) for path in PATHS if path} == {p: of for p, (_, of) in PATHS.items() if p}


def test_without_products_paths_stay_as_they_are():
    rows = ibis.memtable({"endpoint": ["/a?b"]})
    found = with_endpoints(rows, Workbook(company="Test")).to_pandas()
    assert found.to_numpy().tolist() == [["/a?b", NO_PRODUCT]]


CALLS = """request_id,occurred_at,account_id,endpoint,status
1,2026-01-10T10:00:00Z,a,/v1/pay/1,200
2,2026-01-11T10:00:00Z,a,/v1/pay/2,200
3,2026-01-12T10:00:00Z,b,/v1/tides,200
4,2026-01-31T10:00:00Z,b,/wp-login.php,404
"""
PRODUCTS = "products:\n  payments:\n    - /v1/pay/{id}\n  tides: [/v1/tides]\n"


def test_facts_and_calls_count_templates_and_the_share_that_fits_none_is_shown(company):
    study = open_study(company({"requests.csv": CALLS}, PRODUCTS), month="2026-01")
    calls = study.fact("calls").to_pandas().groupby(["endpoint", "product"])["calls"].sum()
    assert calls.to_dict() == {
        ("/v1/pay/{id}", "payments"): 2, ("/v1/tides", "tides"): 1, (UNMATCHED, NO_PRODUCT): 1,
    }  # fmt: skip
    assert sorted(study.requests().to_pandas()["endpoint"]) == [UNMATCHED, "/v1/pay/{id}", "/v1/pay/{id}", "/v1/tides"]
    stray = study.quality.set_index("column").loc["endpoint"]
    assert stray["check"] == "path that fits no endpoint of a product (25 % of the calls)"
    assert (stray["rows"], stray["example"], stray["severity"]) == (1, "/wp-login.php", "kept, as (unmatched)")


def test_a_study_of_one_product_sees_its_calls_alone(company):
    study = open_study(company({"requests.csv": CALLS}, PRODUCTS), month="2026-01", product="payments")
    assert study.fact("activity").calls.sum().execute() == 2
    assert study.requests().count().execute() == 2
    assert list(study.events.accounts.take(study.events.account)) == ["a", "a"]
    whole = study.narrowed(product="all")
    assert whole.products == ["payments", "tides", NO_PRODUCT]
    assert len(whole.events) == 4


def test_an_unknown_product_is_answered_with_a_suggestion(company):
    folder = company({"requests.csv": CALLS}, PRODUCTS)
    with pytest.raises(WorkbookError, match='product: unknown product "payment"; did you mean "payments"?'):
        open_study(folder, month="2026-01", product="payment")


@pytest.mark.parametrize(
    ("products", "sentence"),
    [
        ("{payments: [v1/pay]}", '"v1/pay" is no endpoint template'),
        ("{payments: [/v1/*/pay]}", '"/v1/*/pay" is no endpoint template'),
        ("{payments: ['/v1/{id']}", '"/v1/{id" is no endpoint template'),
        ("{a: ['/v1/{id}'], b: ['/v1/{name}']}",
         'the template "/v1/{name}" stands under "a" and under "b"; an endpoint belongs to one product'),
    ],
)  # fmt: skip
def test_a_template_that_cannot_be_is_one_sentence_with_its_line(company, products, sentence):
    with pytest.raises(WorkbookError) as caught:
        load_workbook(company({}, f"products: {products}"))
    assert str(caught.value).startswith("workbook.yaml line 2: ")
    assert sentence in str(caught.value)
