"""Who is active every day: most accounts, most calls, or most of the revenue?

Unit: an account, counted once, by its calls of the month, or by its MRR. A company of many occasional accounts and a
few that call every day looks lazy by accounts and busy by calls. Revenue of accounts that were not active at all in
the month stands beside: nobody misses an API he does not use. It does not say why an account pays and does not call.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.business.ledger import recurring_lines, usage_is_late
from apijourney.metrics.product.account_use import use_by_month
from apijourney.metrics.product.engagement.engagement_metrics import active_days
from apijourney.metrics.uncertainty import bootstrap_ratio

WINDOWS = (1, 7)
_SAID = {1: "on a day", 7: "in a week"}
ACCOUNTS, CALLS, MRR = "accounts", "calls", "MRR"


@remembered
@needs("active", what="Activity by accounts, calls and revenue")
def weighted_activity(study) -> pd.DataFrame | NotMeasurable:
    """Which share of the accounts, of the calls and of the MRR is active on an average day, and within a week?

    Returns
    -------
    One row a weight ("accounts", and where they are known "calls" and "MRR") and window (1 and 7 days): weight,
    days, label (both in words), value (sum over the accounts active in the reported month of weight × share of its days on which the account
    was active within so many days, over the sum of their weights), low, high (95 %, bootstrap over accounts; NaN with
    fewer than two), denominator (accounts with a weight), idle_share (share of all the weight that belongs to accounts not active in
    the month; 0 for accounts and calls, which only active ones have; NaN = no weight at all). MRR is that of the
    month, or of the month before while its usage is not billed.
    """
    days = active_days(study)
    first = np.datetime64(study.month, "D").astype("int64")
    last = min((np.datetime64(study.month, "M") + 1).astype("datetime64[D]").astype("int64"), study.until_day.astype("int64"))
    number = days["day"].to_numpy().astype("datetime64[D]").astype("int64") - (first - max(WINDOWS) + 1)
    length = int(last - first)
    recent = (number >= 0) & (number < length + max(WINDOWS) - 1)
    code, ids = pd.factorize(days.loc[recent, "account_id"])
    grid = np.zeros((len(ids), length + max(WINDOWS) - 1), dtype=bool)
    grid[code, number[recent]] = True
    in_month = grid[:, max(WINDOWS) - 1 :].any(axis=1)
    grid, ids = grid[in_month], pd.Index(ids)[in_month]
    if not len(ids):
        return NotMeasurable("Activity by accounts, calls and revenue", f"no account was active in {study.month}; choose another month.")
    rows = []
    for weight, of in _weights(study, ids).items():
        own = of.reindex(ids, fill_value=0).to_numpy(dtype="float64")
        total = float(of.sum())
        for window in WINDOWS:
            begin = max(WINDOWS) - window
            counted = np.lib.stride_tricks.sliding_window_view(grid[:, begin:], window, axis=1).any(axis=2).mean(axis=1)
            low, high = bootstrap_ratio(own * counted, own)
            share = float((own * counted).sum() / own.sum()) if own.sum() else np.nan
            idle = 1 - own.sum() / total if total else np.nan
            rows.append((weight, window, f"{weight}, {_SAID[window]}", share, low, high, int((own > 0).sum()), idle))
    return pd.DataFrame(rows, columns=["weight", "days", "label", "value", "low", "high", "denominator", "idle_share"])


def _weights(study, ids: pd.Index) -> dict[str, pd.Series]:
    """What each account counts for, by account_id; weights that are not known are left out."""
    found = {ACCOUNTS: pd.Series(1.0, index=ids)}
    use, unit = use_by_month(study)
    if unit == "calls":
        found[CALLS] = use[study.month]
    lines = recurring_lines(study)
    if not isinstance(lines, NotMeasurable):
        month = study.all_months[-2] if usage_is_late(study) and len(study.all_months) > 1 else study.month
        mrr = lines[lines["month"] == month].groupby("account_id")["mrr_minor"].sum()
        mrr = mrr[mrr > 0]
        if len(mrr):
            found[MRR] = mrr
    return found
