"""The business in words: what came in, what moved, what stayed, what it cost, what was promised.

Every sentence is made from the table it describes; on other data it reads differently or not at all.
"""

import pandas as pd

from apijourney.formats import counted, interval, is_missing, measured, money, money_alike, month_name, number, percent, reasons
from apijourney.measurable import NotMeasurable, passes_on
from apijourney.metrics.catalog import CATALOG

_MOVED = ("new", "expansion", "reactivation", "contraction", "churn")


@passes_on
def read_glance(table: pd.DataFrame, *, currency: str) -> str:
    """Say what came in over the whole interval and in the month. table : `revenue_at_a_glance`."""
    whole, month = table.iloc[0], table.iloc[1]
    text = (
        f"From {whole['period']}, **{counted(whole['customers'], 'customer')}** had "
        f"{counted(whole['lines'], 'revenue line')} worth **{money(whole['revenue_minor'], currency, exact=True)}**"
    )
    if whole["taken_off_minor"]:
        text += f", {money(-whole['taken_off_minor'], currency)} of credits and refunds already taken off"
    if not month["lines"]:
        return f"{text}. In {month_name(month['period'])} nothing was billed."
    return (
        f"{text}. In {month_name(month['period'])} it was {money(month['revenue_minor'], currency)} from "
        f"{counted(month['customers'], 'customer')}."
    )


def read_revenue(
    table: pd.DataFrame | NotMeasurable, mrr: pd.DataFrame | NotMeasurable, *, currency: str
) -> str | NotMeasurable:
    """Say what was billed in the last month, in the highest and lowest, and how far it is from the MRR.

    table : from `revenue_by_kind`; mrr : the metric "mrr", or `NotMeasurable`.
    """
    if isinstance(table, NotMeasurable):
        return table
    last = table.iloc[-1]
    text = f"Billed in {month_name(last['month'])}: **{money(last['revenue_minor'], currency)}**"
    if table["revenue_minor"].nunique() > 1:
        high, low = table.loc[table["revenue_minor"].idxmax()], table.loc[table["revenue_minor"].idxmin()]
        text += (
            f". Of the months shown, {month_name(high['month'])} has the most ({money(high['revenue_minor'], currency)}) "
            f"and {month_name(low['month'])} the least ({money(low['revenue_minor'], currency)})"
        )
    if isinstance(mrr, NotMeasurable):
        return f"{text}."
    return f"{text}. What recurs of it, laid into the months it is for, is {money(mrr['value'].iloc[-1], currency)}."


@passes_on
def read_movements(table: pd.DataFrame, *, currency: str) -> str:
    """Say from where to where MRR went in the last month, and what won and lost most.

    table : from `movements`.
    """
    if table.empty:
        return ""
    row = table.iloc[-1]
    moved = {m: int(row[f"{m}_minor"]) for m in _MOVED}
    won = {m: v for m, v in moved.items() if v > 0}
    lost = {m: -v for m, v in moved.items() if v < 0}
    change = row["closing_minor"] - row["opening_minor"]
    write = money_alike([row["opening_minor"], row["closing_minor"], *moved.values()], currency)
    went = f"{'rose' if change > 0 else 'fell'} from {write(row['opening_minor'])} to"
    text = (
        f"In {month_name(row['month'])}, MRR {went if change else 'stayed at'} "
        f"**{write(row['closing_minor'])}**: {write(sum(won.values()))} were won{_parts(won, write)} and "
        f"{write(sum(lost.values()))} lost{_parts(lost, write)}"
    )
    ratio = row["quick_ratio"]
    if is_missing(ratio) or not lost:
        return f"{text}."
    return f"{text}; {number(ratio, 2)} won for each one lost (the quick ratio)."


def _parts(amounts: dict[str, int], write) -> str:
    parts = [f"{name} {write(v)}" for name, v in sorted(amounts.items(), key=lambda p: -p[1])]
    return f" ({', '.join(parts)})" if parts else ""


@passes_on
def read_without_largest(table: pd.DataFrame) -> str:
    """Say each retention of `retained_without_largest` with its interval and n."""
    parts = [
        f"{row.group}: {percent(row.value)} (95 % interval {interval(row.low, row.high, 'share')}, "
        f"n = {counted(row.accounts, 'account')})"
        for row in table.itertuples()
    ]
    return "; ".join(parts) + "."


@passes_on
def read_concentration(row: pd.DataFrame) -> str:
    """Say what the largest accounts bring, and as how few equal ones they weigh.

    row : from `concentration_of_month`.
    """
    found = row.iloc[0]
    text = (
        f"Paying in {month_name(found['month'])}: **{counted(found['accounts'], 'account')}**. The largest brings "
        f"**{percent(found['top1_share'])}** of the MRR"
    )
    if found["accounts"] > 10:
        text += f", the ten largest together {percent(found['top10_share'])}"
    return f"{text}. The MRR is as concentrated as if {number(1 / found['hhi'], 1)} accounts of equal size paid it."


