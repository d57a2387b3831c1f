"""Two machines and one store: which of them may publish a month?

Unit: one month of one store. Who makes it leaves an object there that says who, since when and until when; another
machine is sent away while it holds. It is created exclusively where the store can do that (S3 and
Azure do; Google's store is asked to, which its emulator does not show); where it cannot, and where a lease has run out, two that come within the same moment may both believe they hold
it, until `confirm`, before anything is published, sends one of them away. It trusts the machines' clocks to minutes.
"""

import json
import os
import socket
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from apijourney.errors import WorkbookError

HOURS = 2
FOLDER = ".leases"


class LeaseLost(Exception):
    """Another machine took a month over while this one was making it."""


def take(store, root: str, month: str, mine: Path, at: datetime) -> None:
    """Hold a month of a store, or take over what has run out, or what this machine itself left when it was killed.

    store, root : from fsspec. mine : a file of this machine that remembers its lease. at : the instant, UTC.
    Who calls holds the month on this machine (`only_run_of`).

    Raises
    ------
    WorkbookError : another machine holds it; the sentence says which, and until when.
    """
    path, before = _path(root, month), _token(mine)
    lease = {
        "host": socket.gethostname(), "pid": os.getpid(), "month": month, "since": _text(at),
        "until": _text(at + timedelta(hours=HOURS)), "token": uuid.uuid4().hex,
    }  # fmt: skip
    for _ in range(3):
        standing = read(store, root, month)
        if standing and standing.get("token") != before and standing.get("until", "") > _text(at):
            raise _refusal(root, standing)
        if standing:
            with suppress(FileNotFoundError):
                store.rm_file(path)
        mine.parent.mkdir(parents=True, exist_ok=True)
        mine.write_text(json.dumps(lease), encoding="utf-8")  # first, so that a run killed here knows its own again
        try:
            store.pipe_file(path, json.dumps(lease).encode(), mode="create")
        except Exception as error:  # every store has its own way to say that something is there
            there = read(store, root, month)
            if there is None or there["token"] == before:
                raise error
        try:
            confirm(store, root, month, mine)
            return
        except LeaseLost:
            before = ""  # somebody was faster
    raise _refusal(root, read(store, root, month) or lease)


def confirm(store, root: str, month: str, mine: Path) -> None:
    """Make sure that the month is still held by this machine. Raises LeaseLost."""
    standing = read(store, root, month)
    if standing is None or standing.get("token") != _token(mine):
        who = f"{standing['host']} (process {standing['pid']})" if standing else "somebody"
        raise LeaseLost(f"{who} has taken over the report of {month}")


def release(store, root: str, month: str, mine: Path) -> None:
    """Give a month back. A lease that is another's by now stays."""
    standing = read(store, root, month)
    if standing and standing.get("token") == _token(mine):
        store.rm_file(_path(root, month))
    mine.unlink(missing_ok=True)


def read(store, root: str, month: str) -> dict | None:
    """The lease that stands; one that cannot be read counts as run out, None where there is none."""
    store.invalidate_cache()
    try:
        found = json.loads(store.cat_file(_path(root, month)))
    except FileNotFoundError:
        return None
    except ValueError:
        found = None
    known = isinstance(found, dict) and {"host", "pid", "since", "until", "token"} <= found.keys()
    return found if known else {"host": "?", "pid": 0, "since": "", "until": "", "token": ""}


def _refusal(root: str, standing: dict) -> WorkbookError:
    return WorkbookError(
        f"{root}: {standing['host']} (process {standing['pid']}) has been making the report of {standing.get('month', '?')} "
        f"since {standing['since']}; wait until it has ended. Should it have died, its hold ends at {standing['until']}."
    )


def _path(root: str, month: str) -> str:
    return f"{root}/{FOLDER}/{month}.json"


def _token(mine: Path) -> str:
    try:
        return json.loads(mine.read_text(encoding="utf-8"))["token"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
