"""The touchpoint map, stages, paths, channels, bots and blind spots of a company one can count by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney import NotMeasurable, WorkbookError, open_study
from apijourney.metrics.product.discovery.blind_spots import blind_spots, catalog_map
from apijourney.metrics.product.discovery.touchpoints import (
    path_counts,
    path_shares,
    stage_volume,
    touchpoint_map,
    touchpoint_trend,
    volume,
)
from apijourney.metrics.product.discovery.visitors import sign_ups_by_channel, visitor_kinds

# v1 becomes account a; v2 never signs up; v9 is a crawler. The last row is one local hour before
# March in Berlin, and still February in UTC: it belongs to March.
TOUCHPOINTS = """event_id,occurred_at,visitor_id,account_id,touchpoint,properties
1,2026-02-02T10:00:00Z,v1,,docs_view,
2,2026-02-02T10:05:00Z,v1,,docs_view,
3,2026-02-02T10:10:00Z,v1,a,sign_up,
4,2026-02-03T10:00:00Z,v2,,docs_view,
5,2026-02-04T10:00:00Z,v9,,docs_view,"{""agent"": ""crawler""}"
6,2026-02-28T23:30:00Z,v2,,pricing_view,
7,2026-03-31T21:00:00Z,v2,,docs_view,
"""
ACCOUNTS = """account_id,created_at,channel
old,2026-01-15T10:00:00Z,ads
a,2026-02-02T10:10:00Z,docs
b,2026-02-10T10:00:00Z,docs
c,2026-02-11T10:00:00Z,
d,2026-03-05T10:00:00Z,ads
"""
IDENTITIES = """visitor_id,developer_id,account_id,linked_at
v1,,a,2026-02-02T10:10:00Z
"""
WORKBOOK = """
timezone: Europe/Berlin
journey:
  - {touchpoint: sign-up, stage: evaluate, owner: Growth, event: sign_up}
  - {touchpoint: docs, stage: discover, owner: Docs, event: docs_view}
  - {touchpoint: prices, stage: evaluate, event: pricing_view}
  - {touchpoint: webhook, stage: measure, event: webhook_set, needs: rows of webhooks}
  - {touchpoint: call, stage: integrate, event: request}
