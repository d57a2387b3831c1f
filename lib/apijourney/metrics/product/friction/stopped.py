"""Who stopped at a step: the accounts behind the loss that a funnel shows.

Unit: an account of the funnel whose window has closed. It does not say why they stopped; the first thing to
do is to ask some of them.
"""

import pandas as pd

from apijourney.localtime import local_dates
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.closings import closing_days
from apijourney.metrics.product.conversion.journey_funnel import journey_accounts, journey_funnel, worst_step


def stopped_accounts(study, *, window: str = "28D") -> pd.DataFrame | NotMeasurable:
    """Which accounts took the step before the leakiest one, and not the leakiest one in time?

    window : from the first step, as in `journey_funnel`: the rows are the accounts that its sentence counts.

    Returns
    -------
    One row an account, those who got that far last come first: account_id, name, owner (empty = not known),
    segment (at sign-up), reached_on (local day of the step before), closed_on (local day; NaT = still open),
    step_name (the step not taken), before.
    """
    table = journey_funnel(study, window=window)
    if isinstance(table, NotMeasurable):
        return table
    k = worst_step(table)
    names = study.workbook.funnel
    if k is None:
        return NotMeasurable("Accounts that stopped", "nobody has taken the first step with a window that has closed; choose a later month.")
    found = journey_accounts(study, window=window)
    found = found[~found["immature"] & (found["level"] == k)]
    accounts = study.accounts.drop_duplicates("account_id").set_index("account_id")
    ids = found["account_id"].astype("str").to_numpy()
    out = pd.DataFrame({"account_id": ids, "at": found[f"time_{k - 1}"].to_numpy()})
    for column, origin in (("name", "name"), ("owner", "owner"), ("segment", "entry_segment")):
        out[column] = out["account_id"].map(accounts[origin]) if origin in accounts else pd.NA
    out["reached_on"] = local_dates(out["at"], study.zone)
    out["closed_on"] = closing_days(study, out["account_id"])
    out = out.sort_values(["at", "account_id"], ascending=[False, True], ignore_index=True).drop(columns="at")
    return out.assign(step_name=names[k], before=names[k - 1])
