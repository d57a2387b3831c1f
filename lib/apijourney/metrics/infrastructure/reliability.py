"""How often does the service break, how long does it hold, and how long does the repair take?

Unit: a failure: incidents that overlap are one. Time is counted by the clock, any part of the API
being down counts as down. Few failures say little: the intervals say how little. It does not know
how many callers were hurt: see `incidents` and `budget_by_account`.
"""

import numpy as np
import pandas as pd
from scipy.stats import chi2

from apijourney.errors import WorkbookError
from apijourney.metrics.infrastructure.uptime import merged_spans
from apijourney.metrics.uncertainty import bootstrap_ratio

_DAY_MINUTES = 24 * 60


def reliability(
    incidents: pd.DataFrame, *, since: pd.Timestamp, until: pd.Timestamp, min_n: int = 5
) -> pd.DataFrame:
    """MTTF, MTTR, MTBF and ROCOF of an observed stretch of time.

    Parameters
    ----------
    incidents : started_at, ended_at (naive UTC; null = still going on at `until`).
    since, until : the stretch observed, naive UTC, the end open.
    min_n : the fewest repairs from which the mean repair gets an interval.

    Returns
    -------
    One row: failures (begun in the stretch), repairs (of those, the ones ended in it), days (its length), down_minutes
    (of whatever was down in it), mttr_minutes (mean length of the failures that were repaired), mttf_days (time up /
    failures), mtbf_days (time / failures), per_30_days (ROCOF: failures / time), each of these four
    with _low and _high (95 %), and numerators are in the columns before. Without a failure the first
    three are NaN: nothing is known but that they are long; ROCOF is then 0 with an upper bound.
    The intervals of ROCOF, MTBF and MTTF are exact if failures come independently at a steady rate;
    that of MTTR is a bootstrap over the repairs, from `min_n` on: fewer are too few.

    A failure that was there when the stretch began is time down, but no failure and no repair: it may have
    been going on for any length of time.

    Source of the interval: Garwood (1936), Biometrika 28, 437-442.

    >>> incidents = pd.DataFrame({"started_at": pd.to_datetime(["2026-01-11", "2026-01-21"]),
    ...                           "ended_at": pd.to_datetime(["2026-01-12T00:00", "2026-01-21T12:00"])})
    >>> row = reliability(incidents, since=pd.Timestamp("2026-01-01"), until=pd.Timestamp("2026-01-31"))
    >>> row[["failures", "mttr_minutes", "mttf_days", "mtbf_days", "per_30_days"]]
       failures  mttr_minutes  mttf_days  mtbf_days  per_30_days
    0         2        1080.0      14.25       15.0          2.0
    """
    if not since < until:
        raise WorkbookError(f"reliability(since, until): {since} is not before {until}; swap them.")
    spans = merged_spans(incidents, until)
    minute = pd.Timedelta(minutes=1)
    inside = spans[(spans["ended_at"] > since) & (spans["started_at"] < until)]
    down = (inside["ended_at"] - inside["started_at"].clip(lower=since)).sum() / minute if len(inside) else 0.0
    begun = inside[inside["started_at"] >= since]
    failures, repaired = len(begun), begun[~begun["open"]]
    lengths = ((repaired["ended_at"] - repaired["started_at"]) / minute).to_numpy()
    minutes = (until - since) / minute
    row = {"failures": failures, "repairs": len(lengths), "days": minutes / _DAY_MINUTES, "down_minutes": float(down)}
    few, many = _garwood(failures)
    low, high = bootstrap_ratio(lengths, np.ones(len(lengths))) if len(lengths) >= min_n else (np.nan, np.nan)
    row |= {"mttr_minutes": lengths.mean() if len(lengths) else np.nan, "mttr_low": low, "mttr_high": high}
    for name, time in (("mttf", minutes - down), ("mtbf", minutes)):
        days = time / _DAY_MINUTES
        at = (np.nan,) * 3 if not failures else (days / failures, days / many, days / few)
        row |= {f"{name}_days": at[0], f"{name}_low": at[1], f"{name}_high": at[2]}
    each = 30 / row["days"]
    row |= {"per_30_days": failures * each, "rocof_low": few * each, "rocof_high": many * each}
    return pd.DataFrame([row])


def _garwood(n: int) -> tuple[float, float]:
    """Between which counts does the expected number lie, if n failures came? 95 %, exact.

    >>> [round(x, 3) for x in _garwood(2)], [round(x, 3) for x in _garwood(0)]
    ([0.242, 7.225], [0.0, 3.689])
    """
    low = float(chi2.ppf(0.025, 2 * n) / 2) if n else 0.0
    return low, float(chi2.ppf(0.975, 2 * n + 2) / 2)