"""


@pytest.fixture
def study(company):
    files = {"touchpoints.csv": TOUCHPOINTS, "accounts.csv": ACCOUNTS, "identities.csv": IDENTITIES}
    folder = company(files, WORKBOOK)
    return lambda month="2026-02", **options: open_study(folder, month=month, **options)


def test_volume_counts_a_linked_visitor_once():
    log = pd.DataFrame(
        {
            "visitor_id": ["v1", None, "v2"],
            "account_id": [None, "a", None],
            "event": "docs_view",
            "occurred_at": ["2026-02-01", "2026-02-02", "2026-02-03"],
        }
    )
    links = pd.DataFrame({"visitor_id": ["v1"], "account_id": ["a"], "linked_at": ["2026-02-01"]})
    assert volume(log, identities=links).values.tolist() == [["docs_view", 3, 2]]
    assert volume(log).values.tolist() == [["docs_view", 3, 3]]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y"])), max_size=12))
def test_volume_equals_counting_by_hand(rows):
    log = pd.DataFrame(rows, columns=["account_id", "event"]).assign(occurred_at=pd.Timestamp("2026-02-01"))
    found = {r.event: (r.events, r.units) for r in volume(log).itertuples()}
    assert found == {
        e: (sum(event == e for _, event in rows), len({who for who, event in rows if event == e}))
        for e in {event for _, event in rows}
    }


def test_map_follows_the_stages_counts_people_and_names_the_remedy(study):
    # February in Berlin: docs 3 rows of a (twice) and v2, not of the crawler; prices only in March.
    found = touchpoint_map(study())
    assert found["touchpoint"].tolist() == ["docs", "sign-up", "prices", "call", "webhook"]
    assert found["events"].tolist()[:2] == [3, 1] and found["units"].tolist()[:2] == [2, 1]
    assert found["measured"].tolist() == [True, True, False, False, False]
    assert found["units"].iloc[2:].isna().all()
    assert found["remedy"].iloc[2] == 'no "pricing_view" was seen up to February 2026: check the event it names'
    assert found["remedy"].iloc[3:].tolist() == ['add the table "requests"', "rows of webhooks"]


def test_local_months_decide_and_nobody_is_zero_not_unknown(study):
    # 2026-02-28 23:30 UTC is March in Berlin. In March nobody signed up: 0, because it is measured.
    march = touchpoint_map(study("2026-03")).set_index("touchpoint")
    assert march.loc["prices", "units"] == 1
    assert march.loc["sign-up", "units"] == 0 and march.loc["sign-up", "measured"]
    assert touchpoint_map(study("2026-03", months_back=1), month="2026-02")["units"].iloc[0] == 2


def test_an_unobserved_month_ends_in_one_sentence(study):
    with pytest.raises(WorkbookError, match='unknown month "2026-04"'):
        touchpoint_map(study("2026-03"), month="2026-04")


def test_trend_is_unknown_before_the_first_event(study):
    # Prices were first seen in March. Docs: three rows of a and v2 in February, one of v2 in March.
    march = study("2026-03")
    prices = touchpoint_trend(march, "prices").set_index("month")["value"]
    assert np.isnan(prices["2026-02"]) and prices["2026-03"] == 1
    docs = touchpoint_trend(march, "docs").set_index("month")
    assert docs.loc["2026-02":, ["events", "value"]].values.tolist() == [[3, 2], [1, 1]]
    assert isinstance(touchpoint_trend(march, "call"), NotMeasurable)


def test_stage_counts_a_unit_once_a_month(study):
    # evaluate: a signs up in February; v2 sees prices in March. discover: a and v2, then v2.
    found = stage_volume(study("2026-03")).set_index(["stage", "month"])["units"]
    assert found["discover", "2026-02"] == 2 and found["discover", "2026-03"] == 1
    assert found["evaluate", "2026-02"] == 1 and found["evaluate", "2026-03"] == 1
    assert set(found.index.get_level_values("stage")) == {"discover", "evaluate"}


def test_paths_start_and_end_within_the_month(study):
    # February: a: docs, docs, sign-up. v2: docs.
    found = path_counts(study())
    assert found.index.tolist() == ["(start)", "docs", "sign-up"]
    assert found.columns.tolist() == ["docs", "sign-up", "(end)"]
    assert found.values.tolist() == [[2, 0, 0], [1, 1, 1], [0, 0, 1]]


def test_rare_touchpoints_are_pooled_and_nothing_is_lost(study):
    february = study()
    found = path_counts(february, most=1)
    assert found.columns.tolist() == ["docs", "(another)", "(end)"]
    assert found.values.sum() == path_counts(february).values.sum() == 6


def test_too_few_steps_carry_no_share():
    counts = pd.DataFrame({"docs": [15, 19], "(end)": [5, 0]}, index=["docs", "prices"])
    shares = path_shares(counts)
    assert shares.loc["docs"].tolist() == [0.75, 0.25]
    assert shares.loc["prices"].isna().all()


def test_channels_share_the_month_and_compare_with_the_months_before(study):
    # March: d from ads. February: a and b from docs, c from nobody knows. `old` is from before the
    # first observed month.
    found = sign_ups_by_channel(study("2026-03")).set_index("channel")
    assert found["numerator"].to_dict() == {"ads": 1, "docs": 0, "not known": 0}
    assert found["value"].to_dict() == {"ads": 1.0, "docs": 0.0, "not known": 0.0}
    assert found["before"].to_dict() == pytest.approx({"ads": 0.0, "docs": 2 / 3, "not known": 1 / 3})
    # Fisher for ads, 1 of 1 against 0 of 3: one of the four ways to place the one account, 1/4.
    assert found.loc["ads", "p"] == pytest.approx(0.25) and set(found["before_n"]) == {3}


def test_a_first_month_has_nothing_to_compare_with(study):
    found = sign_ups_by_channel(study()).set_index("channel")
    assert found["numerator"].to_dict() == {"docs": 2, "not known": 1} and set(found["denominator"]) == {3}
    assert found[["before", "p", "q"]].isna().all().all()


def test_a_month_without_sign_ups_has_no_channels(company):
    accounts = "account_id,created_at,channel\nold,2026-01-15T10:00:00Z,ads\n"
    folder = company({"touchpoints.csv": TOUCHPOINTS, "accounts.csv": accounts})
    answer = sign_ups_by_channel(open_study(folder, month="2026-02"))
    assert str(answer).endswith("no account was created in February 2026.")


def test_bots_stand_apart_from_people(study):
    # February: 4 rows of people (a three times, v2 once) and one of the crawler v9.
    found = visitor_kinds(study())
    assert found[["kind", "counted", "events", "units"]].values.tolist() == [
        ["people", True, 4, 2], ["crawler", False, 1, 1],
    ]  # fmt: skip
    assert found["value"].tolist() == [0.8, 0.2]


def test_blind_spots_name_what_to_add(study):
    found = blind_spots(study())
    spots = found.set_index(["kind", "name"])
    assert spots.loc[("touchpoint", "webhook"), "remedy"] == "rows of webhooks"
    assert spots.loc[("table", "requests"), "remedy"] == "add it; a row is one API call"
    assert "Availability" in spots.loc[("table", "requests"), "tells"]
    assert spots.loc[("table", "hosts"), "tells"] == "Processor load, Memory in use, Concurrent connections and 2 more"
    surveyed = "Satisfaction (CSAT), Net promoter score (NPS), Effort score (CES)"
    assert spots.loc[("table", "surveys"), "tells"] == surveyed
    assert spots.loc[("table", "incidents"), "tells"].startswith("incidents as they were noted: time to repair")
    assert ("table", "accounts") not in spots.index


def test_catalogue_tells_what_can_be_measured_by_asking_the_metrics(company):
    # One-off purchases are revenue, but nothing recurs: a table that is there is not enough.
    lines = "invoice_id,account_id,issued_at,amount_minor,currency,kind\n1,a,2026-02-01T10:00:00Z,500,USD,one_off\n"
    found = catalog_map(open_study(company({"invoices.csv": lines}), month="2026-02")).set_index("id")
    assert found.loc["revenue", "measured"] and not found.loc["mrr", "measured"]
    assert "one-off purchases only" in found.loc["mrr", "remedy"]
    assert not found.loc["availability", "measured"]


def test_nothing_but_invoices_still_has_a_map(company):
    lines = "invoice_id,account_id,issued_at,amount_minor,currency\n1,a,2026-02-01T10:00:00Z,500,USD\n"
    study = open_study(company({"invoices.csv": lines}), month="2026-02")
    assert touchpoint_map(study).set_index("touchpoint").loc["invoice", "units"] == 1
    assert stage_volume(study)["stage"].tolist() == ["scale"]
    for answer in (path_counts(study), sign_ups_by_channel(study), visitor_kinds(study)):
        assert isinstance(answer, NotMeasurable)


def test_a_segment_has_no_visitors_to_tell_apart(small_company):
    study = open_study(small_company, month="2026-08", months_back=2, segment="startup")
    assert isinstance(visitor_kinds(study), NotMeasurable)
    assert touchpoint_map(study)["units"].max() > 0


def test_a_touchpoint_marked_first_counts_each_account_once_in_the_month_it_began(company):
    # a first calls in February and calls on; b fails in February and succeeds in March; c first calls in March
    requests = """request_id,occurred_at,account_id,endpoint,status,environment
