"""Who stopped, by whose rules, in whose time, and which searches were in vain: small companies by hand."""

import pandas as pd
import pytest

from apijourney import NotMeasurable, funnel, open_study
from apijourney.metrics.product.friction.approval import production_legs
from apijourney.metrics.product.conversion.journey_funnel import journey_funnel, worst_step
from apijourney.metrics.product.conversion.rule_sensitivity import RULES, distinct_steps, rule_sensitivity
from apijourney.metrics.product.discovery.searches import searches
from apijourney.metrics.product.friction.stopped import stopped_accounts

ACCOUNTS = """account_id,name,owner,created_at,closed_at,is_internal,segment
a,Ada,,2026-01-05T10:00:00,,false,one
b,Bo,Kim,2026-01-06T10:00:00,,false,one
c,Cy,Kim,2026-01-07T10:00:00,2026-02-01T10:00:00,false,two
d,Di,,2026-01-08T10:00:00,,false,two
e,Ed,,2026-02-25T10:00:00,,false,two
"""
REQUESTS = """request_id,occurred_at,account_id,endpoint,status,environment,key_id
1,2026-01-05T11:00:00,a,/x,500,production,k
2,2026-01-06T11:00:00,b,/x,500,production,k
3,2026-01-07T23:30:00,c,/x,500,production,k
4,2026-01-08T11:00:00,d,/x,500,production,k
5,2026-01-09T11:00:00,d,/x,200,production,k
6,2026-02-25T11:00:00,e,/x,500,production,k
"""
BOOK = """timezone: Europe/Berlin
definitions: {min_n: 1}
observed_from: 2026-01-01
funnel: [opened, called, succeeded]
journey:
  - {touchpoint: opened, stage: evaluate, event: account_created}
  - {touchpoint: called, stage: integrate, event: request}
  - {touchpoint: succeeded, stage: integrate, event: request, where: {status_class: 2xx}}
"""
FILES = {"accounts.csv": ACCOUNTS, "requests.csv": REQUESTS}


@pytest.fixture
def study(company):
    return open_study(company(FILES, BOOK), month="2026-02")


def test_those_who_stopped_are_named_the_latest_first(study):
    # d went on; the window of e is open. c's call of 23:30 UTC is on January 8 in Berlin
    table = stopped_accounts(study, window="14D")
    assert table["account_id"].tolist() == ["c", "b", "a"]
    assert table["name"].tolist() == ["Cy", "Bo", "Ada"] and table["segment"].tolist() == ["two", "one", "one"]
    assert table["reached_on"].dt.strftime("%m-%d").tolist() == ["01-08", "01-06", "01-05"]
    assert table["closed_on"].notna().tolist() == [True, False, False]
    assert (table["before"].iloc[0], table["step_name"].iloc[0]) == ("called", "succeeded")


def test_they_are_as_many_as_the_funnel_counts(study, small_study):
    for one in (study, small_study):
        table = journey_funnel(one, window="14D")
        k = worst_step(table)
        assert len(stopped_accounts(one, window="14D")) == table["accounts"].iloc[k - 1] - table["accounts"].iloc[k]


def test_where_nobody_began_no_step_is_the_worst():
    assert worst_step(pd.DataFrame({"share_of_previous": [float("nan"), float("nan")]})) is None
    assert worst_step(pd.DataFrame({"share_of_previous": [float("nan"), 0.5, 0.5]})) == 1


def test_steps_that_one_event_could_take_twice_are_left_out_for_the_tools_that_refuse_them(study):
    assert distinct_steps(study) == ["opened", "succeeded"]


