"""Loyalty: which accounts are active, which come back, and whose use grows or falls silent?

Unit: the account, active in the workbook's own sense (a successful production call, an invoice, …).
It binds the general functions (`active`, `stickiness`, `retention`, `lifecycle`, …) to a study; it
adds no rule of its own. Nothing before `observed_from` counts, so an account that was active earlier
looks new when it is first seen; cohorts leave out those that may be no beginners (`beginners_log`).
It does not say why accounts stay or go.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from apijourney.facts.event_log import EventLog
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.product.account_use import use_by_month
from apijourney.metrics.product.engagement.activity import active, stickiness
from apijourney.metrics.product.activation.beginners import beginners_log
from apijourney.metrics.product.group_rates import rate_by
from apijourney.metrics.product.engagement.lifecycle import lifecycle
from apijourney.metrics.product.periods import account_periods, period_numbers
from apijourney.metrics.product.retention.frequency_recency import frequency_recency
from apijourney.metrics.product.retention.retention import retention, retention_average
from apijourney.metrics.product.scale.use_change import STEADY_BAND, days_observed, use_states

MINIMA = 10
"""Up to so many times active a triangle is answered from the first events of each period."""
VISITS = ((0, 0), (1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (21, None))


@needs("active", what="Active accounts by day")
def rolling_actives(study, *, days: tuple[int, ...] = (1, 7, 28)) -> dict[str, pd.DataFrame]:
    """How many accounts were active within the last 1, 7 and 28 local days, on each day shown?

    Returns label → one row a day of the months shown: day, accounts (NaN = the window reaches back
    before the first active day observed, so accounts may be missing).
    """
    begin = np.datetime64(study.months[0], "M").astype("datetime64[s]")
    tables = {}
    for length in days:
        table = active(
            study.active_log, days=length, timezone=study.zone, observed_until=study.observed_until
        )
        table = table.assign(accounts=table["active"].where(table["mature"]).astype("float64"))
        shown = table.loc[table["day"] >= begin, ["day", "accounts"]]
        tables["on the day" if length == 1 else f"in {length} days"] = shown.reset_index(drop=True)
    return tables


@needs("active", what="The power curve")
def power_curve(study) -> pd.DataFrame:
    """How many accounts were active on exactly k local days of the reported month?

    Returns the table of `stickiness`: one row a k, from 1 to the length of the month.
    """
    return stickiness(
        study.active_log, within=study.month, timezone=study.zone, observed_until=study.observed_until
    )


@needs("active", what="Cohort retention")
def retention_triangle(
    study, *, kind: str = "on", cohort: str = "first_time", period: str = "M", most: int = 24, minimum: int = 1,
    shown_only: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Of the accounts first active in a period, which share was active again in each later one?

    kind, cohort, period : as in `retention`. With "first_ever" the first month observed only serves
        to tell who was there before: accounts active in it belong to no cohort. Unless "recurring",
        only beginners are in a cohort.
    most : how many cohorts are kept, the latest ones. None is from before the months shown, unless
        nobody began in these: then they are the last ones in which somebody did.
    minimum : how many active events it takes in a period (calls, where a call makes active).
    shown_only : look at nothing before the months shown, as tools do that know only the range on screen: whoever is
        first active in it counts as first, whenever the account began.

    Returns the table of `retention`.
    """
    start = study.all_months[1:2] if cohort == "first_ever" else study.all_months[:1]
    if not start:
        return NotMeasurable(
            "First-ever retention", "only one month was observed; choose a later month, or first_time."
        )
    if shown_only:
        start = study.months[:1]
    everybody = cohort == "recurring" or shown_only
    if 1 <= minimum <= MINIMA:
        log, place = _first_of_each(study, everybody, period, study.bounds(start[0])[0])
        log = log.select(place < minimum)
    else:
        log = study.active_log if everybody else beginners_log(study)
    table = retention(
        log, period=period, kind=kind, cohort=cohort, minimum=minimum, timezone=study.zone,
        week_starts=study.workbook.week_starts, observed_until=study.observed_until,
        entered=(pd.Timestamp(study.bounds(start[0])[0], unit="us"), study.until),
        silence=f"{study.workbook.definitions.silence_days}D",
    )  # fmt: skip
    shown = table["cohort"] >= np.datetime64(study.months[0], "M").astype("datetime64[s]")
    begun = table["size"] > 0
    if begun.any() and not (shown & begun).any():
        shown, most = begun, min(most, len(study.months))
    latest = np.sort(table.loc[shown, "cohort"].unique())[-most:]
    return table[table["cohort"].isin(latest)].reset_index(drop=True)


