"""Where do reports live? A folder, or any store fsspec reaches: S3, GCS, Azure, a server.

Unit: the place of all reports of one company. A report for a store is published in a folder of the cache first, with
all that makes it whole or absent there, and then carried over as a new version (see `versions`), while a lease keeps
other machines away (see `lease`). What could not be carried is carried by the next call.
"""

import re
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import fsspec
from fsspec.core import url_to_fs

from apijourney.errors import WorkbookError
from apijourney.facts.cache_folder import cache_root
from apijourney.report import history, lease, versions
from apijourney.report.close import now
from apijourney.report.fingerprints import short
from apijourney.report.lock import only_run_of, sharing
from apijourney.report.secrets import without_secrets

_EXTRAS = {"s3": "s3", "gs": "gcs", "gcs": "gcs", "abfs": "azure", "abfss": "azure", "az": "azure", "adl": "azure"}
_SHARED = ("history.parquet", "index.html")
_WAITING = ".waiting-"


class NotDelivered(Exception):
    """A report that was made and could not be carried to its store."""

    exit_code = 4

    def __init__(self, url: str, error: Exception):
        why = without_secrets(f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}")
        super().__init__(f"{url} could not be reached or written ({why.rstrip(': .')}); what is made waits and is carried by the next call.")


class Overtaken(NotDelivered):
    """A report that another machine has published, or is making, since this one lost its hold."""

    def __init__(self, url: str, error: Exception):
        Exception.__init__(self, f"{url}: {error}, because this run took longer than its hold; what it made was not published.")


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

    def beside(self, run: str) -> str:
        """Where, seen from a month's folder, the files of a run lie: the start of their path."""
        return f"{versions.folder_of(run)}/" if self.url else ""

    @contextmanager
    def held(self, month: str):
        """Hold a month against other machines, while it is made and carried. Does nothing for a folder.

        Raises
        ------
        WorkbookError : another machine is making it. NotDelivered : the store cannot be reached.
        """
        if not self.url:
            yield
            return
        with self._reaching():
            lease.take(*self._store(), month, self._mine(month), now())
        try:
            yield
        finally:
            with suppress(Exception):  # a store that is gone gives it back by itself, later
                lease.release(*self._store(), month, self._mine(month))

    def confirm(self, month: str) -> None:
        """Refuse to publish what another machine has taken over meanwhile. Raises Overtaken."""
        if not self.url:
            return
        with self._reaching():
            lease.confirm(*self._store(), month, self._mine(month))

    def fetch(self, month: str) -> None:
        """Learn from the store what was published there; first carry what waited. Does nothing for a folder.

        month : the one that is held. Of others, only what waits here and nobody else is making is carried.
        """
        if not self.url:
            return
        for waiting in sorted(self.folder.glob(f"{_WAITING}*")):
            self._carry_waiting(waiting.name.removeprefix(_WAITING), month)
        with self._reaching():
            store, root = self._store()
            if not store.exists(root):
                self._forget_all_but(set())
                return
            versions.go_on(store, f"{root}/{month}")
            store.invalidate_cache()
            self._take_in_history(store, root)
            names = [p.rstrip("/").rpartition("/")[2] for p in store.ls(root, detail=False)]
            records = [f"{m}/{versions.RECORD}" for m in names if re.fullmatch(r"\d{4}-\d{2}", m)]
            there = {name: f"{root}/{name}" for name in records if store.exists(f"{root}/{name}")}
            waiting = {p.name.removeprefix(_WAITING) for p in self.folder.glob(f"{_WAITING}*")}  # made by another run here
            self._forget_all_but({name.split("/")[0] for name in there} | waiting)
            for name, path in there.items():
                if name.split("/")[0] in waiting:
                    continue
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                _replace(self.folder / name, store.cat_file(path))

    def _carry_waiting(self, month: str, held: str) -> None:
        if month == held:
            self.carry(month)
            return
        try:
            with only_run_of(self.folder, month), self.held(month):
                self.carry(month)
        except WorkbookError:
            return  # somebody is making it: it is carried by that run, or by the next

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
        """Carry a month, or what is left of a failed one, and what all months share, to the store. Who calls holds it."""
        if not self.url:
            return
        self.confirm(month)
        with self._reaching():
            store, root = self._store()
            versions.bring(store, f"{root}/{month}", self.folder / month, _put)
            self._carry_failed(store, f"{root}/FAILED-{month}", self.folder / f"FAILED-{month}")
            self._take_in_history(store, root)
            for name in _SHARED:
                if (self.folder / name).exists():
                    _put(store, self.folder / name, f"{root}/{name}")
        (self.folder / f"{_WAITING}{month}").unlink(missing_ok=True)

    def _take_in_history(self, store, root: str) -> None:
        """Let the history here know what the store's knows, whoever wrote it, before one takes the other's place."""
        store.invalidate_cache()
        if not store.exists(f"{root}/{history.FILE}"):
            return
        content = store.cat_file(f"{root}/{history.FILE}")
        self.folder.mkdir(parents=True, exist_ok=True)
        with sharing(self.folder):
            if not history.take_in(self.folder, content) and not (self.folder / history.FILE).exists():
                _replace(self.folder / history.FILE, content)  # damaged: put aside and told of when it is next read

    def _carry_failed(self, store, place: str, folder: Path) -> None:
        """Let the store hold what the last try left, and nothing once the month is published."""
        files = sorted((f for f in folder.rglob("*") if f.is_file()), key=lambda f: f.name == "cause.txt")
        for file in files:
            _put(store, file, f"{place}/{file.relative_to(folder).as_posix()}")
        kept = {store._strip_protocol(f"{place}/{f.relative_to(folder).as_posix()}") for f in files}
        store.invalidate_cache()
        for gone in [p for p in (store.find(place) if store.exists(place) else []) if p not in kept]:
            store.rm_file(gone)

    def _store(self):
        """The store and the path in it. Folders are made where there are any; a bucket that is missing is not made."""
        return url_to_fs(self.url, **({"auto_mkdir": True} if self.url.startswith(("file:", "local:")) else {}))

    def _mine(self, month: str) -> Path:
        return self.folder / f".lease-{month}"

    @contextmanager
    def _reaching(self):
        """Tell in one sentence what a store raises; each raises what its library does."""
        try:
            yield
        except (WorkbookError, NotDelivered):
            raise
        except lease.LeaseLost as error:
            raise Overtaken(self.url, error) from error
        except Exception as error:
            raise NotDelivered(self.url, error) from error


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
