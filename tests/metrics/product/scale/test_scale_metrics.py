"""Growth, expansion, quotas, silent integrations, consumers, sessions and weights on companies one can count."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney import CATALOG, NotMeasurable, measure, open_study
from apijourney.metrics.product.scale.consumer_metrics import unwatched
from apijourney.metrics.product.scale.expansion_metrics import expansion, newly_used
from apijourney.metrics.product.scale.growth_metrics import growth_by_month
from apijourney.metrics.product.retention.loyalty import usage_change
from apijourney.metrics.product.scale.quota_metrics import quota_bands, quota_utilisation
from apijourney.metrics.product.scale.use_change import days_observed
from apijourney.metrics.product.engagement.weighted_activity import weighted_activity
from apijourney.metrics.product.engagement.work_sessions import month_of_sessions, work_sessions
from apijourney.metrics.uncertainty import median_interval

MINE = [
    "unique_api_consumers", "silent_integrations", "usage_growth_by_account", "decline_index", "endpoint_expansion",
    "product_expansion", "region_expansion", "environment_expansion", "quota_utilisation_share",
    "sessions_per_active_account", "early_warning_share",
]  # fmt: skip
HEAD = "request_id,occurred_at,account_id,status,environment,endpoint,region,key_id\n"
OBSERVED = "observed_from: 2026-01-01\n"


def calls(rows: list[str], *, goes_on: bool = False) -> str:
    """day, account, and what differs from a good production call to /x in eu.

    A failed call on the last day of the last month shows that the month is over, unless it goes on.
    """
    if not goes_on:
        rows = [*rows, f"{pd.Period(max(rows)[:7], 'M').end_time:%Y-%m-%d} z 500"]
    usual = ["200", "production", "/x", "eu", "k"]
    lines = []
    for i, row in enumerate(rows):
        day, account, *rest = row.split()
        lines.append(",".join([str(i), f"{day}T10:00:00Z", account, *rest, *usual[len(rest):]]))
    return HEAD + "\n".join(lines) + "\n"


# -- expansion ---------------------------------------------------------------------------------------------------

SPREAD = calls([
    "2026-01-10 a", "2026-02-10 a", "2026-03-10 a", "2026-04-10 a 200 production /y us",  # another endpoint and region
    "2026-05-10 a", "2026-05-11 a 200 production /y",  # /x was used in March, /y in April: nothing new
    "2026-01-12 b", "2026-05-12 b 200 production /y",  # b was away for three months: it is no account that was there
    "2026-03-13 c 200 production /x", "2026-04-13 c 500 production /y", "2026-05-13 c 404 production /y",  # failures are no use
    "2026-03-14 d 200 sandbox", "2026-04-14 d 200 production",  # from the sandbox to production
])  # fmt: skip


def test_new_is_what_the_three_months_before_did_not_know(company):
    study = open_study(company({"requests.csv": SPREAD}, OBSERVED), month="2026-05")
    endpoint = measure(study, "endpoint_expansion").set_index("month")
    assert endpoint["mature"].to_dict() == {"2026-01": False, "2026-02": False, "2026-03": False, "2026-04": True, "2026-05": True}
    assert endpoint.loc["2026-04", ["numerator", "denominator"]].tolist() == [1, 1]  # a; d had no production call before
    assert endpoint.loc["2026-05", ["numerator", "denominator"]].tolist() == [0, 1]  # a; not b, c failed
    region = measure(study, "region_expansion").set_index("month")
    assert region.loc["2026-04", ["numerator", "denominator"]].tolist() == [1, 1]
    environment = measure(study, "environment_expansion").set_index("month")
    assert environment.loc["2026-04", ["numerator", "denominator"]].tolist() == [1, 2]  # d of a and d
    assert measure(study, "product_expansion").reason.startswith("fewer than two products are named")
    assert set(expansion(study)["kind"]) == {"endpoint", "region", "environment"}


def test_an_account_expands_to_another_product_when_it_calls_one_of_its_endpoints_with_success(company):
    rows = calls([
        "2026-01-10 a 200 production /x/1", "2026-02-10 a 200 production /x/2", "2026-03-10 a 200 production /x",
        "2026-04-10 a 200 production /y",  # the second product: new
        "2026-03-11 b 200 production /x", "2026-04-11 b 200 production /x/7",  # another endpoint of the same product
        "2026-03-12 c 200 production /x", "2026-04-12 c 500 production /y",  # a failure is no use, so c was away
        "2026-03-13 d 200 production /x", "2026-04-13 d 200 production /elsewhere",  # no product: d was away, too
    ])  # fmt: skip
    book = OBSERVED + "products: {first: [/x, '/x/{n}'], second: [/y]}\n"
    folder = company({"requests.csv": rows}, book)
    table = measure(open_study(folder, month="2026-04"), "product_expansion").set_index("month")
    assert table.loc["2026-04", ["value", "numerator", "denominator"]].tolist() == [1 / 2, 1, 2]  # a of a and b
    assert not table["mature"].loc[:"2026-03"].any() and table["value"].loc[:"2026-03"].isna().all()
    of_one = open_study(folder, month="2026-04", product="first")
    assert measure(of_one, "product_expansion").reason.startswith("one product has no other to expand to")


@given(st.lists(st.tuples(st.integers(0, 8), st.sampled_from("ab"), st.sampled_from("xyz")), max_size=30))
def test_newly_used_equals_the_sets_of_each_month(rows):
    used = pd.DataFrame(rows, columns=["month", "account_id", "endpoint"])
    expected = []
    for month in range(9):
        for account in "ab":
            of = {m: {v for t, a, v in rows if t == m and a == account} for m in range(month - 3, month + 1)}
            before = set().union(*(of[m] for m in range(month - 3, month)))
            if of[month] and before:
                expected.append((month, account, bool(of[month] - before)))
    got = newly_used(used, "endpoint")
    assert list(got.itertuples(index=False, name=None)) == expected


def test_where_only_one_thing_is_known_there_is_nothing_to_expand_to(company):
    study = open_study(company({"requests.csv": calls(["2026-05-10 a"])}, OBSERVED), month="2026-05")
    assert measure(study, "endpoint_expansion").reason == (
        "fewer than two endpoints were called with success up to 2026-05; there is nothing to expand to."
    )
    assert isinstance(expansion(study), NotMeasurable)


# -- growth ------------------------------------------------------------------------------------------------------

GROWTH = calls(
    [f"2026-01-{d:02} {a}" for a, n in (("up", 4), ("same", 8), ("down", 8), ("gone", 3)) for d in range(1, n + 1)]
    + [f"2026-02-{d:02} {a}" for a, n in (("up", 8), ("same", 8), ("down", 2), ("new", 5)) for d in range(1, n + 1)]
)  # fmt: skip


def test_growth_is_that_of_the_middle_account_and_decline_of_all_before(company):
    study = open_study(company({"requests.csv": GROWTH}, OBSERVED), month="2026-02")
    growth = measure(study, "usage_growth_by_account").set_index("month").loc["2026-02"]
    assert growth["value"] == pytest.approx(31 / 28 - 1)  # same: 8 in 28 days after 8 in 31, between up and down
    assert growth["denominator"] == 3 and np.isnan(growth["low"])  # three accounts enclose no median
    decline = measure(study, "decline_index").set_index("month")
    assert decline.loc["2026-02", ["numerator", "denominator"]].tolist() == [2, 4]  # down and gone
    assert not decline.loc["2026-01", "mature"] and np.isnan(decline.loc["2026-01", "value"])
    table = growth_by_month(study).set_index(["month", "state"])
    assert table.loc["2026-02", "accounts"].to_dict() == {"grew": 1, "steady": 1, "shrank": 1, "silent": 1}
    assert table.loc["2026-01", "share"].isna().all()


def test_a_month_that_goes_on_is_held_against_the_days_observed(company):
    # Ten days of February are known: 4 calls in 10 days are more than 4 in 31
    rows = [f"2026-01-{d:02} a" for d in range(1, 5)] + [f"2026-02-{d:02} a" for d in (1, 4, 7, 10)]
    study = open_study(company({"requests.csv": calls(rows, goes_on=True)}, OBSERVED), month="2026-02")
    assert days_observed(study).to_dict() == {"2026-01": 31, "2026-02": 10}
    assert usage_change(study)["state"].tolist() == ["grew"]
    assert not measure(study, "usage_growth_by_account")["mature"].iloc[-1]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_the_interval_of_a_median_holds_it_and_needs_six_values(values):
    median, low, high = median_interval(values)
    assert median == np.median(values)
    assert (np.isnan(low) and np.isnan(high)) if len(values) < 6 else low <= median <= high


def test_the_interval_of_a_median_covers_at_least_95_of_100():
    rng = np.random.default_rng(0)
    hits = [low <= 0 <= high for _, low, high in (median_interval(rng.standard_normal(25)) for _ in range(2000))]
    assert np.mean(hits) >= 0.94


# -- quota -------------------------------------------------------------------------------------------------------

QUOTAS = """account_id,created_at,quota_per_month
a,2026-01-01T00:00:00Z,10
b,2026-01-01T00:00:00Z,10
c,2026-01-01T00:00:00Z,
d,2026-01-01T00:00:00Z,5
idle,2026-01-01T00:00:00Z,5
"""
HISTORY = """account_id,valid_from,plan,quota_per_month,segment
d,2026-01-01T00:00:00Z,small,5,x
d,2026-02-20T00:00:00Z,large,50,x
"""


def test_quota_is_the_one_that_held_at_the_end_of_the_month(company):
    rows = [f"2026-{m}-{d:02} {a} {status}" for m in ("01", "02") for a, n, status in (("a", 8, 200), ("b", 3, 429), ("c", 9, 200), ("d", 5, 200)) for d in range(1, n + 1)]
    files = {"requests.csv": calls(rows), "accounts.csv": QUOTAS, "account_history.csv": HISTORY}
    study = open_study(company(files, OBSERVED), month="2026-02")
    used = quota_utilisation(study).set_index(["month", "account_id"])["used_share"]
    assert used["2026-01"].to_dict() == {"a": 0.8, "b": 0.3, "d": 1.0}  # c has none, idle did not call
    assert used["2026-02"].to_dict() == {"a": 0.8, "b": 0.3, "d": 0.1}
    share = measure(study, "quota_utilisation_share").set_index("month")
    assert share[["numerator", "denominator"]].values.tolist() == [[2, 3], [1, 3]]
    bands = quota_bands(study).set_index("band")["accounts"]
    assert bands.to_dict() == {"under 20 %": 1, "20 % to 40 %": 1, "40 % to 60 %": 0, "60 % to 80 %": 0, "80 % to 100 %": 1, "100 % or more": 0}


def test_without_quotas_it_says_what_to_add(company):
    accounts = "account_id,created_at\na,2026-01-01T00:00:00Z\n"
    study = open_study(company({"requests.csv": calls(["2026-01-10 a"]), "accounts.csv": accounts}), month="2026-01")
    assert measure(study, "quota_utilisation_share").reason == 'no account has a quota; add "quota_per_month" to accounts.'


# -- people and programs -----------------------------------------------------------------------------------------

PEOPLE = """event_id,occurred_at,visitor_id,account_id,touchpoint,page,properties
1,2026-01-10T10:00:00Z,,seen,docs_view,/docs,
2,2026-03-20T10:00:00Z,v,,dashboard_view,/dash,
3,2026-03-25T10:00:00Z,,bot,docs_view,/docs,"{""agent"": ""monitor""}"
4,2026-03-20T10:20:00Z,v,,docs_view,/docs,
5,2026-03-20T10:49:59Z,v,,docs_view,/docs,
6,2026-03-20T11:20:00Z,v,,docs_view,/docs,
"""
LINKS = "visitor_id,developer_id,account_id,linked_at\nv,,linked,2026-03-21T10:00:00Z\n"


@pytest.fixture
def watched(company):
    rows = [f"2026-{m}-05 {a}" for m in ("01", "02", "03", "04") for a in ("seen", "linked", "bot", "alone")]
    rows.append("2026-03-20 linked 200 sandbox")  # 10:00, in the first session
    files = {"requests.csv": calls(rows), "touchpoints.csv": PEOPLE, "identities.csv": LINKS}
    return open_study(company(files, OBSERVED), month="2026-04")


def test_a_silent_integration_is_one_whose_people_were_not_seen_for_90_days(watched):
    table = unwatched(watched).set_index(["month", "account_id"])["seen"]
    # 90 days up to the end of March begin on January 1, up to the end of April on January 31
    assert table["2026-03"].to_dict() == {"alone": False, "bot": False, "linked": True, "seen": True}
    assert table["2026-04"].to_dict() == {"alone": False, "bot": False, "linked": True, "seen": False}
    share = measure(watched, "silent_integrations").set_index("month")
    assert share["mature"].tolist() == [False, False, True, True]
    assert share.loc["2026-04", ["numerator", "denominator", "value"]].tolist() == [3, 4, 0.75]


def test_sessions_of_work_join_pages_and_sandbox_calls_but_no_production_calls(watched):
    table = work_sessions(watched)
    march = table[table["month"] == "2026-03"]
    # 10:00 the dashboard and the sandbox call, 10:20, 10:49:59; 11:20 is 30 minutes and a second later
    assert march["events"].tolist() == [4, 1] and march["calls"].tolist() == [1, 0]
    assert march["minutes"].round(2).tolist() == [49.98, 0.0]
    assert march["account_id"].tolist() == ["linked", "linked"]
    assert measure(watched, "sessions_per_active_account").set_index("month").loc["2026-03", "value"] == 2 / 4
    assert month_of_sessions(watched)["sessions"].tolist() == [0]  # nobody in April


# -- weights -----------------------------------------------------------------------------------------------------

MONEY = """invoice_id,account_id,issued_at,amount_minor,currency,kind
1,busy,2026-04-01T12:00:00Z,900,EUR,subscription
2,lazy,2026-04-01T12:00:00Z,100,EUR,subscription
3,idle,2026-04-01T12:00:00Z,250,EUR,subscription
"""


def test_an_account_counts_once_by_its_calls_or_by_its_revenue(company):
    # April has 30 days: busy calls twice on each of 15 days in a row, lazy once on the last day
    rows = [f"2026-04-{d:02} busy" for d in range(1, 16)] * 2 + ["2026-04-30 lazy"]
    files = {"requests.csv": calls(rows), "invoices.csv": MONEY}
    study = open_study(company(files, "currency: EUR\nobserved_from: 2026-04-01"), month="2026-04")
    table = weighted_activity(study).set_index(["weight", "days"])
    assert table["value"].round(6).to_dict() == {
        ("accounts", 1): round((15 + 1) / 60, 6), ("accounts", 7): round((21 + 1) / 60, 6),
        ("calls", 1): round((30 * 15 + 1) / (31 * 30), 6), ("calls", 7): round((30 * 21 + 1) / (31 * 30), 6),
        ("MRR", 1): round((900 * 15 + 100) / (1000 * 30), 6), ("MRR", 7): round((900 * 21 + 100) / (1000 * 30), 6),
    }  # fmt: skip
    assert table.loc[("MRR", 1), "idle_share"] == pytest.approx(250 / 1250)
    assert table.loc[("accounts", 1), "idle_share"] == 0 and table.loc[("MRR", 1), "denominator"] == 2


def test_weighted_by_accounts_it_is_the_stickiness(small_study):
    table = weighted_activity(small_study).set_index(["weight", "days"])
    assert table.loc[("accounts", 1), "value"] == pytest.approx(measure(small_study, "stickiness")["value"].iloc[-1])
    assert (table["low"] <= table["value"]).all() and (table["value"] <= table["high"]).all()


# -- bad input ---------------------------------------------------------------------------------------------------

ALL = [growth_by_month, expansion, quota_bands, weighted_activity, month_of_sessions]


def answers(study):
    return {m: measure(study, m) for m in MINE} | {f.__name__: f(study) for f in ALL}


def test_an_account_that_never_called_and_a_single_month_crash_nothing(company):
    accounts = "account_id,created_at,quota_per_month\na,2026-01-01T00:00:00Z,5\nb,2026-01-02T00:00:00Z,5\n"
    study = open_study(company({"accounts.csv": accounts, "requests.csv": calls(["2026-01-10 a"])}, OBSERVED), month="2026-01")
    found = answers(study)
    assert found["decline_index"]["value"].isna().all() and not found["decline_index"]["mature"].any()
    assert isinstance(found["growth_by_month"], NotMeasurable)
    for name, table in found.items():
        assert isinstance(table, NotMeasurable) or len(table), name


def test_a_month_without_events_is_0_of_0_or_unknown_and_never_a_rate(company):
    rows = ["2026-01-10 a", "2026-02-10 a", "2026-04-10 a", "2026-04-11 a 200 sandbox", "2026-01-11 a 200 production /y us"]
    accounts = "account_id,created_at,quota_per_month\na,2026-01-01T00:00:00Z,5\n"
    files = {"accounts.csv": accounts, "requests.csv": calls(rows), "touchpoints.csv": PEOPLE}
    found = answers(open_study(company(files, OBSERVED), month="2026-04"))
    for name in MINE:
        table = found[name]
        if isinstance(table, NotMeasurable):
            continue
        row = table.set_index("month").loc["2026-03"]
        if CATALOG[name].unit != "count" and name not in ("decline_index", "early_warning_share"):
            assert np.isnan(row["value"]), name
    assert found["unique_api_consumers"].set_index("month").loc["2026-03", "value"] == 0
    assert found["decline_index"].set_index("month").loc["2026-03", "value"] == 1  # a fell silent
    assert found["decline_index"].set_index("month").loc["2026-04", ["numerator", "denominator"]].tolist() == [0, 0]


def test_events_before_the_account_was_opened_do_not_count_as_use_of_a_later_month(company):
    accounts = "account_id,created_at\na,2026-03-01T00:00:00Z\n"
    rows = ["2026-02-10 a", "2026-03-10 a", "2026-03-11 b"]
    study = open_study(company({"accounts.csv": accounts, "requests.csv": calls(rows)}, OBSERVED), month="2026-03")
    change = usage_change(study).set_index("account_id")
    assert change["state"].to_dict() == {"a": "steady", "b": "new"}  # what was called was called
    assert isinstance(answers(study)["quota_bands"], NotMeasurable)


def test_without_calls_each_says_which_table_to_add(company):
    text = "invoice_id,account_id,issued_at,amount_minor\n1,a,2026-01-05T10:00:00Z,100\n2,a,2026-02-28T10:00:00Z,100\n"
    study = open_study(company({"invoices.csv": text}, OBSERVED + "definitions:\n  active: {event: invoice}"), month="2026-02")
    found = answers(study)
    for name in ("unique_api_consumers", "silent_integrations", "endpoint_expansion", "quota_utilisation_share", "expansion"):
        assert '"requests"' in found[name].reason, name
    assert found["usage_growth_by_account"]["denominator"].tolist()[-1] == 1  # active days, then
    assert found["weighted_activity"]["weight"].unique().tolist() == ["accounts"]
