"""Slow definitions of the metrics of the site, the first days, the users' opinions and the spread of use."""

import json
import math

import pandas as pd
from brute_force.common import (
    MONTHS, UNTIL, ZONE, active_calls, created_accounts, later, month_of, production_calls, share_within, template_of,
)  # fmt: skip


def _sessions(table: pd.DataFrame) -> list[list]:
    """The rows of each visit, one after the other; visits without a page are left out."""
    out = []
    for _, rows in table.sort_values("occurred_at", kind="stable").groupby("unit"):
        visit = []
        for row in rows.itertuples():
            if visit and row.occurred_at - visit[-1].occurred_at >= pd.Timedelta(minutes=30):
                out.append(visit)
                visit = []
            visit.append(row)
        out.append(visit)
    return [v for v in out if any(isinstance(r.page, str) for r in v)]


def _month(instant) -> str:
    return instant.tz_convert(ZONE).strftime("%Y-%m")


def _observed(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["occurred_at"] >= pd.Timestamp("2025-05-01", tz=ZONE)]


def page_views(visitors) -> list:
    table = _observed(visitors)
    return [int(((table["month"] == m) & table["page"].notna()).sum()) for m in MONTHS]


def bounce_rate(visitors) -> list:
    visits = _sessions(_observed(visitors))
    out = []
    for month in MONTHS:
        of_month = [v for v in visits if _month(v[0].occurred_at) == month]
        out.append(sum(len(v) == 1 for v in of_month) / len(of_month))
    return out


def pages_per_session(visitors) -> list:
    visits = _sessions(_observed(visitors))
    out = []
    for month in MONTHS:
        of_month = [v for v in visits if _month(v[0].occurred_at) == month]
        out.append(sum(isinstance(r.page, str) for v in of_month for r in v) / len(of_month))
    return out


