"""Association: do accounts that behave in some way reach an outcome more often?

Unit: an account. It compares those who did with those who did not. That is an association: who
does a thing may differ from the others in every other way, too. Many behaviours compared at once
make some look strong by chance; the q values allow for that.
"""

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact, norm

from apijourney.errors import WorkbookError
from apijourney.metrics.by_month import ratio
from apijourney.metrics.uncertainty import benjamini_hochberg, wilson


def association(exposures, outcome, *, prior=0.0, level=0.95) -> pd.DataFrame:
    """Which behaviours go together with the outcome, and how sure is that?

    Parameters
    ----------
    exposures : one row an account, one column of booleans a behaviour.
    outcome : for the same accounts (a Series is aligned by index), True if reached.
    prior : added to each of the four counts before the odds ratio is taken; PostHog adds 1.
    level : confidence of the intervals.

    Returns
    -------
    One row a behaviour, in the columns' order: behaviour, exposed and exposed_reached (accounts
    that did it; of these, with the outcome), others and others_reached, odds_ratio with odds_low
    and odds_high (inf = infinite; NaN = not to be told), risk_difference (share of the exposed
    minus share of the others) with low and high, p (Fisher's exact test), q (Benjamini-Hochberg
    over these behaviours: the family is this table).

    Source: Woolf (1955) for the odds ratio's interval; Newcombe (1998), Statistics in Medicine 17,
    873-890, method 10, for the difference's.

    >>> did = pd.DataFrame({"read_quickstart": [True, True, False, False]})
    >>> association(did, [True, False, False, False])[["behaviour", "risk_difference"]]
             behaviour  risk_difference
    0  read_quickstart              0.5
    """
    exposures = pd.DataFrame(exposures)
    if isinstance(outcome, pd.Series):
        if not outcome.index.is_unique or not exposures.index.isin(outcome.index).all():
            raise WorkbookError("outcome: give one value for every account of the exposures.")
        outcome = outcome.reindex(exposures.index)
    if len(outcome) != len(exposures) or pd.isna(np.asarray(outcome, dtype=object)).any():
        raise WorkbookError("outcome: give one value for every account of the exposures.")
    if prior < 0:
        raise WorkbookError(f"prior: a count to add is 0 or more, not {prior}.")
    did = exposures.to_numpy(dtype=object)
    if pd.isna(did).any():
        raise WorkbookError("exposures: a behaviour is True or False for every account, never empty.")
    did, reached = did.astype(bool), np.asarray(outcome).astype(bool)[:, None]
    a, b = (did & reached).sum(axis=0), (did & ~reached).sum(axis=0)
    c, d = (~did & reached).sum(axis=0), (~did & ~reached).sum(axis=0)

    odds, odds_low, odds_high = _odds_ratio(a + prior, b + prior, c + prior, d + prior, level)
    first, second = ratio(a, a + b), ratio(c, c + d)
    (low_1, high_1), (low_2, high_2) = wilson(a, a + b, level), wilson(c, c + d, level)
    difference = first - second
    p = np.array([fisher_exact([[w, x], [y, z]])[1] for w, x, y, z in zip(a, b, c, d, strict=True)], float)
    p[(a + b == 0) | (c + d == 0) | (a + c == 0) | (b + d == 0)] = np.nan  # nothing to compare
    return pd.DataFrame(
        {
            "behaviour": pd.array([str(name) for name in exposures.columns], dtype="str"),
            "exposed": a + b,
            "exposed_reached": a,
            "others": c + d,
            "others_reached": c,
            "odds_ratio": odds,
            "odds_low": odds_low,
            "odds_high": odds_high,
            "risk_difference": difference,
            "low": difference - np.hypot(first - low_1, high_2 - second),
            "high": difference + np.hypot(high_1 - first, second - low_2),
            "p": p,
            "q": benjamini_hochberg(p),
        }
    )


def _odds_ratio(a, b, c, d, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Odds of the exposed over odds of the others, with Woolf's interval (NaN if a count is 0)."""
    a, b, c, d = (np.asarray(x, float) for x in (a, b, c, d))
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = (a * d) / (b * c)
        spread = norm.ppf((1 + level) / 2) * np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        low, high = np.exp(np.log(odds) - spread), np.exp(np.log(odds) + spread)
    known = np.isfinite(spread)
    return odds, np.where(known, low, np.nan), np.where(known, high, np.nan)
