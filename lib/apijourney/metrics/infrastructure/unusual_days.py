"""Which days were unlike the others, once weekday and trend are taken out?

Unit: a local day of production: its calls, the share of them that failed, the wait that 95 % did not exceed.
A day is expected to be like its weekday and its weeks; a robust decomposition says what that is, and
the spread of the rest says how far off is far. A mark is a question, not an answer: a holiday is unusual, too.
"""

import warnings

import numpy as np
import pandas as pd
from statsmodels.tsa.seasonal import STL

from apijourney.errors import WorkbookError
from apijourney.facts.remember import remembered
from apijourney.localtime import local_time
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.infrastructure.latency import percentiles
from apijourney.metrics.infrastructure.service_metrics import daily_calls

WIDTH, LEAST_DAYS, WEEK = 5.0, 56, 7
FALSE_MARKS = 1 / 200
"""In series of nothing but weekday, trend and chance at most so many days are marked; a test counts them."""
USUAL_CALLS = 100
"""With fewer calls on the middle day chance alone is uneven, and no day is called unusual."""
MEASURES = ("calls", "failed_share", "p95_ms")
_BEYOND = 10


def unusual_days(values: pd.Series, *, width: float = WIDTH) -> pd.DataFrame:
    """Which values of a daily series lie outside what weekday and trend let expect?

    Parameters
    ----------
    values : one number a day, positive, in order, indexed by day; NaN = not known, and never marked. Compared on a
        log scale, for twice as many calls is as far off as half as many.
    width : half the band, in robust standard deviations (1.4826 × median absolute deviation) of what is left.

    Returns
    -------
    One row a day: day, value, expected, low, high (the band), unusual (value outside it). All but day and value are
    NaN, and unusual False, with fewer than 56 known days: eight weeks.

    Source of the decomposition: Cleveland et al. (1990), STL, Journal of Official Statistics 6, 3-73 (robust).

    >>> week = [100, 110, 105, 108, 102, 60, 50]
    >>> values = pd.Series(week * 9, index=pd.date_range("2026-01-05", periods=63), dtype=float)
    >>> values.iloc[30] = 400
    >>> found = unusual_days(values)
    >>> found.loc[found["unusual"], "day"].astype(str).tolist()
    ['2026-02-04']
    """
    if not width > 0:
        raise WorkbookError(f"unusual_days(width): must be above 0, found {width}.")
    table = pd.DataFrame({"day": values.index, "value": values.to_numpy(dtype=float)})
    known = np.isfinite(table["value"]) & (table["value"] > 0)
    if known.sum() < LEAST_DAYS:
        return table.assign(expected=np.nan, low=np.nan, high=np.nan, unusual=False)
    logs = pd.Series(np.where(known, np.log(table["value"].where(known)), np.nan)).interpolate(limit_direction="both")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = STL(logs.to_numpy(), period=WEEK, seasonal=35, robust=True).fit()
    expected = parts.trend + parts.seasonal
    rest = (logs - expected)[known]
    # A perfectly regular series has no spread; a thousandth is less than anybody cares for.
    half = width * max(1.4826 * float(np.median(np.abs(rest - np.median(rest)))), 1e-3)
    off = known & (np.abs(logs - expected) > half)
    return table.assign(expected=np.exp(expected), low=np.exp(expected - half), high=np.exp(expected + half), unusual=off)


@remembered
@needs("requests", what="Unusual days")
def daily_service(study) -> pd.DataFrame | NotMeasurable:
    """Production of each day of the months shown: day, calls, failed_share (status 400 and above; NaN where fewer than 10
    failed, or no status is known), p95_ms (of good calls, within 1 %; NaN where fewer than 10 lie beyond). A day without a call has 0."""
    if not study.store.paths("calls", study.months):
        return NotMeasurable("Unusual days", f"there are no requests up to {study.month}; choose a later month.")
    daily = daily_calls(study)
    failed = daily["status"].ge(400).fillna(False).astype(bool)
    groups = daily.assign(failed=daily["calls"].where(failed, 0)).groupby("day")[["calls", "failed"]].sum()
    last = pd.Timestamp(study.until_day) - pd.Timedelta(days=1)
    first = local_time(pd.Series([pd.Timestamp(study.observed_from, unit="us")]), study.zone).iloc[0].normalize()
    days = pd.date_range(max(first, pd.Timestamp(f"{study.months[0]}-01")), last, freq="D", name="day")
    table = groups.reindex(days, fill_value=0)
    table["failed_share"] = (table["failed"] / table["calls"].where(table["calls"] > 0)).where(table["failed"] >= _BEYOND)
    table["p95_ms"] = np.nan
    if not study.lacks("requests.latency_ms", "requests.status"):
        buckets = study.fact("latency", study.months)
        buckets = buckets.filter(buckets.environment == "production").group_by("day", "bucket").aggregate(calls=lambda t: t.calls.sum())
        waits = percentiles(buckets.to_pandas().assign(account_id="all"), by="day", quantiles=[0.95], draws=0)
        table["p95_ms"] = waits.set_index(pd.to_datetime(waits["day"]))["latency_ms"].reindex(days).astype("float64")
    return table.reset_index()[["day", *MEASURES]]


@remembered
def marked_days(study, width: float = WIDTH) -> pd.DataFrame | NotMeasurable:
    """`unusual_days` of the calls, the failed share and the p95 of each day, over the months shown.

    Returns one row a measure and day: measure ("calls", "failed_share", "p95_ms"), and the columns of `unusual_days`. A day
    without a call is always unusual where calls are usual, though it has no logarithm.
    """
    table = daily_service(study)
    if isinstance(table, NotMeasurable):
        return table
    if table["calls"].median() < USUAL_CALLS:
        return NotMeasurable("Unusual days", f"half of the days have fewer than {USUAL_CALLS} calls; wait for more traffic.")
    parts = []
    for measure in MEASURES:
        part = unusual_days(table.set_index("day")[measure], width=width)
        if measure == "calls":
            part["unusual"] |= (part["value"] == 0) & part["expected"].notna()
        parts.append(part.assign(measure=measure))
    found = pd.concat(parts, ignore_index=True)
    if found["expected"].isna().all():
        return NotMeasurable("Unusual days", f"fewer than {LEAST_DAYS} days are known; wait until eight weeks are there.")
    return found[["measure", "day", "value", "expected", "low", "high", "unusual"]]
