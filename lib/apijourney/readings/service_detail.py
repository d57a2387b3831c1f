"""The service closer by, in words: alarms, capacity, waits over the day, what follows an error, unusual days, moving.

Every sentence is made from the table it describes; on other data it reads differently or not at all.
"""

import numpy as np
import pandas as pd

from apijourney.formats import counted, interval, is_missing, measured, month_name, number, percent
from apijourney.measurable import NotMeasurable, passes_on

_MEASURES = {"calls": "the number of calls", "failed_share": "the share of errors", "p95_ms": "the wait"}
_MOST = 3
LEAST_MET = 30
"""Fewer encounters with a code are not compared in words; the figure shows them."""


@passes_on
def read_alarms(table: pd.DataFrame, *, span: str) -> str:
    """Say which incidents the alarms on the budget would have noticed, how soon, and what they cost in sleep. table : `alarms_of_study`."""
    if not table["would_fire"].sum():
        return f"From {span}, no alarm on the burn rate would have been raised."
    fast, slow = table[table["times"] > 1], table[table["times"] <= 1]
    raised = " and ".join(f"**{number(v)}**" for v in fast["would_fire"])
    text = f"From {span}, the {'quick alarms' if len(fast) > 1 else 'quick alarm'} on the burn rate would have been raised {raised} times"
    quickest = fast.loc[fast["noticed"].idxmax()]
    if quickest["incidents"]:
        text += f" and noticed {number(quickest['noticed'])} of {counted(quickest['incidents'], 'incident')}"
        text += f", {number(quickest['minutes'])} minutes after the beginning (median)" if quickest["noticed"] else ""
    without = fast["without"].sum()
    text += f"; {number(without) if without else 'none'} of these without an incident"
    for row in slow.itertuples():
        text += f". The slow one ({row.rule}) would have been raised {counted(row.would_fire, 'time')}, {number(row.without)} without an incident"
    return f"{text}."


@passes_on
def alarm_words(table: pd.DataFrame) -> pd.DataFrame:
    """Write `alarms_of_study` for a reader: window, times as fast as allowed, alarms, and the incidents noticed."""
    return pd.DataFrame(
        {
            "windows": table["rule"],
            "burning": [f"{number(v, 1 if v % 1 else 0)} times as fast as allowed" for v in table["times"]],
            "alarms": table["would_fire"],
            "within or right after an incident": table["in_incident"],
            "without one": table["without"],
            "incidents noticed": [f"{r.noticed} of {r.incidents}" for r in table.itertuples()],
            "after": [measured(v, "minutes", missing="") for v in table["minutes"]],
        }
    )


@passes_on
def read_compared(table: pd.DataFrame, *, span: str) -> str:
    """Say how many of the incidents written down the calls show, and how many more. table : from `incidents_compared`."""
    both, extra = table[table["seen"] == "in both"], int((table["seen"] == "in the calls only").sum())
    given = len(table) - extra
    if not len(table):
        return f"From {span}, no incident was written down, and the calls show none."
    if not given:
        return f"From {span}, no incident was written down, and the calls show **{number(extra)}**."
    text = f"From {span}, the calls show {number(len(both)) if len(both) else 'none'} of the {counted(given, 'incident')} written down"
    if len(both):
        text += f" ({percent(both['overlap_share'].mean(), 0)} of the time in common, on average)"
    return f"{text}, and **{number(extra) if extra else 'none'}** that was not written down."


@passes_on
def read_concurrency(table: pd.DataFrame) -> str:
    """Say how many calls are open at the same time, by Little's law and by the sweep. table : from `concurrent_by_month`."""
    row = table.iloc[-1]
    if is_missing(row["mean"]):
        return ""
    return (
        f"In {month_name(row['month'])}, {_digits(row['per_second'])} calls a second came and took {number(row['mean_ms'])} ms each (mean), "
        f"so that **{_digits(row['mean'])}** were open at a time (Little's law); at the busiest instant **{number(row['peak'])}** were."
    )


