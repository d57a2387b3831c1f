"""Sessions: what does one visit to the site hold, from its first page to its last?

Unit: the session: touchpoints of one unit (account, developer or visitor) with less than 30 minutes from
each to the next. A page view is a touchpoint that names its page; a search, an opened sandbox and a
sign-up are made on pages, too. Two people of one account who are there at once make one session. How long
the last page of a session was read is not known.
"""

import numpy as np
import pandas as pd

from apijourney.facts.event_log import EventLog
from apijourney.facts.remember import remembered
from apijourney.workbook import EventFilter

GAP_MINUTES = 30
GAP_US = GAP_MINUTES * 60 * 1_000_000


def portal_mask(study, log: EventLog | None = None) -> np.ndarray:
    """Which rows of a log (the study's, by default) are touchpoints of the site, and no calls or ledger lines?"""
    log = study.events if log is None else log
    names = [study.source_of(EventFilter(event=name)) == "touchpoints" for name in log.events]
    return np.array(names, dtype=bool)[log.event] if len(log) else np.zeros(0, dtype=bool)


def session_numbers(log: EventLog) -> np.ndarray:
    """The running number of the session each row of a log belongs to.

    >>> from apijourney.facts.event_log import event_log
    >>> log = event_log(pd.DataFrame({"account_id": ["a", "a", "a", "b"], "event": "docs_view",
    ...     "occurred_at": ["2026-10-01T09:00", "2026-10-01T09:29", "2026-10-01T09:59", "2026-10-01T10:00"]}))
    >>> session_numbers(log).tolist()
    [0, 0, 1, 2]
    """
    begins = np.ones(len(log), dtype=bool)
    begins[1:] = (log.account[1:] != log.account[:-1]) | (np.diff(log.time) >= GAP_US)
    return np.cumsum(begins) - 1


def sessions(log: EventLog) -> pd.DataFrame:
    """What does each session hold?

    log : touchpoints with the property `page`; rows without one are touchpoints, but no page views.

    Returns
    -------
    One row a session, by unit and time: unit (code in `log.accounts`), began (microseconds UTC of its
    first touchpoint), touchpoints, views (page views; 0 is possible), bounced (one page view and
    nothing else).

    >>> from apijourney.facts.event_log import event_log
    >>> log = event_log(pd.DataFrame({"account_id": ["a", "a", "b"], "event": "docs_view", "page": "/docs",
    ...     "occurred_at": ["2026-10-01T09:00", "2026-10-01T09:20", "2026-10-01T10:00"]}))
    >>> sessions(log)[["unit", "views", "bounced"]]
       unit  views  bounced
    0     0      2    False
    1     1      1     True
    """
    number = session_numbers(log)
    first = np.flatnonzero(np.diff(number, prepend=-1))
    touchpoints = np.bincount(number, minlength=len(first))
    views = np.bincount(number, weights=_names_a_page(log), minlength=len(first)).astype("int64")
    return pd.DataFrame(
        {
            "unit": log.account[first],
            "began": log.time[first],
            "touchpoints": touchpoints,
            "views": views,
            "bounced": (touchpoints == 1) & (views == 1),
        }
    )


def reading_times(log: EventLog) -> pd.DataFrame:
    """How long was each page open, until the next page of the same session?

    log : as in `sessions`.

    Returns
    -------
    One row a page view with another after it in its session: unit, at (microseconds UTC), page, seconds
    (whole). The last view of a session is left out: when its reader left is not known.

    >>> from apijourney.facts.event_log import event_log
    >>> log = event_log(pd.DataFrame({"account_id": ["a", "a", "b"], "event": "docs_view", "page": ["/", "/docs", "/"],
    ...     "occurred_at": ["2026-10-01T09:00", "2026-10-01T09:20", "2026-10-01T10:00"]}))
    >>> reading_times(log)[["unit", "page", "seconds"]]
       unit page  seconds
    0     0    /     1200
    """
    number = session_numbers(log)
    at = np.flatnonzero(_names_a_page(log))
    followed = number[at[1:]] == number[at[:-1]]
    from_, to = at[:-1][followed], at[1:][followed]
    return pd.DataFrame(
        {
            "unit": log.account[from_],
            "at": log.time[from_],
            "page": log.properties["page"][from_].astype("str"),
            "seconds": (log.time[to] - log.time[from_]) // 1_000_000,
        }
    )


@remembered
def portal_log(study) -> EventLog:
    """The touchpoints of people on the site."""
    return study.events.select(portal_mask(study))


@remembered
def sessions_of(study) -> pd.DataFrame:
    """The sessions of people that have a page view."""
    table = sessions(portal_log(study))
    return table[table["views"] > 0].reset_index(drop=True)


def _names_a_page(log: EventLog) -> np.ndarray:
    page = log.properties.get("page")
    return np.zeros(len(log), dtype=bool) if page is None else page.codes >= 0
