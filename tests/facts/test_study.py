"""A study knows what was known at the end of its month, in its zone, for its segment."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from apijourney import (
    WorkbookError, active, frequency_recency, funnel, funnel_trend, lifecycle, load_workbook, measure, measure_all, named_accounts,
    open_study, retention, time_to, time_to_summary, windowed_levels,
)  # fmt: skip

ROOT = Path(__file__).resolve().parents[2]

ZONE = "Europe/Berlin"
MONTH = "2026-06"
UNTIL = pd.Timestamp("2026-07-01", tz=ZONE)

# -- the truncated source: written here independently of the library's own cut -----------------------

_EXISTS_FROM = {
    "accounts": "created_at", "identities": "linked_at", "account_history": "valid_from",
    "invoices": "issued_at", "tickets": "opened_at", "surveys": "answered_at", "hosts": "sampled_at",
    "incidents": "started_at", "releases": "released_at", "requests": "received_at",
    "touchpoints": "received_at",
}  # fmt: skip
_NOT_YET = {
    "accounts": [("closed_at", "closed_at"), ("closed_at", "close_reason")],
    "tickets": [("resolved_at", "resolved_at")], "incidents": [("ended_at", "ended_at")],
}  # fmt: skip


def truncated(rows: pa.Table, name: str) -> pa.Table:
    """What the table held at midnight of July 1st, 2026, in Berlin."""
    until = pa.scalar(UNTIL.tz_convert("UTC").to_pydatetime(), pa.timestamp("us", tz="UTC"))
    if name in _EXISTS_FROM:
        rows = rows.filter(pc.less(rows[_EXISTS_FROM[name]], until))
    elif name == "costs":
        rows = rows.filter(pc.less_equal(rows["month"], MONTH))
    elif "date" in rows.column_names:
        rows = rows.filter(pc.less(rows["date"], pa.scalar(UNTIL.date())))
    cut = rows
    for moment, column in _NOT_YET.get(name, []):
        later = pc.fill_null(pc.greater_equal(rows[moment], until), False)
        values = pc.if_else(later, pa.scalar(None, rows[column].type), rows[column])
        cut = cut.set_column(cut.column_names.index(column), column, values)
    return cut


@pytest.fixture(scope="module")
def both(small_company, tmp_path_factory):
    """The same month from all the data, and from the data as they were at its end."""
    folder = tmp_path_factory.mktemp("truncated")
    (folder / "workbook.yaml").write_bytes((small_company / "workbook.yaml").read_bytes())
    for file in small_company.glob("*.parquet"):
        rows = truncated(pq.read_table(file), file.stem)
        if len(rows):
            pq.write_table(rows, folder / file.name)
    return open_study(small_company, month=MONTH), open_study(folder, month=MONTH)


def test_an_earlier_month_of_all_data_equals_the_data_truncated_at_its_end(both):
    later, then = (measure_all(study) for study in both)
    assert later.keys() == then.keys()
    for metric, table in later.items():
        pd.testing.assert_frame_equal(table, then[metric], obj=metric, rtol=1e-12)


def test_the_data_did_go_on_after_that_month(both):
    assert both[0].store.tables()["requests"]["rows"] > 1.1 * both[1].store.tables()["requests"]["rows"]
    late = both[0].con.read_parquet(both[0].store.paths("requests", [MONTH]))
    until = UNTIL.tz_convert("UTC").tz_localize(None)
    assert late.filter(late.received_at >= until.to_pydatetime()).count().execute() > 0


def test_the_event_log_is_that_of_then(both):
    logs = [study.events for study in both]
    assert len(logs[0]) == len(logs[1])
    assert sorted(logs[0].accounts) == sorted(logs[1].accounts)
    np.testing.assert_array_equal(np.sort(logs[0].time), np.sort(logs[1].time))


# -- local days around a change of the clocks --------------------------------------------------------


def test_daily_actives_in_berlin_around_a_clock_change_equal_pandas(company):
    # A call every 20 minutes for a week around each change, by an account that is there on odd hours.
    at = pd.date_range("2025-10-22", "2025-10-30", freq="20min", tz="UTC").append(
        pd.date_range("2026-03-25", "2026-04-02", freq="20min", tz="UTC")
    )
    rng = np.random.default_rng(3)
    calls = pd.DataFrame({"occurred_at": at, "account_id": [f"a{i}" for i in rng.integers(0, 60, len(at))]})
    calls = calls[rng.random(len(calls)) < 0.4]
    text = calls.assign(status=200, occurred_at=calls["occurred_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    folder = company({"requests.csv": text.to_csv(index=False)}, f"timezone: {ZONE}\nobserved_from: 2025-10-01")
    study = open_study(folder, month="2026-04")
    local = calls["occurred_at"].dt.tz_convert(ZONE)
    expected = calls.groupby(local.dt.date)["account_id"].nunique()
    found = study.fact("activity").execute()
    found = found.groupby(pd.to_datetime(found["day"]).dt.date)["account_id"].nunique()
    assert found.to_dict() == expected.to_dict()
    by_month = expected.groupby(pd.to_datetime(expected.index).strftime("%Y-%m")).sum()
    table = measure(study, "daily_active_accounts").set_index("month")["value"]
    for month in ("2025-10", "2026-03"):
        assert table[month] == pytest.approx(by_month[month] / 31)
    assert pd.isna(table["2026-04"])  # the calls stop on the 2nd: that month is not over


# -- which month, which interval ---------------------------------------------------------------------

INVOICES = "account_id,issued_at,amount_minor\na,2026-01-10,100\na,2026-02-10,200\n"


@pytest.mark.parametrize(
    ("last", "month"),
    [("2026-03-31T12:00:00Z", "2026-03"), ("2026-03-30T12:00:00Z", "2026-02"), ("2026-03-31T22:30:00Z", "2026-03")],
)
def test_the_latest_month_is_the_last_complete_one(company, last, month):
    folder = company({"invoices.csv": INVOICES + f"a,{last},300\n"}, "timezone: UTC")
    assert open_study(folder).month == month


def test_a_month_alone_is_the_latest_however_short(company):
    folder = company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-10,100\n"})
    study = open_study(folder)
    assert (study.month, study.months) == ("2026-01", ["2026-01"])


def test_the_interval_is_half_open_and_starts_with_the_data_or_where_the_workbook_says(company):
    text = INVOICES + "a,2026-03-31T12:00:00Z,300\n"
    study = open_study(company({"invoices.csv": text}, f"timezone: {ZONE}", name="data"))
    assert pd.Timestamp(study.observed_from, unit="us") == pd.Timestamp("2026-01-09T23:00")
    assert study.until == pd.Timestamp("2026-03-31T22:00")  # summer time: midnight of April 1st
    assert str(study.until_day) == "2026-04-01"
    said = company({"invoices.csv": text}, f"timezone: {ZONE}\nobserved_from: 2026-02-01", name="said")
    assert open_study(said).months == ["2026-02", "2026-03"]


def test_months_back_counts_the_month_itself_and_months_without_data(company):
    text = "account_id,issued_at,amount_minor\na,2026-01-10,100\na,2026-04-30T12:00:00Z,100\n"
    folder = company({"invoices.csv": text})
    assert open_study(folder, months_back=3).months == ["2026-02", "2026-03", "2026-04"]
    assert measure(open_study(folder), "revenue")["value"].tolist() == [100, 0, 0, 100]


# -- who counts --------------------------------------------------------------------------------------

PEOPLE = {
    "accounts.csv": "account_id,created_at,segment,is_internal\na,2026-01-01,smb,false\n"
    "b,2026-01-01,enterprise,false\nx,2026-01-01,smb,true\n",
    "account_history.csv": "account_id,valid_from,segment\na,2026-01-01,smb\na,2026-02-01,enterprise\n",
    "requests.csv": "occurred_at,account_id,status,key_id\n2026-01-10,a,200,k\n2026-01-11,b,200,k\n"
    "2026-01-12,x,200,k\n2026-01-13,a,200,test_1\n2026-02-28T12:00:00Z,a,200,k\n2026-01-14,,401,k\n",
}


def test_internal_accounts_and_test_keys_are_left_out_and_counted(company):
    study = open_study(company(PEOPLE), month="2026-02")
    assert set(study.accounts["account_id"]) == {"a", "b"}
    assert study.requests(["2026-01", "2026-02"]).count().execute() == 5  # raw calls keep the test key
    assert study.fact("activity").calls.sum().execute() == 4  # a, b, a, and the rejected key
    quality = study.quality.set_index("check")["rows"]
    assert quality["internal account"] == 1 and quality["call with a test key"] == 1
    assert quality["call of nobody known (rejected key)"] == 1


def test_a_segment_is_that_of_sign_up_not_of_today(company):
    folder = company(PEOPLE)
    smb = open_study(folder, month="2026-02", segment="smb")
    assert smb.accounts["account_id"].tolist() == ["a"]  # a became an enterprise in February
    assert smb.accounts["segment"].tolist() == ["enterprise"]
    assert smb.fact("activity").calls.sum().execute() == 2
    assert set(open_study(folder, month="2026-02", segment="enterprise").accounts["account_id"]) == {"b"}


def test_every_table_is_there_to_ask_for_and_says_where_it_came_from(company):
    study = open_study(company(PEOPLE), month="2026-02")
    coverage = study.coverage.set_index("table")
    assert coverage.loc["requests", ["rows", "source"]].tolist() == [6, "requests.csv"]
    assert coverage.loc["invoices", ["rows", "source"]].tolist() == [0, ""]
    assert study.table("invoices").empty and study.annotations.empty


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda s: s.table("requests"), 'study.table(\'requests\'): calls are too many for one table; ask study.requests() for those of '
         'the month, study.fact("activity") or study.fact("calls") for their counts by day, or study.events for all as events.'),
        (lambda s: s.table("touchpoints"), "study.table('touchpoints'): touchpoints are too many for one table; ask study.events for "
         "those of people, or study.everything for all of them (to_frame() makes a table of either)."),
        (lambda s: s.table("invoises"), 'study.table(\'invoises\'): unknown table "invoises"; did you mean "invoices"?'),
        (lambda s: s.fact("activty"), 'study.fact(\'activty\'): unknown fact "activty"; did you mean "activity"?'),
        (lambda s: s.events.mask("requset"), 'unknown step "requset"; did you mean "request"?'),
        (lambda s: funnel(s.events, ["sign_up", "key_creatd"]), 'unknown step "key_creatd"; did you mean "key_created"?'),
        (lambda s: funnel(s.events, ["sign_up", "request"], exclude="key_revokd"), 'unknown step "key_revokd"; did you mean "key_revoked"?'),
        (lambda s: retention(s.events, start="sign_upp"), 'unknown step "sign_upp"; did you mean "sign_up"?'),
        (lambda s: retention(s.events, back="sign_upp"), 'unknown step "sign_upp"; did you mean "sign_up"?'),
        (lambda s: time_to(s.events, "account_creatd", "request"), 'unknown step "account_creatd"; did you mean "account_created"?'),
        (lambda s: active(s.events, step="requests"), 'unknown step "requests"; did you mean "request"?'),
        (lambda s: windowed_levels(s.events, ["sing_up"], window=60), 'unknown step "sing_up"; did you mean "sign_up"?'),
        (lambda s: funnel(s.events, ["sign_up", "first call"]),
         '"first call" is a touchpoint of the journey and no event; give study.step("first call") as the step.'),
        (lambda s: measure("mrr", s), 'measure: the study comes first; write measure(study, "mrr").'),
        (lambda s: measure(s, "mmr"), 'unknown metric "mmr"; did you mean "mrr"?'),
        (lambda s: measure_all(s, ["mmr"]), 'unknown metric "mmr"; did you mean "mrr"?'),
        (lambda s: measure(pd.DataFrame(), "mrr"), "measure(study, metric): the first argument is a study, as open_study gives it, or "
         "the path of a workbook file, not DataFrame."),
        (lambda s: named_accounts(None), "named_accounts(study): the first argument is a study, as open_study gives it, or the path of "
         "a workbook file, not NoneType."),
        (lambda s: measure("nowhere.yaml", "mrr"), 'workbook "nowhere.yaml" was not found; give the path of a workbook file, a folder '
         'that holds workbook.yaml, or "sample".'),
    ],
)  # fmt: skip
def test_a_question_to_a_study_that_cannot_be_answered_is_one_sentence(small_study, ask, sentence):
    with pytest.raises(WorkbookError) as caught:
        ask(small_study)
    assert str(caught.value) == sentence


def test_a_workbook_stands_for_the_study_of_its_last_complete_month(company):
    folder = company(PEOPLE)
    expected = measure(open_study(folder), "availability")
    for workbook in (folder, str(folder / "workbook.yaml"), load_workbook(folder)):
        pd.testing.assert_frame_equal(measure(workbook, "availability"), expected)
    assert list(measure_all(folder, "availability")) == ["availability"]


def test_an_event_that_did_not_happen_in_the_month_is_a_zero_and_no_mistake(company):
    visits = "visitor_id,occurred_at,touchpoint\nv,2026-01-31T10:00,sign_up\nv,2026-02-28T10:00,gift_sent\n"
    study = open_study(company({"touchpoints.csv": visits}), month="2026-01")
    for known in ("gift_sent", "key_created", "ticket", "landing_view"):  # seen later, usual, of a table, of the journey
        assert funnel(study.events, ["sign_up", known], window=60)["accounts"].tolist() == [1, 0]


def test_every_event_a_metric_looks_for_is_known_to_any_company(company):
    text = "\n".join(f.read_text(encoding="utf-8") for f in (ROOT / "lib" / "apijourney").rglob("*.py") if f.parts[-2] != "simulate")
    asked = set(re.findall(r'(?:mask|Step)\("([a-z_]+)"', text)) - {"sign_upp", "call"}  # of examples
    assert {"request", "sign_up", "quickstart_view"} < asked
    assert asked <= open_study(company(PEOPLE)).events.known


def test_days_of_a_studys_events_are_those_of_the_company(company):
    # 16:00 UTC on the 10th is the 11th in Tokyo
    visits = "visitor_id,occurred_at,touchpoint\nv,2026-01-10T16:00,sign_up\nv,2026-01-31T10:00,sign_up\n"
    study = open_study(company({"touchpoints.csv": visits}, "timezone: Asia/Tokyo"))
    assert str(active(study.events)["day"].min())[:10] == "2026-01-11"
    assert str(active(study.events, timezone="UTC")["day"].min())[:10] == "2026-01-10"
    assert str(retention(study.events)["cohort"].min())[:10] == str(lifecycle(study.events)["period"].min())[:10] == "2026-01-11"
    assert str(funnel_trend(study.events, ["sign_up"], period="D", window="1D")["period"].min())[:10] == "2026-01-11"
    assert frequency_recency(study.events)["recency_days"].item() == 20
    assert frequency_recency(study.events, timezone="UTC")["recency_days"].item() == 21
    assert time_to_summary(study.events, "sign_up", "ticket", entered="2026-01")["n"].item() == 1


# -- what a reader must not be told ------------------------------------------------------------------


def test_calls_under_a_developer_of_an_internal_account_count_nowhere(company):
    # four calls of customer a succeed; two calls of developer d, linked to internal x, fail
    calls = ["request_id,occurred_at,account_id,developer_id,status"]
    calls += [f"{i},2026-01-{10 + i}T10:00:00Z,a,,200" for i in range(3)]
    calls += [f"{i},2026-01-{10 + i}T10:00:00Z,,d,500" for i in range(3, 5)]
    calls += ["5,2026-01-31T10:00:00Z,a,,200"]
    tables = {
        "requests.csv": "\n".join(calls) + "\n",
        "accounts.csv": "account_id,created_at,is_internal\na,2026-01-01,false\nx,2026-01-01,true\n",
        "identities.csv": "developer_id,account_id,linked_at\nd,x,2026-01-02\n",
    }
    study = open_study(company(tables), month="2026-01")
    assert measure(study, "availability")["value"].iloc[-1] == 1.0
    assert measure(study, "availability")["denominator"].iloc[-1] == 4


def test_a_month_that_goes_on_carries_no_rate(company):
    calls = ["request_id,occurred_at,account_id,status"]
    calls += [f"{i},2026-0{1 + i // 20}-{1 + i % 20:02}T10:00:00Z,a,200" for i in range(25)]
    study = open_study(company({"requests.csv": "\n".join(calls) + "\n"}), month="2026-02")
    table = measure(study, "requests_per_minute")
    assert table["mature"].tolist() == [True, False]
    assert table["value"].isna().tolist() == [False, True]


def test_calls_without_latency_are_no_reason_to_crash(company):
    calls = "request_id,occurred_at,account_id,status\n1,2026-01-31T10:00:00Z,a,200\n"
    answer = measure(open_study(company({"requests.csv": calls})), "latency_p95")
    assert str(answer) == (
        '95th percentile of latency is not measurable: no row of "requests" fills "latency_ms"; map what the source '
        "has for it under tables.requests.columns in the workbook file."
    )


def test_usage_billed_after_its_month_leaves_the_last_month_unknown_not_zero(company):
    # 100 of usage a month, billed on the first of the next: at the end of March, March is not billed
    lines = ["invoice_id,account_id,issued_at,service_start,service_end,amount_minor,kind"]
    lines += [f"{i},a,2026-0{i + 1}-01T01:00:00Z,2026-0{i}-01,2026-0{i + 1}-01,100,usage" for i in (1, 2)]
    lines += ["9,a,2026-03-15T01:00:00Z,,,10,one_off"]
    study = open_study(company({"invoices.csv": "\n".join(lines) + "\n"}), month="2026-03")
    table = measure(study, "mrr").set_index("month")
    assert table.loc["2026-02", "value"] == 100
    assert not table.loc["2026-03", "mature"] and pd.isna(table.loc["2026-03", "value"])
    assert not measure(study, "paying_account_churn").iloc[-1]["mature"]


def test_what_an_account_became_later_is_not_known_earlier(company):
    tables = {
        "accounts.csv": "account_id,created_at,segment,plan\na,2026-01-05,enterprise,large\n",
        "account_history.csv": "account_id,valid_from,segment,plan\na,2026-03-10,enterprise,large\n",
        "invoices.csv": "account_id,issued_at,amount_minor\na,2026-02-10,100\na,2026-03-10,100\n",
    }
    study = open_study(company(tables), month="2026-02")
    assert study.accounts[["plan", "segment", "entry_segment"]].isna().all(axis=None)


def test_a_study_refuses_to_mix_two_states_of_the_data(company):
    folder = company({"accounts.csv": "account_id,created_at\na,2026-01-05\n"})
    early = open_study(folder)
    (folder / "accounts.csv").write_text("account_id,created_at\na,2026-01-05\nb,2026-01-06\n")
    assert len(open_study(folder).accounts) == 2
    with pytest.raises(WorkbookError, match="the data changed while they were read; run it again"):
        early.table("invoices")
