"""All notebooks of a report, a few at a time, each in its own process with a deadline.

Unit: one run of all notebooks. The first that fails stops the others: a report is whole or not. Only a notebook
whose kernel or process died is run once more: that is the machine's doing more often than the notebook's.
"""

import json
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection
from multiprocessing.connection import wait
from pathlib import Path

from apijourney.report import progress, worker

GRACE_SECONDS = 60


class NotebookFailed(Exception):
    """A notebook that could not be run to its end: which, at which cell, and why, in one sentence."""

    exit_code = 4

    def __init__(self, notebook: str, cell: str, cause: str, executed: Path | None = None, *, died: bool = False):
        self.notebook, self.cell, self.cause, self.executed = notebook, cell, cause.rstrip("."), executed
        self.died = died
        self.kept: Path | None = None

    def __str__(self) -> str:
        at = f' at "{self.cell}"' if self.cell else ""
        kept = f"; the notebook as it stopped is {self.kept}" if self.kept else ""
        return f"{self.notebook} failed{at}: {self.cause}{kept}."


def warm_up() -> None:
    """Let the server from which processes begin load the heavy libraries, while something else is done."""
    if _context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        forkserver.ensure_running()


def _context():
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["apijourney.report.preloaded"])
    return context


def run_notebooks(
    sources: list[Path],
    parameters: dict[str, dict],
    work: Path,
    *,
    done: Collection[str] = (),
    seconds: dict[str, float] | None = None,
    jobs: int = 2,
    timeout: int = 300,
    say: Callable[[str], None] = lambda line: None,
    status: Callable[[str], None] = lambda text: None,
) -> dict[str, dict]:
    """Run notebooks in parallel and read what they left.

    parameters : notebook → what it is told. work : a folder for what they leave.
    done : notebooks that need no run, because the folder holds their result already.
    seconds : how long notebooks took before. Those that take longest begin first, so that none ends alone.
    jobs : how many at a time. timeout : seconds a cell may take, and, with a minute of grace, a notebook.
    say : called with one line a notebook. status : called every second with what is being run.

    Returns name → chapter (see `read_chapter`), in the order of `sources`.

    Raises
    ------
    NotebookFailed : at the first notebook that fails, or that dies for the second time.
    """
    chapters = {name: _read(name, work) for name in done}
    waiting, running, died = [s for s in longest_first(sources, seconds or {}) if s.stem not in chapters], {}, set()
    talk = Path(tempfile.mkdtemp(prefix="aj-"))
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                source = waiting.pop(0)
                threads = max(1, (os.cpu_count() or 1) // jobs)
                told = (str(source), str(work), str(talk), parameters[source.stem], timeout, threads)
                process = _context().Process(target=worker.run_notebook, args=told, daemon=True)
                process.start()
                running[process.sentinel] = (source, process, time.monotonic())
            at_work = {s.stem: time.monotonic() - began for s, _, began in running.values()}
            status(progress.running(len(chapters), len(sources), at_work))
            for sentinel in wait(list(running), timeout=1):
                source, process, _ = running.pop(sentinel)
                process.join()
                name = source.stem
                try:
                    chapters[name] = _read(name, work)
                except NotebookFailed as failed:
                    if not failed.died:
                        raise
                    if name in died:
                        raise NotebookFailed(name, failed.cell, f"{failed.cause}, twice", failed.executed) from None
                    died.add(name)
                    say(f"{name}  {failed.cause}; running it once more")
                    _clear(name, work)
                    waiting.insert(0, source)
                    continue
                say(f"{name}  done in {chapters[name]['seconds']:.0f} s")
            for source, _, began in running.values():
                if time.monotonic() - began > timeout + GRACE_SECONDS:
                    raise NotebookFailed(source.stem, "", f"it did not end within {timeout + GRACE_SECONDS} s")
    finally:
        for _, process, _ in running.values():
            process.kill()
            process.join()
        shutil.rmtree(talk, ignore_errors=True)
    return {source.stem: chapters[source.stem] for source in sources}


def longest_first(sources: list[Path], seconds: dict[str, float]) -> list[Path]:
    """Order notebooks by the time they took, or, where that is not known of all, by the size of their files."""
    if all(s.stem in seconds for s in sources):
        return sorted(sources, key=lambda s: -seconds[s.stem])
    return sorted(sources, key=lambda s: -s.stat().st_size)


def _read(name: str, work: Path) -> dict:
    executed = work / f"{name}.ipynb"
    try:
        result = json.loads((work / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        log = work / f"{name}.log"
        last = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
        cause = f"its process ended without a result ({last[0]})" if last else "its process ended without a result"
        raise NotebookFailed(name, "", cause, executed, died=True) from None
    if result.get("failure"):
        raise NotebookFailed(name, result["cell"], result["failure"], executed, died=result["died"])
    shutil.rmtree(work / f"{name}.scratch", ignore_errors=True)
    return result


def _clear(name: str, work: Path) -> None:
    for ending in ("ipynb", "json", "log"):
        (work / f"{name}.{ending}").unlink(missing_ok=True)
    shutil.rmtree(work / f"{name}.scratch", ignore_errors=True)
