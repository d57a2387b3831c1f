"""A broken run goes on where it stopped: which notebooks need not be run again?

Unit: one notebook of one run, kept in the cache until its report is published. It counts as done only while its
source, what it was told, the workbook file, the data and the program are those it was run with.
"""

import json
import shutil
import time
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from apijourney.facts.cache_folder import cache_root
from apijourney.report.fingerprints import code_version, data_version, short
from apijourney.report.progress import Say

DAYS = 30
_LOCK = ".lock"


def work_folder(out: str, month: str, scope: str) -> Path:
    """The folder in which the notebooks of one report are run, the same for every try.

    out : where reports are kept, as a text that means the same from every folder. scope : segment and product.
    """
    folder = cache_root() / "runs" / f"{month}-{short(out, month, scope)}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def inputs(study, sources: list[Path], parameters: dict[str, dict]) -> dict[str, str]:
    """What each notebook's result depends on, as a fingerprint: name → text."""
    book = study.workbook
    written = book.path.read_text(encoding="utf-8", errors="replace") if book.path.is_file() else ""
    same = (code_version(), data_version(study), written, study.month)
    return {s.stem: short(same, s.read_text(encoding="utf-8"), parameters[s.stem]) for s in sources}


def finished(work: Path, wanted: dict[str, str]) -> list[str]:
    """Which notebooks are done, in the order of `wanted`; what the others left is cleared away.

    wanted : from `inputs`. Each notebook not done is marked with its fingerprint, for the next try.
    """
    done = [name for name, print_of in wanted.items() if _is_done(work, name, print_of)]
    keep = {_LOCK} | {f"{name}.{ending}" for name in done for ending in ("ipynb", "json", "inputs")}
    for left in work.iterdir():
        if left.name in keep:
            continue
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
    for name in wanted.keys() - set(done):
        (work / f"{name}.inputs").write_text(wanted[name], encoding="utf-8")
    return done


def discard(work: Path) -> None:
    """Forget a run whose report is published."""
    shutil.rmtree(work, ignore_errors=True)


@contextmanager
def at_work(work: Path):
    """Mark a run as being at work, so that nobody tidies it away. Who calls holds its month."""
    with FileLock(work / _LOCK):
        yield


def tidy(say: Say = lambda line: None, *, days: float = DAYS) -> None:
    """Forget runs that broke off and that nobody has gone on with for some days.

    A run that is at work stays, however old its files are.
    """
    gone = 0
    for work in (cache_root() / "runs").glob("[0-9]*"):
        try:
            newest = max(f.stat().st_mtime for f in [work, *work.iterdir()])
            if time.time() - newest < days * 86_400:
                continue
            with FileLock(work / _LOCK, timeout=0):
                shutil.rmtree(work, ignore_errors=True)
            gone += not work.exists()
        except (OSError, Timeout):
            continue  # at work, or somebody else has just tidied it
    if gone:
        say(f"Forgot {gone} run{'s' if gone > 1 else ''} that broke off more than {days:g} days ago")


def _is_done(work: Path, name: str, print_of: str) -> bool:
    try:
        if (work / f"{name}.inputs").read_text(encoding="utf-8") != print_of:
            return False
        result = json.loads((work / f"{name}.json").read_text(encoding="utf-8"))
        json.loads((work / f"{name}.ipynb").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(result, dict) and not result.get("failure") and "html" in result
