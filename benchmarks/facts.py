"""How long do the facts of many calls take, and those of one month more? How much memory at the peak?

`python benchmarks/facts.py --folder somewhere --calls 10000000 100000000` writes a company a month a file, builds
its facts without the last month, brings that month's files in and builds again, then once more with nothing new.
Each step is a process of its own; beside it stands the time the engine needs only to read the same files.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import time
from pathlib import Path

import duckdb
from companies import company_by_month
from memory import run_and_watch

STREAMS = ("touchpoints", "requests")
_BUILD = """
import json, resource, sys, time
from apijourney.facts.store import FactStore
from apijourney.workbook import load_workbook
began = time.perf_counter()
mark = lambda line: print(f"    {time.perf_counter() - began:7.1f} s  {line}", file=sys.stderr, flush=True)
FactStore(load_workbook(sys.argv[1]), mark).build()
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([time.perf_counter() - began, used.ru_utime + used.ru_stime]))
"""


def bare_read(files: list[Path]) -> tuple[float, int]:
    """Processor seconds to read every value of some files (their largest would be known from the heads), and their calls."""
    con, rows, began = duckdb.connect(), 0, time.process_time()
    con.execute("SET enable_progress_bar = false")
    for kind in STREAMS:
        names = [str(f) for f in files if f.parent.name == kind]
        con.read_parquet(names).create_view("stream", replace=True)
        con.sql("SELECT bit_xor(hash(COLUMNS(*))) FROM stream").to_arrow_table()
        if kind == "requests":
            rows = con.execute("SELECT count(*) FROM stream").fetchall()[0][0]
    return time.process_time() - began, rows


def measure(folder: Path, calls: int, say) -> list[dict]:
    """One row a step: what was built, calls read, seconds, seconds of the bare read, peak gigabytes."""
    company = company_by_month(folder, calls, say)
    files = sorted(f for kind in STREAMS for f in (company / kind).glob("*.parquet"))
    newest = [f for f in files if f.stem == files[-1].stem]
    aside = {f: f.with_suffix(".later") for f in newest}
    os.environ["APIJOURNEY_CACHE"] = str(cache := folder / "cache")
    shutil.rmtree(cache, ignore_errors=True)
    rows = []
    for file, later in aside.items():
        file.rename(later)
    try:
        rows.append(_step("all months but the last", company, [f for f in files if f not in newest], say))
        for file, later in aside.items():
            later.rename(file)
        rows.append(_step("the last month, added", company, newest, say))
        rows.append(_step("nothing new", company, [], say))
    finally:
        for file, later in aside.items():
            if later.exists():
                later.rename(file)
        shutil.rmtree(cache, ignore_errors=True)
    return rows


def _step(what: str, company: Path, read: list[Path], say) -> dict:
    say(f"{company.name}: {what}")
    bare, rows = bare_read(read) if read else (0.0, 0)
    printed, _, gigabytes = run_and_watch([sys.executable, "-c", _BUILD, str(company / "workbook.yaml")])
    seconds, processor = json.loads(printed)
    return {"what": what, "calls": rows, "seconds": seconds, "processor": processor, "bare": bare, "gigabytes": gigabytes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the company is kept (about 8 GB for 100 million calls)")
    parser.add_argument("--calls", type=int, nargs="+", default=[10_000_000], help="how many")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    say = lambda line: print(line, file=sys.stderr, flush=True)  # noqa: E731
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| of calls in all | built | calls read | seconds | of processor | bare read, of processor | peak GB |\n|---:|---|---:|---:|---:|---:|---:|")
    for calls in given.calls:
        for row in measure(given.folder, calls, say):
            print("| {0:,} | {what} | {calls:,} | {seconds:.1f} | {processor:.1f} | {bare:.1f} | {gigabytes:.1f} |".format(calls, **row), flush=True)


if __name__ == "__main__":
    main()