def test_the_same_funnel_is_counted_by_the_rules_of_each_tool(study):
    # of a to d one succeeds within 14 days. The workbook leaves e out, whose window is open; the others count it
    table = rule_sensitivity(study, window="14D").set_index("rules")
    assert list(table.index) == list(RULES)
    assert table.loc["workbook", ["numerator", "denominator", "immature"]].tolist() == [1, 4, 1]
    for rules in set(RULES) - {"workbook"}:
        assert table.loc[rules, ["numerator", "denominator", "immature"]].tolist() == [1, 5, 0]
    assert table["why"].str.len().gt(10).all()


def test_each_row_is_the_funnel_by_these_rules(small_study):
    table = rule_sensitivity(small_study, window="28D").set_index("rules")
    steps = [small_study.step(n) for n in distinct_steps(small_study)]
    for rules in RULES:
        own = funnel(
            small_study.events, steps, window="28D", rules=rules, timezone=small_study.zone,
            entered=(small_study.bounds(small_study.months[0])[0], small_study.observed_until),
            observed_until=small_study.observed_until,
        ).iloc[-1]  # fmt: skip
        assert table.loc[rules, ["numerator", "denominator"]].tolist() == [own["numerator"], own["denominator"]]


def test_without_a_funnel_there_is_nothing_to_compare(company):
    bare = open_study(company(FILES, "observed_from: 2026-01-01", "bare"), month="2026-02")
    for answer in (rule_sensitivity(bare), distinct_steps(bare), stopped_accounts(bare)):
        assert isinstance(answer, NotMeasurable)


TOUCHPOINTS = """event_id,occurred_at,account_id,touchpoint,properties
1,2026-01-06T10:00:00,a,production_requested,
2,2026-01-09T10:00:00,a,production_approved,
3,2026-01-07T10:00:00,b,production_requested,
4,2026-01-08T10:00:00,b,production_approved,
5,2026-01-08T10:00:00,d,production_requested,
6,2026-01-06T10:00:00,a,docs_search,"{""results"": 0}"
7,2026-01-06T11:00:00,a,docs_search,"{""results"": 7}"
8,2026-01-06T12:00:00,b,docs_search,"{""results"": 0, ""agent"": ""crawler""}"
9,2026-01-06T12:00:00,b,docs_search,"{""result"": 0}"
10,2026-01-06T12:00:00,b,docs_search,broken ""results""
11,2026-03-02T12:00:00,b,docs_search,"{""results"": 0}"
"""


def test_our_approval_is_a_leg_of_its_own(company):
    # asked: a after 1 day, b after 1, d after 0; of five accounts three asked. Granted: a after 3 days, b after 1, d waits
    study = open_study(company(FILES | {"touchpoints.csv": TOUCHPOINTS}, BOOK), month="2026-02")
    table = production_legs(study)
    assert table[["leg", "whose", "n", "reached"]].to_numpy().tolist() == [
        ["opened → asked", "developer", 5, 3], ["asked → approved", "us", 3, 2], ["approved → in production", "developer", 2, 0]
    ]  # fmt: skip
    assert table["median"].iloc[:2].tolist() == [pd.Timedelta(days=1), pd.Timedelta(days=3)]
    assert pd.isna(table["median"].iloc[2])


def test_without_the_two_events_it_says_which_to_add(study, small_study):
    for one in (study, small_study):
        answer = production_legs(one)
        assert "production_requested" in str(answer) and "one when we grant it" in str(answer)


def test_searches_are_read_from_their_results_and_bots_and_the_future_are_left_out(company):
    study = open_study(company(FILES | {"touchpoints.csv": TOUCHPOINTS}, BOOK), month="2026-02")
    found = searches(study)
    assert found[["account_id", "results"]].to_numpy().tolist() == [["a", 0], ["a", 7]]


def test_searches_that_do_not_say_what_they_found_are_not_known(company, study):
    assert isinstance(searches(study), NotMeasurable)
    silent = TOUCHPOINTS.replace("results", "found")
    one = open_study(company(FILES | {"touchpoints.csv": silent}, BOOK, "silent"), month="2026-02")
    assert 'give the events of the docs search a property "results"' in str(searches(one))