1,2026-02-05T10:00:00Z,a,/x,200,production
2,2026-02-06T10:00:00Z,a,/x,200,production
3,2026-02-07T10:00:00Z,b,/x,500,production
4,2026-03-02T10:00:00Z,a,/x,200,production
5,2026-03-03T10:00:00Z,b,/x,200,production
6,2026-03-03T10:05:00Z,c,/x,200,production
7,2026-03-31T21:00:00Z,c,/x,200,production
"""
    journey = """
timezone: Europe/Berlin
journey:
  - {touchpoint: first call, stage: integrate, event: request, first: true}
  - {touchpoint: first success, stage: integrate, event: request, where: {status_class: 2xx}, first: true}
  - {touchpoint: call, stage: scale, event: request}
"""
    found = open_study(company({"requests.csv": requests}, journey), month="2026-03")
    march = touchpoint_map(found).set_index("touchpoint")[["events", "units"]]
    assert march.values.tolist() == [[1, 1], [2, 2], [4, 3]]  # c; b and c; a once, b once, c twice
    assert touchpoint_trend(found, "first call")["value"].tolist() == [2, 1]
    by_stage = stage_volume(found).set_index(["stage", "month"])["units"]
    assert by_stage["integrate", "2026-03"] == 2 and by_stage["scale", "2026-03"] == 3
