"""Which months do the data cover, and from which day to which?

Unit: a local month. The streams decide, or, where there is none, invoices and accounts. It does not say whether a
month in between is complete: gaps are a matter of quality.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.parquet

from apijourney.errors import WorkbookError
from apijourney.facts.store import NO_MONTH, FactStore
from apijourney.localtime import local_day_of, local_months
from apijourney.sources.contracts import STREAMS
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


def _instants(file: str) -> pd.Series:
    return pyarrow.parquet.read_table(file, columns=["occurred_at"])["occurred_at"].to_pandas()
