"""What accounts are worth and cost, in words: the way of MRR, cohorts, churn, margins, bills, and what comes next.

Every sentence is made from the table it describes; on other data it reads differently or not at all.
"""

import math

import numpy as np
import pandas as pd

from apijourney.formats import (
    counted, interval, is_missing, measured, money, money_alike, month_name, number, percent, reasons,
)  # fmt: skip
from apijourney.measurable import NotMeasurable, passes_on
from apijourney.metrics.catalog import CATALOG


def unit_economics(metrics: dict, *, currency: str) -> pd.DataFrame:
    """Lay metrics under one another: metric, now, 95 % interval, month before. Those not measurable are left out.

    metrics : id → table by month, or `NotMeasurable`.
    """
    rows = []
    for name, table in metrics.items():
        if isinstance(table, NotMeasurable) or not len(table):
            continue
        entry, last = CATALOG[name], table.iloc[-1]
        before = table["value"].iloc[-2] if len(table) > 1 else np.nan
        missing = reasons(table)
        rows.append(
            {
                "metric": entry.name,
                "now": measured(last["value"], entry.unit, currency, missing=missing[-1]),
                "95 % interval": interval(last["low"], last["high"], entry.unit, currency),
                "month before": measured(before, entry.unit, currency, missing=missing[-2]) if len(table) > 1 else "",
            }
        )
    return pd.DataFrame(rows, columns=["metric", "now", "95 % interval", "month before"])


@passes_on
def read_waterfall(steps: pd.DataFrame, table: pd.DataFrame, *, currency: str) -> str:
    """Say from where to where MRR went over the months shown, and by what most. steps : from `movement_waterfall`; table : its months."""
    if steps.empty:
        return ""
    at = steps.set_index("step")["minor"]
    moves = at.drop(["opening", "closing"])
    write = money_alike(at, currency)
    text = (
        f"From the end of {month_name(str(pd.Period(table['month'].iloc[0]) - 1))} to that of {month_name(table['month'].iloc[-1])}, MRR went "
        f"from {write(at['opening'])} to **{write(at['closing'])}**"
    )
    won, lost = moves[moves > 0], moves[moves < 0]
    parts = [f"most was won by {won.idxmax()} ({write(won.max())})"] if len(won) else []
    parts += [f"most was lost by {lost.idxmin()} ({write(-lost.min())})"] if len(lost) else []
    return f"{text}; {' and '.join(parts)}." if parts else f"{text}."


@passes_on
def read_cohorts(table: pd.DataFrame) -> str:
    """Say what the cohorts that are followed for some months bring together, against their first whole month."""
    known = table[table["mature"] & (table["first_minor"] > 0)]
    parts = []
    for period in (3, 6, 11):
        part = known[known["period"] == period]
        if len(part):
            share = part["mrr_minor"].sum() / part["first_minor"].sum()
            parts.append(f"{period} months after the start **{percent(share)}** (n = {counted(part['size'].sum(), 'account')})")
    return f"Together, new payers bring, of the MRR of their first whole month: {'; '.join(parts)}." if parts else ""


@passes_on
def read_causes(table: pd.DataFrame, *, currency: str) -> str:
    """Say how many of the accounts lost had faded away, and how many had decided. table : from `causes_together`."""
    total = int(table["accounts"].sum())
    if not total:
        return ""
    by = table.set_index("cause")
    write = money_alike(by["mrr_minor"], currency)

    def part(cause: str) -> str:
        row = by.loc[cause]
        return f"**{percent(row['share'])}** (95 % interval {interval(row['low'], row['high'], 'share')}; {write(row['mrr_minor'])} of MRR)"

    return (
        f"Of the {counted(total, 'account')} lost in the months shown, {part('decay')} had faded away first: in the last paid month "
        f"their calls were less than half of what they had been. {part('voluntary')} closed, revoked a key or stepped down while they still called."
    )


