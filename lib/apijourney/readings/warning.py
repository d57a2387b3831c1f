"""Early warning in words: who is unusually silent, and how good was that warning before?"""

import pandas as pd

from apijourney.formats import counted, interval, is_missing, number, percent
from apijourney.measurable import NotMeasurable, passes_on
from apijourney.metrics.product.decline.early_warning import LEAST_SILENCES


@passes_on
def read_warnings(table: pd.DataFrame) -> str:
    """Say how many of the watched accounts are warned of, how many of them are near their quota, and name the most active.

    table : from `early_warnings`, or from `warnings_beside_quota`, where the quota may be why.
    """
    if table.empty:
        return f"No open account has {LEAST_SILENCES} silences behind it yet, so nobody's rhythm is known."
    warned = table[table["warned"]]
    of = f"the {counted(len(table), 'account')} whose rhythm is known" if len(table) > 1 else "the one account whose rhythm is known"
    if warned.empty:
        return f"Of {of}, none is silent for longer than its rhythm explains."
    first = warned.iloc[0]
    owner = f"owner {first['owner']}" if first["owner"] else "no owner named"
    who = f"{first['name']} ({first['account_id']}, {owner})" if first["name"] else f"{first['account_id']} ({owner})"
    near = warned["quota_used"].notna() if "quota_used" in warned else pd.Series(False, index=warned.index)
    some = f"**{number(near.sum())}** of them {'is' if near.sum() == 1 else 'are'}"
    quota = f" {some} at the quota: there ask about the plan." if near.any() else ""
    return (
        f"Of {of}, **{number(len(warned))}** {'is' if len(warned) == 1 else 'are'} silent for longer than {'its' if len(warned) == 1 else 'their'} rhythm explains.{quota} "
        f"The most active of them: {who}, silent for {counted(first['silent_days'], 'day')}; its limit is "
        f"{counted(first['limit_days'], 'day')}."
    )


@passes_on
def read_backtest(table: pd.DataFrame, *, gone_days: int, min_n: int = 5) -> str:
    """Say how good the warning was, against the plain rule. table : from `backtest`; min_n : of which no share is said."""
    own, plain = table.iloc[0], table.iloc[1]
    if own["alarms"] < min_n:
        text = f"Tried on the months shown, the own limit warned {counted(own['alarms'], 'time')}: too few to say how often rightly"
    else:
        text = (
            f"Tried on the months shown, the own limit warned **{number(own['alarms'])} times**, {_share(own, 'precision')} rightly, "
            f"and found {_share(own, 'recall')} of the {counted(own['gone'], 'silence')} that reached {gone_days} days"
        )
        text += f", **{number(own['lead_days'], 1)} days** ahead{_days(own)}" if own["right"] >= min_n else ""
    if plain["alarms"] < min_n:
        return f"{text}. “{plain['rule'].capitalize()}” warned {counted(plain['alarms'], 'time')}."
    return (
        f"{text}. “{plain['rule'].capitalize()}”: {number(plain['alarms'])} times, {percent(plain['precision'])} rightly, "
        f"{percent(plain['recall'])} found" + (f", {number(plain['lead_days'], 1)} days ahead." if plain["right"] else ".")
    )


def _share(row, name: str) -> str:
    between = interval(row[f"{name}_low"], row[f"{name}_high"], "share")
    return f"**{percent(row[name])}**" + (f" ({between})" if between else "")


def _days(row) -> str:
    if is_missing(row["lead_low"]) or is_missing(row["lead_high"]):
        return ""
    return f" ({number(row['lead_low'], 1)} to {number(row['lead_high'], 1)})"


def rules_table(table: pd.DataFrame | NotMeasurable) -> pd.DataFrame | NotMeasurable:
    """The backtest as a reader's table: rule, alarms, right, precision, long silences, recall, days ahead, each with its interval."""
    if isinstance(table, NotMeasurable):
        return table
    rows = []
    for r in table.to_dict("records"):
        lead = "" if is_missing(r["lead_days"]) else f"{number(r['lead_days'], 1)}{_days(r)}"
        rows.append((r["rule"], r["alarms"], r["right"], _cell(r, "precision"), r["gone"], _cell(r, "recall"), lead))
    columns = ["rule", "alarms", "right", "precision", "long silences", "recall", "days ahead"]
    return pd.DataFrame(rows, columns=columns)


def _cell(row: dict, name: str) -> str:
    between = interval(row[f"{name}_low"], row[f"{name}_high"], "share")
    return "" if is_missing(row[name]) else f"{percent(row[name])}{f' ({between})' if between else ''}"
