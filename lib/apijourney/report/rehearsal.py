"""What would a call do? Which months it would make, which notebooks it would run, how much data it would read.

Unit: one call. The months that have data are known from the times in the sources, which are read for it. Whether the
values can be used is told by the call itself. Sizes are those of the files as they lie there; a table that was read before and has not changed since
is not read again. It builds no facts, runs no notebook and writes nothing.
"""

import json

from apijourney.errors import WorkbookError
from apijourney.facts.span import foreseen_span, month_asked
from apijourney.facts.store import FactStore
from apijourney.report.close import closing, frozen_sentence, is_frozen, now
from apijourney.report.make import plan
from apijourney.report.notes import not_shown, read_notes
from apijourney.report.progress import Say
from apijourney.sources.contracts import STREAMS
from apijourney.sources.found import version_of
from apijourney.sources.tables import Sources


def rehearse(wish, say: Say) -> None:
    """Say what `make_report` would do with each month of a wish. Raises WorkbookError as it would."""
    wanted = plan(wish)
    months = ", ".join(wish.month)
    say(f"Would make the report of {wanted.book.company}, month{'s' if len(wish.month) > 1 else ''} {months}, in {wish.place}")
    say(f"Would run, {wish.jobs} at a time: {', '.join(s.stem for s in wanted.sources)}")
    for name, text in wish.parameter.items():
        say(f"  {name} = {text}: {', '.join(n for n, told in wanted.parameters.items() if name in told)}")
    sources, known = Sources(wanted.book), _known(wanted.book)
    made = [_say_of_month(wish, wanted.book, sources, month, say) for month in wish.month]
    all_in_all = to_read = 0
    for name in sources.names:
        size, fresh = _sizes(sources[name], known.get(name, []))
        again = "" if fresh == size else ", not read again: unchanged since its facts were built"
        again = f", of which {_size(fresh)} came since its facts were built" if 0 < fresh < size else again
        say(f"  {name}: {_size(size)}{again}")
        all_in_all, to_read = all_in_all + size, to_read + fresh
    nothing = "" if any(made) else ", and make no report"
    say(f"Would read {_size(to_read)} of {_size(all_in_all)}{nothing}. Nothing was done.")


def _say_of_month(wish, book, sources: Sources, month: str, say: Say) -> bool:
    """Say what would become of one month, and answer whether its report would be made."""
    span = foreseen_span(sources, book)
    if span is None:
        raise WorkbookError(f"{book.path.name}: no row can be used (none has a time); correct the source, or map other columns under tables.")
    asked, month = month, month_asked(month, span, book)
    standing = wish.place.standing(month, book.company)
    note = read_notes(book, month)
    if is_frozen(standing) and not wish.restate:
        say(f"  {month}: {frozen_sentence(standing, notes=not_shown(book, standing), would=True)}")
        return False
    closed = closing(book, month, now())
    became = {"final": "as final", "provisional": f"as provisional until {closed.final_from}", "simulated": ""}[closed.status]
    words = ["would be made", "again" if standing else "", became, "with the comments in notes" if note else ""]
    why = " (the last complete month)" if asked == "latest" else ""
    say(f"  {month}{why}: {' '.join(filter(None, words))}.")
    return True


def _sizes(source, known: list) -> tuple[int, int]:
    """Bytes of all files of a table, and of those that have to be read. known : the version that was read before."""
    version = version_of(source.files)
    size = sum(size for _, size, _ in version)
    if version == known:
        return size, 0
    came = source.came_since(known) if source.contract.name in STREAMS and known else ()
    return size, sum(f.stat().st_size for f in came) or size


def _known(book) -> dict[str, list]:
    try:
        manifest = json.loads((FactStore(book).folder / "manifest.json").read_text(encoding="utf-8"))
        return {name: table["version"] for name, table in manifest["tables"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _size(n: int) -> str:
    """A number of bytes in words.

    >>> _size(812), _size(4_400_000)
    ('1 kB', '4.4 MB')
    """
    return f"{n / 1e6:.1f} MB" if n >= 1e5 else f"{max(1, round(n / 1e3)) if n else 0} kB"