def time_on_page(visitors) -> list:
    seconds = {m: [] for m in MONTHS}
    for visit in _sessions(_observed(visitors)):
        views = [r for r in visit if isinstance(r.page, str)]
        for one, following in zip(views, views[1:], strict=False):
            if _month(one.occurred_at) in seconds:
                seconds[_month(one.occurred_at)].append(int((following.occurred_at - one.occurred_at).total_seconds()))
    return [sorted(s)[(len(s) - 1) // 2] for s in seconds.values()]


def docs_search_zero_share(visitors) -> list:
    results = visitors["properties"].map(lambda p: json.loads(p).get("results") if p else None)
    out = []
    for month in MONTHS:
        found = results[visitors["month"] == month].dropna()
        out.append((found == 0).mean())
    return out


def quickstart_completion(visitors) -> list:
    table = _observed(visitors)
    opened = table[table["touchpoint"] == "quickstart_view"].groupby("unit")["occurred_at"].min().to_dict()
    done: dict = {}
    for row in table[table["touchpoint"] == "quickstart_completed"].sort_values("occurred_at").itertuples():
        if row.unit in opened and row.occurred_at >= opened[row.unit]:
            done.setdefault(row.unit, row.occurred_at)
    return share_within(opened, done, 7)


def ai_agent_share(visitors, agents) -> list:
    people, machines = _sessions(_observed(visitors)), _sessions(_observed(agents))
    out = []
    for month in MONTHS:
        k = sum(_month(v[0].occurred_at) == month for v in machines)
        out.append(k / (k + sum(_month(v[0].occurred_at) == month for v in people)))
    return out


def broken_links_per_page(raw) -> list:
    return [math.nan] * (len(MONTHS) - 1) + [raw["pages"]["broken_links"].mean()]


def reading_level(raw) -> list:
    grades = []
    for text in raw["pages"]["text"].dropna():
        words = text.split()
        if len(words) >= 50:
            letters = sum(c.isalnum() for c in text)
            sentences = sum(text.count(mark) for mark in ".!?")
            grades.append(0.0588 * 100 * letters / len(words) - 0.296 * 100 * sentences / len(words) - 15.8)
    return [math.nan] * (len(MONTHS) - 1) + [sum(grades) / len(grades)]


def keys_created(visitors) -> list:
    made = visitors[visitors["touchpoint"] == "key_created"]
    return [int((made["month"] == m).sum()) for m in MONTHS]


def sandbox_use(raw, visitors) -> list:
    starts = created_accounts(raw).set_index("account_id")["created_at"].to_dict()
    calls = raw["requests"]
    calls = calls.loc[calls["environment"] == "sandbox", ["account_id", "occurred_at"]]
    opened = visitors[visitors["touchpoint"] == "sandbox_opened"]
    opened = opened[["unit", "occurred_at"]].set_axis(["account_id", "occurred_at"], axis=1)
    tried: dict = {}
    for row in pd.concat([calls, opened]).sort_values("occurred_at").itertuples():
        if row.account_id in starts and row.occurred_at >= starts[row.account_id]:
            tried.setdefault(row.account_id, row.occurred_at)
    return share_within(starts, tried, 14)


def first_week_endpoints(raw) -> list:
    starts = created_accounts(raw).set_index("account_id")["created_at"].to_dict()
    calls = raw["requests"]
    calls = calls[calls["status"].between(200, 299) & calls["account_id"].isin(list(starts))]
    breadth = {m: [] for m in MONTHS}
    is_open = set()
    for account, rows in calls.sort_values("occurred_at").groupby("account_id"):
        rows = rows[rows["occurred_at"] >= starts[account]]
        if rows.empty:
            continue
        first = rows["occurred_at"].iloc[0]
        month, end = _month(first), later(first, 7)
        if end >= UNTIL:
            is_open.add(month)
        if month in breadth:
            breadth[month].append(len({template_of(p)[0] for p in rows.loc[rows["occurred_at"] <= end, "endpoint"]}))
    return [math.nan if m in is_open or not found else sum(found) / len(found) for m, found in breadth.items()]


def _calls_of_accounts(raw, month: str) -> list[int]:
    calls = production_calls(raw)
    return calls.loc[calls["month"] == month, "account_id"].value_counts().tolist()


def top_10_usage_share(raw) -> list:
    return [sum(sorted(c)[-10:]) / sum(c) for c in (_calls_of_accounts(raw, m) for m in MONTHS)]


def usage_gini(raw) -> list:
    """Half the mean absolute difference of all pairs, over the mean."""
    out = []
    for calls in (_calls_of_accounts(raw, m) for m in MONTHS):
        n, total = len(calls), sum(calls)
        out.append(sum(abs(a - b) for a in calls for b in calls) / (2 * n * total))
    return out


def product_attach(raw) -> list:
    calls = active_calls(raw)
    calls = calls.assign(of=[template_of(p)[1] for p in calls["endpoint"]])
    out = []
    for month in MONTHS:
        used: dict = {}
        for row in calls[calls["month"] == month].itertuples():
            if row.of:
                used.setdefault(row.account_id, set()).add(row.of)
        out.append(sum(len(p) >= 2 for p in used.values()) / len(used))
    return out


def ticket_waits(raw, month: str) -> list[tuple[float, bool]]:
    day = pd.Timedelta(days=1)
    waits = []
    for row in raw["tickets"].itertuples():
        if _month(row.opened_at) == month:
            known = pd.notna(row.resolved_at) and row.resolved_at < UNTIL
            waits.append((((row.resolved_at if known else UNTIL) - row.opened_at) / day, known))
    return waits


def _scores(raw, kind: str) -> list[pd.Series]:
    rows = raw["surveys"][raw["surveys"]["kind"] == kind]
    return [rows.loc[month_of(rows["answered_at"]) == m, "score"] for m in MONTHS]


def csat(raw) -> list:
    return [s.isin([4, 5]).mean() for s in _scores(raw, "csat")]


def nps(raw) -> list:
    return [100 * (s.isin([9, 10]).mean() - s.isin(range(7)).mean()) for s in _scores(raw, "nps")]


def ces(raw) -> list:
    return [s.mean() for s in _scores(raw, "ces")]
