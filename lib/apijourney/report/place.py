"""Where do reports live? A folder, or any store fsspec reaches: S3, GCS, Azure, a server.

Unit: the place of all reports of one company. A report for a store is published in a folder of the cache first, with
all that makes it whole or absent there, and then carried over file by file: the page last but one, its record last.
A store cannot rename a folder at once, so for the seconds of the carrying a reader may find new tables beside the old
page; the page itself is one file and always whole. What could not be carried is carried by the next call.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import fsspec
from fsspec.core import url_to_fs

from apijourney.errors import WorkbookError
from apijourney.facts.store import cache_root
from apijourney.report.fingerprints import short
from apijourney.report.secrets import without_secrets

_EXTRAS = {"s3": "s3", "gs": "gcs", "gcs": "gcs", "abfs": "azure", "abfss": "azure", "az": "azure", "adl": "azure"}
_LAST = ("index.html", "metrics.json")
_SHARED = ("history.parquet", "index.html")
_WAITING = ".waiting-"


class NotDelivered(Exception):
    """A report that was made and could not be carried to its store."""

    exit_code = 4

    def __init__(self, url: str, error: Exception):
        why = without_secrets(f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}")
        super().__init__(f"{url} could not be reached or written ({why.rstrip(': .')}); what is made waits and is carried by the next call.")


@dataclass(frozen=True)
class Place:
    """folder : where reports are published. url : the store they are then carried to, or empty."""

    folder: Path
    url: str = ""

    def __str__(self) -> str:
        return self.url or str(self.folder)

    def of(self, month: str) -> str:
        """Where the page of a month is found."""
        return f"{self.url}/{month}/index.html" if self.url else str(self.folder / month / "index.html")

    def fetch(self) -> None:
        """Learn from the store what was published there; first carry what waited. Does nothing for a folder."""
        if not self.url:
            return
        try:
            for waiting in sorted(self.folder.glob(f"{_WAITING}*")):
                self.carry(waiting.name.removeprefix(_WAITING))
            store, root = url_to_fs(self.url)
            store.invalidate_cache()
            if not store.exists(root):
                self._forget_all_but(set())
                return
            there = {name: f"{root}/{name}" for name in ("history.parquet",) if store.exists(f"{root}/{name}")}
            months = [p.rstrip("/").rpartition("/")[2] for p in store.ls(root, detail=False)]
            there |= {f"{m}/metrics.json": f"{root}/{m}/metrics.json" for m in months if store.exists(f"{root}/{m}/metrics.json")}
            self._forget_all_but({name.split("/")[0] for name in there})
            for name, path in there.items():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                _replace(self.folder / name, store.cat_file(path))
        except NotDelivered:
            raise
        except Exception as error:  # a store may raise whatever its library raises
            raise NotDelivered(self.url, error) from error

    def _forget_all_but(self, months: set[str]) -> None:
        """Let the store decide which reports stand; its history is kept here even where the store has lost it."""
        for record in self.folder.glob("[0-9]*/metrics.json"):
            if record.parent.name not in months:
                shutil.rmtree(record.parent)

    def wait(self, month: str) -> None:
        """Note that a month is about to be published and has to be carried, should this run be stopped."""
        if self.url:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{_WAITING}{month}").touch()

    def carry(self, month: str) -> None:
        """Carry a month, or what is left of a failed one, and what all months share, to the store."""
        if not self.url:
            return
        try:
            store, root = url_to_fs(self.url)
            for folder in (month, f"FAILED-{month}"):
                self._carry_folder(store, root, folder)
            for name in _SHARED:
                if (self.folder / name).exists():
                    _put(store, self.folder / name, f"{root}/{name}")
        except Exception as error:  # a store may raise whatever its library raises
            raise NotDelivered(self.url, error) from error
        (self.folder / f"{_WAITING}{month}").unlink(missing_ok=True)

    def _carry_folder(self, store, root: str, name: str) -> None:
        folder, place = self.folder / name, f"{root}/{name}"
        store.invalidate_cache()
        old = [p for p in store.find(place)] if store.exists(place) else []
        if name.startswith("FAILED-") or (folder / "index.html").exists():
            files = [f for f in folder.rglob("*") if f.is_file()]
            files.sort(key=lambda f: (_LAST.index(f.name) if f.parent == folder and f.name in _LAST else -1, str(f)))
            for file in files:
                _put(store, file, f"{place}/{file.relative_to(folder).as_posix()}")
            kept = {store._strip_protocol(f"{place}/{f.relative_to(folder).as_posix()}") for f in files}
        else:
            return  # nothing was published
        for gone in [p for p in old if p not in kept]:
            store.rm_file(gone)


def find_place(out: str) -> Place:
    """Read where reports are to go: a path, or an address such as s3://bucket/reports.

    Raises
    ------
    WorkbookError : for a store nobody knows, one whose library is missing, or an address that carries a secret.
    """
    if "://" not in out:
        return Place(Path(out))
    parts = urlsplit(out)
    if "@" in parts.netloc or parts.query:
        raise WorkbookError(
            f"--out {parts.scheme}://…: an address must carry no user, key or password; put them into the environment."
        )
    try:
        fsspec.get_filesystem_class(parts.scheme)
    except ImportError:
        extra = _EXTRAS.get(parts.scheme)
        how = f"call pip install -e '.[{extra}]' in its folder" if extra else "install what fsspec names for it"
        raise WorkbookError(f"--out {out}: the library for {parts.scheme}:// is not installed; {how}.") from None
    except ValueError:
        raise WorkbookError(f"--out {out}: {parts.scheme}:// is no store that is known; known are s3, gs, abfs and more.") from None
    url = out.rstrip("/")
    return Place(cache_root() / "places" / short(url), url)


def _put(store, file: Path, path: str) -> None:
    store.makedirs(path.rpartition("/")[0], exist_ok=True)
    store.pipe_file(path, file.read_bytes())


def _replace(file: Path, content: bytes) -> None:
    if file.exists() and file.read_bytes() == content:
        return
    if file.name == "metrics.json" and file.parent.name[:1].isdigit():
        shutil.rmtree(file.parent, ignore_errors=True)  # somebody else's newer report: only its record is here
        file.parent.mkdir(parents=True)
    aside = file.with_name(f".{file.name}.part")
    aside.write_bytes(content)
    aside.replace(file)
