"""One folder in the place of another, at one instant where the system can do that.

Unit: two folders beside each other. Linux and macOS exchange two names at once; elsewhere there is a moment between
two renames in which neither stands, and whoever was stopped there is helped by `publication`.
"""

import ctypes
import os
import sys
from pathlib import Path

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD; RENAME_EXCHANGE and RENAME_SWAP are both 2


def swap(one: Path, other: Path) -> bool:
    """Exchange two folders at once; False, and nothing done, where the system or its file system cannot."""
    names = os.fsencode(one), os.fsencode(other)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return library.renamex_np(*names, _EXCHANGE) == 0
        return library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0
    except (AttributeError, OSError, TypeError):
        return False


def settle(folder: Path) -> None:
    """Let the disk hold every file of a folder before its name says that it is whole."""
    for file in [f for f in folder.rglob("*") if f.is_file()]:
        with file.open("rb+") as opened:
            os.fsync(opened.fileno())
