"""Paths: what do accounts do next?

Unit: a step from one event of an account to its next, or an account at its n-th event. A path that
ends may go on after the observed moment. It shows what follows what, not what causes what.
"""

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.event_log import EventLog, event_log
from apijourney.metrics.by_month import ratio
from apijourney.metrics.uncertainty import wilson

START, END = "(start)", "(end)"


def transitions(events, *, collapse=False, observed_until=None) -> pd.DataFrame:
    """After each event, how often does which event follow?

    Parameters
    ----------
    events : an `EventLog`, or a table that `event_log` accepts; narrow it by `EventLog.select`.
    collapse : count a run of the same event as one.
    observed_until : first instant not observed (UTC).

    Returns
    -------
    One row a pair that occurs, most frequent first: from_event ("(start)" before an account's
    first), to_event ("(end)" after its last), count, share (of all that follow from_event),
    numerator, denominator, accounts (different accounts that went this way). No interval: the
    steps of one account resemble each other.

    >>> log = pd.DataFrame({"account_id": ["a", "a"], "event": ["docs_view", "sign_up"],
    ...     "occurred_at": ["2026-10-01", "2026-10-02"]})
    >>> transitions(log)[["from_event", "to_event", "count"]]
      from_event   to_event  count
    0    (start)  docs_view      1
    1  docs_view    sign_up      1
    2    sign_up      (end)      1
    """
    log = _collapsed(event_log(events, observed_until=observed_until), collapse)
    n = len(log.events)
    first = np.append(True, log.account[1:] != log.account[:-1])[: len(log)]
    last = np.append(first[1:], True)[: len(log)]
    before = np.where(first, n, np.roll(log.event, 1))
    pairs = np.concatenate([before * (n + 2) + log.event, log.event[last] * (n + 2) + n + 1])
    who = np.concatenate([log.account, log.account[last]])
    table = pd.DataFrame({"pair": pairs, "who": who}).groupby("pair")["who"].agg(["size", "nunique"])
    names = np.array([*log.events, START, END], dtype=object)
    pair = table.index.to_numpy().astype(np.int64)
    found = pd.DataFrame(
        {
            "from_event": pd.array(names[pair // (n + 2)], dtype="str"),
            "to_event": pd.array(names[pair % (n + 2)], dtype="str"),
            "count": table["size"].to_numpy(),
            "accounts": table["nunique"].to_numpy(),
        }
    )
    total = found.groupby("from_event")["count"].transform("sum")
    found = found.assign(share=ratio(found["count"], total), numerator=found["count"], denominator=total)
    found = found.sort_values(["count", "from_event", "to_event"], ascending=[False, True, True])
    columns = ["from_event", "to_event", "count", "share", "numerator", "denominator", "accounts"]
    return found.reset_index(drop=True)[columns]


def step_matrix(events, n=10, *, collapse=False, observed_until=None) -> pd.DataFrame:
    """Where are accounts after 1, 2, … n events?

    Parameters
    ----------
    events, collapse, observed_until : as in `transitions`.
    n : how many events of each account to follow.

    Returns
    -------
    One row a position and event that occurs: position (1 = an account's first event), event
    ("(end)": no such event any more), accounts, share (of all accounts with an event), low, high
    (95 % Wilson), numerator, denominator. The shares of a position add up to 1.

    >>> log = pd.DataFrame({"account_id": ["a", "a", "b"], "event": ["docs_view", "sign_up", "docs_view"],
    ...     "occurred_at": ["2026-10-01", "2026-10-02", "2026-10-02"]})
    >>> step_matrix(log, 2)[["position", "event", "share"]]
       position      event  share
    0         1  docs_view    1.0
    1         2    sign_up    0.5
    2         2      (end)    0.5
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise WorkbookError(f"n: give a whole number of events from 1 on, not {n!r}.")
    log = _collapsed(event_log(events, observed_until=observed_until), collapse)
    first = np.append(True, log.account[1:] != log.account[:-1])[: len(log)]
    begin = np.maximum.accumulate(np.where(first, np.arange(len(log)), 0))
    position = np.arange(len(log)) - begin
    early = position < n
    counts = np.zeros((n, len(log.events) + 1), dtype=np.int64)
    np.add.at(counts, (position[early], log.event[early]), 1)
    everyone = int(first.sum())
    counts[:, -1] = everyone - counts[:, :-1].sum(axis=1)
    at, event = np.nonzero(counts)
    names = np.array([*log.events, END], dtype=object)
    accounts = counts[at, event]
    total = np.full(len(at), everyone)
    low, high = wilson(accounts, total)
    table = pd.DataFrame(
        {
            "position": at + 1,
            "event": pd.array(names[event], dtype="str"),
            "accounts": accounts,
            "share": ratio(accounts, total),
            "low": low,
            "high": high,
            "numerator": accounts,
            "denominator": total,
        }
    )
    return table


def _collapsed(log: EventLog, collapse: bool) -> EventLog:
    if not collapse or not len(log):
        return log
    repeats = (log.account[1:] == log.account[:-1]) & (log.event[1:] == log.event[:-1])
    return log.select(np.append(True, ~repeats))
