"""When was something broken, for how long, and how many calls did it cost?

Unit: an incident. Where the table of incidents is there, it is believed; where it is not, incidents
are derived from the calls, which see neither an outage without traffic nor one that no call met.
Why it broke is not in the data.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.localtime import local_time
from apijourney.measurable import NotMeasurable
from apijourney.metrics.by_month import ratio
from apijourney.metrics.infrastructure.service_metrics import production_requests
from apijourney.columns import required

TIMES_THE_USUAL, LEAST_FAILED, QUIET_HOURS = 10, 5, 1
BLOCKS, CALLS_A_BLOCK = (5, 15, 60), 100
"""Incidents are derived in the shortest of these blocks (minutes) that holds so many calls on average, else in the last."""


def incidents_from_calls(
    hourly: pd.DataFrame, *, times: float = TIMES_THE_USUAL, least_failed: int = LEAST_FAILED, minutes: int = 60
) -> pd.DataFrame:
    """In which hours (or shorter blocks) did far more calls fail than usual?

    Parameters
    ----------
    hourly : hour (naive UTC, the start of an hour, or of a block of `minutes`), calls, failed (status 500 to 599); one
        row an hour with calls.
    times : an hour belongs to an incident when its share of failed calls is at least this many times
        the usual, the share of all hours together.
    least_failed : and when at least so many calls failed in it.
    minutes : length of a block.

    Returns
    -------
    One row an incident, in order: started_at (the first such hour), ended_at (the end of the last),
    scope ("derived from calls"). Two such blocks with no more than an hour between them are one incident.
    Times are whole blocks, so a short outage looks longer than it was.

    >>> hourly = pd.DataFrame({"hour": pd.date_range("2026-02-01", periods=48, freq="h"), "calls": 100, "failed": 0})
    >>> hourly.loc[[10, 12], "failed"] = 30
    >>> incidents_from_calls(hourly)[["started_at", "ended_at"]]
               started_at            ended_at
    0 2026-02-01 10:00:00 2026-02-01 13:00:00
    """
    required(hourly, ["hour", "calls", "failed"], where="incidents_from_calls(hourly)")
    usual = hourly["failed"].sum() / max(hourly["calls"].sum(), 1)
    high = hourly["failed"] >= times * usual * hourly["calls"]
    bad = hourly.loc[high & (hourly["failed"] >= least_failed), "hour"].sort_values()
    block = pd.Timedelta(minutes=minutes)
    spell = (bad.diff() > pd.Timedelta(hours=QUIET_HOURS) + block).cumsum()
    spans = bad.groupby(spell).agg(started_at="min", ended_at="max").reset_index(drop=True)
    spans = spans.astype("datetime64[us]")
    return spans.assign(ended_at=spans["ended_at"] + block, scope=pd.Series("derived from calls", index=spans.index, dtype="str"))


@remembered
def known_incidents(study) -> pd.DataFrame | NotMeasurable:
    """The incidents up to the end of the study's month: started_at, ended_at (null = goes on), scope.

    From the table incidents, else derived from the production calls of all observed months. A list that is kept is
    believed of the months before its first incident, too.
    """
    if "incidents" in study.tables:
        found = study.table("incidents")
        if found.empty:
            return pd.DataFrame({"started_at": [], "ended_at": [], "scope": []}).astype(
                {"started_at": "datetime64[us]", "ended_at": "datetime64[us]", "scope": "str"}
            )
        return found[["started_at", "ended_at", "scope"]].sort_values("started_at", ignore_index=True)
    return derived_incidents(study)


@remembered
def derived_incidents(study) -> pd.DataFrame | NotMeasurable:
    """The incidents that the production calls of all observed months show: see `incidents_from_calls`, and BLOCKS for how finely."""
    if study.lacks("requests", "requests.status") or not study.store.paths("calls", study.all_months):
        return NotMeasurable(
            "Incidents",
            'neither "incidents" nor calls that say how they ended are there; add incidents.csv with started_at and ended_at, '
            "or requests with their status, to the source folder, or map them under tables in the workbook file.",
        )
    calls = production_requests(study, study.all_months)
    calls = calls.mutate(block=(calls.occurred_at.epoch_seconds() // (60 * BLOCKS[0])).cast("int64"))
    found = calls.group_by("block").aggregate(calls=calls.count(), failed=calls.status.between(500, 599).sum())
    found = found.order_by("block").to_pandas()
    observed = (study.observed_until - study.observed_from) / 60e6
    minutes = block_minutes(int(found["calls"].sum()), observed)
    start = (found["block"] * BLOCKS[0] // minutes * minutes * 60).to_numpy().astype("datetime64[s]").astype("datetime64[us]")
    blocks = found.assign(hour=start).groupby("hour", as_index=False)[["calls", "failed"]].sum()
    return incidents_from_calls(blocks, minutes=minutes)


def block_minutes(calls: int, observed_minutes: float) -> int:
    """How long are the blocks in which incidents are looked for? calls : of all the minutes observed.

    >>> block_minutes(1_000_000, 30_000), block_minutes(300_000, 30_000), block_minutes(1_000, 30_000)
    (5, 15, 60)
    """
    enough = [m for m in BLOCKS if calls * m >= CALLS_A_BLOCK * observed_minutes]
    return enough[0] if enough else BLOCKS[-1]


def incident_list(study) -> pd.DataFrame | NotMeasurable:
    """Each incident of the months shown, how long it lasted, and what the calls met meanwhile.

    Returns started and ended (local, to the minute; "goes on"), hours, scope, calls and failed
    (production calls made in the incident, and those of them with status 500 to 599; 0 = none was
    logged, NaN where there are no requests, or none says how it ended), failed_share. A scope narrower than the whole API does
    not narrow the calls: all that failed meanwhile are counted.
    """
    found = known_incidents(study)
    if isinstance(found, NotMeasurable):
        return found
    first = pd.Timestamp(study.bounds(study.months[0])[0], unit="us")
    ended = found["ended_at"].fillna(study.until)
    shown = found.assign(ended=ended)[ended > first]
    counts = [_calls_between(study, row.started_at, row.ended) for row in shown.itertuples()]
    calls, failed = np.array(counts, dtype=float).reshape(-1, 2).T
    return pd.DataFrame(
        {
            "started": _minutes(shown["started_at"], study.zone),
            "ended": _minutes(shown["ended_at"], study.zone).where(shown["ended_at"].notna(), "goes on"),
            "hours": (shown["ended"] - shown["started_at"]) / pd.Timedelta(hours=1),
            "scope": shown["scope"],
            "calls": calls,
            "failed": failed,
            "failed_share": ratio(failed, calls),
        }
    ).reset_index(drop=True)


def _minutes(instants: pd.Series, zone: str) -> pd.Series:
    return local_time(instants, zone).dt.strftime("%Y-%m-%d %H:%M")


def _calls_between(study, start: pd.Timestamp, end: pd.Timestamp) -> tuple[float, float]:
    last = str(study.local_day(max(start, end - pd.Timedelta(microseconds=1))))[:7]
    touched = pd.period_range(str(study.local_day(start))[:7], last, freq="M").strftime("%Y-%m")
    months = [m for m in study.all_months if m in set(touched)]
    if study.lacks("requests") or not months or not study.store.paths("requests", months):
        return np.nan, np.nan
    calls = production_requests(study, months)
    inside = calls.filter((calls.occurred_at >= start.to_pydatetime()) & (calls.occurred_at < end.to_pydatetime()))
    row = inside.aggregate(calls=inside.count(), failed=inside.status.between(500, 599).sum()).to_pandas().iloc[0]
    failed = np.nan if study.lacks("requests.status") else row["failed"] if row["calls"] else 0
    return float(row["calls"]), float(failed)
