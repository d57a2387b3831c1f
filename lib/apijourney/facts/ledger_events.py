"""Which events stand in the small tables: invoices, tickets, openings and closings of accounts?

Unit: an event of an account. They join the event log at read, since a ledger may still change.
"""

import pandas as pd

# table, column with the instant, name of the event, column kept as a property
_EVENTS = [
    ("invoices", "issued_at", "invoice", "kind"), ("tickets", "opened_at", "ticket", "topic"),
    ("accounts", "created_at", "account_created", None), ("accounts", "closed_at", "account_closed", "close_reason"),
]  # fmt: skip


def ledger_events(store) -> pd.DataFrame:
    """Return account_id, event, occurred_at (naive UTC) and one property, of all ledgers of a store."""
    frames = []
    for name, column, event, detail in _EVENTS:
        rows = store.ledger(name)
        rows = rows[rows[column].notna()]
        if rows.empty:
            continue
        instants = rows[column].astype("datetime64[us]")
        frame = pd.DataFrame({"account_id": rows["account_id"].astype("str"), "event": event, "occurred_at": instants})
        frames.append(frame.assign(**{detail: rows[detail].astype("str")}) if detail else frame)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"account_id": []})
