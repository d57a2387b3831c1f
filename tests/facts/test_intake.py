"""Files that come to a stream, one after the other, leave the store that all of them at once leave."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apijourney import WorkbookError
from apijourney.facts.store import FactStore
from apijourney.workbook import load_workbook

MONTHS = ["2026-03", "2026-04", "2026-05"]


@pytest.fixture
def company(tmp_path, monkeypatch):
    monkeypatch.setenv("APIJOURNEY_CACHE", str(tmp_path / "one after the other"))
    folder = tmp_path / "company"
    (folder / "requests").mkdir(parents=True)
    (folder / "workbook.yaml").write_text("company: Ada\nsource: .\ntimezone: Europe/Berlin\n")
    accounts = pd.DataFrame({"account_id": ["a", "b", "c"], "created_at": pd.Timestamp("2026-03-01", tz="UTC")})
    accounts.to_parquet(folder / "accounts.parquet")
    return folder


def calls(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Calls of three months: keys that come twice, some in another month, some as exact copies, some unusable."""
    keys = rng.integers(0, n, n)
    times = pd.Timestamp("2026-03-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 90 * 24, n), "h")
    frame = pd.DataFrame(
        {
            "request_id": [None if k == 0 else f"r{k}" for k in keys],
            "occurred_at": times.astype("datetime64[us, UTC]"),
            "received_at": (times + pd.to_timedelta(rng.integers(0, 3, n), "h")).astype("datetime64[us, UTC]"),
            "account_id": rng.choice(["a", "b", "c", None], n),
            "endpoint": rng.choice(["/v1/x", "/v1/y"], n),
            "status": rng.choice([200, 404, 500], n),
            "latency_ms": rng.choice([5, 80, -1], n, p=[0.6, 0.3, 0.1]),
        }
    )
    return pd.concat([frame, frame.sample(n // 5, random_state=1)], ignore_index=True)


def write(company, name: str, rows: pd.DataFrame) -> None:
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), company / "requests" / f"{name}.parquet")


def build(company) -> FactStore:
    return FactStore(load_workbook(company / "workbook.yaml")).build()


def content(store: FactStore) -> dict[str, list]:
    """Every stored row, each actor as its ids: the numbers follow the order in which actors came."""
    found, ids = {}, store.actors().astype("object").apply(tuple, axis=1)
    for file in sorted(f for kind in ("parquet", "arrow") for f in store.folder.rglob(f"*.{kind}")):
        if file.parent.name == "actors":
            continue
        rows = pq.read_table(file) if file.suffix == ".parquet" else pa.ipc.open_file(file).read_all()
        rows = rows.to_pandas().astype("object")
        if "actor" in rows:
            rows["actor"] = rows["actor"].map(ids)
        rows = rows[sorted(rows.columns)]
        found[str(file.relative_to(store.folder))] = sorted(map(repr, rows.itertuples(index=False, name=None)))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_files_one_after_the_other_leave_what_all_at_once_leave(company, tmp_path, monkeypatch, seed):
    rng = np.random.default_rng(seed)
    rows = calls(rng, 60)
    part = rng.integers(0, 4, len(rows))
    for k in range(4):
        write(company, f"file-{k}", rows[part == k])
        store = build(company)
    months = store.tables()["requests"]["months"]
    monkeypatch.setenv("APIJOURNEY_CACHE", str(tmp_path / "all at once"))
    whole = build(company)
    assert content(store) == content(whole)
    assert months == whole.tables()["requests"]["months"] and len(months) >= 3
    aside = whole.quarantine()
    assert "duplicate request_id" in set(aside["check"])
    used = sum(pq.read_metadata(f).num_rows for f in (whole.folder / "requests").glob("*.parquet"))
    assert used + aside.loc[aside["table"] == "requests", "rows"].sum() == len(rows)


def test_only_the_file_that_came_is_read_and_only_its_month_is_built(company):
    rows = calls(np.random.default_rng(3), 200).drop_duplicates("request_id").dropna(subset="request_id")
    local = rows["occurred_at"].dt.tz_convert("Europe/Berlin").dt.strftime("%Y-%m")
    for month in MONTHS[:2]:
        write(company, month, rows[local == month])
    build(company)
    said = []
    write(company, MONTHS[2], rows[local == MONTHS[2]])
    store = FactStore(load_workbook(company / "workbook.yaml"), progress=said.append).build()
    assert said[0] == f"reading requests ({(local == MONTHS[2]).sum()} new rows)"
    assert set(store.rebuilt) == {f"{kind} 2026-05" for kind in ("requests", "activity", "calls", "latency", "events")}
    assert store.tables()["requests"]["rows"] == local.isin(MONTHS).sum()


def test_a_copy_received_earlier_takes_the_place_of_the_one_that_came_first(company):
    late = pd.Timestamp("2026-04-01T10:00", tz="UTC")
    one = calls(np.random.default_rng(0), 5).iloc[:1].assign(
        request_id="r1", account_id="a", latency_ms=5, occurred_at=pd.Timestamp("2026-03-10T10:00", tz="UTC")
    )  # fmt: skip
    write(company, "first", one.assign(received_at=late, endpoint="/v1/late"))
    build(company)
    write(company, "second", one.assign(received_at=late - pd.Timedelta("1h"), endpoint="/v1/early"))
    store = build(company)
    kept = pq.read_table(store.folder / "requests" / "2026-03.parquet").to_pandas()
    assert kept["endpoint"].tolist() == ["/v1/early"]
    assert store.quarantine()[["check", "rows"]].to_numpy().tolist() == [["duplicate request_id", 1]]


def test_a_file_that_changed_is_read_with_all_others(company):
    rows = calls(np.random.default_rng(4), 30)
    write(company, "one", rows[:20])
    write(company, "two", rows[20:])
    build(company)
    write(company, "one", rows[:10])
    write(company, "three", rows[:5])
    said = []
    FactStore(load_workbook(company / "workbook.yaml"), progress=said.append).build()
    assert said[0] == f"reading requests ({10 + len(rows) - 20 + 5} rows)"


def test_values_that_cannot_be_read_are_judged_with_those_read_before(company):
    good = calls(np.random.default_rng(5), 400).assign(latency_ms=5).astype({"latency_ms": "str"})
    write(company, "much", good)
    build(company)
    write(company, "little", good[:20].assign(latency_ms=["fast", "slow"] + ["5"] * 18))
    assert build(company).tables()["requests"]["counts"]["bad_latency_ms"] == 2  # 2 of 500: single bad rows
    write(company, "more", good[:20].assign(latency_ms="fast"))
    with pytest.raises(WorkbookError, match=r'column "latency_ms": 22 of 520 values cannot be read'):
        build(company)
