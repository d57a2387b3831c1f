"""The same rolling actives, asked of five engines: how many accounts were active within 28 days, on each day?

Each function returns [day, accounts] from the first day to the last, days numbered from 1970-01-01 in UTC.
Peers enter an account at its first day after 28 without one, and let it leave 28 days after the last before
such a pause; ClickHouse merges a set of accounts a day.
"""

from pathlib import Path

DAYS = 28
_DAY = 86_400 * 1_000_000


def workbook(file: Path) -> list:
    """The workbook's `active` on the table as Ibis reads it."""
    import ibis

    from apijourney import active

    events = ibis.duckdb.connect().read_parquet(file).rename(account_id="account")
    table = active(events, DAYS)
    days = table["day"].to_numpy().astype("datetime64[D]").astype("int64")
    return [[int(d), int(n)] for d, n in zip(days, table["active"], strict=True)]


def chdb(file: Path) -> list:
    """ClickHouse: an exact set of accounts a day, merged over the days of the window."""
    import chdb as clickhouse

    query = f"""
        SELECT day, uniqExactMerge(accounts) OVER (ORDER BY day ROWS BETWEEN {DAYS - 1} PRECEDING AND CURRENT ROW)
        FROM (
            SELECT intDiv(toUnixTimestamp64Micro(occurred_at), {_DAY}) AS day, uniqExactState(account) AS accounts
            FROM file('{file}', Parquet) GROUP BY day
        ) ORDER BY day"""
    return [[int(v) for v in line.split(",")] for line in str(clickhouse.query(query, "CSV")).split()]


def duckdb(file: Path) -> list:
    """DuckDB: distinct days of accounts, then entering and leaving by window functions."""
    import duckdb as engine

    found = engine.connect().execute(f"""
        WITH days AS (
            SELECT DISTINCT account, (epoch_us(occurred_at) // {_DAY})::INTEGER AS day FROM read_parquet('{file}')
        ), beside AS (
            SELECT day, day - lag(day) OVER of_account AS since, lead(day) OVER of_account - day AS until
            FROM days WINDOW of_account AS (PARTITION BY account ORDER BY day)
        ), steps AS (
            SELECT day, 1 AS step FROM beside WHERE since IS NULL OR since >= {DAYS}
            UNION ALL
            SELECT day + {DAYS}, -1 FROM beside WHERE until IS NULL OR until >= {DAYS}
        ), calendar AS (
            SELECT unnest(range((SELECT min(day) FROM days), (SELECT max(day) FROM days) + 1))::INTEGER AS day
        ), changes AS (
            SELECT day, coalesce(sum(step), 0) AS step FROM calendar LEFT JOIN steps USING (day) GROUP BY day
        )
        SELECT day, sum(step) OVER (ORDER BY day)::BIGINT FROM changes ORDER BY day""").fetchall()
    return [list(row) for row in found]


def polars(file: Path) -> list:
    """Polars: the same with shifts."""
    import polars as pl

    day = (pl.col("occurred_at").dt.epoch("us") // _DAY).cast(pl.Int32)
    days = pl.scan_parquet(file).select("account", day=day).unique().collect(engine="streaming").sort("account", "day")
    beside = days.with_columns(
        since=pl.col("day") - pl.col("day").shift().over("account"), until=pl.col("day").shift(-1).over("account") - pl.col("day")
    )
    enters = beside.filter(pl.col("since").is_null() | (pl.col("since") >= DAYS)).group_by("day").len()
    leaves = beside.filter(pl.col("until").is_null() | (pl.col("until") >= DAYS))
    leaves = leaves.group_by(day=pl.col("day") + DAYS).len().with_columns(len=-pl.col("len").cast(pl.Int64))
    steps = pl.concat([enters.with_columns(pl.col("len").cast(pl.Int64)), leaves]).group_by("day").agg(pl.col("len").sum())
    calendar = pl.DataFrame({"day": range(days["day"].min(), days["day"].max() + 1)}, schema={"day": pl.Int32})
    found = calendar.join(steps, on="day", how="left").sort("day").with_columns(pl.col("len").fill_null(0).cum_sum())
    return [list(row) for row in found.rows()]


def pandas(file: Path) -> list:
    """pandas: the same."""
    import numpy as np
    import pandas as pd

    events = pd.read_parquet(file, columns=["account", "occurred_at"])
    day = events["occurred_at"].astype("datetime64[us]").astype("int64") // _DAY
    days = events.assign(day=day)[["account", "day"]].drop_duplicates().sort_values(["account", "day"])
    beside = days.groupby("account")["day"]
    enters = days.loc[~(beside.diff() < DAYS), "day"]
    leaves = days.loc[~(-beside.diff(-1) < DAYS), "day"] + DAYS
    first, last = days["day"].min(), days["day"].max()
    steps = np.zeros(last - first + DAYS + 1, np.int64)
    np.add.at(steps, enters - first, 1)
    np.add.at(steps, leaves - first, -1)
    return [[int(first + k), int(n)] for k, n in enumerate(np.cumsum(steps)[: last - first + 1])]


PEERS = {f.__name__: f for f in (workbook, chdb, duckdb, polars, pandas)}
TOO_LARGE = {"pandas": 20_000_000}
