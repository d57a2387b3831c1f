"""Who opened an account and has never had a successful call?

Unit: an account that is still open. Only accounts opened while we were observing count: an older one
may have succeeded unseen. Successes in the sandbox count, those with a test key do not. It does not say
what stands in the way; the funnel and its first errors do.
"""

import pandas as pd

from apijourney.facts.call_dates import call_dates
from apijourney.facts.remember import remembered
from apijourney.localtime import local_days
from apijourney.measurable import NotMeasurable, needs

WAITING_DAYS = 14


@remembered
@needs("accounts", "requests", what="Accounts stuck before the first success")
def stuck_accounts(study, *, days: int = WAITING_DAYS) -> pd.DataFrame | NotMeasurable:
    """Which accounts have waited for their first success for at least so many days?

    days : local days since the day the account was opened, up to the day that begins at
        `observed_until`. Not measurable for one product: a success with any counts.

    Returns
    -------
    One row an account without any call answered 2xx in any environment, not closed, opened since
    `observed_from`: account_id, opened_on (local day), waiting_days, calls (all without success; 0 = never
    tried), last_call_on (local day; NaT = never tried). Those who tried last come first, then the latest
    opened: they are the likeliest to listen.
    """
    if study.product != "all":
        return NotMeasurable("Accounts stuck before the first success", "a success with any product counts; choose all products.")
    accounts = study.accounts
    created = accounts["created_at"].to_numpy("datetime64[us]").astype("int64")
    opened = accounts[(created >= study.observed_from) & accounts["closed_at"].isna() & accounts["created_at"].notna()]
    micros = opened["created_at"].to_numpy("datetime64[us]").astype("int64")
    days_opened = local_days(micros, study.zone).astype("datetime64[s]")
    table = pd.DataFrame({"account_id": opened["account_id"].astype("str"), "opened_on": days_opened})
    table["waiting_days"] = (pd.Timestamp(study.until_day) - table["opened_on"]).dt.days
    table = table[table["waiting_days"] >= days].join(_calls(study), on="account_id")
    table = table[table["good"].astype("float") != 1].drop(columns="good")
    table["calls"] = table["calls"].fillna(0).astype("int64")
    order = ["last_call_on", "opened_on", "account_id"]
    return table.sort_values(order, ascending=[False, False, True], na_position="last", ignore_index=True)


def _calls(study) -> pd.DataFrame:
    """Calls of each account up to `observed_until`: calls, good (any 2xx?), last_call_on (local day)."""
    if not study.store.paths("activity", study.data_months):
        empty = pd.DataFrame({"calls": [], "good": []}, index=pd.Index([], dtype="str", name="account_id"))
        return empty.assign(last_call_on=pd.Series(dtype="datetime64[s]"))
    made = study.fact("activity")
    made = made.filter(made.account_id.notnull())
    table = made.group_by("account_id").aggregate(calls=made.calls.sum()).to_pandas().set_index("account_id")
    dates = call_dates(study).set_index("account_id").reindex(table.index)
    last = local_days(dates["last_call"].to_numpy("datetime64[us]").astype("int64"), study.zone)
    return table.assign(good=dates["first_success"].notna(), last_call_on=last.astype("datetime64[s]"))
