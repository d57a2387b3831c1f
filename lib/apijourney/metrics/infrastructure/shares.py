"""Between which bounds does a share of calls lie, and when can that not be said?

Unit: the account: whole accounts are drawn, for the calls of one resemble each other. Drawing anew what no
account ever met finds it never, and would claim certainty: 100 % (100 % to 100 %) of a thousand calls. Then
there is no interval. It does not bound a share of nothing from above: the calls of one large account may
be most of them, and a bound on accounts would say nothing of calls.
"""

import numpy as np

from apijourney.metrics.uncertainty import bootstrap_ratio


def share_interval(hits, of, *, at_least: int = 1, draws: int = 400, seed: int = 0) -> tuple[float, float]:
    """Between which bounds does the share of calls lie that met something?

    Parameters
    ----------
    hits, of : one number an account, in one order: the calls that met it, and all its calls.
    at_least : how many accounts must have met it, and how many must have had a call that did not.
    draws, seed : of `bootstrap_ratio`.

    Returns
    -------
    (low, high), 95 %; NaN with fewer than two accounts, and where fewer than `at_least` met it or missed it.

    >>> share_interval([10, 20], [10, 20])
    (nan, nan)
    >>> share_interval([9, 18], [10, 20])
    (0.9, 0.9)
    """
    hits, of = np.asarray(hits, float), np.asarray(of, float)
    if min((hits > 0).sum(), (of > hits).sum()) < at_least:
        return np.nan, np.nan
    return bootstrap_ratio(hits, of, draws=draws, seed=seed)
