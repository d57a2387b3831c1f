"""Is a store whole, and from which data was it built?

Unit: a store's folder. Its manifest says which versions of the sources were read, the fingerprints of the months
each fact was built from, and how long every file was when the build ended. A folder whose files are not exactly
those was left by a build that died, or touched by somebody: it is cleared and built anew.
"""

import json
import os
import shutil
from pathlib import Path

_FILES = ("*/*.parquet", "*/*.arrow", "*/*/*.parquet")


class Manifest:
    """The manifest of one folder.

    tables : table → version, rows, counts, label and the fingerprints of its months
    facts : fact → month → fingerprint of what it was built from
    """

    def __init__(self, folder: Path):
        self.folder, self.file = folder, folder / "manifest.json"
        self.tables: dict[str, dict] = {}
        self.facts: dict[str, dict] = {}

    @classmethod
    def of(cls, folder: Path) -> "Manifest":
        """What the folder's manifest says; where the folder is not whole it is cleared first."""
        manifest, said = cls(folder), cls(folder)._said()
        if set(said) == {"tables", "facts", "files"} and said["files"] == manifest._lengths():
            manifest.tables, manifest.facts = said["tables"], said["facts"]
        else:
            manifest._clear()
        return manifest

    def withdraw(self) -> None:
        """Until it is written again the folder is not whole: a build that dies half-way must not be taken for one."""
        self.file.unlink(missing_ok=True)

    def write(self) -> None:
        """Declare the folder whole as it is now."""
        content = {"tables": self.tables, "facts": self.facts, "files": self._lengths()}
        aside = self.file.with_suffix(f".{os.getpid()}.tmp")
        aside.write_text(json.dumps(content, indent=1, sort_keys=True))
        os.replace(aside, self.file)

    def as_written(self) -> bytes:
        """The manifest as it lies there, to tell whether somebody wrote another; empty where there is none."""
        try:
            return self.file.read_bytes()
        except OSError:
            return b""

    def _said(self) -> dict:
        try:
            said = json.loads(self.file.read_text())
        except (OSError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    def _lengths(self) -> dict[str, int]:
        found = (f for kind in _FILES for f in self.folder.glob(kind))
        return {str(f.relative_to(self.folder)): f.stat().st_size for f in sorted(found)}

    def _clear(self) -> None:
        for old in self.folder.iterdir():
            if old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
        self.withdraw()
