"""Funnel: of the accounts that took one step, how many took the next, and how fast?

Unit: the account (or, before it is linked, the developer or visitor): one that retries ten times
counts once. An attempt begins with every first step and ends when its window closes; of an
account's closed attempts the longest counts, and of equals the earliest. The rules of other tools are
described in `apijourney.metrics.product.conversion.rules`. It does not say why accounts stop, nor how long those
who have not converted will take: see `time_to`.
"""

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.localtime import local_days, period_of, period_start
from apijourney.metrics.by_month import ratio
from apijourney.metrics.product.conversion.attempts import NO_SEGMENT, Attempts, find
from apijourney.metrics.product.conversion.decisive import decisive_rows
from apijourney.metrics.product.conversion.question import Question, ask
from apijourney.metrics.uncertainty import wilson


def funnel(
    events,
    steps,
    *,
    window="14D",
    order="ordered",
    exclude=(),
    optional=(),
    hold=(),
    by=None,
    attribution="first",
    rules="workbook",
    count="uniques",
    entered=None,
    observed_until=None,
    timezone=None,
) -> pd.DataFrame:
    """Of the accounts that took the first step, how many took each next one in time?

    Parameters
    ----------
    events : an `EventLog`, or a table that `event_log` accepts.
    steps : event names or `Step`s, in order. One event fills at most one step; events of one
        instant fill as many of the next steps as they can.
    window : counted from the first step, its end included: "14D" calendar days of the zone, a
        Timedelta or seconds elapsed time, None endless.
    order : "ordered"; "strict", where any other event ends the attempt; "unordered", where row k
        counts accounts with k + 1 different steps.
    exclude : event names or `Exclude(event, after, before)`. Such an event strictly between the
        two steps, or after the first of them until the window closes, spoils the attempt; an
        account without a clean attempt is in no row.
    optional : steps that may be missing, by index or name; not the first. How far an attempt gets is
        decided by the required steps alone. An optional step is taken by the first event that comes
        in its place: after the step taken before it and before the next required one (after the last
        one taken, until the window closes), not needed for a required step. Only "ordered".
    hold : up to three properties whose values must stay those of the first step. Each account is
        looked at once for each of its values, apart: only events with these values exist then, excluded
        and foreign ones too, and an event without one of the properties belongs to none (Mixpanel
        and Amplitude ask for the property on every event). For uniques the account still counts once,
        with the best of these attempts; for totals every one counts.
    by, attribution : a property, or a Series account_id → segment. Of a property, the value at the
        "first" step (as of entry), at the "last" step taken or at a step index; or "all":
        attempts within the events of one value, so that an account may be in several segments.
    rules : "workbook", or those of "posthog", "mixpanel", "amplitude" or "clickhouse", where a day is
        24 hours and nothing is immature. `apijourney.metrics.product.conversion.rules` says what each does, what
        is not known of it, and what is therefore refused.
    count : "uniques", accounts; "totals", attempts: a new one begins when the last has converted,
        run out or been spoiled.
    entered : when attempts may begin: a month "2026-10" of the zone, or a pair of instants.
    observed_until : first instant not observed (UTC). None: that of the log, else no censoring.
        Only attempts whose window closed by then count.
    timezone : zone of calendar days and months. None: that of the log (that of the company in a study's), else UTC.

    Returns
    -------
    One row a step (and segment): step (0-based), event, accounts (who took it; of an optional step,
    who took it in its place), share_of_first, share_of_previous (of the accounts of the last required
    step before it; NaN at the first step, or if nobody took that), low, high (95 % Wilson interval of
    share_of_first; NaN for totals, which are not independent), immature (accounts without a closed
    attempt: in no other column), median_seconds and mean_seconds (since the last required step before
    it, of those who took this one), numerator and denominator (of share_of_first), mature (True:
    nobody is immature).

    >>> log = pd.DataFrame({"account_id": ["a", "a", "b"], "event": ["sign_up", "request", "sign_up"],
    ...     "occurred_at": ["2026-10-01T09:00", "2026-10-01T09:01", "2026-10-02T09:00"]})
    >>> funnel(log, ["sign_up", "request"])[["event", "accounts", "share_of_first", "median_seconds"]]
         event  accounts  share_of_first  median_seconds
    0  sign_up         2             1.0             NaN
    1  request         1             0.5            60.0
    """
    question = _asked(
        events, steps, window=window, order=order, exclude=exclude, optional=optional, hold=hold, by=by,
        attribution=attribution, rules=rules, count=count, entered=entered, observed_until=observed_until,
        timezone=timezone,
    )  # fmt: skip
    found = find(question)
    if by is None:
        return _table(found, question, np.ones(len(found.level), dtype=bool))
    names = sorted(set(found.segment) - {NO_SEGMENT}) + [NO_SEGMENT] * (NO_SEGMENT in found.segment)
    tables = [_table(found, question, found.segment == name) for name in names]
    for name, table in zip(names, tables, strict=True):
        table.insert(0, "segment", name)
    if not tables:
        tables = [_table(found, question, np.zeros(0, dtype=bool)).iloc[:0]]
        tables[0].insert(0, "segment", pd.array([], dtype="str"))
    return pd.concat(tables, ignore_index=True)