def read_value(
    value: pd.DataFrame | NotMeasurable, cost: pd.DataFrame | NotMeasurable, *, currency: str
) -> str | NotMeasurable:
    """Say what a paying account is worth, and what it costs to win. value : from `value_by_month`; cost : customer acquisition cost."""
    if isinstance(value, NotMeasurable):
        return value
    known = value[value["clv_minor"].notna()]
    if known.empty:
        return "What a paying account is worth is not yet known for any month shown."
    row = known.iloc[-1]
    text = (
        f"In {month_name(row['month'])}, a paying account was worth **{money(row['clv_minor'], currency)}** of margin (95 % interval "
        f"{interval(row['low'], row['high'], 'money', currency)}; n = {counted(row['accounts'], 'account')}): it leaves "
        f"{money(row['margin_minor'], currency)} a month, and {percent(row['churn'])} leave in a month"
    )
    if isinstance(cost, NotMeasurable):
        return f"{text}."
    spent = cost.set_index("month")["value"].get(row["month"], np.nan)
    if is_missing(spent) or math.isinf(spent) or not spent:
        return f"{text}."
    return f"{text}. One costs {money(spent, currency)} to win, so it brings back **{number(row['clv_minor'] / spent, 1)}** times that."


@passes_on
def read_channels(table: pd.DataFrame, *, currency: str) -> str:
    """Say where winning a paying account is cheapest and dearest. table : from `acquisition_by_channel`."""
    known = table[table["cac_minor"].notna() & (table["channel"] != "together")]
    if len(known) < 2:
        return ""
    low, high = known.loc[known["cac_minor"].idxmin()], known.loc[known["cac_minor"].idxmax()]
    write = money_alike([low["cac_minor"], high["cac_minor"]], currency)
    text = (
        f"Costs that name a channel: a new payer is cheapest from “{low['channel']}” ({write(low['cac_minor'])}, n = "
        f"{number(low['new_paying'])}) and dearest from “{high['channel']}” ({write(high['cac_minor'])}, n = {number(high['new_paying'])})"
    )
    rest = table.loc[table["channel"] == "(no channel)", "cost_minor"].sum()
    share = rest / table.loc[table["channel"] == "together", "cost_minor"].sum()
    return f"{text}. {percent(share)} of marketing and sales names no channel and is in none of them." if rest else f"{text}."


@passes_on
def read_margins(groups: pd.DataFrame, *, month: str, currency: str) -> str:
    """Say what serving cost and who does not pay for it. groups : from `margin_groups`."""
    if groups.empty:
        return f"What it cost to serve the accounts in {month_name(month)} is not yet known."
    by = groups.set_index("group")
    total = by.loc["together"]
    text = f"In {month_name(month)}, {money(total['cost_minor'], currency)} went into serving accounts that paid {money(total['mrr_minor'], currency)}"
    if total["mrr_minor"] > 0:
        text += f": a gross margin of **{percent(total['margin_minor'] / total['mrr_minor'])}**"
    text += "."
    if "pay less than they cost" in by.index:
        row = by.loc["pay less than they cost"]
        text += f" **{counted(row['accounts'], 'paying account')}** cost more than they pay, {money(-row['margin_minor'], currency)} together."
    if "pay nothing" in by.index:
        row = by.loc["pay nothing"]
        text += f" {counted(row['accounts'], 'account')} that pay nothing cost {money(row['cost_minor'], currency)}."
    return text


@passes_on
def read_errors(parts: pd.DataFrame, *, month: str, currency: str) -> str:
    """Say what errors cost in the month, and in the dearest one. parts : from `error_costs`."""
    known = parts.assign(both=parts[["serving_minor", "support_minor"]].sum(axis=1, min_count=1)).dropna(subset="both")
    if known.empty or month not in set(known["month"]):
        return ""
    row, worst = known.set_index("month").loc[month], known.loc[known["both"].idxmax()]
    helped = "" if is_missing(row["support_minor"]) else f", {money(row['support_minor'], currency)} of it for tickets about them"
    return (
        f"Errors cost about {money(row['both'], currency)} in {month_name(month)}{helped}; the dearest month so far was "
        f"{month_name(worst['month'])} with {money(worst['both'], currency)}."
    )


