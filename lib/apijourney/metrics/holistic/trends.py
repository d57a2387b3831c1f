"""Has a metric kept one direction over the months shown, beyond what chance does?

Unit: a month. Every known month is compared with every later one: rises less falls is the number S of Mann (1945,
Econometrica 13) and Kendall. Neighbouring months are alike, which makes chance look steady (Hamed and Rao 1998,
Journal of Hydrology 204). So S is held against series without direction in which half of each month carries over
into the next. A dozen months are too few to measure that memory, and guessing it too small is the error that claims
too much: it is set, not estimated. It says that a metric moved, never why, nor where it will go.
"""

from functools import lru_cache

import numpy as np

RECENT = 3
LEAST_MONTHS = 10
"""With fewer known months, the half of a yearly wave that is seen looks like a direction."""
MOST_MONTHS = 24
MEMORY = 0.5
"""How much of a month carries over into the next where nothing has a direction; where more does, more is claimed falsely."""
LIMIT = 0.05
_DRAWN = 40_000


def trend(values) -> dict:
    """Ask whether known months rise or fall more steadily than chance.

    values : one number a month, oldest first; NaN = not known, infinite = no number: both are left out.

    Returns
    -------
    months (known; of more than 24, the last 24), recent and earlier (mean of the last three, and of the others),
    rises (of all pairs of months, those that rise less those that fall; equal ones count as neither), p (share of
    series without direction in which it lies at least as far from zero). With fewer than ten known months p is NaN.

    >>> found = trend([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    >>> found["recent"], found["earlier"], found["rises"], found["p"] < 0.001
    (9.0, 4.0, 45, True)
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)][-MOST_MONTHS:]
    out = {"months": len(known), "recent": np.nan, "earlier": np.nan, "rises": _rises(known[None, :])[0], "p": np.nan}
    if len(known) > RECENT:
        out |= {"recent": float(known[-RECENT:].mean()), "earlier": float(known[:-RECENT].mean())}
    if len(known) >= LEAST_MONTHS:
        chance = without_direction(len(known))
        as_far = len(chance) - np.searchsorted(chance, abs(out["rises"]))
        out["p"] = float((as_far + 1) / (len(chance) + 1))
    return out | {"rises": int(out["rises"])}


@lru_cache
def without_direction(months: int) -> np.ndarray:
    """How far |S| lies from zero in 40,000 drawn series without direction, sorted: each month is half the one before
    and fresh normal noise. Only the order of values counts, so their unit does not matter."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((_DRAWN, months)) * np.sqrt(1 - MEMORY**2)
    series = np.empty_like(noise)
    series[:, 0] = rng.standard_normal(_DRAWN)
    for i in range(1, months):
        series[:, i] = MEMORY * series[:, i - 1] + noise[:, i]
    return np.sort(np.abs(_rises(series)))


def moved(rises: float, q: float, direction: str) -> str:
    """Name a direction: "better" or "worse" (or "up", "down" where neither is better), "" if it may be chance.

    q : after allowing for the other metrics judged with it.

    >>> moved(50, 0.01, "up"), moved(50, 0.01, "down"), moved(50, 0.2, "up"), moved(50, 0.01, "none")
    ('better', 'worse', '', 'up')
    """
    if not q < LIMIT or rises == 0:
        return ""
    way = "up" if rises > 0 else "down"
    return way if direction not in ("up", "down") else "better" if way == direction else "worse"


def _rises(series: np.ndarray) -> np.ndarray:
    """S of each row."""
    total = np.zeros(len(series))
    for gap in range(1, series.shape[1]):
        total += np.sign(series[:, gap:] - series[:, :-gap]).sum(axis=1)
    return total
