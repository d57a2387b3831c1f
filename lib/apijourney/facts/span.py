"""Which months do the data cover, and from which day to which?

Unit: a local month. The streams decide, or, where there is none, invoices and accounts. It does not say whether a
month in between is complete: gaps are a matter of quality.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow.parquet

from apijourney.errors import WorkbookError
from apijourney.facts.store import NO_MONTH, FactStore
from apijourney.localtime import local_day_of, local_months
from apijourney.sources.contracts import FIRST_YEAR, STREAMS
from apijourney.sources.tables import Sources
from apijourney.sources.unreadable import unreadable
from apijourney.workbook import Workbook

_DATED = {"invoices": "issued_at", "accounts": "created_at"}
FAR_DAYS, FEW, LEAST_ROWS = 400, 0.01, 10
"""Rows before a gap of so many days, and so small a part of all rows, if there are at least so many, are no begin."""


@dataclass(frozen=True)
class Span:
    """What the data cover, all local: months with rows, in order; the days of the first and the last row.

    begins : table → the day of its first row, of those that decide. last_day : of the table that ends last.
    """

    months: list[str]
    begins: dict[str, np.datetime64]
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

    The last day is the one on which the last of several streams ends. A few rows of a stream far before its others
    (see `first_month`) are not covered.

    Raises
    ------
    WorkbookError : when no row can be used, with the reasons.
    """
    zone = workbook.timezone
    tables = store.tables()
    files = {name: found for name in STREAMS if (found := _covered_files(store, name, tables))}
    months = {Path(file).stem for found in files.values() for file in found}
    dates = {n: store.ledger(n)[column] for n, column in _DATED.items() if n in tables}
    if not months:
        months = {m for date in dates.values() for m in local_months(date, zone).dropna()}
    if not months:
        aside = store.quarantine()
        reasons = "; ".join(f"{r.rows:,} of {r.table}: {r.check}" for r in aside.itertuples())
        raise WorkbookError(
            f"{workbook.path.name}: no row can be used ({reasons or 'none has a time'}); correct the source, or map "
            "other columns under tables."
        )
    ends = {name: (_instants(found[0]).min(), _instants(found[-1]).max()) for name, found in files.items()}
    return _span(months, ends or {name: (date.min(), date.max()) for name, date in dates.items()}, zone)


def _span(months: set[str], ends: dict[str, tuple], zone: str) -> Span:
    ends = {name: both for name, both in ends.items() if not pd.isna(both[0])}
    begins = {name: local_day_of(first, zone) for name, (first, _) in ends.items()}
    return Span(sorted(months), begins, max(local_day_of(last, zone) for _, last in ends.values()))


def first_month(rows: dict[str, int], edges: Callable[[str], tuple]) -> str:
    """The month from which a stream is taken to be recorded.

    Rows far before the rest are a clock set wrong, or a test: at most one row in a hundred, of ten or more, with a gap
    of more than `FAR_DAYS` days behind them. Where they were taken for the begin, the months shown would reach back to
    them, empty.

    rows : local month → rows, at least one. edges : month → the first and the last instant of its rows.
    """
    months, total, before, first = sorted(rows), sum(rows.values()), 0, min(rows)
    for month, following in pairwise(months):
        before += rows[month]
        if total < LEAST_ROWS or before > max(1, total * FEW):
            break
        if edges(following)[0] - edges(month)[1] > pd.Timedelta(FAR_DAYS, "D"):
            first = following
    return first


def _covered_files(store: FactStore, name: str, tables: dict) -> list[str]:
    """The files of the months of a stream, in order, without those far before the rest."""
    files = store.paths(name, sorted(set(tables.get(name, {}).get("months", {})) - {NO_MONTH}))
    if not files:
        return []
    by_month = {Path(file).stem: file for file in files}
    rows = {month: pyarrow.parquet.read_metadata(file).num_rows for month, file in by_month.items()}
    first = first_month(rows, lambda month: _instants(by_month[month]).agg(["min", "max"]).tolist())
    return [file for month, file in by_month.items() if month >= first]


def foreseen_span(sources: Sources, workbook: Workbook) -> Span | None:
    """What the data will be found to cover, from the times in the sources alone; None where there is no time.

    As `data_span`, before any fact is built: rows that will be put aside for other reasons than their time count too.
    """
    zone, ends, months = workbook.timezone, {}, set()
    streams = [n for n in STREAMS if n in sources.names]
    for name in streams or [n for n in _DATED if n in sources.names]:
        source = sources[name]
        time = source.table[source.contract.time or _DATED[name]]
        try:
            begin = f"{FIRST_YEAR if streams else 1990}-01-01"
            low, high = (ibis.literal(v).cast("timestamp") for v in (begin, "2070-01-01"))
            rows = source.table.filter((time >= low) & (time < high))
            minute = rows[time.get_name()].truncate("m").name("minute")
            minutes = rows.group_by(minute).aggregate(rows=rows.count()).to_pandas()
        except duckdb.Error as error:
            raise unreadable(source.label, error, source.files, source.kind) from None
        if len(minutes):
            minutes["month"] = local_months(minutes["minute"], zone)
            by_month = minutes.groupby("month").agg(rows=("rows", "sum"), first=("minute", "min"), last=("minute", "max"))
            begin = by_month.index.min()
            if streams:
                begin = first_month(by_month["rows"].to_dict(), lambda m, t=by_month: (t.at[m, "first"], t.at[m, "last"]))
            by_month = by_month[by_month.index >= begin]
            ends[name] = (by_month["first"].min(), by_month["last"].max())
            months |= set(by_month.index)
    return _span(months, ends, zone) if ends else None


def _instants(file: str) -> pd.Series:
    return pyarrow.parquet.read_table(file, columns=["occurred_at"])["occurred_at"].to_pandas()
