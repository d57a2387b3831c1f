"""Slow definitions of growth, expansion, quotas, consumers, sessions and early warning: loops over the raw rows."""

import math

import pandas as pd
from brute_force.common import ALL, MONTHS, UNTIL, ZONE, active_calls, later, production_calls, template_of


def _begins(month: str) -> pd.Timestamp:
    return pd.Timestamp(f"{month}-01", tz=ZONE).tz_convert("UTC")


def _ends(month: str) -> pd.Timestamp:
    return _begins(str(pd.Period(month) + 1))


def unique_api_consumers(raw) -> list:
    calls = production_calls(raw)
    calls = calls[calls["status"].between(200, 299) & calls["key_id"].notna()]
    return [len(set(calls.loc[calls["month"] == m, "key_id"])) for m in MONTHS]


def silent_integrations(raw, people) -> list:
    seen: dict = {}
    for unit, at in zip(people["unit"], people["occurred_at"], strict=True):
        seen.setdefault(unit, []).append(at)
    for table, column in (("tickets", "opened_at"), ("accounts", "created_at")):
        for unit, at in zip(raw[table]["account_id"], raw[table][column], strict=True):
            seen.setdefault(unit, []).append(at)
    calls, out = active_calls(raw), []
    for month in MONTHS:
        end = _ends(month)
        begin = later(end, -90)
        accounts = set(calls.loc[calls["month"] == month, "account_id"])
        nobody = [a for a in accounts if not any(begin <= t < end for t in seen.get(a, []))]
        out.append(len(nobody) / len(accounts))
    return out


def _use(raw) -> dict:
    """Successful production calls a day: month → account → rate."""
    calls = active_calls(raw)
    return {
        m: {a: len(rows) / pd.Period(m).days_in_month for a, rows in calls[calls["month"] == m].groupby("account_id")}
        for m in ALL
    }


def usage_growth_by_account(raw) -> list:
    use, out = _use(raw), []
    for month in MONTHS:
        before = use[str(pd.Period(month) - 1)]
        changes = sorted(now / before[a] - 1 for a, now in use[month].items() if a in before)
        half = len(changes) // 2
        out.append(changes[half] if len(changes) % 2 else (changes[half - 1] + changes[half]) / 2)
    return out


def decline_index(raw) -> list:
    use, out = _use(raw), []
    for month in MONTHS:
        before = use[str(pd.Period(month) - 1)]
        fell = [a for a, rate in before.items() if use[month].get(a, 0) / rate < 0.75]
        out.append(len(fell) / len(before))
    return out


def expansion(kind: str):
    def slow(raw) -> list:
        calls = raw["requests"]
        calls = calls[calls["status"].between(200, 299) & calls["account_id"].notna()]
        if kind != "environment":
            calls = calls[calls["environment"] == "production"]
        used: dict = {m: {} for m in ALL}
        for row in calls.itertuples():
            value = template_of(row.endpoint)[1] if kind == "product" else getattr(row, kind)
            if isinstance(value, str) and value not in ("", "(unmatched)"):
                used[row.month].setdefault(row.account_id, set()).add(value)
        out = []
        for month in MONTHS:
            past = [used[str(pd.Period(month) - back)] for back in (1, 2, 3)]
            there = [a for a in used[month] if any(a in p for p in past)]
            new = [a for a in there if used[month][a] - set().union(*(p.get(a, set()) for p in past))]
            out.append(len(new) / len(there))
        return out

    return slow


def quota_utilisation_share(raw) -> list:
    history = raw["account_history"]
    changed = set(history["account_id"])
    plain = raw["accounts"].set_index("account_id")["quota_per_month"].to_dict()
    history = history[history["valid_from"] < UNTIL].sort_values("valid_from", kind="stable")
    calls, out = production_calls(raw), []
    for month in MONTHS:
        full = n = 0
        for account, made in calls.loc[calls["month"] == month, "account_id"].value_counts().items():
            if account in changed:
                known = history[(history["account_id"] == account) & (history["valid_from"] < _ends(month))]
                quota = known["quota_per_month"].iloc[-1] if len(known) else math.nan
            else:
                quota = plain.get(account, math.nan)
            if quota > 0:
                n += 1
                full += made >= 0.8 * quota
        out.append(full / n)
    return out


def sessions_per_active_account(raw, people) -> list:
    sandbox = raw["requests"][raw["requests"]["environment"] == "sandbox"]
    events: dict = {}
    for units, times in ((people["unit"], people["occurred_at"]), (sandbox["account_id"], sandbox["occurred_at"])):
        for unit, at in zip(units, times, strict=True):
            events.setdefault(unit, []).append(at)
    begun: dict = {m: {} for m in MONTHS}
    for unit, times in events.items():
        last = None
        for at in sorted(times):
            if last is None or at - last >= pd.Timedelta(minutes=30):
                month = at.tz_convert(ZONE).strftime("%Y-%m")
                if month in begun:
                    begun[month][unit] = begun[month].get(unit, 0) + 1
            last = at
    calls, out = active_calls(raw), []
    for month in MONTHS:
        active = set(calls.loc[calls["month"] == month, "account_id"])
        out.append(sum(begun[month].get(a, 0) for a in active) / len(active))
    return out


def early_warning_share(raw) -> list:
    calls = active_calls(raw)
    closed = raw["accounts"].set_index("account_id")["closed_at"].to_dict()
    out = []
    for month in MONTHS:
        last_day = pd.Period(month).to_timestamp() + pd.Timedelta(days=pd.Period(month).days_in_month - 1)
        watched = warned = 0
        for account, rows in calls[calls["occurred_at"] < _ends(month)].groupby("account_id"):
            days = [pd.Timestamp(d) for d in sorted(set(rows["day"]))]
            silences = [(b - a).days - 1 for a, b in zip(days, days[1:], strict=False)]
            silent = (last_day - days[-1]).days
            shut = closed.get(account, pd.NaT)
            is_closed = pd.notna(shut) and shut < UNTIL and shut < _ends(month)
            if len(silences) < 20 or silent >= 56 or is_closed:
                continue
            recent = sorted(silences[-60:], reverse=True)
            usual = recent[len(recent) // 20]
            watched += 1
            warned += silent > max(3 * usual, 3)
        out.append(warned / watched if watched else math.nan)
    return out
