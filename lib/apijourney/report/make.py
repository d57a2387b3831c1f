"""One report, from its wish to its place: check everything, run the notebooks, publish.

Unit: one company and one month. Nothing is run before workbook, month, notebooks, parameters and place have been
found good, and nothing is published before every notebook has run to its end.
"""

import argparse
import gc
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from apijourney.report import kept
from apijourney.report.close import now
from apijourney.report.execution import NotebookFailed, run_notebooks, warm_up
from apijourney.report.notebooks import choose_parameters, find_notebooks, read_parameters, typed
from apijourney.report.parameter_values import check_values
from apijourney.report.progress import Progress
from apijourney.report.secrets import hide_secrets, without_secrets


@dataclass(frozen=True)
class Plan:
    """What a wish means once all of it was found good. parameters : notebook → what it is told."""

    book: object
    sources: list[Path]
    parameters: dict[str, dict]


def plan(wish: argparse.Namespace) -> Plan:
    """Check workbook, notebooks, parameters and place, before anything is run. Raises WorkbookError."""
    from apijourney.metrics.holistic.goals import check_goals, check_names
    from apijourney.report.publication import check_out
    from apijourney.report.scorecard import check_length
    from apijourney.workbook import load_workbook

    sources = find_notebooks(wish.notebooks_dir, wish.notebooks)
    declared = {source.stem: read_parameters(source) for source in sources}
    book = load_workbook(wish.workbook)
    check_names(book)
    check_goals(book)
    check_length(book)
    check_out(wish.out)
    workbook = "sample" if str(wish.workbook) == "sample" else str(book.path)
    parameters = choose_parameters(declared, {"workbook": workbook, "month": wish.month}, wish.parameter)
    for told in parameters.values():
        check_values(book, told)
    return Plan(book, sources, parameters)


def make_report(wish: argparse.Namespace, say: Progress) -> list[str]:
    """Make, publish and deliver one report; `say` is told how it goes.

    Returns the lines that sum it up, the place of its page last; none where a final report stands already.
    """
    began = time.monotonic()
    from apijourney.report.close import frozen_sentence, is_frozen
    from apijourney.report.lock import only_run_of
    from apijourney.report.notes import not_shown, read_notes
    from apijourney.report.publication import check_place

    wanted = plan(wish)
    some = f"{len(wanted.sources)} notebook{'s' if len(wanted.sources) > 1 else ''}"
    say(f"Making the report of {wanted.book.company}, month {wish.month}, from {some}, {wish.jobs} at a time, in {wish.place}")
    warm_up()
    study = _open(wanted.book, wish, say)
    for told in wanted.parameters.values():
        told["month"] = study.month
    with only_run_of(wish.out, study.month), wish.place.held(study.month):
        wish.place.fetch(study.month)
        standing = check_place(wish.out, study.month, wanted.book.company)
        read_notes(wanted.book, study.month)
        _catch_up(wish.out, say)
        if is_frozen(standing) and not wish.restate:
            say(frozen_sentence(standing, notes=not_shown(wanted.book, standing)))
            return []
        work = kept.work_folder(str(wish.out.resolve()), study.month, f"{study.segment}/{study.product}")
        with kept.at_work(work):
            kept.tidy(say)
            lines = _run_and_publish(wish, study, wanted, work, say)
        wish.place.carry(study.month)
    page = wish.place.of(study.month)
    say(f"Report: {page} ({time.monotonic() - began:.0f} s)")
    return [*lines, f"Report: {page}"]


def _open(book, wish: argparse.Namespace, say: Progress):
    """Build the facts and open the study; refuse what the report could not be made of."""
    from apijourney.facts.study import open_study
    from apijourney.report.gate import check_quality
    from apijourney.report.sound import forget_damage

    say("Building the facts")
    forget_damage(book, say)
    months_back = typed("months_back", wish.parameter.get("months_back", "12"), "int")
    segment = wish.parameter.get("segment", "all")
    product = wish.parameter.get("product", "all")
    which = {"month": wish.month, "months_back": months_back, "segment": segment, "product": product}
    study = open_study(book, **which, progress=lambda t: say(f"  {t}"))
    check_quality(study)
    _give_back_memory()
    return study