@remembered(most=6)
def _first_of_each(study, everybody: bool, period: str, begin: int) -> tuple[EventLog, np.ndarray]:
    """The first active events of each account in each period, and the place of each among them, from 0 on.

    Who came back so many times has that many among the first, so a triangle needs no more of them. begin : the instant
    from which cohorts open; a period cut by it has two parts, so that the first event after it is there.
    """
    log = study.active_log if everybody else beginners_log(study)
    log = replace(log, properties={}, received=None)
    if not len(log):
        return log, np.zeros(0, dtype=np.int8)
    number = period_numbers(log.time, period, study.zone, study.workbook.week_starts)
    new = np.append(True, (log.account[1:] != log.account[:-1]) | (number[1:] != number[:-1]))
    new |= np.append(False, (log.time[1:] >= begin) & (log.time[:-1] < begin))
    first = np.flatnonzero(new)
    place = np.arange(len(log)) - np.repeat(first, np.diff(np.append(first, len(log))))
    kept = place < MINIMA
    return log.select(kept), place[kept].astype(np.int8)


@passes_on
def pooled_retention(triangle: pd.DataFrame) -> pd.DataFrame:
    """Over all cohorts of a triangle, which share came back after k periods? See `retention_average`."""
    return retention_average(triangle)


@needs("accounts", "active", what="Accounts seen for the first time that are not new")
def known_before(study) -> pd.DataFrame:
    """Of the accounts first seen active in each month shown, how many had been opened before observing began?

    Returns one row a month: month, accounts (first active in it), opened_before (account opened
    before `observed_from`; they may have been active unseen).
    """
    first = _active_months(study, study.active_log).drop_duplicates("account_id")
    opened = first["account_id"].map(study.accounts.set_index("account_id")["created_at"])
    before = opened < pd.Timestamp(study.observed_from, unit="us")
    counts = first.assign(before=before).groupby("month")["before"].agg(accounts="size", opened_before="sum")
    counts = counts.reindex(pd.PeriodIndex(study.months, freq="M").astype("int64"), fill_value=0)
    return counts.reset_index(drop=True).assign(month=study.months)[["month", "accounts", "opened_before"]]


@needs("active", what="Month-1 retention by cohort")
def month_1_cohorts(study) -> pd.DataFrame:
    """Which monthly cohorts came back in the month after far more or less often than the others?

    Returns the table of `rate_by`, a cohort ("2026-03") being a group; only months that are over.
    """
    return rate_by(_first_months(study), by="cohort", outcome="returned", min_n=study.workbook.definitions.min_n)


@needs("accounts", "active", what="Month-1 retention by group")
def month_1_by(study, by: str) -> pd.DataFrame:
    """Month-1 retention of the accounts first active in the months shown, by an attribute of the account.

    by : "channel" or "segment" (the one at sign-up). Returns the table of `rate_by`.
    """
    first = _first_months(study)
    if first.empty:
        return NotMeasurable(
            f"Month-1 retention by {by}",
            "nobody is known to have begun in these months and been followed for the month after; choose a later "
            "month, or more months_back.",
        )
    accounts = study.accounts.set_index("account_id")
    group = first["account_id"].map(accounts["entry_segment" if by == "segment" else by])
    if group.isna().all():
        return NotMeasurable(
            f"Month-1 retention by {by}", f'no account has a {by}; add the column "{by}" to accounts.'
        )
    return rate_by(first.assign(group=group), by="group", outcome="returned", min_n=study.workbook.definitions.min_n)


def _active_months(study, log) -> pd.DataFrame:
    """The local months each account was active, in order: account_id, month (consecutive numbers)."""
    account, month = account_periods(log, None, "M", study.zone)
    return pd.DataFrame({"account_id": log.accounts.take(account), "month": month})


