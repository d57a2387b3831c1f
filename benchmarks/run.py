"""How fast is the workbook beside others, on this machine, in one run? `make bench` runs this.

Every peer answers in a process of its own, one after the other, round after round, so that all meet
the same machine. It prints medians and peak memory as a table; all must give the same answer.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

import actives_peers
import events
import funnel_peers
import retention_peers

QUESTIONS = {"funnel": funnel_peers, "retention": retention_peers, "actives": actives_peers}
HERE = Path(__file__).resolve().parent
_ASK = """
import json, resource, sys, time
sys.path.insert(0, {here!r})
import {module}
from pathlib import Path
peer, file = {module}.PEERS[{peer!r}], Path({file!r})
if {warm!r}: peer(Path({warm!r}))  # compile and import; the file is small
began = time.perf_counter()
answer = peer(file)
print()  # after what a progress bar may have left
print(json.dumps([time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, answer]))
"""


def ask(question: str, peer: str, file: Path, warm: Path) -> tuple[float, float, list]:
    """Seconds, peak gigabytes and answer of one peer, in a process of its own."""
    code = _ASK.format(here=str(HERE), module=QUESTIONS[question].__name__, peer=peer, file=str(file), warm=str(warm))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{question} by {peer} failed: {done.stderr.strip().splitlines()[-1]}")
    seconds, kilobytes, answer = json.loads(done.stdout.strip().splitlines()[-1])
    return seconds, kilobytes / 2**20, answer


def compare(question: str, file: Path, warm: Path, size: int, rounds: int) -> list[dict]:
    """Ask every peer, round after round; return one row a peer, the fastest first."""
    module = QUESTIONS[question]
    peers = [p for p in module.PEERS if size <= module.TOO_LARGE.get(p, size)]
    runs: dict[str, list] = {p: [] for p in peers}
    for _ in range(rounds):
        for peer in peers:
            runs[peer].append(ask(question, peer, file, warm))
            print(f"  {question} of {size:,} by {peer}: {runs[peer][-1][0]:.2f} s", file=sys.stderr, flush=True)
    answers = {p: r[-1][2] for p, r in runs.items() if p != "scan"}
    for peer, answer in answers.items():
        if answer != answers["workbook"]:
            raise SystemExit(f"{question}: {peer} answers {answer}, the workbook {answers['workbook']}.")
    ours = statistics.median(r[0] for r in runs["workbook"])
    rows = []
    for peer, results in runs.items():
        seconds = statistics.median(r[0] for r in results)
        rows.append({"question": question, "events": size, "peer": peer, "seconds": seconds, "times": seconds / ours,
                     "gigabytes": max(r[1] for r in results)})  # fmt: skip
    return sorted(rows, key=lambda row: row["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the events are kept (about 5 GB for 100 million)")
    parser.add_argument("--events", type=int, nargs="+", default=[10_000_000], help="how many")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    say = lambda line: print(line, file=sys.stderr, flush=True)  # noqa: E731
    warm = events.events_file(given.folder, 100_000, say)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| question | events | who | seconds (median) | times ours | peak GB |\n|---|---:|---|---:|---:|---:|")
    for size in given.events:
        file = events.events_file(given.folder, size, say)
        for question in QUESTIONS:
            for row in compare(question, file, warm, size, given.rounds):
                print("| {question} | {events:,} | {peer} | {seconds:.2f} | {times:.2f} | {gigabytes:.1f} |".format(**row), flush=True)


if __name__ == "__main__":
    main()
