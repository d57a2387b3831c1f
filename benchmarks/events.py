"""The events that all are asked about: one Parquet file of so many events of a simulated company.

Unit: an event of an account: account (int32), event (text), occurred_at (microseconds UTC), in no
order: the calls and portal touchpoints of known accounts, as many as asked for.
"""

import shutil
from pathlib import Path

import duckdb

from apijourney.simulate.large import write_large

STEPS = ["sign_up", "key_created", "request", "dashboard_view", "log_view"]
CALLS_A_CELL = 5_500_000
WINDOW_SECONDS = 60 * 86_400


def events_file(folder: Path, wanted: int, say=print) -> Path:
    """Write the file of `wanted` events, unless it is there, and return its path."""
    file = folder / f"events-{wanted}.parquet"
    if file.exists():
        return file
    cells = -(-wanted // CALLS_A_CELL)
    company = folder / f"company-of-{cells}-cells"
    if not company.exists():
        unfinished = company.with_name(f"{company.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        say(f"Simulating a company of about {wanted:,} events into {company}")
        write_large(unfinished, calls=wanted, progress=lambda line: say(f"  {line}"))
        unfinished.rename(company)
    say(f"Writing {file}")
    con = duckdb.connect()
    con.execute(f"SET temp_directory='{folder}'; SET memory_limit='6GB'; SET preserve_insertion_order=false")
    con.execute(f"""
        CREATE TEMP TABLE codes AS
        SELECT account_id, (row_number() OVER (ORDER BY account_id) - 1)::INTEGER AS account
        FROM read_parquet('{company}/accounts/*.parquet')""")
    unfinished = file.with_suffix(".part")
    con.execute(f"""
        COPY (
            SELECT account, event, occurred_at FROM (
                SELECT account_id, touchpoint AS event, occurred_at::TIMESTAMP AS occurred_at
                FROM read_parquet('{company}/touchpoints/*.parquet')
                UNION ALL
                SELECT account_id, 'request', occurred_at::TIMESTAMP FROM read_parquet('{company}/requests/*.parquet')
            ) JOIN codes USING (account_id)
            LIMIT {wanted}
        ) TO '{unfinished}' (FORMAT parquet, COMPRESSION zstd)""")
    unfinished.rename(file)
    return file
