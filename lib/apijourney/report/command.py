"""The command that makes a monthly report: check everything, run the notebooks, publish.

Leaves with 0 when a report was published, 2 when the input is wrong, 4 when a notebook failed. Both
say so in one sentence. It never leaves half a report.
"""

import argparse
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

from apijourney.errors import WorkbookError
from apijourney.report.execution import NotebookFailed, run_notebooks, warm_up
from apijourney.report.notebooks import NOTEBOOKS, choose_parameters, find_notebooks, read_parameters


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        raise WorkbookError(f"{message}; see python -m apijourney.report --help.")


def main(argv: list[str] | None = None) -> int:
    """Make a report from the words of a command line, and answer the exit code."""
    before = _end_on_termination()
    try:
        make_report(_read(argv), say=lambda line: print(line, flush=True))
    except (WorkbookError, NotebookFailed) as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("Stopped; no report was written.", file=sys.stderr)
        return 130
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)
    return 0


def make_report(wish: argparse.Namespace, say) -> Path:
    """Make and publish one report; `say` is told how it goes. Returns the path of its page."""
    began = time.monotonic()
    from apijourney.report.publication import check_out
    from apijourney.workbook import load_workbook

    sources = find_notebooks(wish.notebooks_dir, wish.notebooks)
    declared = {source.stem: read_parameters(source) for source in sources}
    book = load_workbook(wish.workbook)
    check_out(wish.out)
    some = f"{len(sources)} notebook{'s' if len(sources) > 1 else ''}"
    say(f"Making the report of {book.company}, month {wish.month}, from {some}, {wish.jobs} at a time, in {wish.out}")
    warm_up()
    study = _open(book, wish, say)
    workbook = "sample" if str(wish.workbook) == "sample" else str(book.path)
    parameters = choose_parameters(declared, {"workbook": workbook, "month": study.month}, wish.parameter)
    with tempfile.TemporaryDirectory(prefix="apijourney-") as folder:
        page = _run_and_publish(wish, study, sources, parameters, Path(folder), say)
    say(f"Report: {page} ({time.monotonic() - began:.0f} s)")
    return page


def _open(book, wish: argparse.Namespace, say):
    """Build the facts and open the study; refuse what the report could not be made of."""
    from apijourney.facts.study import open_study
    from apijourney.metrics.holistic.goals import check_names
    from apijourney.report.notebooks import typed
    from apijourney.report.publication import check_place
    from apijourney.report.scorecard import check_length

    check_names(book)
    check_length(book)
    say("Building the facts")
    months_back = typed("months_back", wish.parameter.get("months_back", "12"), "int")
    segment = wish.parameter.get("segment", "all")
    product = wish.parameter.get("product", "all")
    which = {"month": wish.month, "months_back": months_back, "segment": segment, "product": product}
    study = open_study(book, **which, progress=lambda t: say(f"  {t}"))
    check_place(wish.out, study.month, book.company)
    return study


def _run_and_publish(wish, study, sources, parameters, work: Path, say) -> Path:
    from apijourney.report.cover import make_cover
    from apijourney.report.page import make_page
    from apijourney.report.publication import keep_failed, publish
    from apijourney.report.record import gather, make_record

    try:
        chapters = run_notebooks(sources, parameters, work, jobs=wish.jobs, timeout=wish.timeout, say=say)
    except NotebookFailed as failed:
        failed.kept = keep_failed(wish.out, study.month, failed.executed)
        raise
    metrics = gather(study, chapters)
    cover = make_cover(study, metrics)
    page = make_page(study, metrics, chapters, cover)
    record = make_record(study, metrics, chapters, cover)
    executed = [work / f"{name}.ipynb" for name in chapters]
    return publish(wish.out, study.month, study.workbook.company, page, record, executed)


def _read(argv: list[str] | None) -> argparse.Namespace:
    parser = _Parser(prog="python -m apijourney.report", description="Make the monthly report of an API company.")
    parser.add_argument("--workbook", default="sample", help='a workbook file, or "sample"')
    parser.add_argument("--month", default="latest", help='such as 2026-10; "latest" is the last complete one')
    parser.add_argument("--out", type=Path, default=Path("reports"), help="the folder reports are kept in")
    parser.add_argument("--notebooks", nargs="+", metavar="NAME", help="only these, such as 02_funnel")
    parser.add_argument("--parameter", "-p", nargs="+", action="extend", default=[], metavar="NAME=VALUE",
                        help="a parameter for every notebook that declares it")  # fmt: skip
    parser.add_argument("--jobs", type=int, default=2, help="notebooks run at a time")
    parser.add_argument("--timeout", type=int, default=300, help="seconds one cell may take")
    parser.add_argument("--notebooks-dir", type=Path, default=NOTEBOOKS, help="where the notebooks are")
    wish = parser.parse_args(argv)
    for name in ("jobs", "timeout"):
        if getattr(wish, name) < 1:
            raise WorkbookError(f"--{name}: expected a whole number from 1, not {getattr(wish, name)}.")
    if wish.month != "latest" and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", wish.month):
        raise WorkbookError(f'month: "{wish.month}" is not a month; write it as "2026-10", or "latest".')
    pairs = [text.partition("=") for text in wish.parameter]
    for name, sign, _ in pairs:
        if not name or not sign:
            raise WorkbookError(f'--parameter: "{name}" has no value; write it as name=value.')
    wish.parameter = {name: value for name, _, value in pairs}
    return wish


def _end_on_termination():
    """Let a termination signal end the run as Ctrl-C does, so that it clears up."""

    def interrupt(number, frame):
        raise KeyboardInterrupt

    try:
        return signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not in the main thread
        return None
