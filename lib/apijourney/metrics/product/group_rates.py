"""Does a rate differ between groups, or is it chance?

Unit: an account. Each group is compared with all the other accounts together by Fisher's exact
test; because many groups are looked at, the p values become q values over the groups of one table.
A difference is an association: groups differ in more than their name.
"""

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from apijourney.metrics.by_month import ratio
from apijourney.metrics.uncertainty import benjamini_hochberg, wilson


def rate_by(accounts: pd.DataFrame, *, by: str, outcome: str, min_n: int = 5) -> pd.DataFrame:
    """Compute the share of an outcome in each group, and how likely the difference is chance.

    Parameters
    ----------
    accounts : one row an account; `by` is its group (null = left out), `outcome` true or false.
    min_n : groups with fewer accounts carry no rate.

    Returns
    -------
    One row a group, the largest first: group, value, low, high (Wilson), numerator, denominator,
    others (rate of all other accounts), others_n (how many they are), p (Fisher, two-sided), q (Benjamini-Hochberg over the
    groups shown). NaN = too few accounts.

    >>> people = pd.DataFrame({"channel": ["ads"] * 6 + ["docs"] * 6, "ok": [0] * 6 + [1] * 6})
    >>> rate_by(people, by="channel", outcome="ok")[["group", "numerator", "denominator", "value"]]
      group  numerator  denominator  value
    0   ads          0            6    0.0
    1  docs          6            6    1.0
    """
    known = accounts[accounts[by].notna()]
    hit = known[outcome].astype(bool)
    table = (
        pd.DataFrame({"group": known[by].astype("str"), "hit": hit})
        .groupby("group")["hit"]
        .agg(numerator="sum", denominator="size")
        .reset_index()
        .sort_values(["denominator", "group"], ascending=[False, True], ignore_index=True)
    )
    n, k = table["denominator"].to_numpy(), table["numerator"].to_numpy()
    total_n, total_k = int(n.sum()), int(k.sum())
    shown = (n >= min_n) & (total_n - n >= min_n)
    p = np.full(len(table), np.nan)
    for i in np.flatnonzero(shown):
        inside, outside = [k[i], n[i] - k[i]], [total_k - k[i], total_n - n[i] - (total_k - k[i])]
        p[i] = fisher_exact([inside, outside]).pvalue
    q = np.full(len(table), np.nan)
    if shown.any():
        q[shown] = benjamini_hochberg(p[shown])
    low, high = wilson(k, n)
    enough = n >= min_n
    others_n = total_n - n
    return table.assign(
        value=np.where(enough, k / n, np.nan),
        low=np.where(enough, low, np.nan),
        high=np.where(enough, high, np.nan),
        others_n=others_n,
        others=ratio(total_k - k, others_n),
        p=p,
        q=q,
    )
