"""Write a simulated company: `python -m apijourney.simulate --out data/sample`."""

import argparse
import sys
import time
from pathlib import Path

from apijourney.errors import WorkbookError
from apijourney.simulate.write import write_sample


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="apijourney.simulate", description="Write a simulated API company.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the Parquet files")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--months", type=int, default=18)
    parser.add_argument("--scale", type=float, default=1.0, help="size of the company")
    parser.add_argument("--null", action="store_true", help="the company without stories")
    given = parser.parse_args(arguments)
    began = time.perf_counter()
    kind = "without stories" if given.null else "with stories"
    print(f"Simulating a company {kind} (seed {given.seed}) into {given.out}")
    try:
        write_sample(
            given.out, seed=given.seed, months=given.months, stories=not given.null, scale=given.scale,
            progress=lambda line: print(f"  {line}", flush=True),
        )  # fmt: skip
    except WorkbookError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    size = sum(f.stat().st_size for f in given.out.glob("*.parquet")) / 1e6
    print(f"Done in {time.perf_counter() - began:.0f} s, {size:.1f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
