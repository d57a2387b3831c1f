"""What the notebooks of one report need in common is measured by the first of them.

Unit: an answer about a study. The report names a folder of its run in the environment, which lasts as long as
the run; an answer is a file there, whole or not there. Outside such a run nothing is shared.
"""

import hashlib
import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

FOLDER = "APIJOURNEY_RUN"


def shared(study, name: str, compute: Callable[[], object]):
    """The answer called `name` about a study: as another notebook of the run left it, else computed here.

    >>> shared(None, "answer", lambda: 42)
    42
    """
    folder = os.environ.get(FOLDER)
    if not folder:
        return compute()
    about = (str(study.workbook.path), study.month, study.months, study.segment, study.product, study.observed_until)
    file = Path(folder) / f"{name}-{hashlib.sha256(repr(about).encode()).hexdigest()[:16]}"
    try:
        return pickle.loads(file.read_bytes())
    except (OSError, EOFError, pickle.UnpicklingError):
        answer = compute()
    aside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(pickle.dumps(answer))
        os.replace(aside, file)
    except OSError:  # a full disk costs the others time, nothing else
        with suppress(OSError):
            aside.unlink(missing_ok=True)
    return answer