def _give_back_memory() -> None:
    """Return what building the facts has used, before the notebooks need it."""
    import pyarrow as pa

    gc.collect()
    pa.default_memory_pool().release_unused()


def _run_and_publish(wish, study, wanted: Plan, work: Path, say: Progress) -> list[str]:
    from apijourney.metrics.catalog import CATALOG, measure_all
    from apijourney.metrics.holistic.scorecard import headline_metrics
    from apijourney.report.compared import a_month_longer, with_year_before
    from apijourney.report.cover import make_cover
    from apijourney.report.memory import remember
    from apijourney.report.page import make_page
    from apijourney.report.pdf import make_pdf
    from apijourney.report.publication import keep_failed, publish
    from apijourney.report.record import gather, make_record
    from apijourney.report.summary import summary
    from apijourney.report.tables import accounts_csv, metrics_csv

    done = kept.finished(work, kept.inputs(study, wanted.sources, wanted.parameters))
    if done:
        say(f"Going on from a run that was broken off: {', '.join(done)} need{'s' if len(done) == 1 else ''} no run")
    longer, usual = a_month_longer(study), headline_metrics(study.workbook, dict.fromkeys(CATALOG))
    # A year ago is measured while the notebooks run; what is asked for later is then known.
    meanwhile = ThreadPoolExecutor(1).submit(measure_all, longer, usual) if longer else None
    try:
        chapters = run_notebooks(
            wanted.sources, wanted.parameters, work, done=done, seconds=_seconds(wish.out), jobs=wish.jobs,
            timeout=wish.timeout, say=say, status=say.status,
        )  # fmt: skip
    except NotebookFailed as failed:
        failed.kept = keep_failed(wish.out, study.month, failed.executed, without_secrets(str(failed)))
        wish.place.carry(study.month)
        raise
    say.status("Writing the page")
    metrics = gather(study, chapters)
    memory = remember(study, metrics, wish.out, now())
    known = memory.lengthened(metrics, study.month)
    cover = make_cover(study, known)
    if meanwhile:
        meanwhile.result()
    beside = with_year_before(known, headline_metrics(study.workbook, known), longer)
    page = without_secrets(make_page(study, known, chapters, cover, memory, beside))
    record = hide_secrets(make_record(study, metrics, chapters, cover, memory))
    names = {name: entry.name for name, entry in CATALOG.items()}
    more = {"metrics.csv": metrics_csv(record, names), "accounts.csv": accounts_csv(record)}
    if wish.pdf:
        more["report.pdf"], why_not = make_pdf(page)
        if why_not:
            del more["report.pdf"]
            say(why_not)
    record["files"] = [*(wish.place.beside(record["run"]) + name for name in more), "metrics.json"]
    executed = [work / f"{name}.ipynb" for name in chapters]
    wish.place.confirm(study.month)
    wish.place.wait(study.month)
    publish(wish.out, study.month, study.workbook.company, page, record, executed, more)
    kept.discard(work)
    _catch_up(wish.out, say)
    lines = summary(record, page, reused=len(done))
    for line in lines:
        say(line)
    return lines


def _catch_up(out: Path, say: Progress) -> None:
    """Bring history and overview up to what is published, whoever was stopped before it was done."""
    from apijourney.report.history import published, update_history
    from apijourney.report.lock import sharing
    from apijourney.report.overview import write_overview
    from apijourney.report.publication import NotPublished

    try:
        with sharing(out):
            update_history(out, say)
            if published(out):
                write_overview(out)
    except OSError as error:
        raise NotPublished(out / "history.parquet", error) from error


def _seconds(out: Path) -> dict[str, float]:
    """How long each notebook took when a report was last made here."""
    from apijourney.report.history import published

    return {n["name"]: n["seconds"] for record in published(out) for n in record.get("notebooks", [])}
