"""The touchpoint map: which steps of the journey can we measure, and how much happens there?

Unit: the account, developer or visitor at a touchpoint. Bots are left out. It counts who was at a
touchpoint in a month, whether or not for the first time; only a touchpoint marked `first` in the workbook file counts
nobody twice. It does not say how well it went.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from apijourney.errors import unknown
from apijourney.facts.carried import needs_of
from apijourney.facts.event_log import EventLog, event_log
from apijourney.facts.remember import remembered
from apijourney.formats import month_name
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.product.marks import marked
from apijourney.metrics.product.conversion.paths import END, START, transitions
from apijourney.workbook import STAGES

OTHER = "(another)"
LEAST_STEPS = 20  # fewer steps than this from a touchpoint: too few for shares


def volume(events, *, identities=None, observed_until=None) -> pd.DataFrame:
    """How often did each event happen, and to how many?

    Parameters
    ----------
    events, identities, observed_until : as in `event_log`.

    Returns
    -------
    One row an event, the most frequent first: event, events (rows), units (distinct accounts, or
    developers or visitors who have no account).

    >>> log = pd.DataFrame({"account_id": ["a", "a", "b"], "event": ["docs_view", "docs_view", "docs_view"],
    ...     "occurred_at": ["2026-10-01", "2026-10-02", "2026-10-02"]})
    >>> volume(log)
           event  events  units
    0  docs_view       3      2
    """
    log = event_log(events, identities=identities, observed_until=observed_until)
    table = pd.DataFrame({"event": log.event, "unit": log.account})
    counts = table.groupby("event")["unit"].agg(events="size", units="nunique").reset_index()
    counts["event"] = pd.array([log.events[i] for i in counts["event"]], dtype="str")
    return counts.sort_values(["events", "event"], ascending=[False, True], ignore_index=True)


@remembered
def touchpoint_map(study, *, month: str = "") -> pd.DataFrame:
    """What is the journey, who owns each step, and how many were there in a month?

    month : one of the observed months; the reported one by default.

    Returns
    -------
    One row a touchpoint, in the order of the stages: stage, touchpoint, owner, events, units (both
    NaN where it cannot be measured; 0 where nothing happened), measured (bool), remedy (what to add).
    """
    month = _known_month(study, month)
    rows = []
    for touchpoint in study.workbook.journey:
        by_month, remedy = _measured(study, touchpoint.touchpoint)
        events = units = np.nan
        if not remedy:
            counts = by_month[by_month["month"] == month]
            events, units = counts["events"].iloc[0], counts["units"].iloc[0]
        rows.append(
            {"stage": touchpoint.stage, "touchpoint": touchpoint.touchpoint, "owner": touchpoint.owner,
             "events": events, "units": units, "measured": not remedy, "remedy": remedy}
        )  # fmt: skip
    table = pd.DataFrame(rows).astype({"events": "float64", "units": "float64"})
    order = table["stage"].map({s: i for i, s in enumerate(STAGES)})
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)


@remembered
def touchpoint_trend(study, touchpoint: str) -> pd.DataFrame | NotMeasurable:
    """How many were at one touchpoint in each month shown?

    Returns month, events, value (units), low, high (NaN: a count has no interval), mature. Months
    before the touchpoint was first seen are NaN: it may not have been recorded yet.
    """
    study.workbook.touchpoint(touchpoint)
    by_month, remedy = _measured(study, touchpoint)
    if remedy:
        return NotMeasurable(f"The touchpoint “{touchpoint}”", f"{remedy.rstrip('.')}.")
    table = by_month[by_month["month"].isin(study.months)].reset_index(drop=True)
    table = table.rename(columns={"units": "value"})
    return table.assign(low=np.nan, high=np.nan, mature=True)


@remembered
def _measured(study, touchpoint: str) -> tuple[pd.DataFrame, str]:
    """What happened at a touchpoint in every month observed; or else what to add."""
    found = study.workbook.touchpoint(touchpoint)
    mask = _mask(study, found)
    remedy = _remedy(study, found, mask)
    return (pd.DataFrame() if remedy else _by_month(study, mask, study.all_months)), remedy


def stage_volume(study) -> pd.DataFrame | NotMeasurable:
    """How many accounts and visitors were at each stage in each month shown?

    Returns one row a stage and month: month, stage, events, units (each counted once a stage and
    month). Stages without a measured touchpoint are left out; months before the first event of a
    stage are NaN.
    """
    parts = []
    for stage in STAGES:
        mask = np.zeros(len(study.events), dtype=bool)
        for touchpoint in study.workbook.journey:
            if touchpoint.stage == stage:
                mask |= _mask(study, touchpoint)
        if mask.any():
            parts.append(_by_month(study, mask, study.months).assign(stage=stage))
    if not parts:
        return NotMeasurable(
            "Volume by stage", "no touchpoint of the journey was seen; check the events it names."
        )
    return pd.concat(parts, ignore_index=True)[["month", "stage", "events", "units"]]


@remembered
@needs("touchpoints", what="The paths people take")
def path_counts(study, *, month: str = "", most: int = 18) -> pd.DataFrame | NotMeasurable:
    """How often did which touchpoint of the portal follow which, in one month?

    Calls are left out: they would drown everything else.

    month : the reported one by default.
    most : how many touchpoints are shown, the most frequent ones; the rest is "(another)".

    Returns
    -------
    A matrix of counts, index = from, columns = to, both in the order of the journey. "(start)" is
    somebody's first touchpoint of the month, "(end)" means no further one in it.
    """
    month = _known_month(study, month)
    every, names = _on_portal(study)
    start, end = study.bounds(month)
    log = every.select((every.time >= start) & (every.time < end))
    seen = np.bincount(log.event, minlength=len(names))
    present = [name for name, many in zip(names, seen, strict=True) if many]
    if not present:
        return NotMeasurable("The paths people take", f"no touchpoint was seen in {month_name(month)}.")
    frequent = sorted(present, key=lambda name: -int(seen[names.index(name)]))[:most]
    shown = [name for name in present if name in frequent]
    table = transitions(log)
    for side in ("from_event", "to_event"):
        table[side] = table[side].where(table[side].isin([*shown, START, END]), OTHER)
    counts = table.groupby(["from_event", "to_event"])["count"].sum().unstack(fill_value=0)
    rest = [OTHER] if len(shown) < len(present) else []
    return counts.reindex(index=[START, *shown, *rest], columns=[*shown, *rest, END], fill_value=0)


@remembered(most=1)
def _on_portal(study) -> tuple[EventLog, list[str]]:
    """What people did on the portal in the words of the journey, calls left out; and these words in their order."""
    journey = sorted(study.workbook.journey, key=lambda t: STAGES.index(t.stage))
    portal = [t.touchpoint for t in journey if study.source_of(t.filter) == "touchpoints"]
    log = replace(study.events, properties={}, received=None)
    return marked(log, {name: study.events.mask(study.step(name)) for name in portal}), portal


@passes_on
def path_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Of all that follows a touchpoint, which share is what?

    counts : from `path_counts`. Returns the same matrix of shares; a row adds up to 1, or is NaN
    where fewer than 20 steps begin. No interval: the steps of one account resemble each other.

    >>> path_shares(pd.DataFrame({"docs": [30, 1], "(end)": [10, 1]}, index=["docs", "pricing"]))
             docs  (end)
    docs     0.75   0.25
    pricing   NaN    NaN
    """
    total = counts.sum(axis=1)
    return counts.div(total.where(total >= LEAST_STEPS), axis=0)


