"""Slow definitions of the product metrics: plain pandas and loops over the raw rows."""

import math

import pandas as pd
from brute_force import business, life, staying, visits
from brute_force.common import (
    ALL, MONTHS, TRANSACTIONS, UNTIL, ZONE, active_calls, created_accounts, month_of, production_calls, share_within,
)  # fmt: skip


def sign_ups(raw):
    months = month_of(raw["accounts"]["created_at"])
    return [int((months == m).sum()) for m in MONTHS]


def activated_share(raw):
    starts = created_accounts(raw).set_index("account_id")["created_at"].to_dict()
    reaches = {}
    for account, calls in active_calls(raw).sort_values("occurred_at").groupby("account_id"):
        if account in starts:
            calls = calls[calls["occurred_at"] >= starts[account]]
            firsts = calls.drop_duplicates("day")
            if len(firsts) >= 2:
                reaches[account] = firsts["occurred_at"].iloc[1]
    return share_within(starts, reaches, 14)


def conversion_to_production(raw):
    starts = created_accounts(raw).set_index("account_id")["created_at"].to_dict()
    calls = active_calls(raw)
    calls = calls[calls["occurred_at"] >= calls["account_id"].map(starts)]
    return share_within(starts, calls.groupby("account_id")["occurred_at"].min().to_dict(), 28)


def first_call_success_rate(raw):
    ids = set(created_accounts(raw)["account_id"])
    calls = raw["requests"]
    calls = calls[calls["account_id"].isin(ids)].sort_values(["occurred_at", "request_id"])
    first = calls.drop_duplicates("account_id")
    out = []
    for month in MONTHS:
        part = first[first["month"] == month]
        out.append(part["status"].between(200, 299).mean() if len(part) else math.nan)
    return out


def first_hello_world_days(raw):
    calls = raw["requests"]
    return _median_days_to(raw, calls[calls["status"].between(200, 299)])


def first_production_call_days(raw):
    return _median_days_to(raw, active_calls(raw))


def _transactions(raw):
    calls = active_calls(raw)
    return calls[calls["endpoint"].isin(TRANSACTIONS)]


def first_transaction_days(raw):
    return _median_days_to(raw, _transactions(raw))


def calls_per_transaction(raw):
    out = []
    for month in MONTHS:
        done = _transactions(raw)
        done = done[done["month"] == month]
        calls = production_calls(raw)
        calls = calls[(calls["month"] == month) & calls["account_id"].isin(set(done["account_id"]))]
        out.append(len(calls) / len(done))
    return out


def _median_days_to(raw, calls):
    created = created_accounts(raw).set_index("account_id")["created_at"]
    calls = calls[calls["occurred_at"] >= calls["account_id"].map(created)]
    first = calls.groupby("account_id")["occurred_at"].min()
    out = []
    for month in MONTHS:
        part = created[month_of(created) == month]
        day = pd.Timedelta(days=1)
        waits = [
            ((first[a] - t) / day, True) if a in first.index else ((UNTIL - t) / day, False)
            for a, t in part.items()
        ]
        out.append(_kaplan_meier_median(waits))
    return out


def _kaplan_meier_median(waits: list[tuple[float, bool]]) -> float:
    """The product over event times of (1 − events / at risk), until it is at most one half.

    Not known where some left before and fewer than ten, or than a fifth, are still waiting.
    """
    alive = 1.0
    for time in sorted({t for t, reached in waits if reached}):
        at_risk = sum(t >= time for t, _ in waits)
        events = sum(t == time and reached for t, reached in waits)
        alive *= 1 - events / at_risk
        if alive <= 0.5 + 1e-12:
            left = any(t < time and not reached for t, reached in waits)
            return math.nan if left and (at_risk < 10 or at_risk / len(waits) < 0.2) else time
    return math.nan


def monthly_active_accounts(raw):
    active = active_calls(raw)
    return [active.loc[active["month"] == m, "account_id"].nunique() for m in MONTHS]


def _account_days(raw) -> set[tuple[str, str]]:
    active = active_calls(raw)
    return set(zip(active["account_id"], active["day"], strict=True))


def _mean_active(raw, length: int) -> list[float]:
    by_day: dict[str, set] = {}
    for account, day in _account_days(raw):
        by_day.setdefault(day, set()).add(account)
    out = []
    for month in MONTHS:
        days = pd.period_range(f"{month}-01", periods=pd.Period(month).days_in_month, freq="D")
        counts = [len(set().union(*(by_day.get(str(d - k), set()) for k in range(length)))) for d in days]
        out.append(sum(counts) / len(days))
    return out


