"""The simulated company: reproducible, complete, consistent with itself."""

import hashlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from apijourney.errors import WorkbookError
from apijourney.simulate import simulate, write_sample
from apijourney.simulate.__main__ import main
from apijourney.simulate.calendar import Span
from apijourney.sources.contracts import CONTRACTS

INSTANT = pa.timestamp("us", tz="UTC")
UNMETERED = {"units_in", "units_out"}  # the simulated API bills by the call
TYPES = {
    "instant": INSTANT, "date": pa.date32(), "month": pa.string(), "string": pa.string(), "boolean": pa.bool_(),
}  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    return simulate(seed=3, scale=0.2)


def digests(folder):
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.iterdir()}


def column(table, name):
    return table.column(name).to_pandas()


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path):
    for name, seed in (("one", 5), ("two", 5), ("other", 6)):
        write_sample(tmp_path / name, seed=seed, months=3, scale=0.05)
    one, two, other = (digests(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    same = {name for name in one if one[name] == other[name]}
    assert same <= {"pages.parquet", "releases.parquet", "annotations.parquet"}


def test_every_canonical_table_has_all_its_columns_in_the_right_type(tables):
    assert set(tables) == set(CONTRACTS)
    for name, contract in CONTRACTS.items():
        schema = tables[name].schema
        assert set(schema.names) == set(contract.columns) - UNMETERED, name
        for column_name, kind in contract.columns.items():
            if column_name in UNMETERED:
                continue
            found = schema.field(column_name).type
            if column_name in ("request_id", "event_id"):
                assert found == pa.int64()
            elif kind in TYPES:
                assert found == TYPES[kind], (name, column_name)
            elif column_name == "rate":  # exact as text
                assert found == TYPES["string"]
            elif kind == "integer":
                assert pa.types.is_integer(found), (name, column_name)
            else:
                assert pa.types.is_integer(found) or pa.types.is_floating(found), (name, column_name)


def test_money_is_whole_minor_units_and_rates_are_exact_text(tables):
    assert tables["invoices"].schema.field("amount_minor").type == pa.int64()
    assert tables["costs"].schema.field("amount_minor").type == pa.int64()
    rates = column(tables["fx_rates"], "rate")
    assert rates.str.fullmatch(r"\d\.\d{4}").all()
    assert len(rates) == len(Span(18).days)


def test_every_id_that_is_named_exists(tables):
    accounts = pc.unique(tables["accounts"].column("account_id"))
    for name in ("requests", "touchpoints", "identities", "account_history", "invoices", "tickets", "surveys", "costs"):
        named = tables[name].column("account_id").drop_null()
        assert pc.all(pc.is_in(named, value_set=accounts)).as_py(), name
    developers = pc.unique(tables["identities"].column("developer_id"))
    for name in ("requests", "touchpoints"):
        named = tables[name].column("developer_id").drop_null()
        late_links = set(pc.unique(named).to_pylist()) - set(developers.to_pylist())
        assert not late_links, name


def test_no_account_calls_before_it_exists_or_after_it_closed(tables):
    calls = tables["requests"].select(["account_id", "occurred_at"]).to_pandas()
    accounts = tables["accounts"].select(["account_id", "created_at", "closed_at"]).to_pandas()
    joined = calls.dropna().merge(accounts, on="account_id")
    assert (joined["occurred_at"] >= joined["created_at"]).all()
    assert not (joined["occurred_at"] >= joined["closed_at"]).any()


def test_nothing_happens_outside_the_months_and_nothing_arrives_after_them(tables):
    span = Span(18)
    for name in ("requests", "touchpoints"):
        happened = column(tables[name], "occurred_at").astype("int64")
        arrived = column(tables[name], "received_at").astype("int64")
        assert span.start <= happened.min() and happened.max() < span.end
        assert arrived.max() < span.end


def test_late_and_doubled_rows_are_there_in_their_shares(tables):
    for name, key in (("requests", "request_id"), ("touchpoints", "event_id")):
        table = tables[name].select([key, "occurred_at", "received_at"]).to_pandas()
        n = len(table)
        late = ((table["received_at"] - table["occurred_at"]).dt.total_seconds() >= 3600).mean()
        twice = table[key].duplicated().mean()
        for share, true in ((late, 0.015), (twice, 0.004)):
            assert abs(share - true) < 5 * np.sqrt(true / n), name
        assert table.loc[table[key].duplicated(keep=False)].groupby(key).size().eq(2).all()


def test_a_handful_of_rows_is_dirty_on_purpose(tables):
    calls = tables["requests"]
    negative = pc.sum(pc.less(calls.column("latency_ms"), 0)).as_py()
    early = (column(calls, "received_at") < column(calls, "occurred_at")).sum()
    assert 0 < negative + early <= 30


def test_some_links_are_made_only_after_sign_up(tables):
    links = tables["identities"].to_pandas()
    sign_ups = tables["touchpoints"].to_pandas().query("touchpoint == 'sign_up'").dropna(subset=["developer_id"])
    unknown = sign_ups[sign_ups["account_id"].isna()].drop_duplicates("developer_id")
    later = links.dropna(subset=["account_id"]).groupby("developer_id")["linked_at"].min()
    wait = unknown["developer_id"].map(later) - unknown["occurred_at"]
    assert 0.08 < len(unknown) / len(sign_ups) < 0.30
    assert wait.notna().any() and wait.isna().any()  # linked days later, or never
    assert (wait.dropna() > pd.Timedelta(0)).all()


def test_a_rejected_key_belongs_to_no_account_and_only_a_rejected_key(tables):
    calls = tables["requests"].select(["account_id", "status"]).to_pandas()
    assert (calls["account_id"].isna() == (calls["status"] == 401)).all()


def test_sandbox_comes_before_production_for_every_newcomer(tables):
    calls = tables["requests"].select(["account_id", "environment", "occurred_at"]).to_pandas().dropna()
    accounts = tables["accounts"].to_pandas()
    new = accounts.loc[accounts["created_at"].astype("int64") >= Span(18).start, "account_id"]
    first = calls[calls["account_id"].isin(new)].pivot_table("occurred_at", "account_id", "environment", "min")
    both = first.dropna()
    assert len(both) > 50
    assert (both["sandbox"] < both["production"]).all()
    assert first.loc[first["production"].notna(), "sandbox"].notna().mean() > 0.97  # some rows arrive too late


def test_subscription_lines_are_billed_at_the_plan_in_force_on_the_first(tables):
    lines = tables["invoices"].to_pandas()
    lines = lines[lines["kind"] == "subscription"]
    history = tables["account_history"].to_pandas().sort_values("valid_from")
    in_force = pd.merge_asof(
        lines.sort_values("issued_at"), history, left_on="issued_at", right_on="valid_from", by="account_id"
    )
    assert (in_force["plan"] != "free").all()
    starter = in_force[(in_force["plan"] == "starter")]
    assert set(starter["amount_minor"]) == {14_900, 13_410}  # list price, or a tenth less


def test_metered_lines_equal_the_calls_that_were_made(tables):
    # 14 cents a forecast, 3 a list of stations. Calls of the last month may not all have arrived yet.
    lines = tables["invoices"].to_pandas()
    lines = lines[(lines["kind"] == "usage") & (lines["product"] == "tides")]
    calls = tables["requests"].to_pandas().drop_duplicates("request_id")
    calls = calls[(calls["environment"] == "production") & (calls["status"] < 300)]
    price = calls["endpoint"].map({"/v1/tides/forecast": 14, "/v1/tides/stations": 3})
    month = calls["occurred_at"].dt.tz_convert("Europe/Berlin").dt.strftime("%Y-%m")
    owed = price.groupby([calls["account_id"], month]).sum()
    service = lines["service_start"].astype(str).str[:7]
    billed = lines.set_index([lines["account_id"], service.rename("month")])["amount_minor"]
    both = owed.reindex(billed.index)
    complete = billed.index.get_level_values(1) < "2026-10"
    assert complete.sum() > 20
    assert (both[complete] == billed[complete]).all()


def test_months_and_scale_out_of_range_are_one_sentence():
    with pytest.raises(WorkbookError, match="months is 0; give a number from 1 to 120"):
        simulate(months=0)
    with pytest.raises(WorkbookError, match="scale is 99; give a number from 0.005 to 20"):
        simulate(scale=99)


def test_command_says_a_line_a_table_and_fails_with_one_sentence(tmp_path, capsys):
    assert main(["--out", str(tmp_path / "a"), "--months", "1", "--scale", "0.02", "--null"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(CONTRACTS) + 1 and "without stories" in lines[0]
    assert not (tmp_path / "a" / "incidents.parquet").exists()
    assert main(["--out", str(tmp_path / "b"), "--months", "0"]) == 2
    assert capsys.readouterr().err.strip().endswith("give a number from 1 to 120.")
    assert not (tmp_path / "b" / "truth.yaml").exists()


def test_files_hold_what_simulate_returns(tmp_path):
    write_sample(tmp_path, seed=4, months=2, scale=0.03)
    for name, table in simulate(seed=4, months=2, scale=0.03).items():
        if len(table):
            assert pq.read_table(tmp_path / f"{name}.parquet").equals(table), name
