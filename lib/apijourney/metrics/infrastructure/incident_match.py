"""Do the calls show the incidents that were written down, and others that were not?

Unit: an incident, of the table or derived from the calls. Two are the same when they overlap. A derived
one is a stretch of hours with far more failures than usual (`incidents_from_calls`), so its edges are
rough; an outage in which nothing was logged cannot be derived at all.
"""

import numpy as np
import pandas as pd

from apijourney.columns import required
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.infrastructure.incidents import derived_incidents, known_incidents


def match_incidents(given: pd.DataFrame, derived: pd.DataFrame) -> pd.DataFrame:
    """Which incidents are in both lists, and which in one alone?

    given, derived : started_at, ended_at (naive UTC, both known).
    Returns one row an incident of the given list, and one for each derived one that overlaps none of them,
    in order of their beginning: started_at, ended_at, seen ("in both", "written down only", "in the calls only"),
    overlap_minutes (0 where seen once), overlap_share (of the time that either covers: 1 = the same minutes).

    >>> given = pd.DataFrame({"started_at": pd.to_datetime(["2026-02-01T10:30"]), "ended_at": pd.to_datetime(["2026-02-01T12:00"])})
    >>> derived = pd.DataFrame({"started_at": pd.to_datetime(["2026-02-01T10:00", "2026-02-03T10:00"]),
    ...                         "ended_at": pd.to_datetime(["2026-02-01T12:00", "2026-02-03T11:00"])})
    >>> match_incidents(given, derived)[["seen", "overlap_minutes", "overlap_share"]]
                    seen  overlap_minutes  overlap_share
    0            in both             90.0           0.75
    1  in the calls only              0.0           0.00
    """
    for name, table in (("given", given), ("derived", derived)):
        required(table, ["started_at", "ended_at"], where=f"match_incidents({name})")
    minute = pd.Timedelta(minutes=1)
    found, rows = np.zeros(len(derived), dtype=bool), []
    for one in given.itertuples():
        meets = (derived["started_at"] < one.ended_at) & (derived["ended_at"] > one.started_at)
        found |= meets.to_numpy()
        part = derived[meets]
        both = (part["ended_at"].clip(upper=one.ended_at) - part["started_at"].clip(lower=one.started_at)).sum() / minute if len(part) else 0.0
        outside = (part["ended_at"] - part["started_at"]).sum() / minute - both if len(part) else 0.0
        either = (one.ended_at - one.started_at) / minute + outside
        seen = "in both" if len(part) else "written down only"
        rows.append((one.started_at, one.ended_at, seen, both, both / either if either else 0.0))
    rows += [(r.started_at, r.ended_at, "in the calls only", 0.0, 0.0) for r in derived[~found].itertuples()]
    columns = ["started_at", "ended_at", "seen", "overlap_minutes", "overlap_share"]
    return pd.DataFrame(rows, columns=columns).sort_values("started_at", ignore_index=True)


@remembered
@needs("incidents", "requests", "requests.status", what="Incidents compared")
def incidents_compared(study) -> pd.DataFrame | NotMeasurable:
    """`match_incidents` of the incidents written down and those the calls show, of the months shown.

    An incident that goes on ends with what is known. Returns its columns.
    """
    derived = derived_incidents(study)
    if isinstance(derived, NotMeasurable):
        return derived
    first = pd.Timestamp(max(study.bounds(study.months[0])[0], study.observed_from), unit="us")
    given = known_incidents(study)
    given = given.assign(ended_at=given["ended_at"].fillna(study.until))
    return match_incidents(*(table[(table["ended_at"] > first) & (table["started_at"] < study.until)] for table in (given, derived)))