def daily_active_accounts(raw):
    return _mean_active(raw, 1)


def weekly_active_accounts(raw):
    return _mean_active(raw, 7)


def stickiness(raw):
    days = _account_days(raw)
    out = []
    for month in MONTHS:
        inside = [(a, d) for a, d in days if d.startswith(month)]
        accounts = len({a for a, _ in inside})
        out.append(len(inside) / (accounts * pd.Period(month).days_in_month))
    return out


def _active_months(raw) -> dict[str, set[str]]:
    active = active_calls(raw)
    return {m: set(active.loc[active["month"] == m, "account_id"]) for m in ALL}


def month_1_retention(raw):
    months, seen, first = _active_months(raw), set(), {}
    beginners = set(created_accounts(raw)["account_id"])  # opened while they were observed
    for m in ALL:
        first[m] = (months[m] - seen) & beginners
        seen |= months[m]
    out = []
    for m in MONTHS:
        cohort = first[str(pd.Period(m) - 1)]
        out.append(len(cohort & months[m]) / len(cohort) if cohort else math.nan)
    return out


def account_quick_ratio(raw):
    months = _active_months(raw)
    out = []
    for m in MONTHS:
        before, now = months[str(pd.Period(m) - 1)], months[m]
        came, fell = len(now - before), len(before - now)
        out.append(came / fell if fell else math.inf if came else math.nan)
    return out


def tickets_per_active_account(raw):
    months = month_of(raw["tickets"]["opened_at"])
    active = monthly_active_accounts(raw)
    return [(months == m).sum() / n for m, n in zip(MONTHS, active, strict=True)]


def _visitors(raw) -> pd.DataFrame:
    """Each touchpoint with the unit it belongs to, by the links known at the end."""
    links = raw["identities"]
    links = links[links["linked_at"] < UNTIL].sort_values("linked_at", kind="stable")

    def first(key, value):
        known = links[[key, value]].dropna().drop_duplicates(key)
        return dict(zip(known[key], known[value], strict=True))

    by_developer, by_visitor = first("developer_id", "account_id"), first("visitor_id", "account_id")
    developer_of = first("visitor_id", "developer_id")
    units = []
    for row in raw["touchpoints"].itertuples():
        developer = row.developer_id if isinstance(row.developer_id, str) else None
        visitor = row.visitor_id if isinstance(row.visitor_id, str) else None
        account = row.account_id if isinstance(row.account_id, str) else None
        account = account or by_developer.get(developer) or by_visitor.get(visitor)
        account = account or by_developer.get(developer_of.get(visitor))
        units.append(account or developer or developer_of.get(visitor) or visitor)
    table = raw["touchpoints"].assign(unit=units)
    return table[~table["unit"].isin(raw["internal"])]


def unique_visitors(raw):
    table = _visitors(raw)
    found = table[table["touchpoint"].isin(["landing_view", "docs_view"])]
    return [found.loc[found["month"] == m, "unit"].nunique() for m in MONTHS]


def sign_up_rate(raw):
    table = _visitors(raw)
    found = table[table["touchpoint"].isin(["landing_view", "docs_view"])]
    begun = pd.Timestamp("2025-05-01", tz=ZONE)
    starts = found[found["occurred_at"] >= begun].groupby("unit")["occurred_at"].min().to_dict()
    signed = table[table["touchpoint"] == "sign_up"].groupby("unit")["occurred_at"].min().to_dict()
    opened = raw["accounts"].set_index("account_id")["created_at"].to_dict()
    starts = {u: t for u, t in starts.items() if not any(u in k and k[u] < t for k in (signed, opened))}
    return share_within(starts, signed, 14)


def _good_calls(raw, month: str) -> pd.DataFrame:
    calls = active_calls(raw)
    return calls[calls["month"] == month]


def deprecated_version_exposure(raw):
    """v2 was released as breaking in July 2025, before all of these months: v1 is deprecated in each."""
    successors = raw["releases"].query("breaking and released_at < @UNTIL")["version"].tolist()
    assert successors == ["v2"]
    out = []
    for month in MONTHS:
        calls = _good_calls(raw, month)
        calls = calls[calls["api_version"].notna()]
        out.append(calls.loc[calls["api_version"] == "v1", "account_id"].nunique() / calls["account_id"].nunique())
    return out


def deprecated_calls_share(raw):
    """v1 is deprecated in each of these months, as above."""
    out = []
    for month in MONTHS:
        versions = _good_calls(raw, month)["api_version"].dropna()
        out.append((versions == "v1").sum() / len(versions))
    return out


