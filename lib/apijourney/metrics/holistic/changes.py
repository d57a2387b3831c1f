"""Which metrics changed since the month before by more than chance, and what did late data change?

Unit: one catalogued metric, its latest known month against the calendar month before. A change is
claimed only when the interval of the difference, allowing for all metrics looked at, leaves no doubt.
Totals were counted in full and have no interval, so for them no claim is made. Metrics of the last twelve
months are left out: two neighbouring values share eleven months. It does not say why.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from apijourney.facts.remember import remembered
from apijourney.facts.study import Study
from apijourney.measurable import NotMeasurable
from apijourney.metrics.business.ledger import recurring_lines
from apijourney.metrics.catalog import CATALOG, measure_all
from apijourney.metrics.infrastructure.outcomes import outcomes
from apijourney.metrics.infrastructure.service_metrics import daily_calls, dated_quotas
from apijourney.metrics.uncertainty import benjamini_hochberg

LIMIT = 0.05
SAME, APART, FULL = "the same accounts drawn anew", "the intervals of both months", "counted in full, no interval"
ROLLING = ("mean_time_to_repair", "mean_time_to_failure", "mean_time_between_failures", "rate_of_occurrence_of_failure")
"""Counted over twelve months, so that two neighbouring months are largely the same data, not two."""
_STALE_MONTHS = 2  # a latest known month further back than this says nothing of "since last month"
_Z = norm.ppf(0.975)
COLUMNS = [
    "metric", "name", "unit", "direction", "month", "before", "now", "change", "low", "high", "in_intervals", "p", "q", "how",
    "moved",
]  # fmt: skip


@remembered
def what_changed(study) -> pd.DataFrame | NotMeasurable:
    """Which catalogued metrics changed beyond chance in their latest known month? See `changes`.

    For availability and average MRR the accounts of both months are drawn together, because they are
    largely the same accounts; for all others the months are taken as independent, which is cautious.
    """
    if len(study.months) < 2:
        reason = f"two months are compared, and only {study.month} is shown; choose more months back."
        return NotMeasurable("What changed", reason)
    same = {"availability": _calls_by_account(study), "average_mrr_per_account": _mrr_by_account(study)}
    return changes(measure_all(study), paired=same)


def changes(metrics: dict, *, paired: dict | None = None) -> pd.DataFrame:
    """Compare the latest known month of each metric with the calendar month before.

    Parameters
    ----------
    metrics : id → table by month (see `measure`); those not measurable are left out, those of `ROLLING`
        windows, those whose latest known month has no known month before, and those last known more than
        two months before the end.
    paired : id → table of account_id, month, numerator, denominator, or None: where the value is the
        ratio of the sums, accounts of both months are drawn together (400 times, seeded).

    Returns
    -------
    One row a metric, the surest change first: metric, name, unit, direction, month, before, now, change,
    low, high (95 % of the change), in_intervals (the change in units of the distance between it and the end of
    its interval that faces 0: within -1 and 1 the interval holds 0), p, q (Benjamini-Hochberg over the
    metrics of this table that have an interval), how (it was judged), moved ("better", "worse", "up", "down" beyond chance, else "").
    NaN = no interval.

    Source of the interval from two intervals: Zou and Donner (2008), Statistics in Medicine 27, 1693-1702.
    """
    rows = [row for name, table in metrics.items() if (row := _change(name, table, (paired or {}).get(name)))]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["q"] = benjamini_hochberg(table["p"].to_numpy(dtype=float))
    sure = (table["q"] < LIMIT) & ((table["low"] > 0) | (table["high"] < 0))
    way = np.where(table["change"] > 0, "up", "down")
    judged = np.where(table["direction"].isin(["up", "down"]), np.where(way == table["direction"], "better", "worse"), way)
    table["moved"] = pd.array(np.where(sure, judged, ""), dtype="str")
    return table.sort_values(["p", "metric"], kind="stable", ignore_index=True)


def _change(name: str, table, paired) -> dict | None:
    if name in ROLLING or isinstance(table, NotMeasurable):
        return None
    known = table[np.isfinite(table["value"].astype(float))].set_index("month")
    if known.empty or (month := known.index[-1]) != table.loc[table["value"].notna(), "month"].iloc[-1]:
        return None
    earlier = str(pd.Period(month, "M") - 1)
    if earlier not in known.index or (pd.Period(table["month"].iloc[-1], "M") - pd.Period(month, "M")).n > _STALE_MONTHS:
        return None
    was, now, entry = known.loc[earlier], known.loc[month], CATALOG[name]
    change = now["value"] - was["value"]
    if isinstance(paired, pd.DataFrame):
        low, high, p = _drawn_together(paired, earlier, month, change)
        how = SAME
    else:
        low, high, p = interval_of_difference(was, now)
        how = FULL if np.isnan(p) else APART
    half = change - low if change > 0 else high - change
    times = change / half if half > 0 else np.nan
    return {
        "metric": name, "name": entry.name, "unit": entry.unit, "direction": entry.direction, "month": month,
        "before": was["value"], "now": now["value"], "change": change, "low": low, "high": high, "in_intervals": times,
        "p": p, "how": how,
    }  # fmt: skip


def interval_of_difference(was, now) -> tuple[float, float, float]:
    """The interval of a difference from those of its two sides, and p from the side that faces 0.

    was, now : value, low, high. Returns (low, high, p). See `changes` for the source.

    >>> low, high, _ = interval_of_difference({"value": 0.5, "low": 0.4, "high": 0.6}, {"value": 0.6, "low": 0.5, "high": 0.7})
    >>> round(low, 3), round(high, 3)
    (-0.041, 0.241)
    """
    change = now["value"] - was["value"]
    low = change - np.hypot(now["value"] - now["low"], was["high"] - was["value"])
    high = change + np.hypot(now["high"] - now["value"], was["value"] - was["low"])
    half = change - low if change > 0 else high - change
    if np.isnan(half):
        return np.nan, np.nan, np.nan
    if half == 0:
        return low, high, 0.0 if change else 1.0
    return float(low), float(high), float(2 * norm.sf(abs(change) / half * _Z))


def _drawn_together(counts: pd.DataFrame, before: str, now: str, change: float, draws: int = 400) -> tuple[float, float, float]:
    """Bootstrap of the difference of two ratios of sums, drawing accounts with both of their months."""
    wide = counts[counts["month"].isin([before, now])].pivot_table(
        index="account_id", columns="month", values=["numerator", "denominator"], aggfunc="sum", fill_value=0, observed=True
    )
    order = [(k, m) for m in (before, now) for k in ("numerator", "denominator")]
    cells = wide.reindex(columns=order, fill_value=0).to_numpy(dtype=float)
    if len(cells) < 2:
        return np.nan, np.nan, np.nan
    weights = np.random.default_rng(0).multinomial(len(cells), np.full(len(cells), 1 / len(cells)), size=draws)
    sums = weights @ cells
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = sums[:, 2] / sums[:, 3] - sums[:, 0] / sums[:, 1]
    drawn = drawn[np.isfinite(drawn)]
    if len(drawn) < draws / 2:
        return np.nan, np.nan, np.nan
    low, high = np.quantile(drawn, [0.025, 0.975])
    error = drawn.std(ddof=1)
    return float(low), float(high), float(2 * norm.sf(abs(change) / error)) if error > 0 else float(change == 0)


def _calls_by_account(study) -> pd.DataFrame | None:
    if study.lacks("requests") or not study.store.paths("calls", study.months):
        return None
    daily = daily_calls(study)
    daily = daily[daily["month"].isin(study.months)]
    counted = outcomes(daily, quotas=dated_quotas(study), environment="production", where="availability")
    counted = counted.assign(
        numerator=counted["good"], denominator=counted["good"] + counted["bad"],
        account_id=counted["account_id"].astype("object").where(counted["account_id"].notna(), "(nobody)"),
    )  # fmt: skip
    return counted.groupby(["account_id", "month"])[["numerator", "denominator"]].sum().reset_index()


def _mrr_by_account(study) -> pd.DataFrame | None:
    lines = recurring_lines(study)
    if isinstance(lines, NotMeasurable):
        return None
    by = lines.groupby(["account_id", "month"])["mrr_minor"].sum().reset_index()
    return by.assign(numerator=by["mrr_minor"].clip(lower=0), denominator=(by["mrr_minor"] > 0).astype(int))


def as_known_a_month_ago(study) -> Study | NotMeasurable:
    """The same study as it was known at the end of the month before, for its last three months."""
    before = str(pd.Period(study.month, "M") - 1)
    if before not in study.all_months:
        return NotMeasurable("What was known a month ago", f"{study.month} is the first observed month; choose a later one.")
    return Study(study.workbook, study.store, before, 3, study.segment, study.product)


@remembered
def late_data(study) -> pd.DataFrame | NotMeasurable:
    """What did the data that arrived since the last report change in what it said?

    Returns one row a metric that was known then: metric, name, unit, month (the latest known then), then,
    now (the value of that month, as known then and as known today), change, change_share (of the value then; NaN = it was 0);
    the largest change first: of shares the change itself counts, of all others change_share.
    """
    earlier = as_known_a_month_ago(study)
    if isinstance(earlier, NotMeasurable):
        return earlier
    return compare_known(measure_all(earlier), measure_all(study))


def compare_known(then: dict, now: dict) -> pd.DataFrame:
    """Compare metrics as known at two times; see `late_data`. then, now : id → table by month."""
    rows = []
    for name, table in then.items():
        today = now.get(name)
        if isinstance(table, NotMeasurable) or not isinstance(today, pd.DataFrame):
            continue
        known = table[np.isfinite(table["value"].astype(float))]
        if known.empty:
            continue
        month, was = known["month"].iloc[-1], float(known["value"].iloc[-1])
        found = today.loc[today["month"] == month, "value"]
        if found.empty or not np.isfinite(found.iloc[0]):
            continue
        change = float(found.iloc[0]) - was
        change = 0.0 if abs(change) <= 1e-9 * abs(was) else change
        entry = CATALOG[name]
        rows.append((name, entry.name, entry.unit, month, was, float(found.iloc[0]), change, change / was if was else np.nan))
    columns = ["metric", "name", "unit", "month", "then", "now", "change", "change_share"]
    table = pd.DataFrame(rows, columns=columns)
    size = table["change_share"].where(table["unit"] != "share", table["change"]).abs()
    return table.loc[size.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)
