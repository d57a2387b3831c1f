"""On which day did an account close?

Unit: an account, and the local day of its closing as known at `until`. Falling silent is no closing.
"""

import pandas as pd

from apijourney.localtime import local_dates


def closing_days(study, account_ids: pd.Series) -> pd.Series:
    """The local day each account closed, as datetime64[s] in the order asked; NaT for those open or not known."""
    closed = study.accounts.drop_duplicates("account_id").set_index("account_id")["closed_at"]
    return local_dates(closed.reindex(account_ids), study.zone).set_axis(account_ids.index)
