"""Actors: who did what, as the ids came, each known by one number.

Unit of observation: an actor, a visitor, developer and account id as they stood together in a row,
any of them empty. The list only grows: a number once given keeps its meaning, so that the event
files of other months never have to be written again. Whose account an actor is, is not settled
here; `coded_event_log` does that at read, from the links known then.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
from ibis.expr.types import Table

IDS = ("visitor_id", "developer_id", "account_id")
_SCHEMA = pa.schema([(name, pa.string()) for name in IDS])


def read_actors(file: Path) -> pa.Table:
    """Read the list of actors; an actor's number is its row. Empty where there is no file yet."""
    return pa.parquet.read_table(file, schema=_SCHEMA) if file.exists() else _SCHEMA.empty_table()


def coded(actors: pa.Table) -> pa.Table:
    """The list with its numbers written out, as the engine joins it."""
    return actors.append_column("actor", pa.array(np.arange(len(actors), dtype=np.int32)))


def newcomers(events: Table, listed: Table) -> Table:
    """The actors of some events that the list does not hold yet, in the order of their ids.

    listed : the list as from `coded`.
    """
    here = events.select(*IDS).distinct()
    return here.anti_join(listed, [here[name].identical_to(listed[name]) for name in IDS]).order_by(*IDS)


def with_newcomers(known: pa.Table, found: pa.Table) -> pa.Table:
    """Append newcomers to the list; the others keep their numbers."""
    return pa.concat_tables([known, found.cast(_SCHEMA)]).combine_chunks()


def numbered(events: Table, listed: Table) -> Table:
    """Put the actor's number in the place of its ids."""
    found = events.inner_join(listed, [events[name].identical_to(listed[name]) for name in IDS])
    kept = [name for name in events.columns if name not in IDS]
    return found.select("actor", *[events[name] for name in kept])


def with_accounts(actors: pd.DataFrame, accounts: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Append accounts that only ledgers name, and give each of them its number.

    Returns the longer list and one number for every value of `accounts`.
    """
    codes, ids = pd.factorize(accounts)
    more = pd.DataFrame({"account_id": ids}).reindex(columns=list(IDS))
    return pd.concat([actors, more], ignore_index=True), pd.Series(codes + len(actors), index=accounts.index)
