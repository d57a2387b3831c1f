"""How far is the run? Plain lines wherever they are kept, and one living line in a terminal.

Unit: a line. What is said stays; a status is overwritten by the next and appears only where somebody watches.
"""

import shutil
import sys
from collections.abc import Callable
from typing import TextIO


class Progress:
    """Call it with a line that stays; `status` shows one that does not.

    stream : where to, the standard output by default. A file or a pipe gets no status.
    """

    def __init__(self, stream: TextIO | None = None):
        self.stream = stream or sys.stdout
        self.watched = self.stream.isatty()
        self._shown = False

    def __call__(self, line: str) -> None:
        self._wipe()
        print(line, file=self.stream, flush=True)

    def status(self, text: str) -> None:
        if not self.watched:
            return
        self._wipe()
        width = shutil.get_terminal_size().columns
        self.stream.write(text[: width - 1])
        self.stream.flush()
        self._shown = True

    def _wipe(self) -> None:
        if self._shown:
            self.stream.write("\r\033[K")
            self._shown = False


def running(done: int, of: int, names: dict[str, float]) -> str:
    """Say what is being run: names are those at work, with the seconds since they began.

    >>> running(1, 3, {"02_funnel": 12.4})
    '1 of 3 notebooks done; running 02_funnel (12 s)'
    """
    at_work = ", ".join(f"{name} ({seconds:.0f} s)" for name, seconds in names.items())
    return f"{done} of {of} notebooks done; running {at_work}"


Say = Callable[[str], None]
