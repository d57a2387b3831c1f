"""Business transactions on a company one can count: the first one, and the calls each takes."""

import numpy as np
import pytest

from apijourney import NotMeasurable, WorkbookError, measure, open_study
from apijourney.metrics.product.activation.transaction_metrics import (
    calls_and_transactions, transaction_curve, transaction_step, transaction_summary,
)  # fmt: skip

ACCOUNTS = "account_id,created_at\na,2026-01-01T00:00:00Z\nb,2026-01-02T00:00:00Z\nc,2026-01-03T00:00:00Z\n"
REQUESTS = """request_id,occurred_at,account_id,status,environment,endpoint
1,2026-01-03T00:00:00Z,a,200,production,/quote
2,2026-01-04T00:00:00Z,a,500,production,/pay
3,2026-01-05T00:00:00Z,a,201,production,/pay
4,2026-01-05T01:00:00Z,a,200,sandbox,/pay
5,2026-01-06T00:00:00Z,b,201,production,/pay
6,2026-01-07T00:00:00Z,b,201,production,/pay
7,2026-01-08T00:00:00Z,c,200,production,/quote
8,2026-02-01T00:00:00Z,c,500,production,/pay
"""
INVOICES = "invoice_id,account_id,issued_at,amount_minor,currency,kind\n1,a,2026-01-11T00:00:00Z,5,USD,usage\n"
PAID = "definitions: {transaction: {event: request, where: {environment: production, status_class: 2xx, endpoint: /pay}}}\n"
FILES = {"accounts.csv": ACCOUNTS, "requests.csv": REQUESTS, "invoices.csv": INVOICES}
BOOK = "observed_from: 2026-01-01\n"


def test_the_first_transaction_is_neither_a_failure_nor_another_call_nor_one_in_the_sandbox(company):
    study = open_study(company(FILES, BOOK + PAID), month="2026-01")
    first = measure(study, "first_transaction_days").iloc[-1]
    # a after 4 days, b after 4, c not yet: 2 of 3 are there after 4 days
    assert first[["value", "numerator", "denominator"]].tolist() == [4.0, 2, 3]
    curve, summary = transaction_curve(study), transaction_summary(study).iloc[0]
    assert curve[["days", "reached"]].iloc[1].tolist() == [4.0, pytest.approx(2 / 3)]
    assert summary[["n", "reached", "censored"]].tolist() == [3, 2, 1]


def test_all_production_calls_of_who_transacts_are_held_against_the_transactions(company):
    study = open_study(company(FILES, BOOK + PAID), month="2026-02")
    table = measure(study, "calls_per_transaction").set_index("month")
    # a: calls 1 to 3 for one; b: two for two; c makes none, so its call 7 is not among them
    assert table.loc["2026-01", ["value", "numerator", "denominator"]].tolist() == [5 / 3, 5, 3]
    assert np.isnan(table.loc["2026-02", "value"])  # c's attempt failed: nothing to divide by
    by_account = calls_and_transactions(study, transaction_step(study, "x")).set_index("account_id")
    assert by_account[["calls", "transactions"]].T.to_dict("list") == {"a": [3, 1], "b": [2, 2]}


def test_a_transaction_need_not_be_a_call(company):
    study = open_study(company(FILES, BOOK + "definitions: {transaction: {event: invoice}}\n"), month="2026-01")
    assert measure(study, "calls_per_transaction").iloc[-1]["value"] == 3 / 1  # a's calls, for its one invoice
    first = measure(study, "first_transaction_days").iloc[-1]
    assert not first["mature"] and np.isnan(first["value"])  # one of three has got there: half are not


@pytest.mark.parametrize("metric", ["first_transaction_days", "calls_per_transaction"])
def test_without_the_definition_it_says_what_to_write(company, metric):
    answer = measure(open_study(company(FILES, BOOK), month="2026-01"), metric)
    assert isinstance(answer, NotMeasurable)
    assert answer.reason == (
        "the workbook file does not say which event completes a business transaction; name it under "
        "definitions.transaction, such as {event: request, where: {endpoint: /v1/payments, status_class: 2xx}}."
    )


def test_a_misspelt_property_of_the_definition_is_answered_with_a_suggestion(company):
    book = BOOK + PAID.replace("endpoint:", "endpont:")
    with pytest.raises(WorkbookError, match='did you mean "endpoint"'):
        measure(open_study(company(FILES, book), month="2026-01"), "first_transaction_days")
