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
from apijourney.metrics.infrastructure.service_metrics import production_requests
from apijourney.columns import required

TIMES_THE_USUAL, LEAST_FAILED, QUIET_HOURS = 10, 5, 1


def incidents_from_calls(
    hourly: pd.DataFrame, *, times: float = TIMES_THE_USUAL, least_failed: int = LEAST_FAILED
) -> pd.DataFrame:
    """In which hours did far more calls fail than usual?

    Parameters
    ----------
    hourly : hour (naive UTC, the start of an hour), calls, failed (status 500 to 599); one row an hour
        with calls.
    times : an hour belongs to an incident when its share of failed calls is at least this many times
        the usual, the share of all hours together.
    least_failed : and when at least so many calls failed in it.

    Returns
    -------
    One row an incident, in order: started_at (the first such hour), ended_at (the end of the last),
    scope ("derived from calls"). Two such hours with one other hour between them are one incident.
    Times are whole hours, so a short outage looks longer than it was.

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
    hour = pd.Timedelta(hours=1)
    spell = (bad.diff() > (QUIET_HOURS + 1) * hour).cumsum()
    spans = bad.groupby(spell).agg(started_at="min", ended_at="max").reset_index(drop=True)
    spans = spans.astype("datetime64[us]")
    return spans.assign(ended_at=spans["ended_at"] + hour, scope=pd.Series("derived from calls", index=spans.index, dtype="str"))


@remembered
def known_incidents(study) -> pd.DataFrame | NotMeasurable:
    """The incidents up to the end of the study's month: started_at, ended_at (null = goes on), scope.

    From the table incidents, else derived from the production calls of all observed months.
    """
    if not study.lacks("incidents"):
        found = study.table("incidents")
        if found.empty:
            return pd.DataFrame({"started_at": [], "ended_at": [], "scope": []}).astype(
                {"started_at": "datetime64[us]", "ended_at": "datetime64[us]", "scope": "str"}
            )
        return found[["started_at", "ended_at", "scope"]].sort_values("started_at", ignore_index=True)
    return derived_incidents(study)


@remembered
def derived_incidents(study) -> pd.DataFrame | NotMeasurable:
    """The incidents that the production calls of all observed months show: see `incidents_from_calls`."""
    if study.lacks("requests") or not study.store.paths("calls", study.all_months):
        return NotMeasurable(
            "Incidents",
            "neither incidents nor calls are there; add incidents.csv with started_at and ended_at, or the table requests.",
        )
    calls = production_requests(study, study.all_months)
    calls = calls.mutate(hour=calls.occurred_at.truncate("h"))
    hourly = calls.group_by("hour").aggregate(calls=calls.count(), failed=calls.status.between(500, 599).sum())
    return incidents_from_calls(hourly.order_by("hour").to_pandas())


def incident_list(study) -> pd.DataFrame | NotMeasurable:
    """Each incident of the months shown, how long it lasted, and what the calls met meanwhile.

    Returns started and ended (local, to the minute; "goes on"), hours, scope, calls and failed
    (production calls made in the incident, and those of them with status 500 to 599; 0 = none was
    logged, NaN where there are no requests), failed_share. A scope narrower than the whole API does
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
            "failed_share": np.divide(failed, calls, out=np.full(len(calls), np.nan), where=calls > 0),
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
    return float(row["calls"]), float(row["failed"] if row["calls"] else 0)
