"""The funnel in words: how many arrive, where most are lost, how long it takes."""

import pandas as pd

from apijourney.formats import interval, is_missing, month_name, number, percent
from apijourney.measurable import passes_on
from apijourney.metrics.product.conversion.journey_funnel import worst_step
from apijourney.workbook import NOT_NAMED


@passes_on
def read_funnel(table: pd.DataFrame, *, window: str) -> str:
    """Say how many go all the way, and after which step most of those who reached it stop."""
    first, last = table.iloc[0], table.iloc[-1]
    if first.get("too_few", False) and first["accounts"]:
        text = (
            f"Too few accounts to speak of shares: {number(first['accounts'])} reached “{first['step_name']}” with a "
            f"window that has closed, and {number(last['accounts'])} of them “{last['step_name']}”."
        )
        return text + _still_open(first)
    if is_missing(first["share_of_first"]) or first["accounts"] == 0:
        return "Nobody has taken the first step with a window that has closed."
    text = (
        f"Of **{number(first['accounts'])}** accounts that reached “{first['step_name']}”, "
        f"**{percent(last['share_of_first'])}** reached “{last['step_name']}” within {_days(window)} "
        f"(95 % interval {interval(last['low'], last['high'], 'share')}; {number(last['accounts'])} accounts)."
    )
    text += _still_open(first)
    k = worst_step(table)
    if k is not None:
        worst, before = table.iloc[k], table.iloc[k - 1]
        lost = int(before["accounts"] - worst["accounts"])
        text += (
            f" The largest loss is between “{before['step_name']}” and “{worst['step_name']}”: "
            f"{percent(1 - worst['share_of_previous'])} of those who got that far stop there "
            f"({number(lost)} of {number(before['accounts'])})."
        )
    return text


def _still_open(first: pd.Series) -> str:
    if not first["immature"]:
        return ""
    return f" Another {number(first['immature'])} began too late to be counted: their window is still open."


def _days(window: str) -> str:
    return f"{window[:-1]} days" if window.endswith("D") and window[:-1].isdigit() else window


@passes_on
def read_time_to(summary: pd.DataFrame, *, what: str) -> str:
    """Say when half of the accounts got there, and how many have not yet.

    summary : one row, from `time_to_summary`.
    """
    row = summary.iloc[0]
    if not row["n"]:
        return f"Nobody started on the way to {what}."
    waiting = f"{number(row['censored'])} of {number(row['n'])} accounts have not got there yet"
    if is_missing(row["median"]):
        return f"Half of the accounts have **not reached** {what}; {waiting}."
    if not row["steady"]:
        return f"When half of the accounts reach {what} is **not known**: too few were watched for long enough; {waiting}."
    between = ""
    if not is_missing(row["median_low"]) and not is_missing(row["median_high"]):
        low, high = (duration(row[k], like=row["median"]) for k in ("median_low", "median_high"))
        between = f" (95 % interval {low} to {high})"
    elif not is_missing(row["median_low"]):
        between = f" (95 % interval from {duration(row['median_low'], like=row['median'])} on; its upper end is not reached yet)"
    return f"Half of the accounts reach {what} within **{duration(row['median'])}**{between}; {waiting}."


def duration(value, *, like=None) -> str:
    """Write a length of time in the unit a person would choose, or would choose for `like`.

    >>> duration(pd.Timedelta(minutes=90)), duration(pd.Timedelta(days=3, hours=12))
    ('90 minutes', '3.5 days')
    """
    minutes = pd.Timedelta(value) / pd.Timedelta(minutes=1)
    size = minutes if like is None else pd.Timedelta(like) / pd.Timedelta(minutes=1)
    if size < 120:
        return f"{minutes:,.0f} minutes"
    if size < 36 * 60:
        return f"{minutes / 60:,.1f} hours"
    return f"{minutes / 1440:,.1f} days"


@passes_on
def read_worst_step(table: pd.DataFrame, study) -> str:
    """Say whose step the leakiest one is and how many accounts it costs; empty where there is none."""
    k = worst_step(table)
    if k is None:
        return ""
    worst, before = table.iloc[k], table.iloc[k - 1]
    owner = study.workbook.touchpoint(worst["step_name"]).owner
    tenth = (before["accounts"] - worst["accounts"]) / 10
    who = f"is owned by **{owner}**" if owner != NOT_NAMED else "has no owner in the workbook file: name one"
    text = f"**What to do about it.** The leakiest step, “{worst['step_name']}”, {who}."
    if round(tenth) < 2:
        return text
    return (
        f"{text} Were one in ten of those who stop there to go on, about {number(round(tenth))} more accounts would "
        "have reached it."
    )


@passes_on
def read_legs(table: pd.DataFrame) -> str:
    """Say how long each leg of the way to production takes half of the accounts, ours in bold; table : from `production_legs`."""
    said = []
    for row in table.itertuples():
        took = "not known: half are not there" if is_missing(row.median) else duration(row.median)
        took = took if row.steady or is_missing(row.median) else "not known: too few were watched for long enough"
        said.append(f"{'**' if row.whose == 'us' else ''}{row.leg} {took}{' (our time)**' if row.whose == 'us' else ''} (n = {number(row.n)})")
    return f"Half of the accounts take, leg by leg: {'; '.join(said)}."


@passes_on
def read_going_through(trend: pd.DataFrame) -> str:
    """Say which share of the latest known month went all the way, and between which months the others lie.

    trend : month, value, low, high, denominator, from `journey_trend`.
    """
    known = trend[trend["value"].notna()]
    if known.empty:
        return "No month shown is known yet: the windows of its accounts are still open."
    row = known.iloc[-1]
    text = (
        f"Of the accounts of {month_name(row['month'])}, **{percent(row['value'])}** went all the way (95 % interval "
        f"{interval(row['low'], row['high'], 'share')}; n = {number(row['denominator'])})"
    )
    if len(known) == 1:
        return f"{text}."
    least, most = (known.loc[pick] for pick in (known["value"].idxmin(), known["value"].idxmax()))
    ends = [f"{percent(r['value'])} ({month_name(r['month'])})" for r in (least, most)]
    return f"{text}; the months known lie between {ends[0]} and {ends[1]}."
