"""The same five-step funnel, asked of five engines: how many accounts took each step in order?

Each function reads the file itself and returns five counts. A window runs from the first step; one
event may fill several steps nowhere here, since the steps are different events.
"""

from pathlib import Path

from events import STEPS, WINDOW_SECONDS


def workbook(file: Path) -> list[int]:
    """The workbook's `funnel` on the table as Ibis reads it; nothing is prepared."""
    import ibis

    from apijourney import funnel

    events = ibis.duckdb.connect().read_parquet(file).rename(account_id="account")
    return funnel(events, STEPS, window=WINDOW_SECONDS, rules="posthog")["accounts"].tolist()


def chdb(file: Path) -> list[int]:
    """ClickHouse's windowFunnel, through chdb."""
    import chdb as clickhouse

    conditions = ", ".join(f"event = '{step}'" for step in STEPS)
    query = f"""
        SELECT level, count() FROM (
            SELECT account, windowFunnel({WINDOW_SECONDS * 1_000_000})(toUInt64(toUnixTimestamp64Micro(occurred_at)), {conditions}) AS level
            FROM file('{file}', Parquet) GROUP BY account
        ) GROUP BY level"""
    rows = [line.split(",") for line in str(clickhouse.query(query, "CSV")).split()]
    return _at_least({int(level): int(n) for level, n in rows})


def duckdb(file: Path) -> list[int]:
    """Window functions, pruned from level to level: for each first step, the earliest next one after it."""
    import duckdb as engine

    con = engine.connect()
    con.execute(f"CREATE TEMP TABLE e AS SELECT account, epoch_us(occurred_at) AS t, event FROM read_parquet('{file}') "
                f"WHERE event IN ({', '.join(repr(s) for s in STEPS)})")  # fmt: skip
    con.execute(f"CREATE TEMP TABLE level AS SELECT account, t AS began, t AS taken FROM e WHERE event = '{STEPS[0]}'")
    counts = [_one(con, "SELECT count(DISTINCT account) FROM level")]
    for step in STEPS[1:]:
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE level AS
            WITH merged AS (
                SELECT account, taken AS t, began, NULL AS upcoming FROM level
                UNION ALL
                SELECT account, t, NULL, t FROM e
                WHERE event = '{step}' AND account IN (SELECT account FROM level)
            ), ahead AS (
                SELECT account, began, min(upcoming) OVER (
                    PARTITION BY account ORDER BY t, began IS NULL
                    ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS taken
                FROM merged
            )
            SELECT account, began, taken FROM ahead
            WHERE began IS NOT NULL AND taken <= began + {WINDOW_SECONDS * 1_000_000}""")
        counts.append(_one(con, "SELECT count(DISTINCT account) FROM level"))
    return counts


def polars(file: Path) -> list[int]:
    """Joins as of the next event of a step, level by level."""
    import polars as pl

    events = pl.scan_parquet(file).filter(pl.col("event").is_in(STEPS)).collect()
    window = pl.duration(seconds=WINDOW_SECONDS)
    level = events.filter(pl.col("event") == STEPS[0]).select("account", began="occurred_at", at="occurred_at")
    counts = [level["account"].n_unique()]
    for step in STEPS[1:]:
        after = events.filter(pl.col("event") == step).select("account", next="occurred_at", at="occurred_at").sort("at")
        found = level.sort("at").join_asof(after, on="at", by="account", strategy="forward", check_sortedness=False)
        level = found.filter(pl.col("next") <= pl.col("began") + window).select("account", "began", at="next")
        counts.append(level["account"].n_unique())
    return counts


def pandas(file: Path) -> list[int]:
    """The same joins in pandas."""
    import pandas as pd

    events = pd.read_parquet(file, filters=[("event", "in", STEPS)])
    first = events[events["event"] == STEPS[0]]
    level = pd.DataFrame({"account": first["account"], "began": first["occurred_at"], "at": first["occurred_at"]})
    counts = [level["account"].nunique()]
    for step in STEPS[1:]:
        after = events.loc[events["event"] == step, ["account", "occurred_at"]].rename(columns={"occurred_at": "at"})
        after = after.assign(next=after["at"]).sort_values("at")
        found = pd.merge_asof(level.sort_values("at"), after, on="at", by="account", direction="forward")
        found = found[found["next"] <= found["began"] + pd.Timedelta(seconds=WINDOW_SECONDS)]
        level = found[["account", "began", "next"]].rename(columns={"next": "at"})
        counts.append(level["account"].nunique())
    return counts


def scan(file: Path) -> list[int]:
    """Only reading: the sum of all accounts and times. What no engine that reads the file can be faster than."""
    import duckdb as engine

    con = engine.connect()
    con.execute(f"SELECT sum(account), sum(epoch_us(occurred_at)), count(DISTINCT event) FROM read_parquet('{file}')").fetchall()
    return []


def _one(con, query: str) -> int:
    return con.execute(query).fetchall()[0][0]


def _at_least(counts: dict[int, int]) -> list[int]:
    return [sum(n for level, n in counts.items() if level > k) for k in range(len(STEPS))]


PEERS = {f.__name__: f for f in (workbook, chdb, polars, duckdb, pandas, scan)}
TOO_LARGE = {"pandas": 20_000_000}
