"""What the metrics of the site, the users' opinions and the spread of use refuse, and their edges."""

import pytest

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.product.discovery.docs_metrics import docs_pages
from apijourney.metrics.product.discovery.first_steps import first_steps, searches_by_page_before
from apijourney.metrics.product.scale.spread_metrics import gini

HEAD = "event_id,occurred_at,visitor_id,account_id,touchpoint,page,properties\n"
VIEW = HEAD + '1,2026-01-31T10:00:00Z,v,,docs_view,/docs,"{""agent"": ""browser""}"\n'  # January is observed to its end
CALLS = "request_id,occurred_at,account_id,status,endpoint\nlast,2026-01-31T10:00:00Z,,200,/x\n"


def answer(folder, metric, **options):
    return measure(open_study(folder, month="2026-01", **options), metric)


@pytest.mark.parametrize(
    ("metric", "remedy"),
    [
        ("docs_search_zero_share", 'add "results" to the properties of searches'),
        ("quickstart_completion", 'no touchpoint "quickstart_view" was seen'),
        ("keys_created", 'no touchpoint "key_created" was seen'),
    ],
)
def test_a_metric_without_its_events_says_what_to_add(company, metric, remedy):
    found = answer(company({"touchpoints.csv": VIEW}), metric)
    assert isinstance(found, NotMeasurable) and remedy in str(found)


def test_page_views_without_a_page_are_not_measurable_instead_of_zero(company):
    found = answer(company({"touchpoints.csv": HEAD + "1,2026-01-05T10:00:00Z,v,,docs_view,,\n"}), "page_views")
    assert isinstance(found, NotMeasurable) and "page" in str(found)


def test_nobody_called_an_agent_is_no_agent_only_where_kinds_are_told_apart(company):
    assert answer(company({"touchpoints.csv": VIEW}), "ai_agent_share")["value"].tolist() == [0]
    untold = HEAD + "1,2026-01-05T10:00:00Z,v,,docs_view,/docs,\n"
    found = answer(company({"touchpoints.csv": untold}, name="untold"), "ai_agent_share")
    assert isinstance(found, NotMeasurable) and 'the property "agent"' in str(found)


@pytest.mark.parametrize(("kind", "low", "high", "given"), [("csat", 1, 5, 10), ("nps", 0, 10, 70), ("ces", 1, 7, 0)])
def test_answers_off_the_scale_are_refused(company, kind, low, high, given):
    folder = company({"surveys.csv": f"account_id,answered_at,kind,score\na,2026-01-05,{kind},{given}\n", "touchpoints.csv": VIEW})
    found = answer(folder, kind)
    assert f"{kind} is asked from {low} to {high}, but an answer is {given}" in str(found)


def test_a_ticket_resolved_before_it_was_opened_is_left_out_and_open_ones_wait(company):
    # two days, and one still open at the end of January: half are there after two days; the third is impossible
    tickets = "ticket_id,account_id,opened_at,resolved_at\n1,a,2026-01-05,2026-01-07\n2,a,2026-01-20,\n3,a,2026-01-09,2026-01-08\n"
    (row,) = answer(company({"tickets.csv": tickets, "touchpoints.csv": VIEW}), "ticket_resolution_days").to_dict("records")
    assert (row["value"], row["numerator"], row["denominator"]) == (2, 1, 2)


def test_the_ten_largest_are_ten_and_the_eleventh_is_not(company):
    # eleven accounts with 1 to 11 calls: 66 in all, the smallest makes one
    rows = [f"a{i}-{k},2026-01-05T10:00:00Z,a{i},200,/x" for i in range(1, 12) for k in range(i)]
    folder = company({"requests.csv": CALLS + "\n".join(rows) + "\n"})
    (row,) = answer(folder, "top_10_usage_share").to_dict("records")
    assert (row["numerator"], row["denominator"]) == (65, 66)


def test_gini_of_a_total_that_one_account_holds_nears_one():
    assert gini([0, 0, 0, 0, 0, 0, 0, 0, 0, 5]) == pytest.approx(0.9)
    assert gini([2, 2, 2]) == 0
    assert gini([]) != gini([])


def test_products_are_attached_only_where_two_are_named_and_all_are_looked_at(company):
    calls = CALLS + "1,2026-01-05T10:00:00Z,a,200,/x\n2,2026-01-05T10:00:00Z,a,200,/y\n3,2026-01-05T10:00:00Z,b,200,/z\n"
    assert "fewer than two products" in str(answer(company({"requests.csv": calls}), "product_attach"))
    named = company({"requests.csv": calls}, "observed_from: 2026-01-01\nproducts: {x: [/x], y: [/y]}", name="named")
    # b called nothing of any product
    (row,) = answer(named, "product_attach").to_dict("records")
    assert (row["numerator"], row["denominator"]) == (1, 1)
    assert "choose all products" in str(answer(named, "product_attach", product="x"))


def test_visitors_belong_to_no_segment(company):
    accounts = "account_id,created_at,segment\na,2026-01-05,small\n"
    folder = company({"accounts.csv": accounts, "touchpoints.csv": VIEW})
    for metric in ("page_views", "bounce_rate", "pages_per_session", "time_on_page", "ai_agent_share", "quickstart_completion"):
        assert "belong to no segment" in str(answer(folder, metric, segment="small")), metric
    study = open_study(folder, month="2026-01", segment="small")
    for question in (docs_pages, first_steps, searches_by_page_before):
        assert "belong to no segment" in str(question(study)), question.__name__