def _digits(value: float) -> str:
    return f"{value:,.3g}" if value < 100 else number(value)


@passes_on
def read_headroom(table: pd.DataFrame, *, full_at: float) -> str:
    """Say when the machines are full if use goes on growing as it did. table : from `headroom`."""
    parts = []
    for row in table.itertuples():
        if is_missing(row.now):
            continue
        text = f"the {row.resource} is at {percent(row.now)} when it is busy"
        if not is_missing(row.now) and row.now >= full_at:
            text += ": full"
        elif is_missing(row.slope_per_month):
            text += "; fewer than six whole months are known, so no date is"
        elif is_missing(row.months_left):
            text += "; it does not grow by more than chance, so no date is known"
        elif np.isinf(row.earliest):
            text += f"; it grows, but does not reach {percent(full_at, 0)} within three years"
        else:
            text += f"; at this growth it reaches {percent(full_at, 0)} in **{number(row.earliest)}** months at the earliest"
            text += "; a latest month is not known" if np.isinf(row.latest) else f", in {number(row.latest)} at the latest"
        parts.append(f"{text[0].upper()}{text[1:]}.")
    return " ".join(parts)


@passes_on
def read_hours(table: pd.DataFrame, *, month: str, q: float = 0.9) -> str:
    """Say the slowest and the quickest hour, and whether more than chance lies between them. table : from `latency_by_group`, by hour."""
    part = table[(table["quantile"] == q)].dropna(subset="latency_ms")
    if len(part) < 2:
        return ""
    slow, quick = part.loc[part["latency_ms"].idxmax()], part.loc[part["latency_ms"].idxmin()]
    text = (
        f"In {month_name(month)}, nine of ten good calls took at most **{measured(slow['latency_ms'], 'ms')}** in the slowest hour (from "
        f"{int(slow['group'])}:00) and {measured(quick['latency_ms'], 'ms')} in the quickest (from {int(quick['group'])}:00)"
    )
    return f"{text}: their intervals overlap, so the hour hardly matters." if slow["low"] <= quick["high"] else f"{text}; their intervals do not overlap."


@passes_on
def read_regions(table: pd.DataFrame, *, month: str, q: float = 0.9) -> str:
    """Say which region waits longest. table : from `latency_by_group`, by region."""
    part = table[(table["quantile"] == q)].dropna(subset="latency_ms").sort_values("latency_ms", ascending=False)
    if len(part) < 2:
        return ""
    worst, best = part.iloc[0], part.iloc[-1]
    ahead = "more than chance" if worst["low"] > best["high"] else "within chance"
    return (
        f"In {month_name(month)}, callers of the region **{worst['group']}** wait longest: nine of ten of {counted(worst['calls'], 'good call')} took at "
        f"most **{measured(worst['latency_ms'], 'ms')}** (95 % interval {interval(worst['low'], worst['high'], 'ms')}), against "
        f"{measured(best['latency_ms'], 'ms')} in {best['group']} ({ahead})."
    )


@passes_on
def read_after_errors(table: pd.DataFrame, *, month: str) -> str:
    """Say after which code the next hour goes worst, and after which best. table : from `after_errors`."""
    known = table.dropna(subset="value")
    errors = known[(known["code"] != 0) & (known["encounters"] >= LEAST_MET)]
    if errors.empty:
        return f"In {month_name(month)}, no error code was met often enough, by enough accounts, to say what follows it."
    well = errors[errors["after"] == "success"].sort_values(["value", "encounters"], ascending=[True, False])
    worst, best = well.iloc[0], well.iloc[-1]
    stuck = errors[(errors["after"] == "more_errors") & (errors["code"] == worst["code"])].iloc[0]
    text = (
        f"In {month_name(month)}, the hour after a **{worst['code']}** went worst: success followed {percent(worst['value'])} of "
        f"{counted(worst['encounters'], 'encounter')}{_bounds(worst)}, and nothing but more errors **{percent(stuck['value'])}**{_bounds(stuck)}"
    )
    if best["code"] != worst["code"]:
        text += f". It went best after a {best['code']}: success followed {percent(best['value'])} of {number(best['encounters'])}{_bounds(best)}"
    base = known[(known["code"] == 0) & (known["after"] == "silence")]
    if len(base):
        text += f". After a good call {percent(base['value'].iloc[0])} are silent for an hour, so silence alone says little"
    return f"{text}."


