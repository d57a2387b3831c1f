"""Which months do the data cover, and from which day to which?

Unit: a local month. The streams decide, or, where there is none, invoices and accounts. It does not say whether a
month in between is complete: gaps are a matter of quality.
"""

from dataclasses import dataclass

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow.parquet

from apijourney.errors import WorkbookError
from apijourney.facts.store import NO_MONTH, FactStore
from apijourney.localtime import local_day_of, local_months
from apijourney.sources.contracts import STREAMS
from apijourney.sources.tables import Sources
from apijourney.sources.unreadable import unreadable
from apijourney.workbook import Workbook

_DATED = {"invoices": "issued_at", "accounts": "created_at"}


@dataclass(frozen=True)
class Span:
    """What the data cover, all local: months with rows, in order; the days of the first and the last row."""

    months: list[str]
    first_day: np.datetime64
    last_day: np.datetime64

    @property
    def latest_whole(self) -> str:
        """The last month, unless the data stop before its last day."""
        ended = (self.last_day + 1).astype("datetime64[M]") > np.datetime64(self.months[-1], "M")
        return self.months[-1] if ended or len(self.months) == 1 else self.months[-2]


def month_asked(month: str, span: Span, workbook: Workbook) -> str:
    """The month a question means: "latest" is the last whole one.

    Raises
    ------
    WorkbookError : for a month without data.
    """
    month = span.latest_whole if month == "latest" else month
    if month not in span.months:
        raise WorkbookError(
            f"{workbook.path.name}: month: there are no data for {month}; they run from {span.months[0]} to "
            f"{span.months[-1]}; choose a month that has some."
        )
    return month


def data_span(store: FactStore, workbook: Workbook) -> Span:
    """Find what the data cover.

    Where there are several streams, the first day is the one on which all have begun, and the last the one on which
    the last of them ends: a rate of two streams cannot be told before both are recorded.

    Raises
    ------
    WorkbookError : when no row can be used, with the reasons.
    """
    zone = workbook.timezone
    tables = store.tables()
    files = {n: store.paths(n, sorted(set(tables.get(n, {}).get("months", {})) - {NO_MONTH})) for n in STREAMS}
    months = {m for n in STREAMS for m in tables.get(n, {}).get("months", {}) if m != NO_MONTH and store.paths(n, [m])}
    dates = [store.ledger(n)[column] for n, column in _DATED.items() if n in tables]
    if not months:
        months = {m for date in dates for m in local_months(date, zone).dropna()}
    if not months:
        aside = store.quarantine()
        reasons = "; ".join(f"{r.rows:,} of {r.table}: {r.check}" for r in aside.itertuples())
        raise WorkbookError(
            f"{workbook.path.name}: no row can be used ({reasons or 'none has a time'}); correct the source, or map "
            "other columns under tables."
        )
    ends = [(_instants(f[0]).min(), _instants(f[-1]).max()) for f in files.values() if f]
    ends = ends or [(date.min(), date.max()) for date in dates]
    first, last = (pd.Series(instants).max() for instants in zip(*ends, strict=True))
    return Span(sorted(months), local_day_of(first, zone), local_day_of(last, zone))


def foreseen_span(sources: Sources, workbook: Workbook) -> Span | None:
    """What the data will be found to cover, from the times in the sources alone; None where there is no time.

    As `data_span`, before any fact is built: rows that will be put aside for other reasons than their time count too.
    """
    zone, ends, months = workbook.timezone, [], set()
    streams = [n for n in STREAMS if n in sources.names]
    for name in streams or [n for n in _DATED if n in sources.names]:
        source = sources[name]
        time = source.table[source.contract.time or _DATED[name]]
        try:
            low, high = (ibis.literal(v).cast("timestamp") for v in ("1990-01-01", "2070-01-01"))
            rows = source.table.filter((time >= low) & (time < high))
            minutes = rows.select(minute=rows[time.get_name()].truncate("m")).distinct().to_pandas()["minute"]
        except duckdb.Error as error:
            raise unreadable(source.label, error, source.files, source.kind) from None
        if len(minutes):
            ends.append((minutes.min(), minutes.max()))
            months |= set(local_months(minutes, zone))
    if not ends:
        return None
    first, last = (pd.Series(instants).max() for instants in zip(*ends, strict=True))
    return Span(sorted(months), local_day_of(first, zone), local_day_of(last, zone))


def _instants(file: str) -> pd.Series:
    return pyarrow.parquet.read_table(file, columns=["occurred_at"])["occurred_at"].to_pandas()
