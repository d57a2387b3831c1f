"""Two runs at once: who may go on?

Unit: a folder of reports, and one month of it. The first run holds the month to its end; a second is sent away
with a sentence. What all months share is held only while it is written. A killed run holds nothing.
"""

from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from apijourney.errors import WorkbookError

_PATIENCE_SECONDS = 120


@contextmanager
def only_run_of(out: Path, month: str):
    """Hold a month of a folder of reports; refuse where another run holds it.

    Raises
    ------
    WorkbookError : another run is at work, or the folder cannot be written to.
    """
    lock = _lock(out, month)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise WorkbookError(
            f"{out}: another run is making the report of {month}; wait until it has ended, or give another folder "
            "with --out."
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def sharing(out: Path):
    """Hold what the months of a folder share, history and overview, while it is written."""
    lock = _lock(out, "shared")
    try:
        lock.acquire(timeout=_PATIENCE_SECONDS)
    except Timeout:
        raise WorkbookError(f"{out}: another run has been publishing for {_PATIENCE_SECONDS} s; end it and try again.") from None
    try:
        yield
    finally:
        lock.release()


def _lock(out: Path, name: str) -> FileLock:
    folder = out / ".locks"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / name)
    except OSError as error:
        raise WorkbookError(f"--out {out}: it cannot be written to ({error.strerror}); give another folder.") from None
