"""Time to an event: how long until accounts that started get there, those still waiting included?

Unit: an account, from its first start to its first end event after it. Who has not got there by
the observed moment is censored, not dropped: a mean of those who made it would look too fast. It
assumes that accounts watched for a short time would go on like those watched for long.
"""

import warnings

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.event_log import event_log, zone_of
from apijourney.localtime import DAY_US
from apijourney.metrics.product import periods
from apijourney.metrics.product.windows import as_interval

_SECOND_US = 1_000_000
LEAST_AT_RISK, LEAST_SHARE_AT_RISK = 10, 0.2  # accounts, and share of those that started


def time_to(
    events, start, end, *, observed_until=None, entered=None, timezone=None, level=0.95
) -> pd.DataFrame:
    """Which share of accounts has got from start to end within so many days?

    Parameters
    ----------
    events : an `EventLog`, or a table that `event_log` accepts.
    start, end : steps. The end counts from the start's instant on, but one event is never both.
    observed_until : first instant not observed (UTC); must be given or known to the log.
    entered : when accounts may start: a month "2026-10" of the zone (`timezone`; None: that of the log,
        else UTC), or a pair of instants. An account that started before it is left out: its beginning was not observed.
    level : confidence of the interval.

    Returns
    -------
    One row at 0 days, at each duration at which somebody got there, and at the longest watched:
    days (of 24 hours, to the second), reached (share, one minus the Kaplan-Meier estimate), low,
    high (log-log Greenwood interval; NaN once everybody is there), at_risk (accounts still waiting
    and observed just before). Empty if nobody started.

    Source: Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481;
    computed by lifelines.

    >>> log = pd.DataFrame({"account_id": ["a", "a", "b"], "event": ["sign_up", "call", "sign_up"],
    ...     "occurred_at": ["2026-10-01", "2026-10-03", "2026-10-01"]})
    >>> time_to(log, "sign_up", "call", observed_until="2026-10-11")[["days", "reached", "at_risk"]]
       days  reached  at_risk
    0   0.0      0.0        2
    1   2.0      0.5        2
    2  10.0      0.5        1
    """
    if not 0 < level < 1:
        raise WorkbookError(f"level: a confidence lies between 0 and 1 (0.95 = 95 %), not at {level}.")
    seconds, reached = durations(
        events, start, end, observed_until=observed_until, entered=entered, timezone=timezone
    )
    return _curve(seconds, reached, level)


def time_to_summary(
    events, start, end, *, observed_until=None, entered=None, timezone=None, level=0.95
) -> pd.DataFrame:
    """In one row: how many started, how many got there, and after how long half and 90 % of them?

    Parameters are those of `time_to`. Returns n (started), reached, censored (not yet, at the
    observed moment), median, median_low, median_high, p90, p90_low, p90_high: durations, where NaT
    means that the curve (or the bound of its interval) has not reached that share; steady (bool: may
    the median be relied on?). It may where every account was watched that long, or where at least ten
    accounts, and a fifth of those that started, were still waiting just before; False without a
    median. In the tail of a curve, each of the few left moves it by much.

    Sources: of the intervals Brookmeyer and Crowley (1982), Biometrics 38, 29-41; of the fifth Pocock,
    Clayton and Altman (2002), Lancet 359, 1686-1689, who end a curve where 10 to 20 % are at risk.

    >>> log = pd.DataFrame({"account_id": ["a", "a", "b"], "event": ["sign_up", "call", "sign_up"],
    ...     "occurred_at": ["2026-10-01", "2026-10-03", "2026-10-01"]})
    >>> time_to_summary(log, "sign_up", "call", observed_until="2026-10-11")[["n", "median", "p90"]]
       n median p90
    0  2 2 days NaT
    """
    seconds, reached = durations(
        events, start, end, observed_until=observed_until, entered=entered, timezone=timezone
    )
    curve = _curve(seconds, reached, level)
    row = {"n": len(seconds), "reached": int(reached.sum()), "censored": int((~reached).sum())}
    for name, share in (("median", 0.5), ("p90", 0.9)):
        # The upper band crosses first: it bounds the duration from below.
        for suffix, column in (("", "reached"), ("_low", "high"), ("_high", "low")):
            row[name + suffix] = _first_at(curve, column, share)
    return pd.DataFrame([row | {"steady": is_steady(seconds, reached, row["median"])}])