@passes_on
def read_gaps(gaps: pd.DataFrame, *, month: str, least: float = 0.01) -> str:
    """Say how many bills for use do not fit the calls, and who got none. gaps : from `billing_gaps`."""
    part = gaps[gaps["month"] == month]
    bills, known = part[part["bill"]], part[part["bill"]].dropna(subset=["metered_minor"])
    off = known["gap_minor"].abs() > least * known["metered_minor"]
    if bills.empty:
        text = f"Nobody was billed for use in {month_name(month)}."
    elif known.empty:
        text = f"The prices of use cannot be read off the bills of {month_name(month)}: too few of them fit one price a call."
    else:
        sums = known[off].groupby("currency")["gap_minor"].agg(lambda gaps: gaps.abs().sum())
        together = f", by {' and '.join(money(v, c, exact=True) for c, v in sums.items())} together" if len(sums) else ""
        more = "" if len(known) == len(bills) else f"; {number(len(bills) - len(known))} more could not be compared"
        text = (
            f"Of {counted(len(known), 'bill')} for use in {month_name(month)}, **{number(off.sum())}** "
            f"{'is' if off.sum() == 1 else 'are'} off by more than {percent(least, 0)}{together}{more}."
        )
    none = part[~part["bill"] & (part["metered_minor"] != 0)]  # what they are worth may not be known
    if none.empty:
        return text
    return f"{text} **{counted(len(none), 'account')}** that {'pays' if len(none) == 1 else 'pay'} for use got no bill for {counted(none['calls'].sum(), 'call')}."


@passes_on
def gap_lines(table: pd.DataFrame) -> pd.DataFrame:
    """Write the bills that are off, each in its own currency. table : from `gaps_of_month`."""
    amounts = {
        name: [money(v, c, exact=True) for v, c in zip(table[f"{name}_minor"], table["currency"], strict=True)]
        for name in ("billed", "metered", "gap")
    }
    billed = [text if bill else "no bill" for text, bill in zip(amounts["billed"], table["bill"], strict=True)]
    return pd.DataFrame(
        {"account": table["account_id"], "calls": table["calls"], **(amounts | {"billed": billed}), "gap, of metered": [percent(v) for v in table["gap_share"]]}
    )


@passes_on
def read_use(table: pd.DataFrame) -> str:
    """Say how much of the use is free, committed and overage. table : from `use_by_contract`."""
    if not table["calls"].sum():
        return ""
    by = table.set_index("use")["share"]
    free = by["free"] + by["free, beyond the quota"]
    return (
        f"Of {counted(table['calls'].sum(), 'successful production call')}, {percent(by['committed'])} lie within the quotas of accounts that "
        f"pay, {percent(by['overage'])} beyond them, and {percent(free)} belong to accounts that pay nothing."
    )


def read_risk(risk: pd.DataFrame | NotMeasurable, share: pd.DataFrame | NotMeasurable, *, currency: str) -> str | NotMeasurable:
    """Say how much MRR hangs on accounts whose use falls or that fell silent. risk : from `accounts_at_risk`; share : the metric."""
    for answer in (risk, share):
        if isinstance(answer, NotMeasurable):
            return answer
    row = share.iloc[-1]
    if is_missing(row["value"]):
        return f"How much MRR is at risk in {month_name(row['month'])} is not yet known."
    if risk.empty:
        return f"At the end of {month_name(row['month'])}, no paying account calls far less than usual or is silent for longer than its own rhythm explains."
    return (
        f"At the end of {month_name(row['month'])}, **{counted(len(risk), 'paying account')}** with {money(risk['mrr_minor'].sum(), currency)} of MRR "
        f"({percent(row['value'])}) call far less than they used to, or are silent for longer than their own rhythm explains."
    )


