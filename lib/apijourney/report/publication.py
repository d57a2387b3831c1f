"""A report in place: whole or not at all, and never over another company's.

Unit: the folder of one month. It is built beside its place and renamed into it; whatever goes wrong
before that leaves the report that was there as it was.
"""

import json
import os
import shutil
from pathlib import Path

from apijourney.errors import WorkbookError


def check_out(out: Path) -> None:
    """Refuse a place no folder can be made in, before any work is done."""
    existing = out
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir():
        raise WorkbookError(f"--out {out}: {existing} is a file; give a folder.")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise WorkbookError(f"--out {out}: {existing} cannot be written to; give another folder.")


def check_place(out: Path, month: str, company: str) -> None:
    """Refuse to replace what is not an earlier report of the same company and month."""
    place = out / month
    _restore(out, month)
    if not place.exists():
        return
    try:
        owner = json.loads((place / "metrics.json").read_text(encoding="utf-8"))["company"]
    except (OSError, ValueError, KeyError, TypeError):
        raise WorkbookError(
            f"{place} exists and is no report of this program; move it away, or give another folder with --out."
        ) from None
    if owner != company:
        raise WorkbookError(
            f'{place} holds the report of "{owner}", not of "{company}"; give another folder with --out.'
        )


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


def publish(out: Path, month: str, company: str, page: str, record: dict, notebooks: list[Path]) -> Path:
    """Put a report in place: `index.html`, `metrics.json` and the executed notebooks.

    Returns the path of the page.
    """
    check_place(out, month, company)
    _refuse_to_shrink(out / month, record)
    out.mkdir(parents=True, exist_ok=True)
    place, building = out / month, out / f".{month}.building-{os.getpid()}"
    old = out / f".{month}.old-{os.getpid()}"
    shutil.rmtree(building, ignore_errors=True)
    try:
        (building / "notebooks").mkdir(parents=True)
        (building / "index.html").write_text(page, encoding="utf-8")
        text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
        (building / "metrics.json").write_text(text + "\n", encoding="utf-8")
        for notebook in notebooks:
            shutil.copy(notebook, building / "notebooks" / notebook.name)
        if place.exists():
            place.rename(old)
        building.rename(place)
    finally:
        shutil.rmtree(building, ignore_errors=True)
        if old.exists() and not place.exists():
            old.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(out / f"FAILED-{month}", ignore_errors=True)
    return place / "index.html"


def keep_failed(out: Path, month: str, notebook: Path | None) -> Path | None:
    """Keep a broken notebook in `FAILED-<month>`, and answer where; None where there is none."""
    if notebook is None or not notebook.exists():
        return None
    folder = out / f"FAILED-{month}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return Path(shutil.copy(notebook, folder / notebook.name))


def _restore(out: Path, month: str) -> None:
    """Bring back a report that a killed run had moved aside, and clear what such runs have left."""
    for left in sorted(out.glob(f".{month}.old-*")):
        if _is_running(left):
            continue
        if (out / month).exists():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.rename(out / month)
    for left in out.glob(f".{month}.building-*"):
        if not _is_running(left):
            shutil.rmtree(left, ignore_errors=True)


def _is_running(left: Path) -> bool:
    number = left.name.rpartition("-")[2]
    if not number.isdigit() or int(number) == os.getpid():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
