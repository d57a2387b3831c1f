"""Write a simulated company: `python -m apijourney.simulate --out data/sample`."""

import argparse
import sys
import time
from pathlib import Path

from apijourney.errors import WorkbookError
from apijourney.simulate.large import write_large
from apijourney.simulate.write import write_sample


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="apijourney.simulate", description="Write a simulated API company.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the Parquet files")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--months", type=int, default=18)
    parser.add_argument("--scale", type=float, help="size of the company; 1 has about 550,000 calls")
    parser.add_argument("--calls", type=int, help="a company of at least so many API calls, in many files")
    parser.add_argument("--null", action="store_true", help="the company without stories")
    given = parser.parse_args(arguments)
    began = time.perf_counter()
    kind = "without stories" if given.null else "with stories"
    print(f"Simulating a company {kind} (seed {given.seed}) into {given.out}")
    same = {"seed": given.seed, "months": given.months, "progress": lambda line: print(f"  {line}", flush=True)}
    try:
        if given.calls is not None and (given.null or given.scale is not None):
            raise WorkbookError("--calls makes a company of its own kind; leave --scale and --null out.")
        if given.calls is not None:
            write_large(given.out, calls=given.calls, **same)
        else:
            write_sample(given.out, stories=not given.null, scale=1.0 if given.scale is None else given.scale, **same)
    except WorkbookError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    size = sum(f.stat().st_size for f in given.out.rglob("*.parquet")) / 1e6
    print(f"Done in {time.perf_counter() - began:.0f} s, {size:.1f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
