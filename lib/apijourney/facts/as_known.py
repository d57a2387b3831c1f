"""What was known at a given instant?

A report on a past month must not know what came later: no account that signed up afterwards, no
closing that had not happened yet, no plan of today. Each small table is cut here; the streams are
cut by the day they were received.
"""

import pandas as pd

_BORN = {
    "accounts": "created_at", "identities": "linked_at", "account_history": "valid_from",
    "invoices": "issued_at", "tickets": "opened_at", "surveys": "answered_at", "hosts": "sampled_at",
    "incidents": "started_at", "releases": "released_at",
}  # fmt: skip
_LATER = {
    "accounts": {"closed_at": ("closed_at", "close_reason")},
    "tickets": {"resolved_at": ("resolved_at",)},
    "incidents": {"ended_at": ("ended_at",)},
}


def as_known(name: str, table: pd.DataFrame, until: pd.Timestamp, until_local_day) -> pd.DataFrame:
    """Cut one small table at an instant.

    Parameters
    ----------
    name : the canonical table.
    table : its rows, instants naive UTC.
    until : the first instant not known, naive UTC.
    until_local_day : the local day that instant begins, for tables dated by day or month.

    Returns
    -------
    The rows that existed; later closings, resolutions and ends are empty again.
    """
    if table.empty:
        return table
    if name in _BORN:
        table = table[table[_BORN[name]] < until]
    elif name in ("fx_rates", "annotations"):
        table = table[pd.to_datetime(table["date"]) < pd.Timestamp(until_local_day)]
    elif name == "costs":
        table = table[table["month"] < str(until_local_day)[:7]]
    table = table.copy()
    for moment, columns in _LATER.get(name, {}).items():
        future = table[moment] >= until
        for column in columns:
            table.loc[future, column] = None
    return table.reset_index(drop=True)


def accounts_at(
    accounts: pd.DataFrame, history: pd.DataFrame, later: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """Give each account the plan, segment and quota that held, instead of those of today.

    accounts, history : already cut by `as_known`. Where an account has no history, the attributes
    of the accounts table stand. later : accounts whose history begins only after the cut; what they
    were then is not known. Adds `entry_segment`: the segment the account began with.
    """
    out = accounts.assign(entry_segment=accounts["segment"])
    unknown = out["account_id"].isin(later)
    for column in ("plan", "segment", "quota_per_month", "entry_segment"):
        out[column] = out[column].where(~unknown)
    if history.empty:
        return out
    ordered = history.sort_values("valid_from", kind="stable")
    last = ordered.groupby("account_id").last()
    first = ordered.groupby("account_id").first()
    ids = out["account_id"]
    for column in ("plan", "segment", "quota_per_month"):
        then = ids.map(last[column])
        out[column] = then.where(then.notna(), out[column])
    began = ids.map(first["segment"])
    out["entry_segment"] = began.where(began.notna(), out["entry_segment"])
    return out
