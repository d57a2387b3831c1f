"""What should the reader watch? One sentence, from goals, the promise, accounts to act on, directions and falls.

Unit: a month. The weightiest comes first: goals that are missed beyond doubt, a promise that was broken, the
accounts to act on, metrics that clearly go to the worse; where these leave room, money or use that fell, or
money that hangs on one account. Where there is none of it, that is said, with what could be judged.
"""

import math

from apijourney.formats import is_missing, money, month_name, percent
from apijourney.measurable import NotMeasurable
from apijourney.readings.month_words import KnownMonth, counted, side_of

WHALE_SHARE = 0.20
_FALLS = (
    ("mrr", "MRR", 0.05), ("revenue", "revenue", 0.05),
    ("monthly_active_accounts", "the number of active accounts", 0.10),
)  # fmt: skip
"""What is told when it falls by such a share in a month, the weightiest first."""


def to_watch(m: KnownMonth, accounts, alerts: list[dict], *, reasons=None, worse=()) -> str:
    """Say what to watch, without the full stop. accounts, alerts, reasons, worse : see `headline`."""
    clauses = _missed(alerts) + _broken(m, alerts) + _accounts(m, accounts, reasons) + _worse(list(worse))
    if len(clauses) < 2:
        clauses += _falls(m)[:1]
    return "; ".join(clauses[:4]) or _nothing(alerts)


def _missed(alerts: list[dict]) -> list[str]:
    judged = [a for a in alerts if a["verdict"]]
    missed = [a for a in judged if a["verdict"] == "missed"]
    if not missed:
        return []
    named = " and ".join(_goal(a) for a in missed[:2])
    more = f" and {len(missed) - 2} more" if len(missed) > 2 else ""
    which = f"{len(missed)} of {len(judged)} goals {_is(len(missed))}"
    which = which if len(judged) > 1 else "the one goal that can be judged is"
    return [f"{which} missed: {named}{more}"]


def _goal(alert: dict) -> str:
    when = f" in {alert['of']}" if alert.get("of") else ""
    return f"{_inside(alert['name'])} ({alert['value']}{when}, goal {alert['goal']})"


def _broken(m: KnownMonth, alerts: list[dict]) -> list[str]:
    if any(a["id"] == "availability" and a["verdict"] == "missed" for a in alerts):
        return []
    row = m.at("availability", m.month)
    broken = row is not None and side_of(row, m.workbook.slo.availability) == "broken"
    return ["the promised availability was broken"] if broken else []


def _accounts(m: KnownMonth, accounts, reasons) -> list[str]:
    """Name the reason with most revenue at stake and the first account; where no revenue is, how many are named."""
    if accounts is None or isinstance(accounts, NotMeasurable) or accounts.empty:
        return []
    first, stake = accounts.iloc[0], accounts["mrr_minor"].sum(min_count=1)
    if reasons is not None and (reasons["mrr_minor"] > 0).any():
        most = reasons.loc[reasons["mrr_minor"].idxmax()]
        what = f"{counted(most['accounts'], 'account')} with {money(most['mrr_minor'], m.currency)} of MRR"
        also = "" if first["reason"] == most["reason"] else f" ({first['reason'].replace(';', ' and')})"
        return [f"most revenue is at stake for “{most['reason']}”: {what}; the account to act on first is {first['name']}{also}"]
    worth = "" if is_missing(stake) else f" with {money(stake, m.currency)} of MRR"
    lead = f"{first['name']} ({first['reason'].replace(';', ' and')})"
    if len(accounts) == 1:
        return [f"1 account{worth} calls for action, {lead}"]
    return [f"{len(accounts)} accounts{worth} call for action, first {lead}"]


def _worse(names: list[str]) -> list[str]:
    """Name the metrics whose last three months are clearly worse than those before."""
    if not names:
        return []
    named = " and ".join(_inside(name) for name in names[:2])
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return [f"{counted(len(names), 'metric')} clearly {'goes' if len(names) == 1 else 'go'} to the worse over the months shown: {named}{more}"]


def _falls(m: KnownMonth) -> list[str]:
    """What fell by much, or hangs on one account; the first weighs most."""
    found = []
    for metric, what, much in _FALLS:
        row = m.latest(metric)
        before = m.before(metric, row) if row is not None else None
        if before is not None and before["value"] > 0 and row["value"] <= (1 - much) * before["value"]:
            fall = percent(1 - row["value"] / before["value"])
            found.append(f"{what} fell by {fall} in {month_name(row['month'])}")
    top = m.latest("top_account_share")
    if top is not None and math.isfinite(top["value"]) and top["value"] >= WHALE_SHARE:
        found.append(f"one account brings {percent(top['value'])} of MRR")
    return found


def _nothing(alerts: list[dict]) -> str:
    if not alerts:
        return "the workbook file sets no goals, and nothing else stands out"
    judged = [a for a in alerts if a["verdict"]]
    if not judged:
        return "no goal can be judged yet, and nothing else stands out"
    unclear = sum(a["verdict"] == "unclear" for a in judged)
    if unclear:
        return (
            f"no goal is missed, {unclear} of {counted(len(judged), 'goal')} {_is(unclear)} too close to call, and "
            "nothing else stands out"
        )
    which = "the goal that can be judged is" if len(judged) == 1 else f"all {len(judged)} goals that can be judged are"
    return f"{which} met, and nothing else stands out"


def _inside(name: str) -> str:
    """A metric's name inside a sentence: abbreviations keep their letters, what is in brackets is left out.

    >>> _inside("Stickiness (DAU/MAU)"), _inside("MRR")
    ('stickiness', 'MRR')
    """
    name = name.partition(" (")[0]
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