def funnel_accounts(
    events,
    steps,
    *,
    window="14D",
    order="ordered",
    exclude=(),
    optional=(),
    hold=(),
    by=None,
    attribution="first",
    rules="workbook",
    count="uniques",
    entered=None,
    observed_until=None,
    timezone=None,
) -> pd.DataFrame:
    """Which accounts stand behind a funnel, how far did each get, and when?

    Parameters are those of `funnel`. Returns one row an account (for totals, an attempt):
    account_id, level (required steps taken, at least 1), immature (True: its window is still open, it is not
    in the funnel's rates), segment (if `by`), and time_0, time_1, … (instant of each step, naive
    UTC; NaT = not taken). An account whose every attempt was spoiled is not listed. Under the rules of
    Amplitude with held properties it is one row for each account and value.

    >>> log = pd.DataFrame({"account_id": ["a", "b"], "event": ["sign_up", "docs_view"],
    ...     "occurred_at": ["2026-10-01", "2026-10-02"]})
    >>> funnel_accounts(log, ["sign_up", "request"])
      account_id  level  immature     time_0 time_1
    0          a      1     False 2026-10-01    NaT
    """
    question = _asked(
        events, steps, window=window, order=order, exclude=exclude, optional=optional, hold=hold, by=by,
        attribution=attribution, rules=rules, count=count, entered=entered, observed_until=observed_until,
        timezone=timezone,
    )  # fmt: skip
    return _accounts(find(question), question)


def _accounts(found: Attempts, question: Question) -> pd.DataFrame:
    columns = {
        "account_id": question.log.accounts.take(found.account),
        "level": found.level,
        "immature": found.open,
    }
    if found.segment is not None:
        columns["segment"] = pd.array(found.segment, dtype="str")
    times = found.times(question.log)
    columns |= {f"time_{k}": times[:, k] for k in range(len(question.steps))}
    return pd.DataFrame(columns)


def funnel_trend(
    events, steps, *, period="M", week_starts="monday", timezone=None, **options
) -> pd.DataFrame:
    """Does the conversion through the whole funnel change with the time of entry?

    The counted attempt of an account is credited to the period of its first step. Under the rules of
    PostHog, Mixpanel and Amplitude each period is a funnel of its own, so an account may count in several.

    Parameters: period "D", "W" or "M" in the zone; all others are those of `funnel`, without `by`.
    Returns one row a period that somebody entered: period (its first local day), numerator (took
    every step), denominator (entered and closed), share, low, high, immature, mature. While anyone
    of a period is immature its share is NaN: the rest may convert differently.

    >>> log = pd.DataFrame({"account_id": ["a", "a", "b"], "event": ["sign_up", "request", "sign_up"],
    ...     "occurred_at": ["2026-10-01", "2026-10-02", "2026-10-02"]})
    >>> funnel_trend(log, ["sign_up", "request"])[["period", "numerator", "denominator", "share"]]
          period  numerator  denominator  share
    0 2026-10-01          1            2    0.5
    """
    if options.pop("by", None) is not None:
        raise WorkbookError("by: a trend has no segments; select the events of one segment first.")
    question = _asked(events, steps, trend=True, timezone=timezone, **options)
    found = find(question.each(period, week_starts))
    closed = ~found.open
    table = pd.DataFrame(
        {
            "period": period_of(local_days(found.entry, question.timezone), period, week_starts),
            "numerator": (found.level == len(question.required)) & closed,
            "denominator": closed,
            "immature": found.open,
        }
    )
    table = table.groupby("period", as_index=False).sum().astype("int64")
    mature = table["immature"] == 0
    shown = np.where(mature, table["denominator"], 0)
    low, high = wilson(table["numerator"], shown)
    start = period_start(table["period"].to_numpy(), period, week_starts)
    table["period"] = start.astype("datetime64[s]")
    table = table.assign(share=ratio(table["numerator"], shown), low=low, high=high, mature=mature)
    return table[["period", "numerator", "denominator", "share", "low", "high", "immature", "mature"]]


def _asked(events, steps, *, trend=False, **options) -> Question:
    """Read the arguments; of a large table, only the rows that decide are fetched."""
    return ask(decisive_rows(events, steps, trend=trend, **options), steps, **options)


def _table(found: Attempts, q: Question, rows: np.ndarray) -> pd.DataFrame:
    """Count the attempts of some rows into one line a step."""
    closed = rows & ~found.open
    took = found.rows[closed] >= 0
    n_steps = len(q.steps)
    taken = took.sum(axis=0)
    first = np.full(n_steps, taken[0])
    before = [0] + [max(j for j in q.required if j < k) for k in range(1, n_steps)]
    previous = np.append(0, taken[before[1:]])
    low, high = wilson(taken, np.zeros(n_steps) if q.totals else first)
    times = found.times(q.log)[closed]
    gaps = [np.full(0, np.nan)] + [
        (times[took[:, k], k] - times[took[:, k], before[k]]) / np.timedelta64(1, "s")
        for k in range(1, n_steps)
    ]
    names = [step.label for step in q.steps]
    if q.order == "unordered":
        names = [f"any {k + 1} of {n_steps}" for k in range(n_steps)]
    immature = int((rows & found.open).sum())
    return pd.DataFrame(
        {
            "step": np.arange(n_steps),
            "event": pd.array(names, dtype="str"),
            "accounts": taken,
            "share_of_first": ratio(taken, first),
            "share_of_previous": ratio(taken, previous),
            "low": low,
            "high": high,
            "immature": immature,
            "median_seconds": [np.median(g) if len(g) else np.nan for g in gaps],
            "mean_seconds": [g.mean() if len(g) else np.nan for g in gaps],
            "numerator": taken,
            "denominator": first,
            "mature": immature == 0,
        }
    )
