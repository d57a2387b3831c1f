"""A company of so many calls, as a gateway leaves them: a file of calls and one of touchpoints each month.

Unit: a simulated company of about five million calls in 18 months, repeated under other ids until there are as
many calls as asked for. What repeats are its days, not its keys: every copy has accounts, developers and request
ids of its own, so facts and keys grow as they would; only the engine's luck with compression is a little better.
"""

import shutil
from pathlib import Path

import duckdb

from apijourney.simulate.large import ONCE, write_large
from apijourney.workbook import SAMPLE

CALLS_OF_ONE = 5_000_000
_NUMBERS, _SPACE = ("request_id", "event_id"), 10**10
_NAMES = ("visitor_id", "developer_id", "account_id", "key_id", "ticket_id", "invoice_id")
_STREAMS = ("touchpoints", "requests")


def company_by_month(folder: Path, calls: int, say=print) -> Path:
    """Write the company, unless it is there; return its folder, with a workbook file in it."""
    one, target = folder / "company-of-one", folder / f"company-{calls}"
    if target.exists():
        return target
    if not one.exists():
        unfinished = folder / "company-of-one.part"
        shutil.rmtree(unfinished, ignore_errors=True)
        write_large(unfinished, calls=CALLS_OF_ONE, progress=say)
        unfinished.rename(one)
    unfinished = folder / f"{target.name}.part"
    shutil.rmtree(unfinished, ignore_errors=True)
    con = duckdb.connect()
    con.execute(f"SET temp_directory='{folder}/spill'; SET memory_limit='3GB'; SET TimeZone='UTC'; SET enable_progress_bar=false")
    copies = -(-calls // _one(con, f"SELECT count(*) FROM '{one}/requests/*.parquet'"))
    for table in sorted(f.name for f in one.iterdir()):
        (unfinished / table).mkdir(parents=True)
        rows = _repeated(con, f"{one}/{table}/*.parquet", 1 if table in ONCE else copies)
        if table not in _STREAMS:
            con.execute(f"COPY ({rows}) TO '{unfinished}/{table}/all.parquet' (COMPRESSION zstd)")
            continue
        months = con.execute(f"SELECT DISTINCT {_month()} FROM '{one}/{table}/*.parquet' ORDER BY 1").fetchall()
        for (month,) in months:
            say(f"  {table} {month}")
            con.execute(f"COPY ({rows} WHERE {_month()} = '{month}' ORDER BY occurred_at) "
                        f"TO '{unfinished}/{table}/{month}.parquet' (COMPRESSION zstd)")  # fmt: skip
    (unfinished / "workbook.yaml").write_text(SAMPLE.read_text())
    unfinished.rename(target)
    return target


def _month() -> str:
    return "strftime(occurred_at AT TIME ZONE 'Europe/Berlin', '%Y-%m')"


def _repeated(con, files: str, copies: int) -> str:
    """The rows of some files so many times, each time under ids of their own."""
    columns = [row[0] for row in con.execute(f"DESCRIBE SELECT * FROM '{files}'").fetchall()]
    own = [f"{c} + copy * {_SPACE} AS {c}" for c in columns if c in _NUMBERS]
    own += [f"{c} || '.' || copy AS {c}" for c in columns if c in _NAMES]
    replace = f" REPLACE ({', '.join(own)})" if own else ""
    return f"SELECT * EXCLUDE (copy){replace} FROM '{files}', (SELECT range AS copy FROM range({copies}))"


def _one(con, query: str) -> int:
    return con.execute(query).fetchall()[0][0]
