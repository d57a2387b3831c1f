"""Would the early warning have been right in the months before, and earlier than a plain rule?

Unit: a silence whose end is known: `definitions.silence_days` days have passed since it began. A rule may only
use what was known when the silence began. The plain rule warns of everybody silent for 14 days. It says how
well a warning foretells a long silence, not whether somebody who is warned of can be kept.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.early_warning import silences
from apijourney.metrics.uncertainty import bootstrap_ratio

PLAIN_DAYS = 14
OWN, PLAIN, EITHER = "beyond its own limit", f"silent for {PLAIN_DAYS} days", "whichever comes first"


@remembered
def backtest(study) -> pd.DataFrame | NotMeasurable:
    """How often was each rule right, how many of the lost accounts did it name, and how early?

    Judged are the silences that began in the months shown, of accounts with at least 20 silences before.

    Returns
    -------
    The table of `judge_rules`; or `NotMeasurable` where no such account fell silent for good.
    """
    table = silences(study)
    if isinstance(table, NotMeasurable):
        return table
    gone_days = study.workbook.definitions.silence_days
    begin = int(np.datetime64(study.months[0], "D").astype("int64"))
    known = table["last_day"] + gone_days < int(study.until_day.astype("int64"))
    judged = table[known & (table["last_day"] >= begin) & table["limit_days"].notna()]
    found = judge_rules(judged, gone_days=gone_days)
    if not found["gone"].max():
        return NotMeasurable(
            "How good the early warning was",
            f"no account with a known rhythm fell silent for {gone_days} days in the months shown; choose more months_back.",
        )
    return found


def judge_rules(table: pd.DataFrame, *, gone_days: int) -> pd.DataFrame:
    """Compare three rules on silences whose end is known.

    Parameters
    ----------
    table : account_id, silent_days, limit_days, closed_after, as from `silences`.
    gone_days : silent days after which an account counts as gone; closed before that, it is gone, too.

    Returns
    -------
    One row a rule: rule, alarms (silences warned of before the account was gone), right (of these, gone in the
    end), precision (right / alarms; low and high: precision_low, precision_high), gone (silences that ended so),
    recall (right / gone; recall_low, recall_high), lead_days (mean days from the alarm to being gone, of those
    right; lead_low, lead_high). Intervals: 95 %, bootstrap over accounts, because one may fall silent more than
    once. NaN = nothing to divide by.

    >>> table = pd.DataFrame({"account_id": ["a", "a", "b"], "silent_days": [40, 5, 20], "limit_days": [3.0, 3.0, 60.0],
    ...     "closed_after": np.inf})
    >>> judge_rules(table, gone_days=28)[["rule", "alarms", "right", "gone", "lead_days"]].head(2)
                       rule  alarms  right  gone  lead_days
    0  beyond its own limit       2      1     1       24.0
    1    silent for 14 days       2      1     1       14.0
    """
    event = np.minimum(gone_days, table["closed_after"].to_numpy(dtype="float64"))
    gone = table["silent_days"].to_numpy() >= event
    lasted = np.minimum(table["silent_days"].to_numpy(), event)
    account = pd.factorize(table["account_id"])[0]
    limit = table["limit_days"].to_numpy(dtype="float64")
    plain = np.full(len(table), PLAIN_DAYS - 1.0)
    rows = []
    for rule, limits in ((OWN, limit), (PLAIN, plain), (EITHER, np.minimum(limit, plain))):
        alarm = limits + 1  # the first silent day beyond the limit
        fired = (lasted >= alarm) & (alarm < event)
        right = fired & gone
        lead = np.where(right, event - alarm, 0)

        def ratio(numerator, denominator, account=account):
            k, n = (np.bincount(account, weights=v, minlength=1) for v in (numerator, denominator))
            low, high = bootstrap_ratio(k[n > 0], n[n > 0])
            return (k.sum() / n.sum() if n.sum() else np.nan), low, high

        rows.append((rule, fired.sum(), right.sum(), *ratio(right, fired), gone.sum(), *ratio(right, gone), *ratio(lead, right)))
    return pd.DataFrame(
        rows,
        columns=["rule", "alarms", "right", "precision", "precision_low", "precision_high", "gone", "recall",
                 "recall_low", "recall_high", "lead_days", "lead_low", "lead_high"],
    )  # fmt: skip
