"""Activity, retention and loyalty in words. Every number comes from the table it describes."""

import pandas as pd

from apijourney.formats import counted, interval, month_name, number, percent
from apijourney.measurable import NotMeasurable, passes_on

MILESTONES = (1, 3, 6, 12)
_NAMES = {"D": "day", "W": "week", "M": "month"}


@passes_on
def read_actives(tables: dict[str, pd.DataFrame]) -> str:
    """Say how many were active at the end of the time shown. tables : from `rolling_actives`."""
    known = {label: table[table["accounts"].notna()] for label, table in tables.items()}
    known = {label: table for label, table in known.items() if len(table)}
    if not known:
        return "No account was active in the time shown, or it is too short to tell."
    day = max(table["day"].iloc[-1] for table in known.values())
    parts = [
        f"**{number(table['accounts'].iloc[-1])}** {label}" for label, table in known.items()
        if table["day"].iloc[-1] == day
    ]  # fmt: skip
    return f"Accounts active up to {pd.Timestamp(day):%Y-%m-%d}: {', '.join(parts)}."


@passes_on
def read_power(table: pd.DataFrame, month: str) -> str:
    """Say how many of the active accounts came on one day only, and how many on most days."""
    total = int(table["accounts"].sum())
    if not total:
        return f"No account was active in {month_name(month)}."
    half = len(table) // 2
    once = int(table.loc[table["periods_active"] == 1, "accounts"].sum())
    most = int(table.loc[table["periods_active"] > half, "accounts"].sum())
    return (
        f"Active in {month_name(month)}: {counted(total, 'account')}; on one day only: {number(once)} "
        f"(**{percent(once / total)}**), on more than {half} days: {number(most)} (**{percent(most / total)}**)."
    )


@passes_on
def read_retention(average: pd.DataFrame, *, period: str = "M") -> str:
    """Say the pooled retention at the milestones that are known. average : from `retention_average`."""
    name = _NAMES[period]
    parts = []
    for row in average[average["period"].isin(MILESTONES)].itertuples():
        between = interval(row.low, row.high, "share")
        text = f"**{percent(row.share)}** in {name} {row.period}"
        parts.append(f"{text} (95 % interval {between}; n = {counted(row.size, 'account')})" if between else text)
    if not parts:
        if not average["size"].sum():
            return "Nobody is known to have begun in the time shown."
        return f"No cohort has been followed for a whole {name} after its start."
    return f"Of the accounts of all cohorts followed that long, active again: {', '.join(parts)}."


def read_truncation(known: pd.DataFrame | NotMeasurable, study) -> str:
    """Say which accounts are left out of the cohorts. known : from `known_before`, or not measurable."""
    first_shown = study.months[0] == study.all_months[0]
    begin = month_name(study.all_months[0])
    if isinstance(known, NotMeasurable):
        if not first_shown or study.lacks("active"):
            return ""
        return (
            f"The data begin in {begin}. Who was active before is not known, so nobody can tell who began in that "
            "month: its accounts are in no cohort."
        )
    late = int(known["opened_before"].sum())
    if not late:
        return ""
    total = int(known["accounts"].sum())
    return (
        f"Observing began in {begin}: {number(late)} of the {number(total)} accounts first seen active in these months "
        "had been opened before and may have been active unseen. They are no beginners, so they are in no cohort."
    )


@passes_on
def read_cohorts(triangle: pd.DataFrame, study) -> str:
    """Say where the cohorts are from, if they are not of the months shown; else empty. triangle : see `retention`."""
    begun = triangle.loc[triangle["size"] > 0, "cohort"]
    if begun.empty:
        return f"Nobody is known to have begun in {study.span}."
    first, last = (month_name(f"{day:%Y-%m}") for day in (begun.min(), begun.max()))
    if begun.max() >= pd.Timestamp(study.months[0]):
        return ""
    span = first if first == last else f"{first} to {last}"
    return f"Nobody is known to have begun in {study.span}. Shown are the last cohorts there are: {span}."


@passes_on
def read_spread(triangle: pd.DataFrame, *, min_n: int = 5) -> str:
    """Say between which cohorts the first month after lies. triangle : see `retention`; min_n : smaller cohorts are left out."""
    known = triangle[(triangle["period"] == 1) & triangle["share"].notna() & (triangle["size"] >= min_n)]
    if len(known) < 2:
        return ""
    least, most = (known.loc[pick] for pick in (known["share"].idxmin(), known["share"].idxmax()))
    low, high = (
        f"**{percent(row['share'])}** of those who began in {month_name(row['cohort'].strftime('%Y-%m'))} (n = {number(row['size'])})"
        for row in (least, most)
    )
    apart = least["high"] < most["low"]
    return f"In month 1 the cohorts lie between {low} and {high}; the intervals of these two {'lie apart' if apart else 'overlap'}."


@passes_on
def read_lifecycle(table: pd.DataFrame, study) -> str:
    """Say what the number of active accounts of the reported month is made of."""
    row = table.iloc[-1]
    active = int(row["new"] + row["returning"] + row["resurrecting"])
    month = month_name(row["month"])
    if row["month"] == study.all_months[0]:
        return (
            f"{month} is the first month observed: all {number(active)} active accounts look new, and nobody can "
            "be dormant yet."
        )
    change = int(row["new"] + row["resurrecting"] - row["dormant"])
    text = (
        f"Active in {month}: **{counted(active, 'account')}**, {number(row['returning'])} returning, "
        f"{number(row['new'])} new and {number(row['resurrecting'])} resurrecting. "
        f"{number(row['dormant'])} that were active the month before {'is' if row['dormant'] == 1 else 'are'} dormant, so the number "
    )
    if change == 0:
        return f"{text}stayed the same."
    return f"{text}{'rose' if change > 0 else 'fell'} by **{number(abs(change))}**."


@passes_on
def read_comebacks(table: pd.DataFrame, study) -> str:
    """Say how many accounts there are, how many never came back, and how often the others did."""
    accounts, repeats = int(table["accounts"].sum()), int(table["repeats"].sum())
    if not accounts:
        return "No account has been active yet."
    once = int(table.loc[table["first"] == 0, "accounts"].sum())
    day = pd.Timestamp(study.until_day) - pd.Timedelta(days=1)
    return (
        f"Up to {day:%Y-%m-%d}, **{counted(accounts, 'account')}** {'has' if accounts == 1 else 'have'} been active. **{number(once)}** of them "
        f"({percent(once / accounts)}) were active on one day only; together the others came back on "
        f"**{counted(repeats, 'day')}**."
    )


@passes_on
def read_movers(table: pd.DataFrame) -> str:
    """Name the accounts whose use changed most, down and up; empty where nothing changed. table : from `usage_change`."""
    down = table[table["change_a_day"] < 0].head(1)
    up = table[table["change_a_day"] > 0].head(1)
    return " ".join(
        f"The largest {word} by size: {_who(row)}, from {_use(row)}."
        for word, rows in (("decline", down), ("increase", up))
        for row in rows.to_dict("records")
    )


def _use(row: dict) -> str:
    if row["unit"] == "active days":
        return f"{number(row['before'])} to {number(row['now'])} active days"
    return f"{number(row['before_a_day'], 1)} to {number(row['now_a_day'], 1)} {row['unit']} a day"


def _who(row: dict) -> str:
    owner = f"owner {row['owner']}" if row["owner"] else "no owner named"
    return f"{row['name']} ({row['account_id']}, {owner})" if row["name"] else f"{row['account_id']} ({owner})"