def _first_months(study) -> pd.DataFrame:
    """Beginners of a month shown whose next month is over: account_id, cohort, returned."""
    seen = _active_months(study, beginners_log(study))
    first = seen.drop_duplicates("account_id")
    begun = seen["account_id"].map(first.set_index("account_id")["month"]).astype("float64")
    back = set(seen.loc[seen["month"] == begun + 1, "account_id"])
    numbers = dict(zip(pd.PeriodIndex(study.months, freq="M").astype("int64"), study.months, strict=True))
    table = first.assign(cohort=first["month"].map(numbers))
    table = table[table["cohort"].notna() & (table["cohort"] != study.month)]
    return table.assign(returned=table["account_id"].isin(back))[["account_id", "cohort", "returned"]]


@needs("active", what="The lifecycle of accounts")
def account_lifecycle(study) -> pd.DataFrame:
    """How many accounts were new, returning, resurrecting or dormant in each month shown?

    Returns the table of `lifecycle` with month, one row a month shown. 0 = none.
    """
    table = lifecycle(
        study.active_log, period="M", timezone=study.zone, observed_until=study.observed_until
    )
    month = pd.to_datetime(table["period"]).dt.strftime("%Y-%m")
    counts = table.assign(month=month).set_index("month").drop(columns="period")
    counts = counts.reindex(study.months, fill_value=0).rename_axis("month").reset_index()
    return counts.assign(period=pd.to_datetime(counts["month"]))


@needs("active", what="How often accounts come back")
def comebacks(study) -> pd.DataFrame:
    """On how many days after the first were accounts active, from `observed_from` to the month's end?

    Returns one row a class: repeat_days ("0" = active on one day only), first, last (its bounds,
    NaN = open), accounts, repeats (active days after the first, all accounts of the class), share.
    """
    frequency = frequency_recency(
        study.active_log, observed_until=study.observed_until, timezone=study.zone
    )["frequency"]
    rows = []
    for first, last in VISITS:
        inside = frequency[(frequency >= first) & (frequency <= (np.inf if last is None else last))]
        label = str(first) if first == last else f"{first} or more" if last is None else f"{first} to {last}"
        rows.append((label, first, np.nan if last is None else last, len(inside), int(inside.sum())))
    table = pd.DataFrame(rows, columns=["repeat_days", "first", "last", "accounts", "repeats"])
    total = table["accounts"].sum()
    return table.assign(share=table["accounts"] / total if total else np.nan)


@needs("active", what="Whose use grows or shrinks")
def usage_change(study, *, band: float = STEADY_BAND) -> pd.DataFrame | NotMeasurable:
    """How did each account's use change from the month before to the reported one?

    Use is successful production calls, or what else makes an account active; where there are no
    calls, it is active days. Months differ in length, so use is compared by day of the month.

    band : a change of use a day below this share, up or down, is called steady.

    Returns
    -------
    One row an account active in either month, the largest change first: account_id, name, owner
    (empty = unknown), unit ("calls" or "active days"), before, now (use in each month), before_a_day,
    now_a_day, change_a_day, ratio (NaN = nothing before), state (new, back, grew, steady, shrank,
    silent).
    """
    if len(study.all_months) < 2:
        return NotMeasurable(
            "Whose use grows or shrinks", "two observed months are needed; choose a later month."
        )
    use, unit = use_by_month(study)
    table = use_states(use, study.all_months, days_observed(study), band=band)
    table["change_a_day"] = table["now_a_day"] - table["before_a_day"]
    table = _named(table.rename_axis("account_id").reset_index(), study)
    order = table["change_a_day"].abs().sort_values(ascending=False, kind="stable").index
    columns = ["account_id", "name", "owner", "unit", "before", "now", "before_a_day", "now_a_day",
               "change_a_day", "ratio", "state"]  # fmt: skip
    return table.assign(unit=unit).loc[order, columns].reset_index(drop=True)


def _named(table: pd.DataFrame, study) -> pd.DataFrame:
    """Add name and owner of the accounts; empty where nobody told."""
    accounts = study.accounts.drop_duplicates("account_id").set_index("account_id")
    for column in ("name", "owner"):
        known = table["account_id"].map(accounts[column]) if len(accounts) else pd.Series(pd.NA, index=table.index)
        table = table.assign(**{column: known.astype("str").where(known.notna(), "")})
    return table