def _known_month(study, month: str) -> str:
    if month and month not in study.all_months:
        raise unknown("month", month, study.all_months, where="month")
    return month or study.month


def _mask(study, touchpoint) -> np.ndarray:
    if study.lacks(study.source_of(touchpoint.filter)):
        return np.zeros(len(study.events), dtype=bool)
    log = study.events
    mask = log.mask(study.step(touchpoint.touchpoint))
    if touchpoint.first:  # the log is sorted by unit, then time
        at = np.flatnonzero(mask)
        mask = np.zeros(len(log), dtype=bool)
        mask[at[np.unique(log.account[at], return_index=True)[1]]] = True
    return mask


def _remedy(study, touchpoint, mask: np.ndarray) -> str:
    """What to add so that a touchpoint becomes measurable; empty where it is."""
    source = study.source_of(touchpoint.filter)
    if study.lacks(source):
        return touchpoint.needs or f'add the table "{source}"'
    if mask.any():
        return ""
    empty = study.lacks(*needs_of(touchpoint.filter, source))
    if empty:
        return touchpoint.needs or f"no row of {source} fills {' and '.join(e.split('.')[1] for e in empty)}: map it"
    seen = f'no "{touchpoint.filter.event}" was seen up to {month_name(study.month)}: check the event it names'
    return touchpoint.needs or seen


@remembered(most=1)
def _month_of_rows(study) -> np.ndarray:
    """The local month of each row of the study's events, counted from the first month observed."""
    starts = [study.bounds(month)[0] for month in study.all_months[1:]]
    return np.searchsorted(np.array(starts, dtype=np.int64), study.events.time, side="right").astype(np.int16)


def _by_month(study, mask: np.ndarray, months: list[str]) -> pd.DataFrame:
    """Count rows and distinct units by local month; NaN before the first marked row of all."""
    log: EventLog = study.events
    month, unit = _month_of_rows(study)[mask], log.account[mask]
    seen = np.zeros((len(study.all_months), len(log.accounts)), dtype=bool)
    seen[month, unit] = True
    events = np.bincount(month, minlength=len(seen)).astype("float64")
    units = seen.sum(axis=1).astype("float64")
    at = np.array([study.all_months.index(m) for m in months])
    unseen = at < month.min(initial=len(seen))
    return pd.DataFrame(
        {
            "month": months,
            "events": np.where(unseen, np.nan, events[at]),
            "units": np.where(unseen, np.nan, units[at]),
        }
    )
