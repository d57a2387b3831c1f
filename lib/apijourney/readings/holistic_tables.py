"""The tables of the whole as a reader sees them: every value written in its unit, with its interval.

Each function takes a table of numbers and returns one of text, row for row unless it says so.
"""

from functools import partial

import pandas as pd

from apijourney.formats import accounts, interval, is_missing, measured, money, month_name, number, percent, points
from apijourney.measurable import passes_on
from apijourney.readings.alike import alike, difference, digits_of
from apijourney.readings.holistic import behaviour_name, metric_name, q_value, reads_differently


def scorecard_lines(table: pd.DataFrame, *, currency: str) -> pd.DataFrame:
    """Write the scorecard as a reader sees it: one row a metric, all of it text.

    table : from `scorecard`. Returns metric, value, of (where it is not the latest month of the table),
    interval, n, goal, verdict, trend (the direction; of a metric not judged only how the last three months compare
    with those before), owner, counter-metric, and whether that got worse.
    """
    latest, rows = table["month"].max() if len(table) else "", []
    missing = set(table.loc[table["reason"] != "", "metric"])
    for row in table.itertuples():
        if row.reason:
            text = {"metric": row.name, "value": "not measurable", "trend": "not measurable"}
        else:
            sign = {"up": "at least ", "down": "at most "}.get(row.direction, "")
            goal = "" if is_missing(row.goal) else sign + measured(row.goal, row.unit, currency)
            text = {
                "metric": row.name, "value": measured(row.value, row.unit, currency),
                "of": month_name(row.month) if row.month not in ("", latest) else "",
                "interval": interval(row.low, row.high, row.unit, currency), "n": _counted(row, currency), "goal": goal,
                "verdict": row.verdict, "trend": _went(row, currency),
            }  # fmt: skip
        went = "not measurable" if row.counter_metric in missing else row.counter_trend or "no clear direction"
        rows.append(text | {"owner": row.owner, "watch": metric_name(table, row.counter_metric), "which went": went})
    columns = ["metric", "value", "of", "interval", "n", "goal", "verdict", "trend", "owner", "watch", "which went"]
    lines = pd.DataFrame(rows, columns=columns)
    catalogued = table["counter_metric"].isin(table["metric"]).to_numpy()
    lines["which went"] = lines["which went"].where(catalogued, "not measured here")
    return lines.fillna("")


def _went(row, currency: str) -> str:
    if row.trend != "not judged":
        return row.trend or "no clear direction"
    if is_missing(row.recent):
        return row.trend
    before, now, _ = alike(row.earlier, row.recent, row.unit, currency)
    return f"not judged: {now} after {before}"


def _counted(row, currency: str) -> str:
    if is_missing(row.denominator) or row.unit == "count":
        return ""
    return f"of {money(row.denominator, currency)}" if row.counted == "minor units" else f"{number(row.denominator)} {row.counted}"


def _between(low, high, write) -> str:
    return "" if is_missing(low) or is_missing(high) else f"{write(low)} to {write(high)}"


def _q(q) -> str:
    return "" if is_missing(q) else q_value(q).removeprefix("q ").removeprefix("= ")


@passes_on
def chain_lines(table: pd.DataFrame, *, signals: dict[str, str], outcomes: dict[str, str], currency: str) -> pd.DataFrame:
    """Write the links of the chain. table : from `chain`; signals, outcomes : id → words."""
    rows = []
    for row in table.itertuples():
        amount = row.outcome == "mrr_minor"
        write = (lambda v: money(round(v), currency)) if amount else points
        mean = (lambda v: money(round(v), currency)) if amount else percent
        crude = "" if is_missing(row.crude) else write(row.crude)
        rows.append({
            "first week": signals[row.signal], "outcome": outcomes[row.outcome], "n": number(row.n),
            "above the median": number(row.exposed),
            "of these": "" if is_missing(row.with_exposed) else mean(row.with_exposed),
            "of the others": "" if is_missing(row.with_others) else mean(row.with_others),
            "crude": crude, "adjusted": row.note or write(row.adjusted), "95 % interval": _between(row.low, row.high, write),
            "q": _q(row.q),
        })  # fmt: skip
    return pd.DataFrame(rows)


@passes_on
def driver_lines(table: pd.DataFrame) -> pd.DataFrame:
    """Write the early behaviours. table : from `drivers`."""
    rows = [
        {
            "behaviour": behaviour_name(row), "kind": row["kind"], "where chosen": points(row["earlier"]),
            "later accounts": number(row["n"]), "who did it": number(row["exposed"]), "stayed": percent(row["with_exposed"]),
            "others stayed": percent(row["with_others"]),
            "crude": points(row["crude"]), "adjusted": row["note"] or points(row["adjusted"]),
            "95 % interval": _between(row["low"], row["high"], points), "q": _q(row["q"]),
        }
        for _, row in table.iterrows()
    ]  # fmt: skip
    return pd.DataFrame(rows)


@passes_on
def lever_lines(table: pd.DataFrame, *, currency: str) -> pd.DataFrame:
    """Write the levers. table : from `levers`."""

    def amount(minor) -> str:
        return money(round(minor), currency)

    rows = [
        {
            "lever": row.lever, "kind": row.kind, "now": percent(row.now, 1), "moved to": percent(row.moved_to, 1),
            "meet it a month": number(row.entering),
            "further paying accounts": "too few to say" if is_missing(row.paying) else accounts(row.paying),
            "95 % interval": _between(row.low, row.high, accounts),
            "further MRR": "" if is_missing(row.mrr_minor) else amount(row.mrr_minor),
            "its interval": _between(row.mrr_low, row.mrr_high, amount), "judged on": number(row.n),
        }
        for row in table.itertuples()
    ]  # fmt: skip
    return pd.DataFrame(rows)


@passes_on
def change_lines(table: pd.DataFrame, *, currency: str) -> pd.DataFrame:
    """Write what changed. table : from `what_changed`."""
    rows = []
    for row in table.itertuples():
        digits = digits_of(row.before, row.now, row.unit, currency)
        write = points if row.unit == "share" else partial(difference, digits=digits, unit=row.unit, currency=currency)
        before, now, change = alike(row.before, row.now, row.unit, currency)
        rows.append({
            "metric": row.name, "month": month_name(row.month), "before": before, "now": now, "change": change,
            "95 % interval": _between(row.low, row.high, write), "q": _q(row.q), "judged by": row.how,
            "beyond chance": row.moved or ("not judged" if is_missing(row.q) else "no"),
        })  # fmt: skip
    return pd.DataFrame(rows)


@passes_on
def late_lines(table: pd.DataFrame, *, currency: str) -> pd.DataFrame:
    """Write the metrics that read differently for late data, or the first five where none does.

    table : from `late_data`. A difference too small to be seen in the metric's usual digits is left out.
    """
    changed = table[reads_differently(table, currency)]
    rows = []
    for row in (changed if len(changed) else table.head(5)).itertuples():
        then, now, change = alike(row.then, row.now, row.unit, currency)
        by = change if row.unit == "share" or is_missing(row.change_share) else f"{100 * row.change_share:+.2f} %"
        rows.append({
            "metric": row.name, "month": month_name(row.month), "known then": then, "known now": now,
            "changed by": by if len(changed) else "nothing that shows",
        })  # fmt: skip
    return pd.DataFrame(rows)
