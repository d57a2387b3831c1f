"""How sure can we be of a number?

Unit: the account. Rates of accounts get a Wilson interval. Ratios of sums and percentiles of
requests get a bootstrap that draws whole accounts, because the calls of one account resemble each
other. Many comparisons get q values. It does not correct for a biased sample or a bad definition.
"""

import numpy as np
from scipy.stats import norm

from apijourney.errors import WorkbookError

_HELD = 2**22  # counts of drawn accounts held at a time: 32 MB, however many accounts there are


def wilson(successes, trials, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Between which bounds does a share of accounts lie?

    Parameters
    ----------
    successes, trials : counts, arrays of one shape.
    level : confidence, 0.95 = 95 %.

    Returns
    -------
    (low, high), float arrays in [0, 1]; NaN where nobody tried.

    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212.

    >>> low, high = wilson([1, 0], [2, 0])
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0945, nan], [0.9055, nan])
    """
    s, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    z = norm.ppf((1 + _checked(level)) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(n > 0, s / n, np.nan)
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = centre - half, centre + half
    # At 0 and at n the formula touches the edge; rounding must not push it inside or across.
    low, high = np.where(s == 0, 0.0, low), np.where(s == n, 1.0, high)
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def bootstrap_ratio(
    numerators, denominators, *, draws: int = 400, seed: int = 0, level: float = 0.95
) -> tuple[float, float]:
    """Between which bounds does a ratio of sums lie, if other accounts like these had come?

    Parameters
    ----------
    numerators, denominators : one number an account (failed calls and calls; cents and accounts).
    draws, seed : how often accounts are drawn with replacement, and from which seed.
    level : confidence.

    Returns
    -------
    (low, high): percentiles of sum(numerators) / sum(denominators). NaN with fewer than two
    accounts: one account says nothing of the others.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.

    >>> bootstrap_ratio([1, 1, 1], [2, 2, 2])
    (0.5, 0.5)
    """
    pairs = np.column_stack([np.asarray(numerators, float), np.asarray(denominators, float)])
    pairs = pairs[~np.isnan(pairs).any(axis=1)]
    if len(pairs) < 2:
        return np.nan, np.nan
    # Accounts with the same pair are interchangeable: drawing their counts is the same experiment.
    distinct, counts = np.unique(pairs, axis=0, return_counts=True)
    rng, most = np.random.default_rng(seed), max(1, _HELD // len(distinct))
    blocks = [min(most, draws - done) for done in range(0, draws, most)]
    sums = np.concatenate([rng.multinomial(len(pairs), counts / len(pairs), size=n) @ distinct for n in blocks])
    drawn = sums[sums[:, 1] != 0]
    return _percentiles(drawn[:, 0] / drawn[:, 1], level)


def bootstrap_quantile(
    bucket_counts,
    bucket_values,
    q: float,
    *,
    draws: int = 400,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """Between which bounds does a percentile of requests lie, if accounts are drawn anew?

    Parameters
    ----------
    bucket_counts : accounts × buckets, how many requests of the account fell into the bucket
        (array or scipy sparse matrix).
    bucket_values : the value each bucket stands for, ascending.
    q : quantile in [0, 1]: the smallest value that a share q of the requests does not exceed.
    draws, seed, level : as in `bootstrap_ratio`.

    Returns
    -------
    (low, high), in the unit of `bucket_values`. NaN with fewer than two accounts.

    >>> bootstrap_quantile([[9, 1], [9, 1], [9, 1]], [10.0, 90.0], 0.5)
    (10.0, 10.0)
    """
    if not 0 <= q <= 1:
        raise WorkbookError(f"q: a quantile lies between 0 and 1, not at {q}.")
    counts = bucket_counts if hasattr(bucket_counts, "tocsr") else np.asarray(bucket_counts)
    values, units = np.asarray(bucket_values, float), counts.shape[0]
    if units < 2:
        return np.nan, np.nan
    rng = np.random.default_rng(seed)
    drawn = np.full(draws, np.nan)
    for i in range(draws):
        weight = np.bincount(rng.integers(0, units, units), minlength=units)
        reached = np.cumsum(np.asarray(weight @ counts).ravel())
        if reached[-1] > 0:
            drawn[i] = values[np.searchsorted(reached, max(q * reached[-1], 1e-9))]
    return _percentiles(drawn[~np.isnan(drawn)], level)


def median_interval(values, level: float = 0.95) -> tuple[float, float, float]:
    """The median and an interval for it that assumes nothing about the distribution.

    The bounds are the k-th smallest and k-th largest value, k the largest number for which they enclose the
    median with at least `level`. Returns (median, low, high); NaN bounds where there are too few values.

    Source: Conover (1999), Practical Nonparametric Statistics, chapter 3.2.

    >>> median_interval([1, 2, 3, 4, 5, 6, 7, 8, 9])
    (5.0, 2.0, 8.0)
    """
    from scipy.stats import binom

    x = np.sort(np.asarray(values, dtype=float))
    n = len(x)
    if not n:
        return np.nan, np.nan, np.nan
    k = int(binom.ppf((1 - level) / 2, n, 0.5))
    # At least `level`: two tails of fewer than k successes each may hold at most the rest.
    while k > 0 and 2 * binom.cdf(k - 1, n, 0.5) > 1 - level + 1e-12:
        k -= 1
    median = float(np.median(x))
    return (median, float(x[k - 1]), float(x[n - k])) if k > 0 else (median, np.nan, np.nan)


def benjamini_hochberg(p) -> np.ndarray:
    """Of many comparisons, which would survive if we accept a share q of false alarms?

    p : p values of one family; NaN (not testable) stays NaN and does not belong to the family.
    Returns the q values, in input order.

    Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.

    >>> benjamini_hochberg([0.01, 0.04, 0.03, np.nan]).round(4).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    from statsmodels.stats.multitest import multipletests

    p = np.asarray(p, float)
    q, tested = np.full(p.shape, np.nan), ~np.isnan(p)
    if tested.any():
        q[tested] = multipletests(p[tested], method="fdr_bh")[1]
    return q


def _percentiles(drawn: np.ndarray, level: float) -> tuple[float, float]:
    if not len(drawn):
        return np.nan, np.nan
    tail = (1 - _checked(level)) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)


def _checked(level: float) -> float:
    if not 0 < level < 1:
        raise WorkbookError(f"level: a confidence lies between 0 and 1 (0.95 = 95 %), not at {level}.")
    return level
