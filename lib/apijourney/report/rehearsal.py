"""What would a call do? Which notebooks it would run, and how much data it would read, without doing it.

Unit: one call. Sizes are those of the files as they lie there; a table that was read before and has not changed since
is not read again. It builds no facts, runs no notebook and writes nothing.
"""

import json

from apijourney.facts.store import FactStore
from apijourney.report.make import plan
from apijourney.report.progress import Say
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
    sizes = {name: sum(size for _, size, _ in sources[name].version) for name in sources.names}
    stale = [name for name in sources.names if known.get(name) != sources[name].version]
    for name in sources.names:
        again = "" if name in stale else ", not read again: unchanged since its facts were built"
        say(f"  {name}: {_size(sizes[name])}{again}")
    say(f"Would read {_size(sum(sizes[n] for n in stale))} of {_size(sum(sizes.values()))}. Nothing was done.")


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