@passes_on
def read_costs(table: pd.DataFrame, *, month: str, currency: str) -> str:
    """Say what the month cost and what the dearest category is. table : from `costs_of_month`."""
    if table.empty:
        return f"The costs of {month_name(month)} are not yet known."
    total, top = table.iloc[-1], table.iloc[0]
    text = (
        f"{month_name(month)} cost **{money(total['cost_minor'], currency)}**; the largest part is “{top['category']}” "
        f"with {percent(top['share'])}"
    )
    each = total["per_thousand_minor"]
    return f"{text}." if is_missing(each) else f"{text}. All costs together are {money(each, currency)} for 1,000 calls."


@passes_on
def read_promise(table: pd.DataFrame, *, slo: float) -> str:
    """Say in how many months the promise was clearly kept, clearly missed, or neither.

    table : from `promise_by_month`. Clear is a month whose whole 95 % interval lies on one side.
    """
    known = table[table["value"].notna()]
    if known.empty:
        return "Availability is not yet known for any month shown."
    kept, missed = int((known["low"] >= slo).sum()), int((known["high"] < slo).sum())
    open_ = len(known) - kept - missed
    worst = known.loc[known["value"].idxmin()]
    text = (
        f"{percent(slo)} of the valid calls were promised to be answered well. Months that clearly missed it: "
        f"{number(missed)} of {number(len(known))}; that clearly kept it: {number(kept)}; undecided, because their 95 % "
        f"interval includes the promise: {number(open_)}. The lowest month is {month_name(worst['month'])} with "
        f"**{percent(worst['value'])}**"
    )
    if is_missing(worst["allowance_used"]):
        return f"{text}."
    return f"{text}: {counted(worst['failed'], 'call')} failed where {number(worst['allowed'])} may."


@passes_on
def read_aftermath(table: pd.DataFrame, *, slo: float, currency: str) -> str:
    """Say what was given back and lost in the worst month for calls and the next, beside the other months.

    table : from `after_outages`. Silent where no month failed more than three times what the promise
    allows, or where fewer than three other months are known.
    """
    failed = table["failed_share"].to_numpy(dtype=float, na_value=-1)
    at = int(failed.argmax())
    near, others = table.iloc[at : at + 2], table.drop(index=table.index[at : at + 2]).dropna()
    if failed[at] <= 3 * (1 - slo) or len(others) < 3:
        return ""
    usual = round(others["given_back_minor"].median())
    write = money_alike([*near["given_back_minor"], usual], currency)
    parts = [
        f"{write(row.given_back_minor)} in {month_name(row.month)} ({percent(row.churn)} of the paying accounts lost)"
        for row in near.itertuples()
    ]
    return (
        f"The month in which most failed is {month_name(table['month'].iloc[at])}, with {percent(failed[at])} of the "
        f"valid calls. Given back: {' and '.join(parts)}. The median of the other {number(len(others))} months is "
        f"{write(usual)} ({percent(others['churn'].median())} lost)."
    )


def read_segment_costs(study) -> str:
    """Warn where a segment is shown: costs that name no account are nobody's. Empty for all segments."""
    if study.segment == "all" or study.lacks("costs"):
        return ""
    return (
        f"Only the segment “{study.segment}” is shown. Costs that name no account belong to no segment and are left "
        "out here, so these are not all its costs."
    )


def beside_each_other(metrics: dict, *, currency: str, counters: dict | None = None) -> pd.DataFrame | NotMeasurable:
    """Lay each metric beside what would show that it was made to look good.

    metrics : id → table by month, or `NotMeasurable`; those are left out. counters : the same of
        further metrics that only stand beside others, from `counter_metrics`.
    Returns text: metric, now, month before, looks good by, watch (the counter-metric), its now.
    """
    rows = []
    for name, table in metrics.items():
        if isinstance(table, NotMeasurable):
            continue
        entry = CATALOG[name]
        counter = CATALOG.get(entry.counter_metric)
        beside = (metrics | (counters or {})).get(entry.counter_metric)
        known = isinstance(beside, pd.DataFrame)
        rows.append(
            {
                "metric": entry.name,
                "now": _at(table, -1, entry, currency),
                "month before": _at(table, -2, entry, currency),
                "looks good by": entry.gameable_by,
                "watch beside it": counter.name if counter else entry.counter_metric,
                "which is": _at(beside, -1, counter, currency) if known else "",
            }
        )
    if not rows:
        return NotMeasurable("None of these metrics", "add what the notes above name.")
    return pd.DataFrame(rows)


def _at(table: pd.DataFrame, position: int, entry, currency: str) -> str:
    if len(table) < -position:
        return ""
    return measured(table["value"].iloc[position], entry.unit, currency, missing=reasons(table)[position])
