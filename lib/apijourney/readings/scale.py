"""Scale in words: growth by account, expansion, quotas, silent integrations, activity by weight, sessions."""

import pandas as pd

from apijourney.formats import counted, interval, is_missing, month_name, number, percent
from apijourney.measurable import passes_on
from apijourney.metrics.product.scale.consumer_metrics import UNSEEN_DAYS
from apijourney.metrics.product.scale.quota_metrics import FULL_SHARE
from apijourney.metrics.product.engagement.weighted_activity import ACCOUNTS, CALLS, MRR


@passes_on
def read_growth(table: pd.DataFrame) -> str:
    """Say how the accounts of the month before use the API in the latest month known. table : from `growth_by_month`."""
    known = table[table["share"].notna()]
    if known.empty:
        return "No account was active in a month that can be held against the one before."
    month = known["month"].max()
    rows = known[known["month"] == month].set_index("state")
    said = {state: f"{number(rows.loc[state, 'accounts'])} ({percent(rows.loc[state, 'share'])})" for state in rows.index}
    return (
        f"Of the {counted(rows['of'].iloc[0], 'account')} active the month before, in {month_name(month)} **{said['grew']}** used "
        f"far more, {said['steady']} about as much, **{said['shrank']}** far less, and {said['silent']} nothing."
    )


@passes_on
def read_expansion(table: pd.DataFrame) -> str:
    """Say which share took up something new in the latest month known, by kind. table : from `expansion`."""
    known = table[table["value"].notna()]
    if known.empty:
        return "It takes three whole months before a month to tell what is new in it."
    month = known["month"].max()
    parts = []
    for row in known[known["month"] == month].to_dict("records"):
        article = "an" if row["kind"][0] in "aeiou" else "a"
        between = interval(row["low"], row["high"], "share")
        parts.append(f"{article} {row['kind']} **{percent(row['value'])}** ({between}; n = {number(row['denominator'])})")
    return f"Taken up in {month_name(month)}, not used in the three months before, by share of accounts: {', '.join(parts)}."


@passes_on
def read_quota(bands: pd.DataFrame, month: str) -> str:
    """Say how many accounts use how much of their quota. bands : from `quota_bands`."""
    total = int(bands["accounts"].sum())
    if not total:
        return f"No account with a quota called in {month_name(month)}."
    full = int(bands.loc[bands["first"] >= FULL_SHARE, "accounts"].sum())
    over = int(bands.loc[bands["last"].isna(), "accounts"].sum())
    little = bands.iloc[0]
    return (
        f"Of the {counted(total, 'account')} with a quota that called in {month_name(month)}, **{number(full)}** "
        f"({percent(full / total)}) used {percent(FULL_SHARE)} of it or more, {number(over)} of them all of it. "
        f"{number(little['accounts'])} ({percent(little['share'])}) used less than {percent(little['last'])}."
    )


@passes_on
def read_unwatched(table: pd.DataFrame) -> str:
    """Say which share of the calling accounts shows nobody. table : the metric silent_integrations."""
    known = table[table["value"].notna()]
    if known.empty:
        return f"It takes {UNSEEN_DAYS} observed days to say that nobody was seen."
    row = known.iloc[-1]
    return (
        f"In {month_name(row['month'])}, **{number(row['numerator'])}** of {counted(row['denominator'], 'calling account')} "
        f"(**{percent(row['value'])}**, 95 % interval {interval(row['low'], row['high'], 'share')}) showed no person for {UNSEEN_DAYS} days."
    )


@passes_on
def read_weights(table: pd.DataFrame, month: str) -> str:
    """Say which share is active on an average day, by accounts, calls and revenue. table : from `weighted_activity`."""
    day = table[table["days"] == 1].set_index("weight")
    names = {ACCOUNTS: "of the active accounts", CALLS: "weighted by calls", MRR: "weighted by MRR"}
    parts = [
        f"**{percent(day.loc[w, 'value'])}** {names[w]}" for w in (ACCOUNTS, CALLS, MRR)
        if w in day.index and not is_missing(day.loc[w, 'value'])
    ]  # fmt: skip
    text = f"On an average day of {month_name(month)} were active: {', '.join(parts)}."
    if MRR in day.index and not is_missing(day.loc[MRR, "idle_share"]) and day.loc[MRR, "idle_share"] > 0:
        text += f" **{percent(day.loc[MRR, 'idle_share'])}** of the MRR is paid by accounts that were not active at all."
    return text


@passes_on
def read_sessions(table: pd.DataFrame, month: str) -> str:
    """Say how long the sessions of work are. table : from `month_of_sessions`."""
    row = table.iloc[0]
    if not row["sessions"]:
        return f"No active account was seen at work in {month_name(month)}."
    text = (
        f"{counted(int(row['sessions']), 'session')} of {counted(int(row['accounts']), 'active account')} in {month_name(month)}; "
        f"{percent(row['single'] / row['sessions'])} hold a single event"
    )
    if is_missing(row["median_minutes"]):
        return f"{text}."
    minutes = number(row["median_minutes"], 1)
    return f"{text}, the middle one of the others took {minutes} minute{'' if minutes == '1.0' else 's'}."


@passes_on
def read_power_days(table: pd.DataFrame) -> str:
    """Say how many were active on every one of the last days, and on one only. table : from `power_days`."""
    total, days = int(table["accounts"].sum()), len(table)
    if not total:
        return f"No account was active in the last {days} days."
    every, once = table.iloc[-1], table.iloc[0]
    text = (
        f"Of the {counted(total, 'account')} active in the last {days} days, **{percent(every['share'])}** were on every one of them, "
        f"{percent(once['share'])} on one only"
    )
    if is_missing(every["before_share"]) or is_missing(once["before_share"]):
        return f"{text}."
    return f"{text}; in the {days} days before, {percent(every['before_share'])} and {percent(once['before_share'])}."
