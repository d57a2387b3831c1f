"""How much room do the machines have, and when is it used up if use goes on growing as it did?

Unit: a month: the load that 95 % of its samples do not exceed. A straight line through the months is the
simplest thing growth can be; its interval says how little a few months tell. It is given only where at
least six months are known, and where the growth is more than chance; otherwise: not known.
"""

import numpy as np
import pandas as pd
from scipy.stats import t as student

from apijourney.errors import WorkbookError
from apijourney.measurable import NotMeasurable
from apijourney.metrics.infrastructure.hosts import load_by_month
from apijourney.metrics.registry import catalogued

FULL_AT = 0.8
LEAST_MONTHS, HORIZON = 6, 36
_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"


def when_full(load: pd.Series, *, full_at: float = FULL_AT, horizon: int = HORIZON) -> dict:
    """In how many months does a load reach its limit, on a straight line through what was measured?

    Parameters
    ----------
    load : one value a month, oldest first (NaN = not measured). full_at : the limit. horizon : how many months are looked ahead.

    Returns
    -------
    months (measured), now (the last value), slope_per_month, slope_low, slope_high (95 %, Student's t), months_left (until
    the line reaches the limit, counted from the last month), earliest and latest (where the edges of the line's 95 % band
    reach it; latest is infinite where the lower edge does not within the horizon). All NaN with fewer than six months;
    the last three also where the slope may be zero: then no date is known.

    Source of the band: Draper and Smith (1998), Applied Regression Analysis, chapter 1.

    >>> found = when_full(pd.Series([0.40, 0.41, 0.42, 0.43, 0.44, 0.45]), full_at=0.5)
    >>> round(found["months_left"], 2), round(found["slope_per_month"], 3)
    (5.0, 0.01)
    """
    values = load.to_numpy(dtype=float)
    at = np.arange(len(values), dtype=float) - (len(values) - 1)  # the last month is 0
    known = np.isfinite(values)
    x, y = at[known], values[known]
    found = {"months": len(x), "now": float(values[-1]) if len(values) else np.nan}
    nothing = dict.fromkeys(("slope_per_month", "slope_low", "slope_high", "months_left", "earliest", "latest"), np.nan)
    if len(x) < LEAST_MONTHS:
        return found | nothing
    spread = ((x - x.mean()) ** 2).sum()
    slope = ((x - x.mean()) * (y - y.mean())).sum() / spread
    rest = y - y.mean() - slope * (x - x.mean())
    sigma = np.sqrt((rest**2).sum() / (len(x) - 2))
    far = student.ppf(0.975, len(x) - 2)
    half = far * sigma / np.sqrt(spread)
    found |= nothing | {"slope_per_month": float(slope), "slope_low": float(slope - half), "slope_high": float(slope + half)}
    if not slope - half > 0:
        return found
    ahead = np.linspace(0, horizon, horizon * 30 + 1)
    line = y.mean() + slope * (ahead - x.mean())
    band = far * sigma * np.sqrt(1 / len(x) + (ahead - x.mean()) ** 2 / spread)
    reached = [_first(ahead, edge >= full_at - 1e-12) for edge in (line, line + band, line - band)]
    return found | dict(zip(("months_left", "earliest", "latest"), reached, strict=True))


def _first(ahead: np.ndarray, reached: np.ndarray) -> float:
    return float(ahead[reached.argmax()]) if reached.any() else np.inf


def checked_full_at(full_at: float) -> float:
    """Read the share of a machine that counts as full."""
    if not 0 < full_at <= 1:
        raise WorkbookError(f"headroom(full_at): a share between 0 and 1 (0.8), found {full_at}.")
    return full_at


def headroom(study, *, full_at: float = FULL_AT) -> pd.DataFrame | NotMeasurable:
    """How much room is left on the hosts, and until when, for processor and memory?

    full_at : the share of the machine that counts as full; queues grow long before 1.
    Returns one row a resource: resource, and the values of `when_full` over the months shown.
    Connections have no limit in the data, so they are in none.
    """
    full_at = checked_full_at(full_at)
    load = load_by_month(study)
    if isinstance(load, NotMeasurable):
        return load
    whole = np.array([study.whole(m) for m in study.months])
    rows = [
        {"resource": name} | when_full(load[column].where(whole), full_at=full_at)
        for name, column in (("processor", "cpu_p95"), ("memory", "memory_p95"))
    ]
    return pd.DataFrame(rows)


@catalogued(
    name="Capacity headroom", dimension="infrastructure", stage="scale",
    question="How much room is left on the machines when they are busy?",
    formula="1 - the higher of the 95th percentiles of cpu_share and memory_share over the samples of all hosts in the "
    "local month; only from 200 samples on",
    unit="share", direction="none", timing="leading", counter_metric="cost_per_thousand_calls",
    gameable_by="idle hosts, paid for, raise it", tables=("hosts",), source=_BOOK, counted="samples", whole_month=True,
)  # fmt: skip
def capacity_headroom(study):
    load = load_by_month(study)
    if isinstance(load, NotMeasurable):
        return load
    fullest = load[["cpu_p95", "memory_p95"]].max(axis=1, skipna=False)
    samples = load[["cpu_samples", "memory_samples"]].min(axis=1)
    return pd.DataFrame({"month": load["month"], "value": 1 - fullest, "denominator": samples, "mature": [study.whole(m) for m in study.months]})
