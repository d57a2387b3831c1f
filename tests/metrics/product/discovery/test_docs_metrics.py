"""The docs page by page: which endpoint a page speaks of, and which readers count."""

import numpy as np

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.product.discovery.docs_metrics import docs_pages, documented_endpoints
from apijourney.metrics.product.discovery.readability import reading_grade

PAY, ONE, OTHER = "/v1/payments", "/v1/payments/{id}", "/v1/pay"
WORKBOOK = 'observed_from: 2026-01-01\nproducts: {pay: [/pay, "/pay/{id}"], geo: [/geo]}\ndefinitions: {min_n: 1}\n'
PAGES = 'page,text,broken_links\n/docs/pay,Send a POST to /pay now.,1\n/docs/start,Begin here.,\n/docs/old,Nobody reads /geo.,0\n'


def test_a_page_documents_the_paths_it_names_and_those_below_them():
    assert documented_endpoints(f"POST to {PAY}, then wait.", [PAY, ONE, OTHER]) == [PAY, ONE]
    assert documented_endpoints("POST to /v1/payments/refused.", [PAY, ONE]) == []
    assert documented_endpoints("See /v1/payments-old.", [PAY]) == []
    assert documented_endpoints("Nothing here.", [PAY]) == documented_endpoints(None, [PAY]) == []


def touchpoints(*rows):
    head = "event_id,occurred_at,visitor_id,account_id,touchpoint,page\n"
    return head + "".join(f"{i},2026-01-{day}T10:00:00Z,,{who},docs_view,{page}\n" for i, (who, day, page) in enumerate(rows))


def requests(*rows):
    head = "request_id,occurred_at,account_id,status,endpoint\n"
    return head + "".join(f"{i},2026-01-{day}T10:00:00Z,{who},{status},{path}\n" for i, (who, day, status, path) in enumerate(rows))


def test_readers_with_an_earlier_success_or_an_open_window_do_not_count(company):
    # Readers of /docs/pay: a succeeds with /pay/7 on the 7th day; b calls /geo only; c had succeeded before;
    # d's call fails; e's seven days are not over at the end of January; f comes a day too late.
    views = [("a", "05", "/docs/pay"), ("b", "05", "/docs/pay"), ("c", "05", "/docs/pay"), ("d", "05", "/docs/pay")]
    views += [("e", "29", "/docs/pay"), ("f", "05", "/docs/pay"), ("b", "05", "/docs/start"), ("a", "06", "/docs/pay")]
    calls = [("a", "12", 200, "/pay/7"), ("b", "06", 200, "/geo"), ("c", "04", 200, "/geo"), ("c", "06", 200, "/pay")]
    calls += [("d", "06", 404, "/pay"), ("e", "30", 200, "/pay"), ("f", "13", 200, "/pay")]
    files = {"touchpoints.csv": touchpoints(*views), "requests.csv": requests(*calls), "pages.csv": PAGES}
    study = open_study(company(files, WORKBOOK), month="2026-01")
    table = docs_pages(study).set_index("page")
    pay = table.loc["/docs/pay"]
    assert (pay["views"], pay["readers"], pay["endpoints"]) == (7, 6, "/pay, /pay/{id}")
    assert (pay["numerator"], pay["denominator"], pay["value"]) == (1, 4, 0.25)
    # /docs/start names no endpoint: b's call to /geo counts
    assert table.loc["/docs/start", ["endpoints", "numerator", "denominator"]].tolist() == ["any", 1, 1]
    assert table.loc["/docs/old", ["readers", "denominator"]].tolist() == [0, 0]
    assert np.isnan(table.loc["/docs/old", "value"]) and np.isnan(table.loc["/docs/start", "broken_links"])


def test_without_calls_the_readers_are_counted_and_nothing_is_said_of_successes(company):
    study = open_study(company({"touchpoints.csv": touchpoints(("a", "05", "/docs/pay"))}, WORKBOOK), month="2026-01")
    (row,) = docs_pages(study).to_dict("records")
    assert (row["page"], row["readers"], row["endpoints"]) == ("/docs/pay", 1, "any")
    assert all(np.isnan(row[c]) for c in ("numerator", "denominator", "value", "low", "high", "broken_links", "grade"))


def test_without_pages_the_answer_says_what_to_add(company):
    plain = touchpoints(("a", "05", ""))
    answer = docs_pages(open_study(company({"touchpoints.csv": plain}, WORKBOOK), month="2026-01"))
    assert isinstance(answer, NotMeasurable) and "touchpoints" in str(answer) and "page" in str(answer)


def test_links_of_pages_that_do_not_say_are_not_taken_for_whole(company):
    files = {"touchpoints.csv": touchpoints(("a", "31", "/docs/pay")), "pages.csv": PAGES}
    found = measure(open_study(company(files, WORKBOOK), month="2026-01"), "broken_links_per_page")
    assert found["value"].tolist() == [1 / 2]


def test_longer_words_and_sentences_ask_for_more_years_of_school():
    easy = "We see the cat. The cat is on the mat. " * 8
    hard = "Notwithstanding aforementioned considerations, organisational responsibility remains indivisible throughout. " * 8
    assert reading_grade(easy) < 3 < 15 < reading_grade(hard)


def test_pages_of_a_few_words_leave_the_reading_level_unknown(company):
    files = {"touchpoints.csv": touchpoints(("a", "31", "/docs/pay")), "pages.csv": PAGES}
    found = measure(open_study(company(files, WORKBOOK), month="2026-01"), "reading_level")
    assert str(found) == (
        "Reading level of the docs is not measurable: no page has a text of 50 words; map text of pages."
    )
