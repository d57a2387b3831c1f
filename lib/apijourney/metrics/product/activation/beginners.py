"""Beginners: which accounts are known to have begun while they were observed?

Unit: the account. Only a beginner belongs to a cohort: an account that was there before observing
began only looks new when it is first seen, and stays more surely than a new one. An account opened
before `observed_from` is no beginner. Of an account without a date of opening nobody can tell, so
one first active in the first month observed is left out, and one first active later is taken for
a beginner. It does not say what an account did before it was observed.
"""

import numpy as np
import pandas as pd

from apijourney.facts.event_log import EventLog
from apijourney.localtime import local_days


def beginners_log(study) -> EventLog:
    """The active log of a study with the rows of beginners only; see the module."""
    log = study.active_log
    if not len(log):
        return log
    opened = pd.Series(pd.NaT, index=log.accounts, dtype="datetime64[us]")
    if not study.lacks("accounts"):
        opened = study.accounts.set_index("account_id")["created_at"].reindex(log.accounts)
    starts = np.append(True, log.account[1:] != log.account[:-1])
    first_month = np.full(len(log.accounts), np.datetime64("NaT"), dtype="datetime64[M]")
    first_month[log.account[starts]] = local_days(log.time[starts], study.zone).astype("datetime64[M]")
    later = first_month > np.datetime64(study.all_months[0], "M")
    known = opened.notna().to_numpy()
    begun = (opened >= pd.Timestamp(study.observed_from, unit="us")).to_numpy()
    return log.select(np.where(known, begun, later)[log.account])


def cohort_is_known(study, month: str) -> bool:
    """Can anybody tell who began in this month? Not in the first one observed, without dates of opening."""
    if month not in study.all_months:
        return False
    dated = not study.lacks("accounts") and study.accounts["created_at"].notna().any()
    return bool(dated) or month != study.all_months[0]
