"""The catalogued metrics of staying: who is back later, whose use lasts, and how long an account lives.

Unit: the active account, in the workbook's definition of active. Cohorts hold only accounts known to have begun
while they were observed. Days and months are local.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.retention.account_life import alive_after, lives
from apijourney.metrics.product.account_use import use_by_month
from apijourney.metrics.product.activation.beginners import beginners_log, cohort_is_known
from apijourney.metrics.product.retention.fixed_days import DAY_30, back_within_days
from apijourney.metrics.product.periods import account_periods
from apijourney.metrics.product.retention.retention import retention
from apijourney.metrics.product.retention.silence_limit import silence_limit
from apijourney.metrics.registry import catalogued
from apijourney.metrics.uncertainty import bootstrap_ratio, wilson

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
POWER_DAYS, POWER_WINDOW = 21, 28
LIFE_DAYS = 182


@catalogued(
    name="Day-30 retention", dimension="product", stage="scale",
    question="Of the accounts first active in the month, which share was back a month later?",
    formula="accounts active on at least one of the local days 24 to 30 after their first active day / accounts first "
    "active in the month (a bracket of one week, so that it holds every weekday); beginners as in month-1 retention",
    unit="share", direction="up", timing="lagging", counter_metric="activated_share",
    gameable_by="reminders that bring one call in the fourth week", tables=("active",), source=_BOOK,
)  # fmt: skip
def day_30_retention(study):
    return back_within_days(study, *DAY_30)


@catalogued(
    name="Rolling retention", dimension="product", stage="scale",
    question="Of the accounts first active in the month, which share was active in any month after it?",
    formula="accounts active in the month after their first or in any later one / accounts first active in the month; "
    "known once `silence_days` of the workbook file have passed after the month that follows; "
    "beginners as in month-1 retention",
    unit="share", direction="up", timing="lagging", counter_metric="day_30_retention",
    gameable_by="waiting: a single late call rescues an account, so old months can only rise", tables=("active",),
    source=_BOOK,
)  # fmt: skip
def rolling_retention(study):
    cells = retention(
        beginners_log(study), period="M", kind="on_or_after", cohort="first_time", timezone=study.zone,
        observed_until=study.observed_until, silence=f"{study.workbook.definitions.silence_days}D",
    )  # fmt: skip
    cells = cells.assign(month=pd.to_datetime(cells["cohort"]).dt.strftime("%Y-%m"))
    followed = cells[cells["period"] == 1].set_index("month").reindex(study.months)
    size = cells[cells["period"] == 0].set_index("month")["size"].reindex(study.months).fillna(0)
    mature = followed["mature"].eq(True) & np.array([cohort_is_known(study, m) for m in study.months])
    table = followed.rename(columns={"share": "value", "retained": "numerator"})[["value", "low", "high", "numerator"]]
    return table.assign(denominator=size, mature=mature).rename_axis("month").reset_index()


@catalogued(
    name="Usage retention", dimension="product", stage="scale",
    question="Of last month's use, how much do the same accounts bring this month?",
    formula="use a day this month of the accounts active last month / their use a day last month; use is what makes an "
    "account active (by default successful production calls; active days where that is no call)",
    unit="ratio", direction="up", timing="leading", counter_metric="top_10_usage_share",
    gameable_by="one large account that grows while others leave; retries and polling", tables=("active",), source=_BOOK,
    counted="calls (or active days) a day the month before",
)  # fmt: skip
def usage_retention(study):
    use, _ = use_by_month(study)
    rows = []
    for month in study.months:
        before = str(pd.Period(month) - 1)
        if before not in use.columns or not study.whole(before):
            rows.append((month, *(np.nan,) * 5))
            continue
        days = [pd.Period(m).days_in_month for m in (month, before)]
        there = use[use[before] > 0]
        now, then = there[month].to_numpy() / days[0], there[before].to_numpy() / days[1]
        value = now.sum() / then.sum() if len(there) else np.nan
        rows.append((month, value, *bootstrap_ratio(now, then), now.sum(), then.sum()))
    table = pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator"])
    return table.assign(mature=[study.whole(m) for m in study.months])


@catalogued(
    name="Recurring usage", dimension="product", stage="scale",
    question="Which share of the month's use comes from accounts that used the API in the two months before, too?",
    formula="use of accounts active in this month and in each of the two before / use of all accounts in the month; use "
    "as in usage retention",
    unit="share", direction="up", timing="lagging", counter_metric="sign_ups",
    gameable_by="winning nobody new", tables=("active",), source=_BOOK, counted="calls (or active days)",
)  # fmt: skip
def recurring_usage(study):
    use, _ = use_by_month(study)
    rows = []
    for month in study.months:
        earlier = [str(pd.Period(month) - k) for k in (1, 2)]
        if any(m not in use.columns or not study.whole(m) for m in earlier):
            rows.append((month, *(np.nan,) * 5))
            continue
        there = use[use[month] > 0]
        total = there[month].to_numpy(dtype=float)
        steady = total * (there[earlier] > 0).all(axis=1).to_numpy()
        value = steady.sum() / total.sum() if len(there) else np.nan
        rows.append((month, value, *bootstrap_ratio(steady, total), steady.sum(), total.sum()))
    table = pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator"])
    return table.assign(mature=[study.whole(m) for m in study.months])


@catalogued(
    name="Power users (L28)", dimension="product", stage="scale",
    question="Of the accounts active within 28 days, which share was active on 21 of them or more?",
    formula="accounts active on at least 21 of the last 28 local days of the month / accounts active on at least one; "
    "28 days hold 20 working days, so 21 means that use goes on at weekends",
    unit="share", direction="up", timing="leading", counter_metric="monthly_active_accounts",
    gameable_by="health checks that call every day; losing occasional users", tables=("active",), source=_BOOK,
)  # fmt: skip
def power_user_share(study):
    account, day = account_periods(study.active_log, None, "D", study.zone)
    begun = np.datetime64(str(study.local_day(pd.Timestamp(study.observed_from, unit="us")))).astype("int64")
    rows = []
    for month in study.months:
        end = int((np.datetime64(month, "M") + 1).astype("datetime64[D]").astype("int64"))
        inside = (day >= end - POWER_WINDOW) & (day < end)
        _, days = np.unique(account[inside], return_counts=True)
        k, n = int((days >= POWER_DAYS).sum()), len(days)
        low, high = (float(b) for b in wilson(k, n))
        rows.append((month, k / n if n else np.nan, low, high, k, n, bool(begun <= end - POWER_WINDOW)))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "numerator", "denominator", "mature"])


@remembered
def _life_by_month(study) -> pd.DataFrame | NotMeasurable:
    limit = silence_limit(study)
    if isinstance(limit, NotMeasurable):
        return limit
    account, day = account_periods(beginners_log(study), None, "D", study.zone)
    rows = []
    for month in study.months:
        end = int((np.datetime64(month, "M") + 1).astype("datetime64[D]").astype("int64"))
        known = day < end
        table = lives(account[known], day[known], end, limit.days)
        rows.append((month, *alive_after(table, LIFE_DAYS, min_n=study.workbook.definitions.min_n), len(table)))
    return pd.DataFrame(rows, columns=["month", "value", "low", "high", "denominator"])


@catalogued(
    name="Account survival, 6 months", dimension="product", stage="scale",
    question="Which share of accounts is still there half a year after their first active day?",
    formula="Kaplan-Meier estimate at 182 days, as known at the end of the month, over all accounts that began up to "
    "then; a life ends with the first silence so long that an account is gone by the data (at most 5 % of the "
    "longer silences ended in a return)",
    unit="share", direction="up", timing="lagging", counter_metric="usage_retention",
    gameable_by="health checks that keep a dead integration alive", tables=("active",),
    source="Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481",
)  # fmt: skip
def account_survival_6m(study):
    return _life_by_month(study)
