"""How does a month's fact come from its clean rows?

Unit: a fact of one month. The engine reads the month's rows and writes the fact's file; who acts first gets a
number on the way. A query is written once and asked of every month. Which months are due is for the store to say.
"""

from pathlib import Path

import ibis
import numpy as np

from apijourney.facts import definitions
from apijourney.facts.actors import coded, newcomers, numbered, read_actors, with_newcomers
from apijourney.facts.month_files import view_of, write_coded, write_parquet, write_query
from apijourney.localtime import DAY_US, day_start
from apijourney.workbook import Workbook

FACTS = {"activity": "requests", "calls": "requests", "latency": "requests"}
_EVENTS = {"touchpoints": "touchpoint_events", "requests": "request_events"}
_LATE = 400 * DAY_US  # what arrives later than this may be a clock change off


def fact_file(folder: Path, kind: str, month: str) -> Path:
    """Where a month of a fact, or of a clean stream, lies in a store."""
    return folder / kind / f"{month}.{'arrow' if kind == 'events' else 'parquet'}"


def actors_file(folder: Path) -> Path:
    """Where a store keeps the ids behind the actors' numbers."""
    return folder / "actors" / "all.parquet"


class MonthFacts:
    """The facts of a store, built month by month.

    con : the engine; folder : the store's
    first, last : the first and the last month of any stream, "2026-10"
    """

    def __init__(self, con, folder: Path, workbook: Workbook, first: str, last: str):
        self.con, self.folder, self.workbook = con, folder, workbook
        after = np.datetime64(np.datetime64(last) + 1, "D")
        zone = workbook.timezone
        self._span = (day_start(np.datetime64(first, "D"), zone) - DAY_US, day_start(after, zone) + _LATE)
        self._queries: dict[tuple, tuple[str, ibis.Schema]] = {}
        self._shown: dict[str, str] = {}

    def build(self, fact: str, month: str) -> None:
        """Write the file of a fact; take it away where the month has no rows."""
        there = [n for n in (_EVENTS if fact == "events" else (FACTS[fact],)) if self._look_at(n, month)]
        file = fact_file(self.folder, fact, month)
        if not there:
            file.unlink(missing_ok=True)
        elif fact == "events":
            self._number_newcomers(tuple(there))
            write_coded(self.con, *self._query("events", tuple(there)), file, sort=("actor", "occurred_at"))
        else:
            write_query(self.con, *self._query(fact), file)

    def _look_at(self, stream: str, month: str) -> bool:
        """Let the engine's view of a stream show a month; False where the month has no rows."""
        rows = fact_file(self.folder, stream, month)
        if rows.exists() and self._shown.get(stream) != month:
            self.con.raw_sql(view_of([rows], f"month_of_{stream}"))
            self._shown[stream] = month
        return rows.exists()

    def _number_newcomers(self, streams: tuple[str, ...]) -> None:
        """Let the engine know the actors and their numbers; who acts first in the month at hand gets one."""
        known = read_actors(actors_file(self.folder))
        self.con.con.register("actors", coded(known))
        query, schema = self._query("newcomers", streams)
        found = self.con.raw_sql(query).to_arrow_table().cast(schema.to_pyarrow())
        if len(found):
            actors = with_newcomers(known, found)
            write_parquet(actors, actors_file(self.folder))
            self.con.con.register("actors", coded(actors))

    def _query(self, what: str, streams: tuple[str, ...] = ()) -> tuple[str, ibis.Schema]:
        """The query of a fact over the views of the month at hand; it is written once for all months."""
        if (what, streams) not in self._queries:
            expression = self._expression(what, streams)
            self._queries[what, streams] = (self.con.compile(expression), expression.schema())
        return self._queries[what, streams]

    def _expression(self, what: str, streams: tuple[str, ...]) -> ibis.Table:
        if what in FACTS:
            rows = self.con.table(f"month_of_{FACTS[what]}")
            return getattr(definitions, what)(rows, self.workbook, self._span)
        parts = [getattr(definitions, _EVENTS[n])(self.con.table(f"month_of_{n}"), self.workbook) for n in streams]
        events = ibis.union(*parts) if len(parts) > 1 else parts[0]
        return (newcomers if what == "newcomers" else numbered)(events, self.con.table("actors"))
