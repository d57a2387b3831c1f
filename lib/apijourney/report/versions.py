"""Whole or not at all in a store that has no rename: how does a new version of a month take the place of the old one?

Unit: one month in a store. Every version has a folder of its own, `versions/<run>/`, its record written last: without
a record it is half a version that nobody looks at. Then one object is replaced, the month's `index.html`, which needs
no other file; then the record beside it, which names the version's files. So a reader sees the old report or the new.
The version before stays until the next, for whoever has just opened an overview that leads to it.
"""

import json
import re
from pathlib import Path

RECORD, PAGE, VERSIONS = "metrics.json", "index.html", "versions"


def folder_of(run: str) -> str:
    """Where in a month's folder the files of one run lie.

    >>> folder_of("0f5e19a2c7d84b")
    'versions/0f5e19a2c7d8'
    """
    return f"{VERSIONS}/{re.sub('[^A-Za-z0-9-]', '-', run)[:12]}"


def bring(store, place: str, folder: Path, put) -> None:
    """Carry the report in a local folder to `place`, unless the store has it already, or a later one.

    put : called with store, file and path for each file, in an order that keeps the old report until the new is whole.
    """
    if not (folder / PAGE).exists():
        return  # only what another machine published is known here
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    standing = read_record(store, place)
    if standing and (standing.get("run") == record["run"] or _at(standing) > _at(record)):
        return
    into = f"{place}/{folder_of(record['run'])}"
    for file in sorted(f for f in folder.rglob("*") if f.is_file() and f != folder / RECORD):
        put(store, file, f"{into}/{file.relative_to(folder).as_posix()}")
    put(store, folder / RECORD, f"{into}/{RECORD}")
    put(store, folder / PAGE, f"{place}/{PAGE}")
    put(store, folder / RECORD, f"{place}/{RECORD}")
    _clear(store, place, {folder_of(record["run"]), folder_of(standing["run"]) if standing and "run" in standing else ""})


def go_on(store, place: str) -> None:
    """Finish what a machine that died had carried whole and not yet put in place. Who calls holds the month."""
    standing = read_record(store, place)
    waiting = []
    for path in _find(store, place):
        if match := re.search(rf"/({VERSIONS}/[^/]+)/{RECORD}$", path):
            record = read_record(store, f"{place}/{match[1]}")
            if record and _at(record) > _at(standing or {}):
                waiting.append((_at(record), match[1]))
    if waiting:
        latest = max(waiting)[1]
        for name in (PAGE, RECORD):
            store.pipe_file(f"{place}/{name}", store.cat_file(f"{place}/{latest}/{name}"))


def read_record(store, place: str) -> dict | None:
    """The record of a folder in a store; None where none is there, or one that cannot be read."""
    try:
        record = json.loads(store.cat_file(f"{place}/{RECORD}"))
    except (FileNotFoundError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def _at(record: dict) -> str:
    return record.get("published_at", "")


def _find(store, place: str) -> list[str]:
    store.invalidate_cache()
    return list(store.find(place)) if store.exists(place) else []


def _clear(store, place: str, kept: set[str]) -> None:
    """Take away versions before the last, halves of versions, and what an earlier program laid beside the page."""
    for path in _find(store, place):
        inside = path.rpartition(f"{store._strip_protocol(place)}/")[2]
        if inside not in (PAGE, RECORD) and "/".join(inside.split("/")[:2]) not in kept:
            store.rm_file(path)
