"""Which rows of the facts, and which calls, count in a study?

Unit: a row of a fact, or one call. Known are the rows of the observed interval that had arrived by its end. Of these
count the rows of customers, of the segment and the product asked for; calls of a developer who is linked to an account
are that account's. What the rows mean is said where they are built: see `definitions` and `money`.
"""

import ibis
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.as_known import as_known
from apijourney.facts.endpoints import with_endpoints
from apijourney.facts.money.facts import SCHEMAS as MONEY


def known_fact(study, kind: str, months: list[str] | None = None) -> ibis.Table:
    """The rows of a fact that are known, of everybody; of calls, those since `observed_from`.

    months : all up to the study's by default.

    Raises
    ------
    WorkbookError : where there are no calls in these months.
    """
    if months is None:
        since = "" if kind in MONEY else study.data_months[0]  # what a stream has far before the rest is not used
        months = [m for m in study.store.months(kind) if since <= m <= study.month]
    files = study.store.paths(kind, months)
    if not files and kind not in MONEY:
        raise WorkbookError(f"{kind}: there are no requests in the months asked for; choose other months.")
    rows = _read(study, kind, months) if files else ibis.memtable(MONEY[kind].empty_table())
    if kind not in MONEY:  # a ledger is known as a whole: what is paid for in a month may have been billed before
        rows = rows.filter(rows.day >= ibis.literal(str(study.from_day)).cast("date"))
    return rows.filter(rows.received_day < ibis.literal(str(study.until_day)).cast("date"))


def known_calls(study, months: list[str]) -> ibis.Table:
    """The clean calls of some months that are known and count, with `endpoint` as template and `product`."""
    rows = _read(study, "requests", months)
    since, until = (
        ibis.timestamp(pd.Timestamp(t, unit="us").to_pydatetime()) for t in (study.observed_from, study.observed_until)
    )
    rows = rows.filter((rows.occurred_at >= since) & (rows.occurred_at < until))
    rows = rows.filter(rows.received_at.isnull() | (rows.received_at < until))
    return counting(study, with_endpoints(rows, study.workbook))


def _read(study, kind: str, months: list[str]) -> ibis.Table:
    """The files of some months; named alike in every study, so that a question of them has been asked before."""
    return study.con.read_parquet(study.store.paths(kind, months), table_name="_".join([kind, *months]))


def counting(study, rows: ibis.Table) -> ibis.Table:
    """The rows that count: of the product asked for, of customers, of the segment; calls by the account they belong to."""
    if study.product != "all":
        rows = rows.filter(rows["product"] == study.product)
    links = as_known("identities", study.store.ledger("identities"), study.until, study.until_day)
    links = links.dropna(subset=["developer_id", "account_id"])
    if len(links) and "developer_id" in rows.columns:
        first = links.sort_values(["linked_at", "account_id"]).drop_duplicates("developer_id")
        known = ibis.memtable(
            first[["developer_id", "account_id"]].set_axis(["_developer", "_account"], axis=1).astype("str")
        )
        rows = rows.left_join(known, rows.developer_id == known._developer)
        rows = rows.mutate(account_id=ibis.coalesce(rows.account_id, rows._account))
        rows = rows.drop("_developer", "_account")
    if study.left_out:
        rows = rows.filter(rows.account_id.isnull() | rows.account_id.notin(sorted(study.left_out)))
    return rows.filter(rows.account_id.notnull()) if study.segment != "all" else rows
