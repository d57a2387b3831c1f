"""The fact store: whatever happens to the source, facts brought up to date equal facts built anew."""

import json
import shutil
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apijourney import NotMeasurable, measure_all, open_study
from apijourney.facts.month_facts import MonthFacts
from apijourney.simulate import write_sample
from apijourney.workbook import SAMPLE

MONTHS = ["2025-05", "2025-06", "2025-07"]
REQUEST_FACTS = {"activity", "calls", "latency"}


def rows_of(folder, name) -> pd.DataFrame:
    return pq.read_table(folder / f"{name}.parquet").to_pandas()


def write(folder, name, rows: pd.DataFrame) -> None:
    file = folder / f"{name}.parquet"
    schema = pq.read_schema(file)
    pq.write_table(pa.Table.from_pandas(rows, schema=schema, preserve_index=False), file)


def month_of(instants: pd.Series) -> pd.Series:
    return instants.dt.tz_convert("Europe/Berlin").dt.strftime("%Y-%m")


def content(store) -> dict[str, pd.DataFrame]:
    """Every stored table, its rows in one order, each actor written as the ids its number stands for."""
    found, actors = {}, store.actors().astype("object")
    for file in sorted(store.folder.rglob("*")):
        if file.parent.name == "actors":
            continue  # numbers are given in the order actors come, which history decides
        if file.suffix == ".parquet":
            rows = pq.read_table(file).to_pandas()
        elif file.suffix == ".arrow":
            rows = pa.ipc.open_file(file).read_all().to_pandas().astype("object")
            rows = rows.join(actors, on="actor").drop(columns="actor")
        else:
            continue
        rows = rows[sorted(rows.columns)]
        found[str(file.relative_to(store.folder))] = rows.sort_values(list(rows.columns), ignore_index=True)
    return found


def _same(before, after) -> bool:
    if isinstance(before, NotMeasurable) or isinstance(after, NotMeasurable):
        return before is after or str(before) == str(after)
    return before.equals(after)


@dataclass
class Change:
    """One change of the source: what was built again, and the metrics and facts before and after."""

    rebuilt: set[str]
    before: dict
    after: dict
    facts: dict
    cold_facts: dict

    @property
    def changed(self) -> set[str]:
        return {m for m in self.before if not _same(self.before[m], self.after[m])}

    def changed_months(self, metric: str) -> set[str]:
        before, after = self.before[metric], self.after[metric]
        if isinstance(before, NotMeasurable) or isinstance(after, NotMeasurable):
            return {"no longer measurable" if isinstance(after, NotMeasurable) else "now measurable"}
        same = (before == after) | (before.isna() & after.isna())
        return set(before.loc[~same.all(axis=1), "month"])


def double_the_requests_of_june(folder):
    rows = rows_of(folder, "requests")
    june = rows[month_of(rows["occurred_at"]) == "2025-06"]
    june = june.assign(request_id=june["request_id"] + 10**9)
    write(folder, "requests", pd.concat([rows, june]))


def move_a_sign_up_from_may_to_june(folder):
    for name, column in (("accounts", "created_at"), ("touchpoints", "occurred_at")):
        rows = rows_of(folder, name)
        moved = rows["account_id"] == "idle"
        assert set(month_of(rows.loc[moved, column])) == {"2025-05"}
        rows.loc[moved, column] += pd.Timedelta(days=30)
        write(folder, name, rows)


def link_another_visitor_to_that_account(folder):
    link = {"visitor_id": "v other", "account_id": "idle", "linked_at": pd.Timestamp("2025-06-30", tz="UTC")}
    write(folder, "identities", pd.concat([rows_of(folder, "identities"), pd.DataFrame([link])]))


def add_an_account_that_never_calls(folder):
    """It reads the docs in May and in June, and signs up in May; another browser reads in June."""
    at = {day: pd.Timestamp(f"2025-{day}T12:00", tz="UTC") for day in ("05-09", "05-10", "06-05", "06-06")}
    views = [("v idle", None, "docs_view", "05-09"), ("v idle", "idle", "sign_up", "05-10"),
             ("v other", None, "docs_view", "06-05"), ("v idle", None, "docs_view", "06-06")]  # fmt: skip
    added = {
        "accounts": [{"account_id": "idle", "created_at": at["05-10"], "is_internal": False, "plan": "free"}],
        "identities": [{"visitor_id": "v idle", "account_id": "idle", "linked_at": at["05-10"]}],
        "touchpoints": [
            {"event_id": 10**9 + i, "visitor_id": visitor, "account_id": account, "touchpoint": touchpoint,
             "occurred_at": at[day]}
            for i, (visitor, account, touchpoint, day) in enumerate(views)
        ],
    }  # fmt: skip
    for name, rows in added.items():
        write(folder, name, pd.concat([rows_of(folder, name), pd.DataFrame(rows)]))


