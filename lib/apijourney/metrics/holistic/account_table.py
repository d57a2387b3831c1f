"""What does one account show: how its first week went, and what became of it afterwards?

Unit: an account opened in the observed interval. Behaviour is counted in a window that closes before
the window of any outcome opens, so that no outcome can look like its own cause. What is not known yet
is empty, never False. It does not say that one thing brought about the other.
"""

import ibis
import numpy as np
import pandas as pd

from apijourney.facts.latency_scheme import bucket_value
from apijourney.facts.remember import remembered
from apijourney.localtime import local_days
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.business.ledger import recurring_lines, usage_is_late
from apijourney.metrics.product.activation.activation_metrics import NEVER, created_times, first_calls
from apijourney.metrics.product.closings import closing_days

WEEK_DAYS = 7
"""Behaviour window of the chain: local days from the first call on, its own day included."""
KEPT_DAYS = (28, 55)
"""Outcome window "kept": days 29 to 56, the first day being day 1."""
PAYING_AFTER_MONTHS = 3
"""Outcome "paying": the third local month after the month of the first call."""

_SHARES = {"client_errors": "week_error_share", "server_errors": "week_server_error_share",
           "throttled": "week_throttled_share"}  # fmt: skip


@remembered
@needs("accounts", "active", "requests", "requests.status", what="The table of accounts")
def account_table(study) -> pd.DataFrame:
    """What did each account opened in the observed interval do in its first week, and later?

    Returns
    -------
    One row an account, in the order of their ids:

    account_id, opened_at (naive UTC), month (of sign-up, local), segment (at sign-up), channel;
    first_call_day : local day of the first call; NaT = never called, and then all below is empty
    week_calls : calls of all environments on the 7 local days that begin with the first call's
    week_production_calls : of these, calls in production
    week_error_share : of these, answered 400 to 499, without 429
    week_server_error_share : answered 500 to 599;  week_throttled_share : answered 429
    week_median_latency_ms : median of its good calls (within 1 %); NaN = none carries a latency
    week_over : were all 7 days observed?  closed_in_week : was the account closed within them?
    active_later : active on k local days within the N days after the week (k and N as in
        `definitions.activated`)
    kept : active on one of the days 29 to 56 from the first call's
    paying, mrr_minor : has it MRR, and how much (minor units), in the third month after that of the
        first call; 0 = pays nothing

    An outcome is NaN while its window is open, or where no invoices are there. All outcomes begin
    after the week has ended.
    """
    if not study.store.paths("calls", study.data_months):
        return NotMeasurable("The table of accounts", f"there are no requests in the months up to {study.month}; choose a later month.")
    log, created = study.events, created_times(study)
    known = created < NEVER
    table = pd.DataFrame({"account_id": log.accounts[known].astype("str"), "opened": created[known]})
    accounts = study.accounts.drop_duplicates("account_id").set_index("account_id")
    table = table[table["account_id"].isin(accounts.index)].reset_index(drop=True)
    for column, origin in (("segment", "entry_segment"), ("channel", "channel")):
        table[column] = table["account_id"].map(accounts[origin])
    day = local_days(table["opened"].to_numpy(), study.zone)
    table["opened_at"] = table["opened"].to_numpy().astype("datetime64[us]")
    table["month"] = day.astype("datetime64[M]").astype(str)
    table = _first_week(study, table.drop(columns="opened"))
    table = _activity(study, table)
    return _money(study, table).sort_values("account_id", ignore_index=True)


def _first_week(study, table: pd.DataFrame) -> pd.DataFrame:
    first = first_calls(study)
    day = pd.Series(local_days(first["time"].to_numpy(), study.zone).astype("datetime64[s]"), index=first["account_id"])
    table = table.assign(first_call_day=day.reindex(table["account_id"]).to_numpy())
    days = table[["account_id", "first_call_day"]].dropna()
    if days.empty:
        columns = ["week_calls", "week_production_calls", *_SHARES.values(), "week_median_latency_ms"]
        return table.assign(**dict.fromkeys(columns, np.nan), week_over=False, closed_in_week=False)
    begun = ibis.memtable(days.rename(columns={"account_id": "_id"}).assign(first_call_day=days["first_call_day"].dt.date))

    def within(kind: str):
        rows = study.fact(kind).inner_join(begun, [("account_id", "_id")])
        return rows.filter((rows.day >= rows.first_call_day) & (rows.day < rows.first_call_day + ibis.interval(days=WEEK_DAYS)))

    calls = within("calls")
    counts = calls.group_by("account_id").aggregate(
        week_calls=calls.calls.sum(),
        week_production_calls=calls.calls.sum(where=calls.environment == "production"),
        client_errors=calls.calls.sum(where=calls.status.between(400, 499) & (calls.status != 429)),
        server_errors=calls.calls.sum(where=calls.status.between(500, 599)),
        throttled=calls.calls.sum(where=calls.status == 429),
    )
    counts = counts.to_pandas().set_index("account_id").fillna(0).astype("float64")
    for count, share in _SHARES.items():
        counts[share] = counts[count] / counts["week_calls"]
    counts = counts.drop(columns=list(_SHARES)).join(_medians(within("latency")))
    table = table.join(counts, on="account_id")
    end = table["first_call_day"] + pd.Timedelta(days=WEEK_DAYS)
    until = pd.Timestamp(study.until_day)
    closed_day = closing_days(study, table["account_id"])
    return table.assign(week_over=(end <= until).fillna(False), closed_in_week=(closed_day < end).fillna(False))


