"""The command that makes monthly reports: read the words, make the reports, answer with an exit code.

Unit: one call. It leaves with 0 when what was asked for is published, 2 when the input is wrong, 3 when too many of
its rows are of no use, 4 when the report could not be made; each but 0 says why in one sentence. It never leaves half
a report.
"""

import argparse
import re
import signal
import sys
from pathlib import Path

from apijourney.errors import WorkbookError, unknown
from apijourney.report.execution import NotebookFailed
from apijourney.report.make import make_report
from apijourney.report.notebooks import NOTEBOOKS
from apijourney.report.place import NotDelivered, find_place
from apijourney.report.progress import Progress
from apijourney.report.publication import NotPublished
from apijourney.report.secrets import without_secrets
from apijourney.report.webhook import tell

_MONTH = r"\d{4}-(0[1-9]|1[0-2])"
EXIT_CODES = """
exit codes: 0 published (or final already), 2 a mistake in the input, 3 too many rows that are not fit for use, 4 the
report could not be made; 130 stopped. After any but 0 the last good report stands as it was, and the next call goes on
from the notebooks that are done.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        if message.startswith("unrecognized arguments: --"):
            word = message.split(": ", 1)[1].split()[0].split("=")[0]
            known = [o for action in self._actions for o in action.option_strings if o.startswith("--")]
            raise WorkbookError(f"{message}; {str(unknown('option', word, known)).split('; ', 1)[1]}")
        raise WorkbookError(f"{message}; see python -m apijourney.report --help.")


def main(argv: list[str] | None = None) -> int:
    """Make reports from the words of a command line, and answer the exit code."""
    before = _end_on_termination()
    try:
        wish = _read(argv)
        say = Progress()
        if wish.dry_run:
            from apijourney.report.rehearsal import rehearse

            rehearse(wish, say)
            return 0
        for month in wish.month:
            lines = make_report(argparse.Namespace(**vars(wish) | {"month": month}), say)
            if lines and (untold := tell(lines)):
                print(untold, file=sys.stderr)
    except (WorkbookError, NotebookFailed, NotPublished, NotDelivered) as error:
        return _fail(str(error), error.exit_code)
    except OSError as error:
        return _fail(f"The report could not be made: {error.strerror or error}{_where(error)}.", NotPublished.exit_code)
    except KeyboardInterrupt:
        print("Stopped; no report was written, and the next call goes on from the notebooks that are done.", file=sys.stderr)
        return 130
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)
    return 0


def _read(argv: list[str] | None) -> argparse.Namespace:
    parser = _Parser(
        prog="python -m apijourney.report", description="Make the monthly report of an API company.", epilog=EXIT_CODES,
        allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--workbook", default="sample", help='a workbook file, or "sample"')
    parser.add_argument("--month", default="latest", help='such as 2026-10; "latest" is the last complete one')
    parser.add_argument("--months", metavar="FIRST..LAST", help="several months in order, such as 2026-01..2026-10")
    parser.add_argument("--out", default="reports", help="the folder reports are kept in, or a store: s3://bucket/reports")
    parser.add_argument("--notebooks", nargs="+", metavar="NAME", help="only these, such as 02_funnel")
    parser.add_argument("--parameter", "-p", nargs="+", action="extend", default=[], metavar="NAME=VALUE",
                        help="a parameter for every notebook that declares it")  # fmt: skip
    parser.add_argument("--jobs", type=int, default=2, help="notebooks run at a time")
    parser.add_argument("--timeout", type=int, default=300, help="seconds one cell may take")
    parser.add_argument("--notebooks-dir", type=Path, default=NOTEBOOKS, help="where the notebooks are")
    parser.add_argument("--no-pdf", dest="pdf", action="store_false", help="make no PDF, even where a browser is found")
    parser.add_argument("--restate", action="store_true", help="publish a month again that is final")
    parser.add_argument("--dry-run", action="store_true", help="say what would be run and read, and do nothing")
    wish = parser.parse_args(argv)
    for name in ("jobs", "timeout"):
        if getattr(wish, name) < 1:
            raise WorkbookError(f"--{name}: expected a whole number from 1, not {getattr(wish, name)}.")
    wish.place = find_place(wish.out)
    wish.out = wish.place.folder
    wish.month = months_between(wish.months) if wish.months else [_month(wish.month)]
    pairs = [text.partition("=") for text in wish.parameter]
    for name, sign, _ in pairs:
        if not name or not sign:
            raise WorkbookError(f'--parameter: "{name}" has no value; write it as name=value.')
    wish.parameter = {name: value for name, _, value in pairs}
    return wish


def _fail(sentence: str, code: int) -> int:
    """Say why there is no report, to whoever called and to the chat; never with a secret in it."""
    sentence = without_secrets(sentence)
    print(sentence, file=sys.stderr)
    if untold := tell([f"No API product report ({code}): {sentence}"]):
        print(untold, file=sys.stderr)
    return code


def _where(error: OSError) -> str:
    return f" ({error.filename})" if error.filename else ""


def _month(text: str) -> str:
    if text != "latest" and not re.fullmatch(_MONTH, text):
        raise WorkbookError(f'month: "{text}" is not a month; write it as "2026-10", or "latest".')
    return text


def months_between(text: str) -> list[str]:
    """Every month from the first to the last, both included, oldest first.

    >>> months_between("2025-11..2026-01")
    ['2025-11', '2025-12', '2026-01']
    """
    if not re.fullmatch(rf"{_MONTH}\.\.{_MONTH}", text):
        raise WorkbookError(f'--months: "{text}" is not a span of months; write it as "2026-01..2026-10".')
    first, last = (int(m[:4]) * 12 + int(m[5:]) - 1 for m in text.split(".."))
    if first > last:
        raise WorkbookError(f'--months: "{text}" ends before it begins; write the earlier month first.')
    return [f"{n // 12}-{n % 12 + 1:02}" for n in range(first, last + 1)]


def _end_on_termination():
    """Let a termination signal end the run as Ctrl-C does, so that it clears up."""

    def interrupt(number, frame):
        raise KeyboardInterrupt

    try:
        return signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not in the main thread
        return None
