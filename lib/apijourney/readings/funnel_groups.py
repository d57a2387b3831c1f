"""Groups of accounts on the way: who gets there faster, who stops where, and what a step is worth."""

import pandas as pd

from apijourney.formats import accounts, interval, number, percent
from apijourney.measurable import passes_on
from apijourney.readings.holistic import q_value

CHANCE = 0.05
"""A difference is named when q is below this: at most one in twenty of those named is expected to be chance."""


@passes_on
def read_reached_by(table: pd.DataFrame, *, what: str, days: int) -> str:
    """Say which group gets there most often within so many days, which least, and whether they lie apart.

    table : from `reached_by_day`. Empty where fewer than two groups are known.
    """
    known = table[table["value"].notna()]
    if len(known) < 2:
        return ""
    best, last = known.loc[known["value"].idxmax()], known.loc[known["value"].idxmin()]

    def one(row) -> str:
        return f"“{row['group']}” (**{percent(row['value'])}**, 95 % interval {interval(row['low'], row['high'], 'share')}, n = {number(row['denominator'])})"

    if best["value"] == last["value"]:
        return f"Within {number(days)} days, {what} is reached equally often by all {number(len(known))} groups ({percent(best['value'])})."
    apart = last["high"] < best["low"]
    note = "Their intervals lie apart." if apart else "Their intervals overlap, so the difference may be chance."
    return f"Within {number(days)} days, {what} is reached most often by {one(best)}, and least often by {one(last)}. {note}"


@passes_on
def surest(table: pd.DataFrame, *, most: int = 8) -> pd.DataFrame:
    """The rows of a family with the smallest q, as many as a reader wants to see; the family stays what it was."""
    return table.sort_values("q", kind="stable", na_position="last").head(most)


@passes_on
def read_log_rank(table: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """Say which of the questions asked shows a difference in speed, and which pair differs most.

    table : from `log_rank`; pairs : from `log_rank_pairs`.
    """
    found = table[table["q"] < CHANCE].sort_values("q")
    asked = f"Of {number(len(table))} questions asked together, on {number(table['accounts'].max())} accounts"
    if found.empty:
        least = table.loc[table["q"].idxmin()]
        return f"{asked}, none shows a difference that is unlikely to be chance (smallest {q_value(least['q'])}, time to the {least['milestone']} by {least['by']})."
    said = "; ".join(f"time to the {r.milestone} by {r.by} ({q_value(r.q)})" for r in found.itertuples())
    apart = pairs[pairs["q"] < CHANCE]
    text = f"{asked}, the speed differs in: {said}."
    if len(apart):
        first = apart.iloc[0]
        text += (
            f" Of {number(len(pairs))} pairs of groups, {number(len(apart))} {'differs' if len(apart) == 1 else 'differ'}; the surest are “{first['one']}” and “{first['other']}” "
            f"(time to the {first['milestone']}, {q_value(first['q'])})."
        )
    return text


@passes_on
def read_breakdown(table: pd.DataFrame, *, by: str) -> str:
    """Name the step and group that lie farthest from all others beyond chance; table : from `step_rates`."""
    tested = table[table["q"].notna()]
    if tested.empty:
        return ""
    asked = f"each {by} against all others, at each step; the largest has {number(table['denominator'].max())} accounts"
    found = tested[tested["q"] < CHANCE]
    steps = found[found["step"] < table["step"].max()]
    found = steps if len(steps) else found
    if found.empty:
        return f"None of {number(len(tested))} comparisons ({asked}) shows a difference that is unlikely to be chance."
    row = found.loc[(found["value"] - found["others"]).abs().idxmax()]
    whole = row["step"] == table["step"].max()
    does = "went the whole way" if whole else f"went on to “{row['step_name']}”"
    return (
        f"Of {number(len(tested))} comparisons ({asked}), the largest difference that is unlikely to be chance: **{percent(row['value'])}** of “{row['group']}” {does} "
        f"(95 % interval {interval(row['low'], row['high'], 'share')}, n = {number(row['denominator'])}), against "
        f"{percent(row['others'])} of the {number(row['others_n'])} others."
    )


@passes_on
def read_rules(table: pd.DataFrame, steps: list[str]) -> str:
    """Say how far the tools are apart, and on how many accounts. table : from `rule_sensitivity`."""
    if table["value"].isna().all():
        return ""
    low, high = table.loc[table["value"].idxmin()], table.loc[table["value"].idxmax()]
    said = " → ".join(f"“{name}”" for name in steps)
    if low["value"] == high["value"]:
        apart = f"all five rules say **{percent(low['value'])}** ({number(low['numerator'])} of {number(low['denominator'])})"
    else:
        apart = (
            f"the rules of {low['rules']} say **{percent(low['value'], 1)}** ({number(low['numerator'])} of {number(low['denominator'])}), those of "
            f"{high['rules']} **{percent(high['value'], 1)}** ({number(high['numerator'])} of {number(high['denominator'])})"
        )
    text = f"Of the accounts going {said}, {apart}."
    own = table[table["rules"] == "workbook"].iloc[0]
    if own["immature"]:
        text += f" {number(own['immature'])} accounts whose window is still open are left out by the workbook; the others count them as they stand today."
    return text


@passes_on
def read_step_levers(table: pd.DataFrame, *, points: float) -> str:
    """Say at which step a little more brings most at the end. table : from `journey_levers`."""
    known = table[table["paying"].notna()]
    if known.empty:
        return ""
    best = known.loc[known["paying"].idxmax()]
    end = table["lever"].iloc[-1].split(" → ")[-1]
    return (
        f"{number(points)} point{'' if points == 1 else 's'} more at “{best['lever']}” (now {percent(best['now'])}) would bring most: about "
        f"**{accounts(best['paying'])}** more accounts a month that reach “{end}” (95 % interval {accounts(best['low'])} to "
        f"{accounts(best['high'])}; judged on {number(best['n'])} accounts)."
    )