def is_steady(seconds: np.ndarray, reached: np.ndarray, median: pd.Timedelta) -> bool:
    """Does a median stand on enough accounts? See `time_to_summary`. seconds, reached : from `durations`."""
    if pd.isna(median):
        return False
    before = seconds < median // pd.Timedelta(seconds=1)
    at_risk = len(seconds) - before.sum()
    enough = at_risk >= LEAST_AT_RISK and at_risk >= LEAST_SHARE_AT_RISK * len(seconds)
    return bool(enough or not (before & ~reached).any())


def durations(
    events, start, end, *, observed_until=None, entered=None, timezone=None
) -> tuple[np.ndarray, np.ndarray]:
    """How long did each account that started take, or wait? (seconds, got there), one an account."""
    log = event_log(events, observed_until=observed_until)
    if log.observed_until is None:
        raise WorkbookError("observed_until: say until when the accounts were observed.")
    starts = np.flatnonzero(periods.rows_of(log, start))
    ends = np.flatnonzero(periods.rows_of(log, end))
    starts = starts[periods.first_of_each(log.account[starts])]
    low, high = as_interval(entered, zone_of(events, timezone))
    if low is not None:
        starts = starts[log.time[starts] >= low]
    if high is not None:
        starts = starts[log.time[starts] < high]
    if not len(starts):
        return np.zeros(0, np.int64), np.zeros(0, bool)
    # The first end row from the start's instant on that is not the start itself.
    position = np.searchsorted(ends, log.instant_starts()[starts])
    padded = np.append(ends, [-1, -1])
    own = padded[np.minimum(position, len(ends))] == starts
    found = padded[np.minimum(position + own, len(ends))]
    reached = (found >= 0) & (log.account[found] == log.account[starts])
    until = np.where(reached, log.time[found], log.observed_until)
    return (until - log.time[starts]) // _SECOND_US, reached


def _curve(seconds: np.ndarray, reached: np.ndarray, level: float) -> pd.DataFrame:
    if not len(seconds):
        return pd.DataFrame({"days": [], "reached": [], "low": [], "high": [], "at_risk": np.zeros(0, int)})
    from lifelines import KaplanMeierFitter

    table = pd.DataFrame({"seconds": seconds, "reached": reached}).value_counts().reset_index()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifelines divides by the last, empty risk set
        fit = KaplanMeierFitter(alpha=1 - level).fit(
            table["seconds"], table["reached"], weights=table["count"]
        )
    band = fit.confidence_interval_
    counts = fit.event_table
    survival = fit.survival_function_.iloc[:, 0]
    curve = pd.DataFrame(
        {
            "days": survival.index.to_numpy() * _SECOND_US / DAY_US,
            "reached": 1 - survival.to_numpy(),
            "low": 1 - band.iloc[:, 1].to_numpy(),
            "high": 1 - band.iloc[:, 0].to_numpy(),
            "at_risk": counts["at_risk"].to_numpy().astype(np.int64),
        }
    )
    curve.loc[curve["reached"] >= 1, ["low", "high"]] = np.nan
    kept = (counts["observed"] > 0).to_numpy() | curve.index.isin([0, len(curve) - 1])
    return curve[kept].reset_index(drop=True)


def _first_at(curve: pd.DataFrame, column: str, share: float) -> pd.Timedelta:
    """The first duration at which a column has come to a share, to the second; NaT if never."""
    there = curve.loc[curve[column] >= share - 1e-12, "days"]
    return pd.Timedelta(seconds=round(there.iloc[0] * 86_400)) if len(there) else pd.NaT
