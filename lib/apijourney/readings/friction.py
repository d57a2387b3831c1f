"""Friction in words: what goes with stopping, which first error is worse, and who stopped."""

import pandas as pd

from apijourney.formats import interval, number, percent, points
from apijourney.measurable import passes_on
from apijourney.metrics.product.friction.forensics import NO_PAGE, PAGE_DAYS
from apijourney.readings.findings import find_groups
from apijourney.readings.funnel_groups import CHANCE

NAMED = 3


@passes_on
def read_friction(table: pd.DataFrame) -> str:
    """Say how many were compared, and what goes with stopping beyond chance. table : from `friction`."""
    first = table.iloc[0]
    compared = table[table["note"] == ""]
    text = (
        f"**{number(first['stopped'])}** of {number(first['accounts'])} accounts at “{first['before']}” did not go on to "
        f"“{first['step_name']}” in the time everybody is followed for. Left out: {number(first['left_early'])} that went on "
        f"within {first['hours']:g} hours, {number(first['left_open'])} not followed long enough yet."
    )
    found = compared[compared["q"] < CHANCE].sort_values("q")
    if compared.empty:
        return f"{text} Too few met any of the troubles looked for to compare them."
    if found.empty:
        return f"{text} Of {number(len(compared))} behaviours that can be compared, none goes with stopping in a way that is unlikely to be chance."
    said = "; ".join(
        f"**{r.behaviour}**: {percent(r.share)} of {number(r.exposed)} stopped, against {percent(r.others_share)} of "
        f"{number(r.others)} ({points(r.difference)}, 95 % interval {points(r.low)} to {points(r.high)})"
        for r in found.itertuples()
    )
    return f"{text} Unlikely to be chance: {said}."


@passes_on
def read_errors(table: pd.DataFrame, marks: pd.DataFrame) -> str:
    """Say how many met an error on the first day, how many of them were activated, and what is worse than the rest.

    table : from `error_combinations`; marks : from `error_marks`.
    """
    n, k = int(table["denominator"].sum()), int(table["numerator"].sum())
    named = table[table["q"].notna()]
    folded = n - int(named["denominator"].sum())
    text = (
        f"**{number(n)}** accounts met an error on their first day of calls; {percent(k / n)} of them were activated in the "
        f"end. {number(folded)} of them met a combination too rare to be named."
    )
    worse = named[(named["q"] < CHANCE) & (named["value"] < named["others"])].sort_values("q").head(NAMED)
    if len(worse):
        said = "; ".join(f"{r.error} from {r.endpoint} with {r.sdk} after {r.page} ({_rate(r)})" for r in worse.itertuples())
        text += f" Worse than the rest, and unlikely to be chance: {said}."
    else:
        text += " No single combination is worse than the rest in a way that is unlikely to be chance."
    single = marks[(marks["q"] < CHANCE) & (marks["value"] < marks["others"])].sort_values("q").head(NAMED)
    if len(single):
        said = "; ".join(f"**{_mark(r)}** ({_rate(r)})" for r in single.itertuples())
        text += f" Taken one mark at a time, fewer were activated with: {said}."
    return text


@passes_on
def find_sdk_of_errors(marks: pd.DataFrame, *, when: str = "") -> str:
    """Name the SDK versions whose first errors end in far more or fewer activations; marks : from `error_marks`."""
    part = marks[marks["part"] == "sdk"]
    return find_groups(part, group="accounts whose first error came from", does="are activated", when=when)


def _mark(r) -> str:
    if r.group == NO_PAGE:
        return f"no docs page opened in the {PAGE_DAYS} days before"
    return f"{r.part} {r.group}"


def _rate(r) -> str:
    return (
        f"{percent(r.value)}, 95 % interval {interval(r.low, r.high, 'share')}, n = {number(r.denominator)}, against "
        f"{percent(r.others)} of the others"
    )


@passes_on
def read_stopped(table: pd.DataFrame) -> str:
    """Say how many accounts stopped at the leakiest step, and how many of them are still open. table : from `stopped_accounts`."""
    if table.empty:
        return ""
    first = table.iloc[0]
    still = int(table["closed_on"].isna().sum())
    return (
        f"**{number(len(table))}** accounts reached “{first['before']}” and not “{first['step_name']}” in time; "
        f"{number(still)} of them are still open. The latest of them:"
    )
