"""A report in place: whole or not at all, and never over another company's.

Unit: the folder of one month. It is built beside its place and exchanged with it; whatever goes wrong
before that leaves the report that was there as it was. Who publishes holds the month (`only_run_of`), so what
another run has left unfinished is that of a dead one.
"""

import json
import os
import shutil
from pathlib import Path

from apijourney.errors import WorkbookError
from apijourney.report.secrets import hide_secrets, without_secrets
from apijourney.report.swap import settle, swap


class NotPublished(Exception):
    """A report that was made and could not be put in place: where and why, in one sentence."""

    exit_code = 4

    def __init__(self, place: Path, error: OSError):
        why = error.strerror or str(error)
        super().__init__(
            f"{place} could not be written ({why}); what stood there stands as it was. Mend that and call again: "
            "the notebooks need no second run."
        )


def check_out(out: Path) -> None:
    """Refuse a place no folder can be made in, before any work is done."""
    existing = out
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir():
        raise WorkbookError(f"--out {out}: {existing} is a file; give a folder.")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise WorkbookError(f"--out {out}: {existing} cannot be written to; give another folder.")


def check_place(out: Path, month: str, company: str, *, only_look: bool = False) -> dict | None:
    """Refuse to replace what is not an earlier report of the same company and month; answer the record of that.

    only_look : leave what a killed run has left as it lies.
    """
    place = out / month
    if not only_look:
        _restore(out, month)
    if not place.exists():
        return None
    try:
        record = json.loads((place / "metrics.json").read_text(encoding="utf-8"))
        owner = record["company"]
    except (OSError, ValueError, KeyError, TypeError):
        raise WorkbookError(
            f"{place} exists and is no report of this program; move it away, or give another folder with --out."
        ) from None
    if owner != company:
        raise WorkbookError(
            f'{place} holds the report of "{owner}", not of "{company}"; give another folder with --out.'
        )
    return record


def _refuse_to_shrink(place: Path, record: dict) -> None:
    """Refuse to put a report of one segment or product, or of fewer notebooks, in the place of a wider one."""
    if not place.exists():
        return
    old = json.loads((place / "metrics.json").read_text(encoding="utf-8"))
    names = {n["name"] for n in record.get("notebooks", [])}
    lost = [n["name"] for n in old.get("notebooks", []) if n["name"] not in names]
    other = next((k for k in ("segment", "product") if old.get(k, "all") != record.get(k, "all")), None)
    if lost or other:
        what = f"also {', '.join(lost)}" if lost else f'{other} "{old.get(other, "all")}"'
        raise WorkbookError(f"{place} holds a report of {what}; give another folder with --out.")


def publish(
    out: Path, month: str, company: str, page: str, record: dict, notebooks: list[Path], more: dict[str, bytes] | None = None
) -> Path:
    """Put a report in place: `index.html`, `metrics.json`, the executed notebooks, and `more`, name → content.

    Returns the path of the page.

    Raises
    ------
    NotPublished : the place cannot be written to; the report that was there stays.
    """
    check_place(out, month, company)
    _refuse_to_shrink(out / month, record)
    text = json.dumps(hide_secrets(record), indent=1, ensure_ascii=False, allow_nan=False)
    place, building = out / month, out / f".{month}.building-{os.getpid()}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(building, ignore_errors=True)
        (building / "notebooks").mkdir(parents=True)
        (building / "index.html").write_text(without_secrets(page), encoding="utf-8")
        (building / "metrics.json").write_text(text + "\n", encoding="utf-8")
        for name, content in (more or {}).items():
            (building / name).write_bytes(content)
        for notebook in notebooks:
            _copy(notebook, building / "notebooks" / notebook.name)
        settle(building)
        _put(building, place)
    except OSError as error:
        raise NotPublished(place, error) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    shutil.rmtree(out / f"FAILED-{month}", ignore_errors=True)
    return place / "index.html"


def _put(building: Path, place: Path) -> None:
    """Let a whole folder take a place; what stood there goes, or comes back where that fails."""
    if not place.exists():
        building.rename(place)
        return
    if swap(building, place):
        return  # the old report now has the name of the one that was built, and goes with it
    old = place.with_name(f".{place.name}.old-{os.getpid()}")
    place.rename(old)
    try:
        building.rename(place)
    except OSError:
        old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def keep_failed(out: Path, month: str, notebook: Path | None, cause: str) -> Path | None:
    """Keep what failed in `FAILED-<month>`: `cause.txt`, and the notebook as it stopped, where there is one.

    Returns the path of the notebook, else of the folder; None where nothing could be kept.
    """
    folder = out / f"FAILED-{month}"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "cause.txt").write_text(cause + "\n", encoding="utf-8")
        if notebook is not None and notebook.exists():
            return _copy(notebook, folder / notebook.name)
    except (OSError, ValueError):  # a full disk keeps no cause; the sentence is said all the same
        return None
    return folder


def _copy(notebook: Path, place: Path) -> Path:
    """Copy an executed notebook, without what the environment keeps secret, should a cell have shown it."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    place.write_text(json.dumps(hide_secrets(content), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return place


def _restore(out: Path, month: str) -> None:
    """Bring back a report that a killed run had moved aside, and clear what such runs have left."""
    for left in sorted(out.glob(f".{month}.old-*")):
        if (out / month).exists():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.rename(out / month)
    for left in out.glob(f".{month}.building-*"):
        shutil.rmtree(left, ignore_errors=True)
