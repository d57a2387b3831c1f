"""An event log in the words of the journey: which rows are which touchpoint?

Unit: an event. One call can be a "first call" and a "first success" at once: it then stands in the
result once for each. Whatever is marked as nothing is left out.
"""

from dataclasses import replace

import numpy as np

from apijourney.facts.event_log import EventLog


def marked(log: EventLog, marks: dict[str, np.ndarray]) -> EventLog:
    """Give rows of a log new names.

    Parameters
    ----------
    log : the events.
    marks : new name → boolean for each row.

    Returns
    -------
    An EventLog of the marked rows; equal instants of an account are in the order of `marks`.
    """
    rows = [np.flatnonzero(mask) for mask in marks.values()]
    every = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
    code = np.repeat(np.arange(len(rows), dtype=np.int32), [len(r) for r in rows])
    order = np.lexsort((code, log.time[every], log.account[every]))
    picked = log.select(every[order])
    return replace(picked, event=code[order], events=tuple(marks), declared=True, known=frozenset(), journey=frozenset())


def first_times(log: EventLog, mask: np.ndarray) -> np.ndarray:
    """When did each unit first do the marked thing? Microseconds UTC; the largest integer = never."""
    first = np.full(len(log.accounts), np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(first, log.account[mask], log.time[mask])
    return first
