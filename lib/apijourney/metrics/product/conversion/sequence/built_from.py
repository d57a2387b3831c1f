"""Is the compiled kernel still that of its sources?

Numba keeps machine code between runs, and compiles it anew when the function's own file changes. It
does not look at the files of the functions called. So the kernel carries a number made of all of them:
another number is another function, which is compiled anew.
"""

import hashlib
from pathlib import Path

from numba import njit


def sources_number() -> int:
    """Number of everything written in this folder: the same for the same sources."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return int.from_bytes(digest.digest()[:7], "big")


def part(function):
    """Compile a part of the kernel: only compiled functions call it, so it needs no way in from Python."""
    return njit(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)
