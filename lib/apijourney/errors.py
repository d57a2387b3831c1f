"""The sentences a person reads when the input is wrong: what is wrong, where, and what to do.

Every mistake a user can make ends in a `WorkbookError`. Its text is the user interface; commands
print it without a traceback and leave with exit code 2.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class WorkbookError(ValueError):
    """A mistake in the input. The message is one sentence naming what, where and the remedy."""

    exit_code = 2


class UnusableData(WorkbookError):
    """Data that cannot be read for what they should be: a column of another type, an empty table."""


class TooMuchPutAside(WorkbookError):
    """Data that can be read, of which too many rows are of no use for the rest to be taken for the whole."""

    exit_code = 3


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Answer which known name was probably meant, as the end of a sentence.

    >>> did_you_mean("sign_upp", ["sign_up", "docs_view"])
    'did you mean "sign_up"?'
    >>> did_you_mean("x", ["sign_up", "docs_view"])
    'known are: docs_view, sign_up.'
    """
    names = sorted({str(k) for k in known})
    close = get_close_matches(str(name), names, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    return f"known are: {', '.join(names)}." if names else "none are known."


def unknown(kind: str, name: object, known: Iterable[str], *, where: str = "") -> WorkbookError:
    """Build the error for a name nobody knows.

    >>> str(unknown("step", "sign_upp", ["sign_up"], where="funnel(steps=…)"))
    'funnel(steps=…): unknown step "sign_upp"; did you mean "sign_up"?'
    """
    place = f"{where}: " if where else ""
    return WorkbookError(f'{place}unknown {kind} "{name}"; {did_you_mean(name, known)}')
