"""How much memory does a program take at its peak, with all processes it starts?

Unit: one run of a command. A page that several processes share is counted once (the kernel's proportional
share), pages of files they mapped included. Sampled, so a peak shorter than the pause may be missed.
"""

import subprocess
import time
from pathlib import Path

PAUSE_SECONDS = 0.1


def run_and_watch(command: list[str]) -> tuple[str, float, float]:
    """Run a command to its end; return what it printed, its seconds and its peak in gigabytes (2^30 bytes).

    Raises
    ------
    SystemExit : the command failed; says with what.
    """
    began, peak = time.perf_counter(), 0
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    while running.poll() is None:
        peak = max(peak, sum(_kilobytes(process) for process in _family(running.pid)))
        time.sleep(PAUSE_SECONDS)
    if running.returncode:
        raise SystemExit(f"{' '.join(command)} failed with code {running.returncode}.")
    return running.stdout.read(), time.perf_counter() - began, peak / 2**20


def _family(process: int) -> list[int]:
    """A process and all it started, children of children too."""
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        children = [int(p) for task in tasks for p in (task / "children").read_text().split()]
    except OSError:  # it ended meanwhile
        return []
    return [process, *(p for child in children for p in _family(child))]


def _kilobytes(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