def deprecated_mrr_share(raw):
    out = []
    for month in MONTHS:
        calls = _good_calls(raw, month)
        calls = calls[calls["api_version"].notna()]
        pays = {a: max(0, business.mrr_by_account(raw).get((a, month), 0)) for a in set(calls["account_id"])}
        old = set(calls.loc[calls["api_version"] == "v1", "account_id"])
        out.append(sum(v for a, v in pays.items() if a in old) / sum(pays.values()))
    return out


def time_to_fix(raw):
    """By hand from the list of releases: of all versions only python 2.3.1 mends another, 2.3.0, in June 2026."""
    at = {r.version: r.released_at for r in raw["releases"].itertuples()}
    days = (at["python 2.3.1"] - at["python 2.3.0"]).total_seconds() / 86_400
    return [days if month == "2026-06" else float("nan") for month in MONTHS]


def newest_sdk_share(raw):
    calls = active_calls(raw)
    out = []
    for month in MONTHS:
        newest = {}
        for sdk in ("python", "node", "java"):  # curl has one version only
            known = set(calls.loc[(calls["sdk"] == sdk) & (calls["month"] <= month), "sdk_version"].dropna())
            for row in raw["releases"].itertuples():
                if row.version.startswith(f"{sdk} ") and row.released_at.tz_convert(ZONE).strftime("%Y-%m") <= month:
                    known.add(row.version.split(" ")[1])
            newest[sdk] = max(known, key=lambda v: [int(p) for p in v.split(".")])
        used: dict = {}
        for row in _good_calls(raw, month).itertuples():
            if row.sdk in newest and isinstance(row.sdk_version, str):
                used.setdefault(row.account_id, {}).setdefault(row.sdk, set()).add(row.sdk_version)
        on = [all(newest[sdk] in versions for sdk, versions in sdks.items()) for sdks in used.values()]
        out.append(sum(on) / len(on))
    return out


def _releases(raw, month: str) -> list:
    rows = raw["releases"].itertuples()
    return [r for r in rows if r.released_at < UNTIL and r.released_at.tz_convert(ZONE).strftime("%Y-%m") == month]


def release_frequency(raw):
    return [len(_releases(raw, m)) for m in MONTHS]


def breaking_changes(raw):
    return [sum(r.breaking for r in _releases(raw, m)) for m in MONTHS]


def changelog_lead_time(raw):
    out = []
    for month in MONTHS:
        days = sorted((r.released_at - r.announced_at).total_seconds() / 86_400 for r in _releases(raw, month))
        half = len(days) // 2
        out.append(days[half] if len(days) % 2 else (days[half - 1] + days[half]) / 2)
    return out


def ai_agent_share(raw):
    agents = raw["ai_agents"]
    return visits.ai_agent_share(_visitors(raw), agents.assign(unit=agents["visitor_id"]))


def sandbox_use(raw):
    return visits.sandbox_use(raw, _visitors(raw))


def ticket_resolution_days(raw):
    return [_kaplan_meier_median(visits.ticket_waits(raw, month)) for month in MONTHS]


def _of_the_site(name: str):
    return lambda raw: getattr(visits, name)(_visitors(raw))


page_views = _of_the_site("page_views")
bounce_rate = _of_the_site("bounce_rate")
pages_per_session = _of_the_site("pages_per_session")
time_on_page = _of_the_site("time_on_page")
docs_search_zero_share = _of_the_site("docs_search_zero_share")
quickstart_completion = _of_the_site("quickstart_completion")
keys_created = _of_the_site("keys_created")
broken_links_per_page = visits.broken_links_per_page
reading_level = visits.reading_level
first_week_endpoints = visits.first_week_endpoints
top_10_usage_share = visits.top_10_usage_share
usage_gini = visits.usage_gini
product_attach = visits.product_attach
csat, nps, ces = visits.csat, visits.nps, visits.ces
day_30_retention = staying.day_30_retention
rolling_retention = staying.rolling_retention
usage_retention = staying.usage_retention
recurring_usage = staying.recurring_usage
power_user_share = staying.power_user_share
account_survival_6m = staying.account_survival_6m
unique_api_consumers, silent_integrations = life.unique_api_consumers, lambda raw: life.silent_integrations(raw, _visitors(raw))
usage_growth_by_account, decline_index = life.usage_growth_by_account, life.decline_index
endpoint_expansion, product_expansion = life.expansion("endpoint"), life.expansion("product")
region_expansion, environment_expansion = life.expansion("region"), life.expansion("environment")
quota_utilisation_share, early_warning_share = life.quota_utilisation_share, life.early_warning_share
sessions_per_active_account = lambda raw: life.sessions_per_active_account(raw, _visitors(raw))  # noqa: E731
