"""The catalogued metrics of engagement and retention: who uses the API, how often, and who stays?

Unit: the active account, in the workbook's definition of active (by default: at least one
successful production call). Days and months are local.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.localtime import local_days
from apijourney.metrics.by_month import ratio
from apijourney.metrics.product.engagement.activity import active
from apijourney.metrics.product.activation.beginners import beginners_log, cohort_is_known
from apijourney.metrics.product.engagement.lifecycle import lifecycle
from apijourney.metrics.product.retention.retention import retention
from apijourney.metrics.registry import catalogued
from apijourney.metrics.uncertainty import bootstrap_ratio

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"


@remembered
def active_days(study) -> pd.DataFrame:
    """The local days each account was active: account_id, day (datetime64), month; once a day."""
    log = study.active_log
    day = local_days(log.time, study.zone).astype("int64")
    pairs = np.unique(np.stack([log.account.astype("int64"), day]), axis=1)
    days = pairs[1].astype("datetime64[D]")
    return pd.DataFrame(
        {
            "account_id": log.accounts.take(pairs[0]),
            "day": days.astype("datetime64[s]"),
            "month": days.astype("datetime64[M]").astype(str),
        }
    )


def monthly_active(study) -> pd.DataFrame:
    """The accounts active in each month: month, account_id, days (active local days in it)."""
    return active_days(study).groupby(["month", "account_id"]).size().rename("days").reset_index()


@remembered
def _rolling(study, days: int) -> pd.DataFrame:
    log = study.active_log
    table = active(log, days=days, timezone=study.zone, observed_until=study.observed_until)
    return table.assign(month=pd.to_datetime(table["day"]).dt.strftime("%Y-%m"))


def _mean_of_days(study, days: int) -> pd.DataFrame:
    """Mean over the days of each month whose window of so many days was observed as a whole."""
    begin, end = (pd.Timestamp(local_days(np.array([t]), study.zone)[0]) for t in (study.observed_from, study.observed_until))
    calendar = pd.date_range(begin + pd.Timedelta(days=days - 1), end - pd.Timedelta(days=1))
    found = _rolling(study, days)
    counts = pd.Series(found["active"].to_numpy(), index=pd.to_datetime(found["day"])).reindex(calendar, fill_value=0)
    by_month = counts.groupby(calendar.strftime("%Y-%m")).agg(["sum", "size"])
    by_month = by_month.reindex(study.months, fill_value=0)
    totals, length = by_month["sum"].to_numpy(), by_month["size"].to_numpy()
    value = ratio(totals, length)
    return pd.DataFrame({"month": study.months, "value": value, "numerator": totals, "denominator": length})


@catalogued(
    name="Daily active accounts", dimension="product", stage="scale",
    question="How many accounts use the API on an average day?",
    formula="mean over the local days of the month of the accounts active that day",
    unit="count", direction="up", timing="leading", counter_metric="month_1_retention",
    gameable_by="health checks that call every day", tables=("active",), source=_BOOK, counted="days",
)  # fmt: skip
def daily_active_accounts(study):
    return _mean_of_days(study, 1)


@catalogued(
    name="Weekly active accounts", dimension="product", stage="scale",
    question="How many accounts use the API within a week?",
    formula="mean over the local days of the month of the accounts active in the 7 days ending that day",
    unit="count", direction="up", timing="leading", counter_metric="month_1_retention",
    gameable_by="health checks that call every week", tables=("active",), source=_BOOK, counted="days",
)  # fmt: skip
def weekly_active_accounts(study):
    return _mean_of_days(study, 7)


@catalogued(
    name="Monthly active accounts", dimension="product", stage="scale",
    question="How many accounts used the API this month?",
    formula="distinct accounts active at least once in the local month", unit="count",
    direction="up", timing="leading", counter_metric="stickiness",
    gameable_by="one call a month counts as much as a million", tables=("active",), source=_BOOK, whole_month=True,
)  # fmt: skip
def monthly_active_accounts(study):
    counts = monthly_active(study)["month"].value_counts().reindex(study.months, fill_value=0)
    return pd.DataFrame(
        {"month": study.months, "value": counts.to_numpy(), "denominator": counts.to_numpy(),
         "mature": [study.whole(m) for m in study.months]}
    )  # fmt: skip


@catalogued(
    name="Stickiness (DAU/MAU)", dimension="product", stage="scale",
    question="On which share of the days does an active account use the API?",
    formula="mean daily active accounts / monthly active accounts = active account-days / (active "
    "accounts × days of the month)",
    unit="share", direction="up", timing="leading", counter_metric="monthly_active_accounts",
    gameable_by="losing occasional users raises it", tables=("active",), source=_BOOK,
    counted="account-days", whole_month=True,
)  # fmt: skip
def stickiness(study):
    by_account = monthly_active(study)
    rows = []
    for month in study.months:
        days = by_account.loc[by_account["month"] == month, "days"].to_numpy(dtype=float)
        length = pd.Period(month, "M").days_in_month
        possible = np.full(len(days), float(length))
        low, high = bootstrap_ratio(days, possible)
        value = days.sum() / possible.sum() if len(days) else np.nan
        rows.append((month, value, low, high, days.sum(), possible.sum(), study.whole(month)))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator", "mature"])


@catalogued(
    name="Month-1 retention", dimension="product", stage="scale",
    question="Of the accounts first active last month, which share is active this month?",
    formula="accounts first active in the month before and active in this month / accounts first "
    "active in the month before; accounts opened before observing began are left out, and the first "
    "month observed where nobody knows when accounts were opened",
    unit="share", direction="up", timing="lagging", counter_metric="activated_share",
    gameable_by="making activation so hard that only the sure ones pass", tables=("active",),
    source=_BOOK,
)  # fmt: skip
def month_1_retention(study):
    table = retention(
        beginners_log(study), period="M", cohort="first_time", timezone=study.zone,
        observed_until=study.observed_until,
    )  # fmt: skip
    table = table[table["period"] == 1]
    month = (pd.to_datetime(table["cohort"]).dt.to_period("M") + 1).astype(str)
    table = table.assign(month=month.to_numpy()).set_index("month").reindex(study.months)
    table = table.rename(columns={"share": "value", "retained": "numerator", "size": "denominator"})
    # Nobody began in a known month: 0 of 0. Where nobody can tell who began, the count is unknown, too.
    known = np.array([cohort_is_known(study, str(pd.Period(m) - 1)) for m in study.months])
    for column in ("numerator", "denominator"):
        table[column] = table[column].astype("float64").fillna(0.0).where(known)
    return table.rename_axis("month").reset_index().assign(mature=True)


@catalogued(
    name="Account quick ratio", dimension="product", stage="scale",
    question="For each dormant account, how many came or came back?",
    formula="(new + resurrecting) / dormant accounts of the month", unit="ratio", direction="up",
    timing="lagging", counter_metric="month_1_retention",
    gameable_by="bringing accounts that stay a month", tables=("active",), source=_BOOK,
    counted="dormant accounts",
)  # fmt: skip
def account_quick_ratio(study):
    # An account opened earlier and first seen now was not active in the month before: it came, be it new or back.
    table = lifecycle(
        study.active_log, period="M", timezone=study.zone, observed_until=study.observed_until
    )
    month = pd.to_datetime(table["period"]).dt.strftime("%Y-%m")
    table = table.assign(month=month.to_numpy()).set_index("month").reindex(study.months)
    came, fell = table["new"] + table["resurrecting"], table["dormant"].abs()
    value = (came / fell.where(fell > 0)).where((fell > 0) | came.isna(), np.inf)
    # Who fell silent is known only where the month before was observed, too.
    follows = pd.Series([study.whole(str(pd.Period(m) - 1)) for m in study.months], index=study.months)
    value = value.where((came + fell > 0) & follows)
    return pd.DataFrame(
        {"month": study.months, "value": value.to_numpy(),
         "numerator": came.to_numpy(), "denominator": fell.to_numpy()}
    )  # fmt: skip