def _bounds(row: pd.Series) -> str:
    span = interval(row["low"], row["high"], "share")
    return f" (95 % interval {span})" if span else ""


@passes_on
def read_unusual(table: pd.DataFrame, *, month: str, span: str, false_marks: float) -> str:
    """Say how many days were unlike the others, how many would be by chance, and name those of the month. table : from `marked_days`."""
    off, judged = table[table["unusual"]], table[table["expected"].notna() & table["value"].notna()]
    text = (
        f"From {span}, {number(len(off)) if len(off) else 'none'} of {number(len(judged))} daily values lay outside their band; chance alone "
        f"marks at most {number(false_marks * len(judged))}"
    )
    last = off[off["day"].dt.strftime("%Y-%m") == month]
    several = off.groupby("day")["measure"].nunique()
    several = several[several > 1]
    if len(several):
        text += f". More than one of the three was unusual on {_days(several.index)}"
    if last.empty:
        return f"{text}. In {month_name(month)} none was."
    named = [f"{_MEASURES[m]} on {_days(part['day'])}" for m, part in last.groupby("measure", sort=False)]
    return f"{text}. In {month_name(month)}: {'; '.join(named)}."


def _days(days) -> str:
    shown = [f"**{d:%Y-%m-%d}**" for d in list(days)[:_MOST]]
    rest = len(days) - len(shown)
    return ", ".join(shown) + (f" and {counted(rest, 'other day')}" if rest else "")


@passes_on
def read_migration(table: pd.DataFrame, curve: pd.DataFrame) -> str:
    """Say how many of the accounts on the old version have moved, left or stayed. table : `migration_of_study`; curve : `migration_curve`."""
    states = table["state"].value_counts()
    moved, left, still = (int(states.get(s, 0)) for s in ("moved", "left", "still there"))
    announced, version = table["announced"].iloc[0], table["api_version"].iloc[0]
    text = (
        f"Of {counted(len(table), 'account')} that called {version} in the four weeks before {announced:%Y-%m-%d}, when its end was announced, "
        f"**{number(moved)}** have moved, {number(left)} stopped calling altogether, and **{number(still)}** still {'calls' if still == 1 else 'call'} it"
    )
    half = curve[curve["value"] <= 0.5]
    when = f"Half had moved after **{number(half['days'].iloc[0])} days**" if len(half) else "Half of them have not moved yet"
    last = curve.iloc[-1]
    return f"{text}. {when}; {percent(last['value'], 0)} (95 % interval {interval(last['low'], last['high'], 'share')}) had not after {number(last['days'])}."


def read_fixes(fixes: pd.DataFrame | NotMeasurable, metric: pd.DataFrame | NotMeasurable) -> str | NotMeasurable:
    """Say how long faulty releases waited for their fix. fixes : from `fixes_of_study`; metric : "time_to_fix"."""
    for found in (fixes, metric):
        if isinstance(found, NotMeasurable):
            return found
    row = metric.iloc[-1]
    if is_missing(row["value"]) or fixes.empty:
        return "In the last twelve months no release came out that only mends another (2.3.0 → 2.3.1), so the time to a fix is not known."
    last = fixes.sort_values("released_at").iloc[-1]
    text = (
        f"In the twelve months up to {month_name(row['month'])} {counted(row['denominator'], 'fix', 'fixes')} came out, **{measured(row['value'], 'days')}** "
        f"after the release each mended (median); the last was {last['version']}, {measured(last['days'], 'days')} after {last['fixed']}"
    )
    if is_missing(last["users"]):
        return f"{text}."
    return f"{text}, which **{number(last['still'])}** of {counted(last['users'], 'account')} with that SDK still called in {month_name(row['month'])}."
