"""What should somebody do about an account, given every reason it has?

Unit: an account with its reasons. Each reason alone would advise something of its own, and two may advise opposite
things: who is silent because the quota refuses its calls needs a larger plan, and no question about a fault. So an
account gets one advice, from all its reasons together: that of the first rule whose reasons it has. It is where a talk
begins, not what it will find.
"""

import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.metrics.business.near_quota import near_quota_accounts
from apijourney.metrics.product.decline.early_warning import early_warnings

_QUOTA_FIRST = "ask whether its quota stopped it, and offer a larger one"
_FAILURES_FIRST = "explain the failures, and ask whether it calls less because of them"
_STAY_FIRST = "ask why it calls less before you ask it to move"
RULES = (
    ({"near its quota", "unusually silent"}, _QUOTA_FIRST),
    ({"near its quota", "declining"}, _QUOTA_FIRST),
    ({"burnt error budget", "unusually silent"}, _FAILURES_FIRST),
    ({"burnt error budget", "declining"}, _FAILURES_FIRST),
    ({"calls a version that ends", "unusually silent"}, _STAY_FIRST),
    ({"calls a version that ends", "declining"}, _STAY_FIRST),
    ({"burnt error budget"}, "explain the failures before it asks"),
    ({"calls a version that ends"}, "agree on a day for the move to the next version"),
    ({"unusually silent"}, "ask whether something broke"),
    ({"declining"}, "ask what changed"),
    ({"near its quota"}, "offer a larger plan before calls are refused"),
    ({"stuck before the first success"}, "offer help with the first call"),
)
"""Reasons, as `REASONS` names them, and what they advise; the first rule that fits speaks."""


def advice(reasons) -> str:
    """The one advice for an account with these reasons; "" where no rule knows them.

    >>> advice(["unusually silent"]), advice(["unusually silent", "near its quota"])
    ('ask whether something broke', 'ask whether its quota stopped it, and offer a larger one')
    """
    return next((words for needed, words in RULES if needed <= set(reasons)), "")


def warnings_beside_quota(study) -> pd.DataFrame | NotMeasurable:
    """Who is unusually silent, and which of these is near its quota, so that the quota may be why?

    Returns the table of `early_warnings` with quota_used: calls of the month / quota, only of accounts near it
    (see `near_quota_accounts`); NaN for all others, and for all where quotas cannot be measured.
    """
    table, quotas = early_warnings(study), near_quota_accounts(study)
    if isinstance(table, NotMeasurable):
        return table
    near = pd.Series(dtype=float)
    if not isinstance(quotas, NotMeasurable):
        near = quotas[quotas["near"]].set_index("account_id")["used_share"]
    return table.assign(quota_used=table["account_id"].map(near).astype(float))
