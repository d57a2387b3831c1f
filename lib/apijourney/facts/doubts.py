"""Which rows are used, or not, though they look as if something had gone wrong where they were written?

Unit: a check of a table. Nothing is corrected: each doubt names its table, column, count and an example, and what to
do. What a single row shows by itself is the gate's; here rows are held against other rows and other tables.
"""

from collections.abc import Iterator

import ibis
import pandas as pd

from apijourney.facts.as_known import as_known
from apijourney.formats import percent
from apijourney.sources.contracts import CONTRACTS, OWN_EVENTS, STREAMS
from apijourney.sources.values import TOLD_APART

Doubt = tuple[str, str, str, int, str, str]
LATE_DAYS = 31
"""A stream that begins so many days after another one takes whole months from what is shown."""


def doubts(study) -> Iterator[Doubt]:
    """Every doubt about a study: table, check, column, rows, example, severity. rows may be 0: no doubt then."""
    yield from _named_like_ours(study)
    yield from _far_before(study)
    yield from _cut_by_a_younger_stream(study)
    yield from _strangers(study)
    yield from _money(study)


def _named_like_ours(study) -> Iterator[Doubt]:
    rows = _stream(study, "touchpoints")
    if rows is None:
        return
    renamed = [f"{name}{TOLD_APART}" for name in OWN_EVENTS]
    found = rows.filter(rows.touchpoint.isin(renamed)).touchpoint.value_counts(name="rows").to_pandas()
    names = ", ".join(f"“{name.removesuffix(TOLD_APART)}”" for name in sorted(found["touchpoint"]))
    check = f"named {names}, as the workbook calls the rows of other tables: read with “{TOLD_APART.strip()}” behind the name; rename it in the source"
    yield "touchpoints", check, "touchpoint", int(found["rows"].sum()), min(found["touchpoint"], default=""), "kept, renamed"


def _far_before(study) -> Iterator[Doubt]:
    for name in STREAMS:
        rows = _stream(study, name, [m for m in study.store.months(name) if m < study.data_months[0]])
        if rows is None:
            continue
        n, first = rows.aggregate(n=rows.count(), first=rows.occurred_at.min()).to_pandas().iloc[0]
        check = f"more than a year before all others, which begin in {study.data_months[0]}; correct the time, or take the row away"
        yield name, check, "occurred_at", int(n), f"{pd.Timestamp(first):%Y-%m-%d}", "put aside"


def _cut_by_a_younger_stream(study) -> Iterator[Doubt]:
    if study.workbook.observed_from or len(study.begins) < 2:
        return
    young, older = max(study.begins, key=study.begins.get), min(study.begins, key=study.begins.get)
    if (study.begins[young] - study.begins[older]).astype(int) < LATE_DAYS:
        return
    rows = _stream(study, older)
    early = rows.filter(rows.occurred_at < ibis.timestamp(pd.Timestamp(study.observed_from, unit="us").to_pydatetime())).count().execute()
    check = (
        f"recorded before {young} begin on {study.begins[young]}; to use them, set observed_from in "
        f"{study.workbook.path.name} to an earlier day (what needs {young} is then unknown for months before them)"
    )
    yield older, check, "occurred_at", int(early), str(study.begins[older]), "not used"


def _strangers(study) -> Iterator[Doubt]:
    """Ids of accounts that the table of accounts does not have, though there is one."""
    if "accounts" not in study.tables:
        return
    known = set(study.store.ledger("accounts")["account_id"])
    alike = {name.casefold(): name for name in sorted(known, reverse=True)}
    for table in study.tables:
        if table == "accounts" or "account_id" not in CONTRACTS[table].columns:
            continue
        ids = _ids(study, table)
        ids = ids[~ids.index.isin(known)]
        cased = [name for name in ids.index if name.casefold() in alike]
        check = "an account that is not in accounts; add it there, or write its id as it stands there"
        if cased:
            of = "they all differ" if len(cased) == len(ids) else f"{percent(ids[cased].sum() / ids.sum())} differ"
            check += f" ({of} only in capitals: “{cased[0]}” is “{alike[cased[0].casefold()]}” there)"
        yield table, check, "account_id", int(ids.sum()), next(iter([*cased, *ids.index]), ""), "kept, belongs to no known account"


def _ids(study, table: str) -> pd.Series:
    """How many rows of a table name each account."""
    if table not in STREAMS:
        return _known_rows(study, table)["account_id"].value_counts().sort_index()
    if table == "requests":
        files = study.store.paths("activity", study.data_months)
        rows = study.con.read_parquet(files) if files else None
        counted = None if rows is None else rows.group_by("account_id").aggregate(rows=rows.calls.sum())
    else:
        rows = _stream(study, table)
        counted = None if rows is None else rows.group_by("account_id").aggregate(rows=rows.count())
    if counted is None:
        return pd.Series(dtype="int64")
    return counted.filter(counted.account_id.notnull()).to_pandas().set_index("account_id")["rows"].sort_index()


def _money(study) -> Iterator[Doubt]:
    for table in ("invoices", "costs"):
        if table not in study.tables:
            continue
        rows = _known_rows(study, table)
        unsaid = 0 if "currency" in study.workbook.model_fields_set else int(rows["currency"].isna().sum())
        code = study.workbook.currency
        check = f"no currency is given, neither in the table nor as currency in {study.workbook.path.name}: taken for {code}, the usual one"
        yield table, check, "currency", unsaid, code, "kept, assumed"
    if "costs" in study.tables:
        below = _known_rows(study, "costs")["amount_minor"].astype("float64")
        below = below[below < 0]
        check = "negative costs, taken off the others as a supplier's credit; if they were spent, write them without the sign"
        yield "costs", check, "amount_minor", len(below), f"{below.min():.0f}" if len(below) else "", "kept, as credits"


def _known_rows(study, name: str) -> pd.DataFrame:
    """The rows of a small table that were known by the end of the month."""
    return as_known(name, study.store.ledger(name), study.until, study.until_day)


def _stream(study, name: str, months: list[str] | None = None) -> ibis.Table | None:
    """The clean rows of a stream, of the months of the study by default; None where there are none."""
    files = study.store.paths(name, study.data_months if months is None else months)
    return study.con.read_parquet(files) if files else None
