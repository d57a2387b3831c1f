"""Is what the cache holds still readable? A cache that is not is built again, never believed.

Unit: the facts of one workbook. Each file is opened as far as its own table of contents; a disk that changed single
values behind it is not found out this way.
"""

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
from filelock import FileLock

from apijourney.facts.store import FactStore
from apijourney.report.progress import Say


def forget_damage(book, say: Say) -> None:
    """Let the facts of a workbook be built anew where one of their files cannot be opened."""
    folder = FactStore(book).folder
    if not (folder / "manifest.json").exists():
        return
    with FileLock(folder / ".lock"):
        for file in [*folder.rglob("*.parquet"), *folder.rglob("*.arrow")]:
            try:
                _open(file)
            except (OSError, pa.ArrowException):
                say(f"  the cache is damaged ({file.relative_to(folder)}); building all facts anew")
                (folder / "manifest.json").unlink()
                return


def _open(file) -> None:
    if file.suffix == ".parquet":
        pyarrow.parquet.read_metadata(file)
    else:
        with pa.memory_map(str(file)) as source:
            pyarrow.ipc.open_file(source)
