"""How unequal is what accounts pay, from the smallest to the largest?

Unit: a paying account in a month. The curve describes all who pay, not a sample, so it carries no interval.
"""

import numpy as np
import pandas as pd

from apijourney.measurable import passes_on


@passes_on
def lorenz(ranked: pd.DataFrame) -> pd.DataFrame:
    """Which share of the MRR do the smallest accounts bring together?

    ranked : mrr_minor of each paying account, from `revenue_shares`.
    Returns accounts_share, mrr_share: from (0, 0) to (1, 1), one row an account more, the smallest first. The area between
    the curve and the diagonal is half the Gini index.

    >>> lorenz(pd.DataFrame({"mrr_minor": [300, 100]})).values.tolist()
    [[0.0, 0.0], [0.5, 0.25], [1.0, 1.0]]
    """
    minor = np.sort(ranked["mrr_minor"].to_numpy("int64"))
    running = np.append(0, np.cumsum(minor))
    n = len(minor)
    share = running / running[-1] if n else running.astype(float)
    return pd.DataFrame({"accounts_share": np.arange(n + 1) / max(n, 1), "mrr_share": share})
