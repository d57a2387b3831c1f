"""When did each account call first and last, and when with success?

Unit: an account, of all its calls known by the end of the month; calls of developers linked to no
account are left out. Read from the activity fact, so no call is looked at again. It does not say
how often an account called in between.
"""

import ibis
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import needs

COLUMNS = [
    "first_call", "last_call", "first_success", "last_success", "first_production_success", "last_production_success",
]  # fmt: skip


@needs("requests", what="The date of first and last calls")
@remembered
def call_dates(study) -> pd.DataFrame:
    """The first and last instants of each account's calls.

    Returns
    -------
    One row an account that called, in the order of ids: account_id, and naive UTC instants
    first_call, last_call : of any call, in any environment, however it ended
    first_success, last_success : of calls answered 2xx; NaT where none was
    first_production_success, last_production_success : the same in production
    """
    days = study.fact("activity")
    days = days.filter(days.account_id.notnull())
    live = days.environment == "production"
    never = ibis.null("timestamp")
    dates = days.group_by("account_id").aggregate(
        first_call=days.first_at.min(),
        last_call=days.last_at.max(),
        first_success=days.first_good_at.min(),
        last_success=days.last_good_at.max(),
        first_production_success=live.ifelse(days.first_good_at, never).min(),
        last_production_success=live.ifelse(days.last_good_at, never).max(),
    )
    return dates.order_by("account_id").to_pandas()[["account_id", *COLUMNS]]
