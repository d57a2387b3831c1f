"""Step levers: what would a little more at each step of the funnel bring at its end?

Unit: a step of the funnel, moved by the same number of percentage points as every other. The later
steps keep their shares: that holds only if the accounts that are moved go on as those do who move by
themselves. It does not say what moving a step costs, nor whether it can be moved at all.
"""

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.conversion.journey_funnel import journey_funnel, journey_trend

LAST_MONTHS = 3
"""Accounts entering in a month: the mean of so many last whole months."""
COLUMNS = ["lever", "kind", "now", "moved_to", "entering", "paying", "low", "high", "mrr_minor", "mrr_low", "mrr_high", "n"]


def journey_levers(study, *, points: float = 1.0, window: str = "60D", mrr_minor=()) -> pd.DataFrame | NotMeasurable:
    """Of the workbook's own funnel: what would `points` more at each step bring a month?

    points : percentage points each step gains, never beyond 100 %. window : of the funnel, from its first
    step. mrr_minor : what each of some paying accounts brings, minor units; without it the money is NaN.
    Returns the table of `step_levers`, in the order of the steps.
    """
    points = checked_points(points)
    table = journey_funnel(study, window=window)
    if isinstance(table, NotMeasurable):
        return table
    if table.empty or table["accounts"].iloc[0] < study.workbook.definitions.min_n:
        return NotMeasurable(
            "Levers of the funnel",
            "too few accounts entered whose window is closed; choose a later month or a shorter window.",
        )
    trend = journey_trend(study, window=window)
    whole = trend[[study.whole(m) for m in trend["month"]]].tail(LAST_MONTHS)
    entering = float((whole["denominator"] + whole["immature"]).mean())
    return step_levers(
        list(table["step_name"]), list(table["accounts"]), entering=entering, points=points, mrr_minor=mrr_minor
    )


def checked_points(points: float) -> float:
    """Read by how many percentage points a lever is moved."""
    if isinstance(points, bool) or not 0 < points <= 100:
        raise WorkbookError(f"points: a lever is moved by more than 0 and at most 100 percentage points, not by {points!r}.")
    return float(points)


def step_levers(
    names: list[str], reached: list[int], *, entering: float, points: float, mrr_minor, draws: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """What would `points` more at each step of a funnel bring at its end?

    names, reached : the steps, and how many of the accounts of the first took each (never growing).
    entering : accounts that enter in a month. mrr_minor : what each new paying account brings, minor units.
    If step k goes from share c to c + d, and the later steps keep their shares, the end grows by d / c.
    The intervals draw accounts anew (by the step each reached, and the MRR of those who pay).

    >>> found = step_levers(["opened", "called", "paid"], [100, 50, 10], entering=100, points=1, mrr_minor=[1000])
    >>> found[["lever", "now", "paying", "mrr_minor"]].round(3).values.tolist()
    [['opened → called', 0.5, 0.2, 200.0], ['called → paid', 0.2, 0.5, 500.0]]
    """
    counts, amounts = np.asarray(reached, dtype=float), np.asarray(mrr_minor, dtype=float)
    rng = np.random.default_rng(seed)
    exits = np.append(counts[:-1] - counts[1:], counts[-1])
    drawn = rng.multinomial(int(counts[0]), exits / counts[0], size=draws)
    drawn = drawn[:, ::-1].cumsum(axis=1)[:, ::-1].astype(float)
    mean = amounts.mean() if len(amounts) else np.nan
    means = rng.choice(amounts, size=(draws, len(amounts))).mean(axis=1) if len(amounts) > 1 else np.full(draws, np.nan)
    rows = []
    for k in range(1, len(counts)):
        gain, gains = _gain(counts, k, entering, points), _gain(drawn, k, entering, points)
        share = counts[k] / counts[k - 1] if counts[k - 1] else np.nan
        low, high = _bounds(gains) if np.isfinite(gain) else (np.nan, np.nan)
        mrr = _bounds(gains * means) if np.isfinite(gain) else (np.nan, np.nan)
        met = entering * counts[k - 1] / counts[0]
        rows.append((f"{names[k - 1]} → {names[k]}", "step", share, min(share + points / 100, 1.0), met,
                     gain, low, high, gain * mean, *mrr, int(counts[0])))  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _bounds(drawn: np.ndarray) -> tuple[float, float]:
    known = drawn[np.isfinite(drawn)]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
    return float(low), float(high)


def _gain(counts: np.ndarray, k: int, entering: float, points: float):
    """Further accounts at the end when step k gains points, capped at 100 %. counts : (draws ×) steps."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counts[..., k] / counts[..., k - 1]
        more = np.minimum(points / 100, 1 - share)
        return np.where(share > 0, entering * counts[..., -1] / counts[..., 0] * more / share, np.nan)[()]
