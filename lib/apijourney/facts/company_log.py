"""The event log of a study: what everybody did, and everything the company's own tables say happened.

Unit: an event. The touchpoints and calls of the store and the events of the ledgers are put together, given to the
accounts they belong to, and narrowed to the customers, the segment and the product asked for. Bots are still among them.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from apijourney.facts.actors import with_accounts
from apijourney.facts.event_log import EventLog, coded_event_log
from apijourney.facts.ledger_events import ledger_events
from apijourney.facts.steps import LOOKED_FOR

SOURCE_OF = {
    "request": "requests", "invoice": "invoices", "ticket": "tickets",
    "account_created": "accounts", "account_closed": "accounts",
}  # fmt: skip
"""The canonical table of the events that are no touchpoints."""


def everything_known(study) -> EventLog:
    """Every touchpoint, call, invoice, ticket, opening and closing that is known and counts."""
    parts = [_mapped(file) for file in study.store.paths("events", study.data_months)]
    actors, ledger = study.store.actors(), ledger_events(study.store)
    if len(ledger):
        actors, ledger["actor"] = with_accounts(actors, ledger.pop("account_id"))
        parts.append(_dictionary_coded(pa.Table.from_pandas(ledger, preserve_index=False)))
    rows = pa.concat_tables(parts, promote_options="permissive").unify_dictionaries()
    identities = study.store.ledger("identities")
    log = coded_event_log(
        rows, actors, identities=identities if len(identities) else None, observed_until=study.observed_until
    )
    names = frozenset(t.touchpoint for t in study.workbook.journey)
    log = replace(log, known=_known_events(study), journey=names, zone=study.zone)
    keep = ~log.accounts.isin(study.left_out)
    if study.segment != "all":
        keep &= log.accounts.isin(set(study.accounts["account_id"]))
    mask = keep[log.account] & (log.time >= study.observed_from)
    if study.product != "all" and "product" in log.properties:
        mask &= ~log.mask("request") | np.asarray(log.properties["product"] == study.product)
    return log if mask.all() else log.select(mask)


def _known_events(study) -> frozenset[str]:
    """Every name an event may have: those of the journey and the definitions, the usual ones, and any that ever occurred."""
    filters = [t.filter for t in study.workbook.journey]
    filters += filter(None, (study.workbook.definitions.active, study.workbook.definitions.transaction))
    names = {*LOOKED_FOR, *SOURCE_OF, *(f.event for f in filters)}
    for file in study.store.paths("events", study.store.months("events")):
        for part in _mapped(file)["event"].chunks:
            names.update(part.dictionary.to_pylist())
    return frozenset(names)


def _mapped(file: str) -> pa.Table:
    """The rows of one file of events, mapped into memory."""
    with pa.memory_map(file) as source:
        return pa.ipc.open_file(source).read_all()


def _dictionary_coded(rows: pa.Table) -> pa.Table:
    """Code every text column against a dictionary."""
    for i, column in enumerate(rows.schema):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            rows = rows.set_column(i, column.name, rows.column(i).cast(pa.string()).dictionary_encode())
    return rows
