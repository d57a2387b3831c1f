"""Which channel brings accounts that never call?

Unit: an account, by the channel it says it came through, as of now. Any call counts, in any environment and
however it was answered: who does not even try has other troubles than who tries and fails. It does not say
that the channel is the reason; the people behind channels differ.
"""

import numpy as np
import pandas as pd

from apijourney.localtime import local_days
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.product.activation.activation_metrics import created_times
from apijourney.metrics.product.group_rates import rate_by
from apijourney.metrics.product.marks import first_times
from apijourney.metrics.product.windows import NEVER, as_window, deadlines

CALL_WINDOW_DAYS = 28
_WHAT = "Accounts that never call, by channel"


@needs("accounts", "requests", "requests.account_id", what=_WHAT)
def silent_by_channel(study) -> pd.DataFrame | NotMeasurable:
    """Of the accounts each channel brought in the months shown, which share made no call within 28 days?

    Only accounts whose 28 calendar days are over count.

    Returns
    -------
    One row a channel, the largest first: group (the channel), value (share that did not call), low, high
    (95 % Wilson), numerator, denominator (accounts), others (share among all other accounts), others_n, p
    (Fisher: the channel against all others), q (Benjamini-Hochberg over the channels). NaN where there are
    fewer than `min_n` accounts.
    """
    channels = study.accounts.set_index("account_id")["channel"]
    if channels.isna().all():
        return NotMeasurable(_WHAT, "no account says through which channel it came; fill accounts.channel.")
    if study.product != "all":
        return NotMeasurable(_WHAT, "a call of any product counts; choose all products.")
    log, created = study.events, created_times(study)
    calls = log.mask("request")
    calls &= log.time >= created[log.account]
    called = first_times(log, calls)
    known = np.flatnonzero(created < NEVER)
    end = deadlines(created[known], as_window(f"{CALL_WINDOW_DAYS}D"), study.zone)
    month = local_days(created[known], study.zone).astype("datetime64[M]").astype(str)
    ids = log.accounts.take(known)
    people = pd.DataFrame(
        {"channel": channels.reindex(ids).astype("str").fillna("not known").array, "silent": called[known] > end}
    )
    people = people[(end < study.observed_until) & np.isin(month, study.months)]
    if people.empty:
        return NotMeasurable(_WHAT, "no account of the months shown has had its 28 days yet; show more months.")
    return rate_by(people, by="channel", outcome="silent", min_n=study.workbook.definitions.min_n)
