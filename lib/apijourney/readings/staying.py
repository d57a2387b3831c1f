"""Staying in words: fixed days, what remains, and how long accounts live. Every number comes from its table."""

import pandas as pd

from apijourney.formats import counted, interval, is_missing, month_name, number, percent, q_value
from apijourney.measurable import passes_on
from apijourney.metrics.product.retention.account_life import MONTH_DAYS, alive_after, half_life, survival_curve
from apijourney.metrics.product.retention.fixed_days import fixed_day_changes
from apijourney.metrics.product.retention.silence_limit import RETURN_SHARE, SilenceLimit


@passes_on
def read_fixed_days(tables: dict[str, pd.DataFrame]) -> str:
    """Say for each group of days the latest months against those before. tables : from `fixed_days`."""
    changes = fixed_day_changes(tables)
    parts = []
    for row in changes.to_dict("records"):
        now, before = (
            f"(95 % interval {interval(row[f'{t}_low'], row[f'{t}_high'], 'share')}; n = {number(row[f'{t}_denominator'])})"
            for t in ("now", "before")
        )
        parts.append(
            f"Back {row['label']}: **{percent(row['now_value'])}** of those who began in "
            f"{_months(row['now_first'], row['now_last'])} {now}, {percent(row['before_value'])} of those from "
            f"{month_name(row['before_first'])} on {before}: {'more' if row['q'] < 0.05 else 'no more'} than chance would "
            f"make (q {_equals(row['q'])})."
        )
    for label, table in tables.items():
        known = table[table["value"].notna()]
        if len(known) and (changes.empty or label not in set(changes["label"])):
            row = known.iloc[-1].to_dict()
            parts.append(f"Back {label}: **{percent(row['value'])}** of those who began in {month_name(row['month'])} ({_sure(row)}).")
    return " ".join(parts) or "In no month shown is it known how many of those who began came back."


def _equals(q: float) -> str:
    """Write a q value as the end of "q …"."""
    text = q_value(q)
    return text if text.startswith("<") else f"= {text}"


def _months(first: str, last: str) -> str:
    return " to ".join(dict.fromkeys(month_name(m) for m in (first, last)))


def _sure(row: dict) -> str:
    return f"95 % interval {interval(row['low'], row['high'], 'share')}; n = {counted(int(row['denominator']), 'account')}"


@passes_on
def read_remaining(table: pd.DataFrame) -> str:
    """Say what is left at the last known month of each measure. table : from `remaining`."""
    base, parts, lost = table["month"].iloc[0], [], []
    for name, part in table.groupby("measure", sort=False):
        known = part[part["value"].notna() & (part["month"] > base)]
        if known.empty:
            lost.append(name)
            continue
        row = known.iloc[-1]
        what = {"accounts": "of the accounts"}.get(name, f"of their {name}")
        between = interval(row["low"], row["high"], "share")
        parts.append((row["month"], f"**{percent(row['value'])}** {what}" + (f" (95 % interval {between})" if between else "")))
    n = counted(int(table["accounts"].iloc[0]), "account")
    text = f"Of the {n} active in {month_name(base)}, what was there later: "
    last = {}
    for month, part in parts:
        last.setdefault(month, []).append(part)
    text += "; ".join(f"in {month_name(m)} {', '.join(said)}" for m, said in last.items()) + "."
    return text + (f" Not measurable: {', '.join(lost)}." if lost else "")


@passes_on
def read_life(lives: pd.DataFrame, limit: SilenceLimit, *, min_n: int = 5) -> str:
    """Say how long accounts live. lives : from `account_lives`; limit : from `silence_limit`."""
    curve = survival_curve(lives)
    half, low, high = half_life(curve)
    text = (
        f"An account counts as gone at its first silence of more than **{counted(limit.days, 'day')}**. Of "
        f"{counted(len(lives), 'account')}, {number(int(lives['ended'].sum()))} are gone. "
    )
    if is_missing(half):
        text += "The age by which half are gone is **not reached**."
    else:
        ends = f"{number(low)} to {number(high)} days" if not is_missing(high) else f"from {number(low)} days on, its upper end not reached"
        text += f"Half are gone after **{counted(int(half), 'day')}** (95 % interval {ends})."
    known = []
    for months in (1, 6, 12):
        alive, *bounds = alive_after(lives, months * MONTH_DAYS, min_n=min_n, curve=curve)
        if not is_missing(alive):
            between = interval(*bounds, "share")
            known.append(f"{percent(alive)} after {counted(months * MONTH_DAYS, 'day')}" + (f" ({between})" if between else ""))
    return f"{text} Still there: {', '.join(known)}." if known else text


@passes_on
def read_lives_by(parts: dict[str, pd.DataFrame]) -> str:
    """Say for each group after how many days half are gone. parts : from `lives_by`."""
    said = []
    for name, table in parts.items():
        half = half_life(survival_curve(table))[0]
        what = "not reached" if is_missing(half) else f"**{counted(int(half), 'day')}**"
        said.append(f"{name} {what} (n = {number(len(table))})")
    return f"Half are gone after: {', '.join(said)}."


@passes_on
def read_hazard(table: pd.DataFrame) -> str:
    """Say how many are gone by age, at first and later. table : from `hazard_by_age`."""
    if table.empty:
        return "Too few accounts have been followed for a month to tell when they are gone."
    first, later = table.iloc[0], table.iloc[1:]
    text = f"In their first 30 days **{percent(first['value'])}** of the accounts are gone ({_sure(first.to_dict())})"
    months = int(later["denominator"].sum())
    if not months:
        return f"{text}."
    rate = later["numerator"].sum() / months
    return f"{text}; after that, **{percent(rate)}** of those still there in an average month."


@passes_on
def read_silence_choice(table: pd.DataFrame, limit: SilenceLimit) -> str:
    """Say how the days were found after which an account is gone. table : from `silence_choice`; limit : from `silence_limit`."""
    return (
        f"Of the {number(limit.judged)} silences longer than **{counted(limit.days, 'day')}** and watched for as long again, "
        f"{number(limit.returned)} ({percent(limit.returned / limit.judged)}) ended in a return. No fewer days "
        f"keep that to {percent(RETURN_SHARE, 0)} or less."
    )


@passes_on
def read_life_log_rank(table: pd.DataFrame) -> str:
    """Say by which grouping lives differ at all. table : from `life_log_rank`."""
    parts = [
        f"by {row.by} {f'**q {_equals(row.q)}**' if row.q < 0.05 else f'q {_equals(row.q)}'} ({number(row.accounts)} accounts)"
        for row in table.itertuples()
    ]
    return f"Do lives differ between groups? Log-rank test {', '.join(parts)}."


@passes_on
def read_average_ways(table: pd.DataFrame) -> str:
    """Say how far the averages of one period lie apart. table : from `average_ways`."""
    if table.empty:
        return "No cohort has been followed long enough for an average."
    k = table["period"].max()
    of_k = table[table["period"] == k].set_index("way")["share"]
    return f"The same cohorts in month {k}: " + ", ".join(f"{percent(share)} {way}" for way, share in of_k.items()) + "."
