"""What is there to answer a question with, and since when?

Unit: a table, or a column of one, as known at the end of the month reported on. A table whose first row came later
was not there yet: a month before it is not a month without. It does not say how good the rows are: see `quality`.
"""

import pandas as pd

from apijourney.facts.as_known import as_known
from apijourney.facts.carried import is_carried, needs_of
from apijourney.facts.remember import remembered
from apijourney.sources.contracts import STREAMS

_RECORDED = {"tickets": "opened_at", "surveys": "answered_at", "hosts": "sampled_at"}


def lacking(study, *needs: str) -> list[str]:
    """Which of these tables are not there? Where all are: which columns ("requests.status") are empty?

    "active" and "transaction" stand for the table behind that definition, and the columns it asks of calls. A
    definition that the workbook file does not give needs none. Nor does "outages": incidents are written down or
    derived from calls, and what derives them says what is missing.
    """
    definitions = study.workbook.definitions
    filters = {"active": definitions.active, "transaction": definitions.transaction}
    meant = {n: needs_of(f, study.source_of(f)) if f else () for n, f in filters.items()} | {"outages": ()}
    wanted = list(dict.fromkeys(w for n in needs for w in meant.get(n, (n,))))
    missing = [t for t in dict.fromkeys(w.split(".")[0] for w in wanted) if not _is_there(study, t)]
    return missing or [w for w in wanted if "." in w and not _carries(study, w)]


@remembered
def began(study, table: str) -> int | None:
    """The instant from which a table has rows, microseconds UTC; None where it had none by the end of the month.

    0 where the first row does not tell when recording began: accounts, links and changes describe what is, who has
    billed nobody yet has no invoice, and a month without an incident or a release may have had none.
    """
    if table in STREAMS:
        months = [m for m in study.store.months(table) if m in study.data_months]
        return study.bounds(months[0])[0] if months else None
    rows = as_known(table, study.store.ledger(table), study.until, study.until_day)
    if rows.empty:
        return None
    if table == "costs":
        return study.bounds(rows["month"].min())[0]
    first = rows[_RECORDED[table]].min() if table in _RECORDED else pd.NaT
    return 0 if pd.isna(first) else int(first.to_datetime64().astype("datetime64[us]").astype("int64"))


def _is_there(study, table: str) -> bool:
    return began(study, table) is not None


@remembered
def _carries(study, column: str) -> bool:
    return is_carried(study.store, study.data_months, column)
