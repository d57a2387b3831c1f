"""Versions in words: what accounts have moved to, and who still calls what will end.

Every sentence is made from the table it describes; on other data it reads differently or not at all.
"""

import pandas as pd

from apijourney.formats import counted, interval, is_missing, money, month_name, number, percent
from apijourney.measurable import NotMeasurable, passes_on
from apijourney.readings.findings import Finding, called


@passes_on
def read_adoption(table: pd.DataFrame) -> str:
    """Say for the API and each SDK which share of accounts is on the highest version. table : from `adoption`."""
    month = table["month"].iloc[-1]
    parts = []
    for of, part in table[table["month"] == month].groupby("of", sort=False):
        row = part.iloc[-1]
        if not is_missing(row["value"]):
            parts.append(f"{of} {row['version']}: **{percent(row['value'])}** (n = {number(row['denominator'])})")
    return f"Accounts on the highest version in {month_name(month)}: {'; '.join(parts)}." if parts else ""


@passes_on
def read_radar(table: pd.DataFrame, *, month: str, currency: str) -> str:
    """Say who still calls what is deprecated, and what they pay. table : from `deprecation_radar`."""
    parts = []
    for row in table.itertuples():
        ends = f", which ends on {row.ends_on}" if row.ends_on else ", whose end is not announced"
        text = (
            f"{counted(row.accounts, 'account')} ({percent(row.share)}, 95 % interval {interval(row.low, row.high, 'share')}) still "
            f"made {counted(row.calls, 'call')} with {row.api_version}{ends}"
        )
        parts.append(text + ("" if is_missing(row.mrr_minor) else f"; they pay **{money(row.mrr_minor, currency)}** a month"))
    return f"In {month_name(month)}, {'. '.join(parts)}."


@passes_on
def find_radar(table: pd.DataFrame, accounts: pd.DataFrame, *, month: str, currency: str, names: dict[str, str] | None = None) -> str:
    """Warn of revenue on versions whose end is announced.

    table : from `deprecation_radar`; accounts : from `accounts_on_deprecated`; names : account_id → name. Empty where no end is
    announced, or where nobody calls what ends.
    """
    ending = table[table["days_left"].notna() & (table["accounts"] > 0)]
    if ending.empty:
        return ""
    sentences = []
    for row in ending.itertuples():
        when = f"{counted(row.days_left, 'day')} after the end of {month_name(month)}" if row.days_left >= 0 else "already over"
        text = f"{row.api_version} ends on **{row.ends_on}** ({when}), and **{counted(row.accounts, 'account')}** still {'calls' if row.accounts == 1 else 'call'} it"
        if not is_missing(row.mrr_minor) and row.mrr_minor > 0:
            text += f", paying **{money(row.mrr_minor, currency)}** a month"
        sentences.append(text)
    text = ". ".join(sentences)
    if len(accounts) and accounts["mrr_minor"].iloc[0] > 0:
        top = accounts.iloc[0]
        text += f". The largest of them is {called(top['account_id'], names)} with {money(top['mrr_minor'], currency)}"
    return Finding(f"{text}.", mrr_minor=ending["mrr_minor"].sum(min_count=1), accounts=ending["accounts"].sum())


def read_forecast_on_ending(radar: pd.DataFrame | NotMeasurable, ahead: pd.DataFrame | NotMeasurable, *, currency: str) -> str:
    """Say which revenue on versions that end before the forecast does it takes to stay; empty where there is none.

    radar : from `deprecation_radar`; ahead : from `mrr_forecast`. Where either is not measurable there is nothing to add.
    """
    if isinstance(radar, NotMeasurable) or isinstance(ahead, NotMeasurable) or is_missing(ahead["value"].iloc[-1]):
        return ""
    last = str(pd.Period(ahead["month"].iloc[-1], "M").end_time.date())
    ending = radar[radar["days_left"].notna() & (radar["ends_on"].astype(str) <= last) & (radar["mrr_minor"] > 0)]
    return " ".join(
        f"It takes for granted that the **{money(row.mrr_minor, currency)}** a month of {counted(row.accounts, 'account')} still on "
        f"{row.api_version} stays, though that version {'ends' if row.days_left >= 0 else 'ended'} on {row.ends_on}."
        for row in ending.itertuples()
    )


@passes_on
def read_path_versions(table: pd.DataFrame, *, month: str) -> str:
    """Say that a version in a path is not the version of the call, where the two differ. table : from `path_versions`."""
    parts = [
        f"The “{row.named}” in a path is part of its name: of {counted(row.calls, 'call')} to such paths in {month_name(month)}, "
        f"**{percent(row.others / row.calls)}** were made with another version."
        for row in table[table["others"] > 0].itertuples()
    ]
    return " ".join(parts)