@passes_on
def read_runway(table: pd.DataFrame, *, month: str) -> str:
    """Say how many accounts will use up their quota at their own pace, and who first. table : from `runway_of_quotas`."""
    soon = table[table["runway_days"].notna()]
    if soon.empty:
        return f"At their pace at the end of {month_name(month)}, no account uses up its quota within the days looked at."
    first = soon.iloc[0]
    span = f"{number(first['low_days'], missing='?')} to {number(first['high_days'], missing='never')}"
    who = f"{first['account_id']} is first, after {counted(first['runway_days'], 'day')} (80 % interval {span})"
    if first["runway_days"] == 0:
        who = f"{first['account_id']} has already done so"
    return f"At their pace at the end of {month_name(month)}, **{counted(len(soon), 'account')}** will use up the monthly quota; {who}."


@passes_on
def read_silent_at_quota(warnings: pd.DataFrame) -> str:
    """Name the silent accounts that are near their quota, which need one talk and not two. warnings : from `warnings_beside_quota`."""
    both = warnings[warnings["warned"] & warnings["quota_used"].notna()]
    if both.empty:
        return ""
    few = " (" + ", ".join(both["account_id"].head(3)) + (" and others)" if len(both) > 3 else ")")
    return f"**{counted(len(both), 'account')}**{few} {'is' if len(both) == 1 else 'are'} silent and near the quota at once: talk about the quota first, for it may be why."


@passes_on
def read_forecast(ahead: pd.DataFrame, *, what: str, currency: str = "") -> str:
    """Say where a series goes, how sure that is, and by which method. ahead : from `forecast`; what : "MRR", "use"."""
    row = ahead.iloc[-1]
    if is_missing(row["value"]):
        return f"{what} in {month_name(row['month'])}: not known; a forecast needs twelve whole months that differ."
    unit = "money" if currency else "count"
    if row["skill"] > 0:
        why = f"in the past, smoothing missed by {percent(row['skill'])} less than a guess without a trend"
    else:
        why = "smoothing with a trend was no better in the past, so the plain guess stands"
    value = money(row["value"], currency) if currency else number(row["value"])
    low, high = row["low95"], row["high95"]
    if not currency:
        low, high = round(low), round(high)
    return f"{what} in {month_name(row['month'])}: **{value}** (95 % interval {interval(low, high, unit, currency)}); {why}."


@passes_on
def read_paid(curve: pd.DataFrame) -> str:
    """Say which share of the accounts has been charged so many days after they were opened. curve : from `time_to`."""
    parts = []
    for days in (30, 90, 180):
        until = curve[curve["days"] <= days]
        if len(until) and curve["days"].max() >= days:
            row = until.iloc[-1]
            parts.append(f"within {days} days **{percent(row['reached'])}** ({interval(row['low'], row['high'], 'share')})")
    return f"After sign-up, accounts are charged for the first time: {'; '.join(parts)} (95 % intervals)." if parts else ""


@passes_on
def read_rules(margins: pd.DataFrame, other: pd.DataFrame, *, month: str) -> str:
    """Say how far the list of accounts that cost more than they pay depends on the rule. margins, other : from `account_margins`."""

    def lose(table: pd.DataFrame) -> set:
        part = table[(table["month"] == month) & (table["mrr_minor"] > 0)]
        return set(part.loc[part["margin_minor"] < 0, "account_id"])

    ours, theirs = lose(margins), lose(other)
    return (
        f"Infrastructure split by calls, {counted(len(ours), 'paying account')} cost more than they pay in {month_name(month)}; split by "
        f"milliseconds, {number(len(theirs))}; {number(len(ours & theirs))} by both rules."
    )
