"""Which way does a metric go over the months shown, and could that be chance?

Unit: a month. The last three known months are compared with all known ones before them, by a
permutation test: of all ways to pick three of these months, how many lie as far from the rest? It
takes months as exchangeable, so a slow wave looks like a trend. It says where the metric has moved,
never why, nor where it will go.
"""

from itertools import combinations

import numpy as np

RECENT = 3
LEAST_MONTHS = 8
"""With fewer known months no pick of three can be rare enough: 1 of 35 for seven, both ways 2 of 35."""
LIMIT = 0.05


def trend(values) -> dict:
    """Compare the last three known months with those before.

    values : one number a month, oldest first; NaN = not known, infinite = no number: both are left out.

    Returns
    -------
    months (known), recent and earlier (mean of the last three, and of the others), p (share of all picks
    of three months whose mean lies at least as far from the mean of the others, the real pick included).
    With fewer than eight known months p is NaN.

    >>> found = trend([1, 1, 1, 1, 1, 1, 1, 5, 5, 5])
    >>> found["recent"], found["earlier"], round(found["p"], 4)
    (5.0, 1.0, 0.0083)
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    out = {"months": len(known), "recent": np.nan, "earlier": np.nan, "p": np.nan}
    if len(known) <= RECENT:
        return out
    out |= {"recent": float(known[-RECENT:].mean()), "earlier": float(known[:-RECENT].mean())}
    if len(known) < LEAST_MONTHS:
        return out
    if np.ptp(known) == 0:
        return out | {"p": 1.0}
    known = known[-24:]  # more months than two years would be millions of picks, and another time
    out["earlier"] = float(known[:-RECENT].mean())
    picks = np.array(list(combinations(range(len(known)), RECENT)))
    sums = known[picks].sum(axis=1)
    distance = np.abs(sums / RECENT - (known.sum() - sums) / (len(known) - RECENT))
    return out | {"p": float(np.mean(distance >= distance[-1] * (1 - 1e-9)))}


def moved(recent: float, earlier: float, q: float, direction: str) -> str:
    """Name a movement: "better" or "worse" (or "up", "down" where neither is better), "" if it may be chance.

    q : after allowing for the other metrics judged with it.

    >>> moved(5, 1, 0.01, "up"), moved(5, 1, 0.01, "down"), moved(5, 1, 0.2, "up"), moved(5, 1, 0.01, "none")
    ('better', 'worse', '', 'up')
    """
    if not q < LIMIT or recent == earlier:
        return ""
    way = "up" if recent > earlier else "down"
    return way if direction not in ("up", "down") else "better" if way == direction else "worse"
