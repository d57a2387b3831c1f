"""Do errors and slowness in an account's first week go together with what becomes of it?

Unit: an account that was still open after its first week. Each link of the chain from infrastructure
through product to business is one comparison: accounts whose first week was worse than the median
against the others, behaviour strictly before outcome. All links are associations: who meets errors
may differ in what he builds, and the regression knows only what it is given.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, passes_on
from apijourney.metrics.holistic.account_table import account_table
from apijourney.metrics.holistic.adjusted import adjusted_difference
from apijourney.metrics.uncertainty import benjamini_hochberg

SIGNALS = {
    "week_error_share": "rejected calls (4xx)",
    "week_server_error_share": "server errors (5xx)",
    "week_median_latency_ms": "slow answers",
    "week_throttled_share": "throttled calls (429)",
}
OUTCOMES = {"active_later": "active afterwards", "kept": "active in days 29 to 56", "paying": "paying in the third month",
            "mrr_minor": "MRR in the third month"}  # fmt: skip
CONFOUNDERS = ["segment", "channel", "month", "log_calls", "in_production", "log_production_calls"]
"""Who calls production in the first week meets fewer rejections (most are tried out in the sandbox), waits longer, and
pays more often: without the last two, companies in which nothing is linked showed links beyond chance."""


@remembered
def chain_accounts(study) -> pd.DataFrame | NotMeasurable:
    """Which accounts of `account_table` enter the chain, and which do not, and why?

    Returns one row an account: its columns, `why_not` ("never called", "first week not over", "closed in
    its first week", or empty: it enters), log_calls (natural logarithm of its calls in the week), in_production
    ("yes", "no": did it call production in the week?) and log_production_calls (of 1 + these calls).
    """
    table = account_table(study)
    return table if isinstance(table, NotMeasurable) else _enters(table)


def _enters(table: pd.DataFrame) -> pd.DataFrame:
    reasons = [table["first_call_day"].isna(), table["closed_in_week"], ~table["week_over"]]
    why = np.select(reasons, ["never called", "closed in its first week", "first week not over"], "")
    live = table["week_production_calls"]
    return table.assign(
        why_not=pd.array(why, dtype="str"), log_calls=np.log(table["week_calls"]),
        in_production=pd.array(np.where(live > 0, "yes", "no"), dtype="str"), log_production_calls=np.log1p(live),
    )  # fmt: skip


@passes_on
def who_enters(accounts: pd.DataFrame) -> pd.DataFrame:
    """How many accounts enter the chain, and for which outcome is the window still open?

    accounts : from `chain_accounts`. Returns group, accounts: those opened, the reasons to be left out,
    those who enter, and for each outcome how many of these are followed to its end.
    """
    inside = accounts[accounts["why_not"] == ""]
    rows = [("opened in the observed interval", len(accounts))]
    rows += [(f"left out: {why}", int((accounts["why_not"] == why).sum()))
             for why in ("never called", "first week not over", "closed in its first week")]  # fmt: skip
    rows.append(("enter the chain", len(inside)))
    rows += [(f"followed to the end: {OUTCOMES[o]}", int(inside[o].notna().sum())) for o in ("active_later", "kept", "paying")]
    return pd.DataFrame(rows, columns=["group", "accounts"])


@remembered
def chain(study) -> pd.DataFrame | NotMeasurable:
    """Which signal of the first week goes together with which outcome? See `links`."""
    accounts = chain_accounts(study)
    if isinstance(accounts, NotMeasurable):
        return accounts
    inside = accounts[accounts["why_not"] == ""]
    if inside.empty:
        return NotMeasurable("The chain", "no account has a first week that is over; choose a later month.")
    return links(inside)


def links(accounts: pd.DataFrame, *, signals=tuple(SIGNALS), outcomes=tuple(OUTCOMES)) -> pd.DataFrame:
    """Compare accounts above the median of each signal with the others, for each outcome.

    Parameters
    ----------
    accounts : one row an account: the signals (numbers; missing = left out of that link), the outcomes
        (missing = window open, left out of that link) and the columns of `CONFOUNDERS`.

    Returns
    -------
    One row a link: signal, outcome, median (the signal's, over its accounts: "worse" is above it), and
    the columns of `adjusted_difference`, where exposed are the accounts above the median; q
    (Benjamini-Hochberg over the adjusted p values of all links of this table: that is the family).
    """
    rows = []
    for signal in signals:
        known = accounts[accounts[signal].notna()]
        median = float(known[signal].median()) if len(known) else np.nan
        worse = known.assign(worse=known[signal] > median)
        for outcome in outcomes:
            found = adjusted_difference(worse, exposure="worse", outcome=outcome, confounders=CONFOUNDERS)
            rows.append({"signal": signal, "outcome": outcome, "median": median} | found)
    table = pd.DataFrame(rows)
    return table.assign(q=benjamini_hochberg(table["p"].to_numpy(dtype=float)))
