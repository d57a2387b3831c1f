"""Intake: how do the rows of a stream come into the store, and which months do they change?

Unit: a row of touchpoints or requests. The rows that came are judged and written aside by local month,
in one pass. Of a key that comes more than once, among them or in the rows kept before, the copy that was
received first is used. A month is then written anew from what it had and what came; of all other months
nothing is read but the keys. It does not say what the rows mean: see `definitions`.
"""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import ibis
from ibis.expr.types import Table

from apijourney.facts.month_files import view_of
from apijourney.localtime import DAY_US, local_time
from apijourney.sources.contracts import UNLIKELY, Contract
from apijourney.sources.gate import first_received, judged
from apijourney.sources.canonical import SourceTable

NO_MONTH = "none"
_PLACE = ["filename", "file_row_number"]  # where a row stands: what tells two equal rows apart


@dataclass
class Intake:
    """Rows on their way into a store.

    con : the engine; folder : the store's; contract : what the stream's rows look like
    kept : month → fingerprint of the months that stay, to which rows are added
    """

    con: object
    folder: Path
    contract: Contract
    kept: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        self.aside = self.folder / f"building-{self.contract.name}-{os.getpid()}"
        self._queries: dict[str, str] = {}
        shutil.rmtree(self.aside, ignore_errors=True)

    def take_in(self, source: SourceTable, zone: str) -> dict[str, str]:
        """Write the months that the rows of a source change, aside; return every month's fingerprint.

        A fingerprint is the number of a month's rows and a sum of their hashes, so it does not depend on
        the order in which rows came. The reason why a row is put aside is part of it: a row may be the
        duplicate of one in another month.
        """
        self._write_by_month(source, zone)
        came = {f.name.removeprefix("_month="): sorted(f.glob("*.parquet")) for f in self.aside.glob("_month=*")}
        lost = self._lost(came) if self.contract.key else None
        months = set(came) | (self._months_of(lost) if lost is not None else set())
        return self.kept | {month: self._write(month, came.get(month, []), lost) for month in sorted(months)}

    def adopt(self, month: str) -> None:
        """Put a month that was written aside into its place; a half without rows leaves no file."""
        for kind in ("usable", "put_aside"):
            target, built = self._file(kind, month), self.aside / kind / f"{month}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            if built.exists():
                os.replace(built, target)
            else:
                target.unlink(missing_ok=True)

    def drop(self, month: str) -> None:
        """Take a month away."""
        for kind in ("usable", "put_aside"):
            self._file(kind, month).unlink(missing_ok=True)

    def clear(self) -> None:
        """Take away what was written aside."""
        shutil.rmtree(self.aside, ignore_errors=True)

    def _file(self, kind: str, month: str) -> Path:
        folder = self.folder if kind == "usable" else self.folder / "quarantine"
        return folder / self.contract.name / f"{month}.parquet"

    def _write_by_month(self, source: SourceTable, zone: str) -> None:
        rows = judged(source)
        local = local_time(rows[self.contract.time], zone, between=extent(source))
        dated = rows.reason.isnull() | (rows.reason != UNLIKELY)
        rows = rows.mutate(_month=dated.ifelse(local.strftime("%Y-%m"), NO_MONTH).fill_null(NO_MONTH))
        self._copy(self.con.compile(rows), self.aside, "PARTITION_BY (_month), OVERWRITE true")

    def _lost(self, came: dict[str, list[Path]]) -> Table:
        """Which rows are later copies of another? Their places; of the rows kept, only keys are read."""
        new = self._read([f for files in came.values() for f in files], "came")
        old = self._read([f for m in self.kept if (f := self._file("usable", m)).exists()], "kept")
        new = new.filter(new.reason.isnull() & new[self.contract.key].notnull())
        keys = new.select(key=new[self.contract.key].hash())
        suspects = keys.group_by("key").having(keys.count() > 1).aggregate()
        if old is not None:
            again = keys.semi_join(old.select(key=old[self.contract.key].hash()), "key")
            suspects = ibis.union(suspects, again, distinct=True)
        suspects = self._table("suspects", suspects)
        rivals = [t.filter(t[self.contract.key].hash().isin(suspects.key)) for t in (new, old) if t is not None]
        rivals = ibis.union(*rivals) if len(rivals) > 1 else rivals[0]
        late = rivals.mutate(nth=first_received(rivals, self.contract)).filter(lambda t: t.nth > 0)
        return self._table("lost", late.select(*_PLACE))

    def _months_of(self, lost: Table) -> set[str]:
        """The months kept before that lose a row to one that came."""
        files = lost.select("filename").distinct().to_pandas()["filename"]
        return {Path(f).stem for f in files if Path(f).parent == self._file("usable", "").parent}

    def _write(self, month: str, came: list[Path], lost: Table | None) -> str:
        """Write one month aside, its usable rows and the others; return its fingerprint."""
        kept = [self._file(kind, month) for kind in ("usable", "put_aside")] if month in self.kept else []
        self._show([*came, *(f for f in kept if f.exists())], "month")
        built = []
        for kind in ("usable", "put_aside"):
            file = self.aside / kind / f"{month}.parquet"
            file.parent.mkdir(exist_ok=True)
            if self._copy(self._query(kind, lost), file):
                built.append(file)
            else:
                file.unlink()
        self._show(built, "built")
        rows, total = self.con.raw_sql(self._query("fingerprint")).fetchall()[0]
        return f"{rows}-{total}"

    def _query(self, what: str, lost: Table | None = None) -> str:
        """A query over the views of the month at hand; it is written once for all months."""
        if what not in self._queries:
            self._queries[what] = self.con.compile(self._fingerprint() if what == "fingerprint" else self._half(what, lost))
        return self._queries[what]

    def _half(self, kind: str, lost: Table | None) -> Table:
        """The rows of the month that may be used, or those that are put aside; later copies are among these."""
        rows = self.con.table(f"{self.contract.name}_month")
        if lost is not None:
            gone = lost.mutate(gone=True)
            rows = rows.left_join(gone, _PLACE)
            duplicate = rows.gone.notnull() & rows.reason.isnull()
            rows = rows.mutate(reason=duplicate.ifelse(f"duplicate {self.contract.key}", rows.reason))
        rows = rows.select(*self.contract.columns, "reason")
        return rows.filter(rows.reason.isnull() if kind == "usable" else rows.reason.notnull())

    def _fingerprint(self) -> Table:
        """The number of rows written for the month, and a sum of their hashes."""
        rows = self.con.table(f"{self.contract.name}_built").select(*self.contract.columns, "reason")
        number = ibis.struct({c: rows[c] for c in rows.columns}).hash() % 2**31
        return rows.aggregate(rows=rows.count(), total=number.sum())

    def _show(self, files: list[Path], what: str) -> None:
        """Let a view show the rows of some files of this store, each with its place."""
        self.con.raw_sql(view_of(files, f"{self.contract.name}_{what}", "filename = true, file_row_number = true"))

    def _read(self, files: list[Path], what: str) -> Table | None:
        """The rows of some files of this store, each with its place; None where there are no files."""
        if not files:
            return None
        self._show(files, what)
        return self.con.table(f"{self.contract.name}_{what}")

    def _table(self, what: str, rows: Table) -> Table:
        name = f"{self.contract.name}_{what}"
        self.con.raw_sql(f"CREATE OR REPLACE TEMP TABLE {name} AS {self.con.compile(rows)}")
        return self.con.table(name)

    def _copy(self, query: str, target: Path, options: str = "") -> int:
        """Write the rows of a query to a file or folder; return how many there are."""
        place = str(target).replace("'", "''")
        options = ", ".join(filter(None, ["FORMAT parquet, COMPRESSION zstd", options]))
        return self.con.raw_sql(f"COPY ({query}) TO '{place}' ({options})").fetchall()[0][0]


def extent(source: SourceTable) -> tuple[int, int]:
    """First and last instant of a stream, in microseconds, a day wider on both sides."""
    time = source.table[source.contract.time]
    low, high = source.table.aggregate(low=time.min(), high=time.max()).to_pandas().iloc[0]
    if low is None or low != low:  # no row has a time
        return 0, 0
    low, high = (int(t.to_datetime64().astype("datetime64[us]").astype("int64")) for t in (low, high))
    return low - DAY_US, high + DAY_US