CHANGES = {
    f.__name__: f
    for f in (
        double_the_requests_of_june, move_a_sign_up_from_may_to_june,
        link_another_visitor_to_that_account,
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> dict[str, Change]:
    """One company, changed three times; each time brought up to date, and built anew beside it."""
    folder = tmp_path_factory.mktemp("history") / "company"
    write_sample(folder, seed=5, months=len(MONTHS), scale=0.04)
    shutil.copy(SAMPLE, folder / "workbook.yaml")
    add_an_account_that_never_calls(folder)
    before, out = measure_all(open_study(folder, month=MONTHS[-1])), {}
    for name, change in CHANGES.items():
        change(folder)
        study = open_study(folder, month=MONTHS[-1])
        after = measure_all(study)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("APIJOURNEY_CACHE", str(tmp_path_factory.mktemp("cold")))
            cold = open_study(folder, month=MONTHS[-1])
            facts = content(study.store), content(cold.store)
            out[name] = Change(set(study.store.rebuilt), before, after, *facts)
        before = after
    return out


@pytest.mark.parametrize("name", CHANGES)
def test_facts_brought_up_to_date_equal_facts_built_anew(history, name):
    change = history[name]
    assert change.facts.keys() == change.cold_facts.keys()
    for file, rows in change.facts.items():
        pd.testing.assert_frame_equal(rows, change.cold_facts[file], obj=file)


def test_doubled_requests_build_their_month_again_and_move_the_metrics_of_calls(history):
    change = history["double_the_requests_of_june"]
    assert change.rebuilt == {"requests 2025-06"} | {f"{f} 2025-06" for f in REQUEST_FACTS | {"events"}}
    # Twice the calls of the same accounts on the same days: rates per minute and costs per call move,
    # availability rests on more calls, percentiles lie between other neighbours. Nobody becomes active
    # who was not, no first call is another, no money and no sign-up moves.
    of_june = {
        "requests_per_minute", "errors_per_minute", "cost_per_thousand_calls", "availability", "throttled_share",
        "probability_of_failure_on_demand", "error_budget_left", "fastest_burn", "calls_per_transaction", "errors_per_attempt",
        "errors_per_operation", "latency_p50", "latency_p90", "latency_p95", "latency_p99", "latency_mean", "latency_max",
        "p90_by_customer", "apdex", "concurrent_requests", "peak_concurrent_requests", "deprecated_calls_share",
        "top_10_usage_share", "busiest_segment_share", "top_endpoints_share", "top_error_code_share",
    }  # fmt: skip
    with_july = {"decline_index", "usage_growth_by_account", "usage_retention"}  # July is compared with June
    june, july = "2025-06", "2025-07"
    assert {m: change.changed_months(m) for m in change.changed} == {
        **dict.fromkeys(of_june, {june}), **dict.fromkeys(with_july, {june, july}),
        "revenue_at_risk": {july},  # it stands at the last month: who uses far less than in June
        "metered_billed_gap": {"no longer measurable"},  # bills for half the calls fit no price a call
    }  # fmt: skip
    before, after = (t["requests_per_minute"].set_index("month")["value"] for t in (change.before, change.after))
    assert after["2025-06"] == pytest.approx(2 * before["2025-06"])
    before, after = (t["availability"].set_index("month") for t in (change.before, change.after))
    assert after.loc["2025-06", "value"] == pytest.approx(before.loc["2025-06", "value"])
    assert after.loc["2025-06", "denominator"] == 2 * before.loc["2025-06", "denominator"]


def test_a_moved_sign_up_builds_two_months_of_events_and_moves_the_metrics_of_sign_up(history):
    change = history["move_a_sign_up_from_may_to_june"]
    assert change.rebuilt == {
        "accounts", "touchpoints 2025-05", "touchpoints 2025-06", "events 2025-05", "events 2025-06",
    }  # fmt: skip
    # An account that never called leaves the cohort of May and joins that of June; from its first
    # look at the docs it now took more than 14 days.
    assert change.changed == {
        "sign_ups", "sign_up_rate", "activated_share", "first_hello_world_days", "first_production_call_days", "first_transaction_days",
        "conversion_to_production",
        "sandbox_use", "adoption_rate", "paying_share",
    }  # fmt: skip
    moved = change.after["sign_ups"].set_index("month")["value"] - change.before["sign_ups"].set_index("month")["value"]
    assert moved.to_dict() == {"2025-05": -1, "2025-06": 1, "2025-07": 0}


def test_the_list_of_actors_only_grows(three_calls):
    folder, store = three_calls
    before = store.actors()
    events = (store.folder / "events" / "2026-01.arrow").read_bytes()
    (folder / "requests.csv").write_text(CALLS + "4,2026-02-11T10:00:00Z,,0 first by name,200\n")
    store = open_study(folder, month="2026-03").store
    assert store.rebuilt == ["requests 2026-02", "activity 2026-02", "calls 2026-02", "latency 2026-02", "events 2026-02"]
    assert before["account_id"].tolist() == ["a", "b"]
    assert store.actors()["account_id"].tolist() == ["a", "b", "0 first by name"]
    (folder / "requests.csv").write_text(CALLS)  # an actor whose rows are taken away again keeps its number
    store = open_study(folder, month="2026-03").store
    assert store.actors()["account_id"].tolist() == ["a", "b", "0 first by name"]
    assert (store.folder / "events" / "2026-01.arrow").read_bytes() == events


def test_a_link_added_later_changes_no_stored_fact_and_joins_two_visitors_to_one(history):
    names = list(CHANGES)
    change, earlier = history[names[2]], history[names[1]]
    assert change.rebuilt == {"identities"}
    other = {f for f, rows in change.facts.items() if not rows.equals(earlier.facts[f])}
    assert other == {"identities/all.parquet"}
    # Two of June's visitors turn out to be one, and it was first seen in May.
    assert change.changed == {"unique_visitors", "sign_up_rate"}
    counts = [t["unique_visitors"].set_index("month")["value"] for t in (change.before, change.after)]
    assert (counts[1] - counts[0]).to_dict() == {"2025-05": 0, "2025-06": -1, "2025-07": 0}


# -- a company of three calls, for what can happen to the cache ------------------------------------

CALLS = """request_id,occurred_at,received_at,account_id,status
1,2026-01-10T10:00:00Z,2026-01-10T10:00:00Z,a,200
2,2026-02-10T10:00:00Z,2026-02-10T10:00:00Z,a,200
3,2026-03-10T10:00:00Z,2026-03-10T10:00:00Z,b,500
"""


def calls_by_month(folder) -> dict[str, int]:
    study = open_study(folder, month="2026-03")
    rows = study.fact("activity").execute()
    return rows.groupby(rows["day"].astype("str").str[:7])["calls"].sum().to_dict()


@pytest.fixture
def three_calls(company):
    folder = company({"requests.csv": CALLS})
    assert calls_by_month(folder) == {"2026-01": 1, "2026-02": 1, "2026-03": 1}
    return folder, open_study(folder, month="2026-03").store


def test_an_unchanged_source_builds_nothing(three_calls):
    folder, store = three_calls
    assert store.rebuilt == []


def test_a_file_touched_but_not_changed_builds_no_fact(three_calls):
    folder, _ = three_calls
    (folder / "requests.csv").write_text(CALLS)
    assert open_study(folder, month="2026-03").store.rebuilt == []


@pytest.mark.parametrize("manifest", ["{", "[]", '{"tables": {}}', "7"])
def test_a_damaged_manifest_is_built_anew(three_calls, manifest):
    folder, store = three_calls
    (store.folder / "manifest.json").write_text(manifest)
    (store.folder / "accounts").mkdir()
    (store.folder / "accounts" / "all.parquet").write_text("left by nobody knows whom")
    assert calls_by_month(folder) == {"2026-01": 1, "2026-02": 1, "2026-03": 1}
    assert not (store.folder / "accounts").exists()
    assert set(json.loads((store.folder / "manifest.json").read_text())) == {"tables", "facts", "files"}


@pytest.mark.parametrize("lost", ["actors/all.parquet", "activity/2026-02.parquet", "events/2026-01.arrow", "requests/2026-03.parquet"])
def test_a_lost_fact_is_noticed(three_calls, lost):
    folder, store = three_calls
    (store.folder / lost).unlink()
    assert calls_by_month(folder) == {"2026-01": 1, "2026-02": 1, "2026-03": 1}
    assert (store.folder / lost).exists()


def test_a_build_that_dies_half_way_is_not_taken_for_a_whole_one(three_calls, monkeypatch):
    folder, store = three_calls
    (folder / "requests.csv").write_text(CALLS + "4,2026-02-11T10:00:00Z,,b,200\n")
    with monkeypatch.context() as patch:
        patch.setattr(MonthFacts, "build", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            open_study(folder, month="2026-03")
    assert calls_by_month(folder) == {"2026-01": 1, "2026-02": 2, "2026-03": 1}


def test_a_month_that_lost_all_its_rows_loses_its_facts(three_calls):
    folder, store = three_calls
    (folder / "requests.csv").write_text("".join(CALLS.splitlines(keepends=True)[i] for i in (0, 2, 3)))
    assert calls_by_month(folder) == {"2026-02": 1, "2026-03": 1}
    (folder / "requests.csv").write_text(CALLS.replace("a,200\n3", "a,0\n3"))  # February: no usable row
    assert calls_by_month(folder) == {"2026-01": 1, "2026-03": 1}
    assert not list(store.folder.glob("events/2026-02*"))


def test_a_table_taken_away_is_forgotten(company):
    folder = company({"requests.csv": CALLS, "accounts.csv": "account_id,created_at\na,2026-01-01\n"})
    assert open_study(folder, month="2026-03").accounts["account_id"].tolist() == ["a"]
    (folder / "accounts.csv").unlink()
    study = open_study(folder, month="2026-03")
    assert study.lacks("accounts") == ["accounts"] and study.accounts.empty
    assert study.store.rebuilt == []


def test_a_duplicate_whose_first_copy_goes_is_used_though_its_month_did_not_change(three_calls):
    folder, _ = three_calls
    late = "1,2026-02-10T11:00:00Z,2026-02-10T11:00:00Z,b,200\n"  # the id of January's call
    (folder / "requests.csv").write_text(CALLS + late)
    assert calls_by_month(folder) == {"2026-01": 1, "2026-02": 1, "2026-03": 1}
    rest = CALLS.replace("1,2026-01-10T10:00:00Z,2026-01-10T10:00:00Z,a,200\n", "")
    (folder / "requests.csv").write_text(rest + late)
    assert calls_by_month(folder) == {"2026-02": 2, "2026-03": 1}


def test_another_zone_or_test_key_is_another_store(three_calls, company):
    _, store = three_calls
    for i, setting in enumerate(("timezone: Asia/Tokyo", "definitions: {test_keys: [try_]}")):
        folder = company({"requests.csv": CALLS}, setting, name=f"other{i}")
        assert open_study(folder, month="2026-03").store.folder != store.folder


def test_an_event_of_the_last_hour_belongs_to_the_local_month(company):
    text = "occurred_at,account_id,status\n2026-01-31T22:59:59Z,a,200\n2026-01-31T23:00:00Z,a,200\n"
    study = open_study(company({"requests.csv": text}, "timezone: Europe/Berlin"), month="2026-02")
    assert sorted(study.tables["requests"]["months"]) == ["2026-01", "2026-02"]


def test_a_row_of_the_year_9999_makes_no_month(company):
    text = CALLS + "4,9999-12-31T10:00:00Z,,a,200\n"
    study = open_study(company({"requests.csv": text}), month="2026-03")
    assert study.data_months == ["2026-01", "2026-02", "2026-03"]
    aside = study.quality.set_index("check")["rows"]
    assert aside["not between 2000 and 2069"] == 1


def test_properties_that_are_no_json_cost_nothing(company):
    text = "visitor_id,occurred_at,touchpoint,properties\nv,2026-01-10,docs_view,agent=crawler\n"
    text += 'w,2026-01-10,docs_view,"{""agent"": ""crawler""}"\n'
    study = open_study(company({"touchpoints.csv": text}), month="2026-01")
    assert len(study.everything) == 2 and len(study.events) == 1
