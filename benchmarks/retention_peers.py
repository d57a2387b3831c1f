"""The same weekly retention, asked of four engines: of the accounts first active in a week, how many return?

Each function returns the accounts active by (week of the first event, weeks later), sorted: rows of
[cohort, later, accounts], weeks numbered from Monday 1970-01-05, in UTC.
"""

from pathlib import Path

_WEEK, _MONDAY = 7 * 86_400 * 1_000_000, 4 * 86_400 * 1_000_000


def workbook(file: Path) -> list:
    """The workbook's `retention` on the table as Ibis reads it."""
    import ibis

    from apijourney import retention

    events = ibis.duckdb.connect().read_parquet(file).rename(account_id="account")
    table = retention(events, period="W", cohort="first_time")
    week = table["cohort"].to_numpy().astype("datetime64[us]").astype("int64")
    rows = zip((week - _MONDAY) // _WEEK, table["period"], table["retained"], strict=True)
    return sorted([int(c), int(p), int(n)] for c, p, n in rows if n)


_SQL = """
    WITH weeks AS (
        SELECT DISTINCT account, {week} AS week FROM {source}
    ), first AS (
        SELECT account, min(week) AS cohort FROM weeks GROUP BY account
    )
    SELECT cohort, week - cohort AS later, count(*) AS n FROM weeks JOIN first USING (account)
    GROUP BY cohort, later ORDER BY cohort, later"""


def chdb(file: Path) -> list:
    """ClickHouse: one set of weeks an account, then unfolded."""
    import chdb as clickhouse

    week = f"intDiv(toUnixTimestamp64Micro(occurred_at) - {_MONDAY}, {_WEEK})"
    query = f"""
        SELECT cohort, week - cohort AS later, count() FROM (
            SELECT groupUniqArray({week}) AS weeks, arrayMin(weeks) AS cohort, arrayJoin(weeks) AS week
            FROM file('{file}', Parquet) GROUP BY account
        ) GROUP BY cohort, later ORDER BY cohort, later"""
    return [[int(v) for v in line.split(",")] for line in str(clickhouse.query(query, "CSV")).split()]


def duckdb(file: Path) -> list:
    """DuckDB: distinct weeks, joined with the first."""
    import duckdb as engine

    week = f"(epoch_us(occurred_at) - {_MONDAY}) // {_WEEK}"
    found = engine.connect().execute(_SQL.format(week=week, source=f"read_parquet('{file}')")).fetchall()
    return [list(row) for row in found]


def polars(file: Path) -> list:
    """Polars: distinct weeks, joined with the first."""
    import polars as pl

    week = (pl.col("occurred_at").dt.epoch("us") - _MONDAY) // _WEEK
    weeks = pl.scan_parquet(file).select("account", week=week).unique()
    cohort = pl.col("week").min().over("account")
    found = weeks.with_columns(cohort=cohort).group_by("cohort", later=pl.col("week") - pl.col("cohort")).len()
    return sorted([list(row) for row in found.collect(engine="streaming").rows()])


def pandas(file: Path) -> list:
    """pandas: the same."""
    import pandas as pd

    events = pd.read_parquet(file, columns=["account", "occurred_at"])
    micros = events["occurred_at"].astype("datetime64[us]").astype("int64")
    weeks = events.assign(week=(micros - _MONDAY) // _WEEK)[["account", "week"]].drop_duplicates()
    cohort = weeks.groupby("account")["week"].transform("min")
    found = weeks.groupby([cohort.rename("cohort"), (weeks["week"] - cohort).rename("later")]).size()
    return [[int(c), int(p), int(n)] for (c, p), n in found.items()]


PEERS = {f.__name__: f for f in (workbook, chdb, polars, duckdb, pandas)}
TOO_LARGE = {"pandas": 20_000_000}