def _medians(rows) -> pd.Series:
    """The lower median of each account's latencies, from its buckets."""
    buckets = rows.group_by("account_id", "bucket").aggregate(calls=rows.calls.sum()).to_pandas()
    buckets = buckets.sort_values(["account_id", "bucket"])
    by = buckets.groupby("account_id")["calls"]
    reached = buckets[2 * by.cumsum() >= by.transform("sum")].drop_duplicates("account_id")
    value = pd.Series(bucket_value(reached["bucket"].to_numpy()), index=reached["account_id"])
    return value.rename("week_median_latency_ms").astype("float64")


def active_days_after(study, account_ids: pd.Series, day: pd.Series, first: int, last: int) -> pd.Series:
    """On how many local days, `first` to `last` days after `day`, was each account active?

    day : a local day for each account. Returns counts; NaN while the last day is not over, or where
    `day` is empty.
    """
    log = study.active_log
    on = local_days(log.time, study.zone).astype("int64")
    active = pd.DataFrame({"account": log.account, "on": on}).drop_duplicates()
    begin = pd.Series(day.to_numpy(), index=account_ids.to_numpy()).dropna()
    if begin.empty:
        return pd.Series(np.nan, index=account_ids.index)
    position = log.accounts.get_indexer(begin.index)
    begin = pd.Series(begin.to_numpy().astype("datetime64[D]").astype("int64"), index=position)
    after = active["on"] - active["account"].map(begin[begin.index >= 0])
    counts = active.loc[after.between(first, last), "account"].value_counts()
    found = pd.Series(log.accounts.get_indexer(account_ids.to_numpy()), index=account_ids.index).map(counts).fillna(0.0)
    over = day + pd.Timedelta(days=last + 1) <= pd.Timestamp(study.until_day)
    return found.where(over.fillna(False)).astype("float64")


def _activity(study, table: pd.DataFrame) -> pd.DataFrame:
    rule, start = study.workbook.definitions.activated, table["first_call_day"]
    later = active_days_after(study, table["account_id"], start, WEEK_DAYS, WEEK_DAYS + rule.within_days - 1)
    kept = active_days_after(study, table["account_id"], start, *KEPT_DAYS)
    return table.assign(
        active_later=(later >= rule.days).astype("float64").where(later.notna()),
        kept=(kept >= 1).astype("float64").where(kept.notna()),
    )


def mrr_after(study, table: pd.DataFrame, day: str, *, months: int) -> pd.Series:
    """How much MRR has each account in the so-manieth local month after that of a day?

    table : account_id, and the column `day`. Returns minor units, 0 = none; NaN while that month is
    not over or its usage is not billed, or where there are no subscriptions and usage.
    """
    lines = recurring_lines(study)
    unknown = pd.Series(np.nan, index=table.index)
    if isinstance(lines, NotMeasurable):
        return unknown
    last = pd.Period(study.month, "M") - int(usage_is_late(study))
    known = table[day].notna()
    month = table.loc[known, day].dt.to_period("M") + months
    over = month <= last
    keys = pd.MultiIndex.from_arrays([table.loc[known, "account_id"], month.astype("str")])
    by = lines.groupby(["account_id", "month"])["mrr_minor"].sum()
    value = pd.Series(by.reindex(keys, fill_value=0).to_numpy(), index=month.index, dtype="float64")
    return unknown.combine_first(value.where(over)) if over.any() else unknown


def _money(study, table: pd.DataFrame) -> pd.DataFrame:
    minor = mrr_after(study, table, "first_call_day", months=PAYING_AFTER_MONTHS)
    return table.assign(paying=(minor > 0).astype("float64").where(minor.notna()), mrr_minor=minor)
