"""Every catalogued metric against a second, slow definition on the raw rows of a simulated company.

The definitions here read the raw tables with plain pandas and loops: no facts, no event log, no
engine. The company is small, its dirt (duplicates, late rows, test keys, bots) is all there.
"""

import json
import math

import numpy as np
import pandas as pd
import pytest

from apijourney import CATALOG, measure, open_study
from apijourney.simulate import simulate
from apijourney.simulate.write import write_sample

ZONE = "Europe/Berlin"
MONTH = "2026-06"  # not the last month: what came later must not be known
MONTHS = [str(m) for m in pd.period_range("2026-03", MONTH, freq="M")]
ALL = [str(m) for m in pd.period_range("2025-05", MONTH, freq="M")]
UNTIL = pd.Timestamp("2026-07-01", tz=ZONE).tz_convert("UTC")
WORKBOOK = f"company: Small\ntimezone: {ZONE}\ncurrency: EUR\nobserved_from: 2025-05-01\n"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("brute")
    write_sample(folder, seed=11, scale=0.12)
    (folder / "workbook.yaml").write_text(WORKBOOK)
    return open_study(folder, month=MONTH, months_back=len(MONTHS))


@pytest.fixture(scope="module")
def raw():
    """The raw tables as pandas, cleaned row by row by the rules of the data contract."""
    tables = {n: t.to_pandas() for n, t in simulate(seed=11, scale=0.12).items()}
    accounts = tables["accounts"]
    internal = set(accounts.loc[accounts["is_internal"], "account_id"])
    accounts = accounts[~accounts["is_internal"] & (accounts["created_at"] < UNTIL)]
    for name, key in (("requests", "request_id"), ("touchpoints", "event_id")):
        rows = tables[name].drop_duplicates(key)
        early = (rows["occurred_at"] - rows["received_at"]).dt.floor("s") > pd.Timedelta(seconds=300)
        rows = rows[~early & (rows["received_at"] < UNTIL) & (rows["occurred_at"] < UNTIL)]
        rows = rows[~rows["account_id"].isin(internal)]
        tables[name] = rows.assign(month=_month(rows["occurred_at"]), day=_day(rows["occurred_at"]))
    requests = tables["requests"]
    requests = requests[~(requests["latency_ms"] < 0)]
    tables["requests"] = requests[~requests["key_id"].fillna("").str.startswith("test_")]
    agent = tables["touchpoints"]["properties"].map(lambda p: json.loads(p).get("agent") if p else None)
    people = ~agent.isin(["crawler", "monitor", "ai_agent"])
    tables["touchpoints"] = tables["touchpoints"][people].sort_values("occurred_at")
    tables["accounts"] = accounts
    tables["internal"] = internal
    for name, column in (("tickets", "opened_at"), ("invoices", "issued_at")):
        rows = tables[name]
        tables[name] = rows[(rows[column] < UNTIL) & ~rows["account_id"].isin(internal)]
    return tables


def _month(instants: pd.Series) -> pd.Series:
    return instants.dt.tz_convert(ZONE).dt.strftime("%Y-%m")


def _day(instants: pd.Series) -> pd.Series:
    return instants.dt.tz_convert(ZONE).dt.strftime("%Y-%m-%d")


def _later(instant: pd.Timestamp, days: int) -> pd.Timestamp:
    """The same wall-clock time so many calendar days later."""
    wall = instant.tz_convert(ZONE).tz_localize(None) + pd.Timedelta(days=days)
    return wall.tz_localize(ZONE, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC")


def _production(raw) -> pd.DataFrame:
    requests = raw["requests"]
    return requests[requests["environment"] == "production"]


def _active(raw) -> pd.DataFrame:
    calls = _production(raw)
    return calls[calls["status"].between(200, 299) & calls["account_id"].notna()]


def _created(raw) -> pd.DataFrame:
    accounts = raw["accounts"]
    begun = pd.Timestamp("2025-05-01", tz=ZONE)
    return accounts[accounts["created_at"] >= begun]


def _share_within(starts, reaches, days: int, *, masked: bool = True) -> list[float]:
    """Of those starting in each month, the share that reached within `days`; NaN while any is open."""
    out = []
    for month in MONTHS:
        hits = n = 0
        is_open = False
        for unit, start in starts.items():
            if start.tz_convert(ZONE).strftime("%Y-%m") != month:
                continue
            deadline = _later(start, days)
            if deadline >= UNTIL:
                is_open = True
                continue
            n += 1
            reached = reaches.get(unit)
            hits += reached is not None and start <= reached <= deadline
        out.append(math.nan if is_open or n == 0 else hits / n)
    return out


def sign_ups(raw):
    months = _month(raw["accounts"]["created_at"])
    return [int((months == m).sum()) for m in MONTHS]


def activated_share(raw):
    starts = _created(raw).set_index("account_id")["created_at"].to_dict()
    reaches = {}
    for account, calls in _active(raw).sort_values("occurred_at").groupby("account_id"):
        if account in starts:
            calls = calls[calls["occurred_at"] >= starts[account]]
            firsts = calls.drop_duplicates("day")
            if len(firsts) >= 2:
                reaches[account] = firsts["occurred_at"].iloc[1]
    return _share_within(starts, reaches, 14)


def conversion_to_production(raw):
    starts = _created(raw).set_index("account_id")["created_at"].to_dict()
    calls = _active(raw)
    calls = calls[calls["occurred_at"] >= calls["account_id"].map(starts)]
    return _share_within(starts, calls.groupby("account_id")["occurred_at"].min().to_dict(), 28)


def first_call_success_rate(raw):
    ids = set(_created(raw)["account_id"])
    calls = raw["requests"]
    calls = calls[calls["account_id"].isin(ids)].sort_values(["occurred_at", "request_id"])
    first = calls.drop_duplicates("account_id")
    out = []
    for month in MONTHS:
        part = first[first["month"] == month]
        out.append(part["status"].between(200, 299).mean() if len(part) else math.nan)
    return out


def first_hello_world_days(raw):
    created = _created(raw).set_index("account_id")["created_at"]
    calls = raw["requests"]
    calls = calls[calls["status"].between(200, 299)]
    calls = calls[calls["occurred_at"] >= calls["account_id"].map(created)]
    first = calls.groupby("account_id")["occurred_at"].min()
    out = []
    for month in MONTHS:
        part = created[_month(created) == month]
        day = pd.Timedelta(days=1)
        waits = [
            ((first[a] - t) / day, True) if a in first.index else ((UNTIL - t) / day, False)
            for a, t in part.items()
        ]
        out.append(_kaplan_meier_median(waits))
    return out


def _kaplan_meier_median(waits: list[tuple[float, bool]]) -> float:
    """The product over event times of (1 − events / at risk), until it is at most one half."""
    alive = 1.0
    for time in sorted({t for t, reached in waits if reached}):
        at_risk = sum(t >= time for t, _ in waits)
        events = sum(t == time and reached for t, reached in waits)
        alive *= 1 - events / at_risk
        if alive <= 0.5 + 1e-12:
            return time
    return math.nan


def monthly_active_accounts(raw):
    active = _active(raw)
    return [active.loc[active["month"] == m, "account_id"].nunique() for m in MONTHS]


def _account_days(raw) -> set[tuple[str, str]]:
    active = _active(raw)
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
    active = _active(raw)
    return {m: set(active.loc[active["month"] == m, "account_id"]) for m in ALL}


def month_1_retention(raw):
    months, seen, first = _active_months(raw), set(), {}
    for m in ALL:
        first[m] = months[m] - seen
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


def requests_per_minute(raw):
    calls = _production(raw)
    return [(calls["month"] == m).sum() / _minutes(m) for m in MONTHS]


def errors_per_minute(raw):
    calls = _production(raw)
    failed = calls[calls["status"].between(500, 599)]
    return [(failed["month"] == m).sum() / _minutes(m) for m in MONTHS]


def _minutes(month: str) -> float:
    period = pd.Period(month)
    start = pd.Timestamp(f"{period}-01", tz=ZONE)
    return (pd.Timestamp(f"{period + 1}-01", tz=ZONE) - start) / pd.Timedelta(minutes=1)


def availability(raw):
    calls = _production(raw)
    history = raw["account_history"].sort_values("valid_from")
    history = history.assign(day=_day(history["valid_from"]))
    out = []
    for month in MONTHS:
        part = calls[calls["month"] == month]
        good = bad = 0
        used = part.groupby(["account_id", "day"]).size().groupby(level=0).cumsum().to_dict()
        for row in part.itertuples():
            if row.status == 429 and isinstance(row.account_id, str):
                held = history[history["account_id"] == row.account_id]
                quotas = list(held.loc[held["day"] < row.day, "quota_per_month"].tail(1))
                quotas += list(held.loc[held["day"] == row.day, "quota_per_month"])
                if quotas and used[row.account_id, row.day] >= min(quotas):
                    continue  # the customer's own quota
            if row.status >= 500 or row.status == 429:
                bad += 1
            else:
                good += 1
        out.append(good / (good + bad))
    return out


def _latency(raw, q: float):
    calls = _production(raw)
    good = calls[(calls["status"] < 500) & (calls["status"] != 429)]
    return [float(np.quantile(good.loc[good["month"] == m, "latency_ms"], q)) for m in MONTHS]


def latency_p50(raw):
    return _latency(raw, 0.5)


def latency_p95(raw):
    return _latency(raw, 0.95)


def tickets_per_active_account(raw):
    months = _month(raw["tickets"]["opened_at"])
    active = monthly_active_accounts(raw)
    return [(months == m).sum() / n for m, n in zip(MONTHS, active, strict=True)]


def cost_per_thousand_calls(raw):
    costs = raw["costs"]
    infrastructure = costs[costs["category"] == "infrastructure"]
    calls = raw["requests"]
    return [
        infrastructure.loc[infrastructure["month"] == m, "amount_minor"].sum()
        / (calls["month"] == m).sum() * 1000
        for m in MONTHS
    ]  # fmt: skip


def _lines(raw) -> list[dict]:
    """Invoice lines in euro cents, converted one by one, half to even."""
    from decimal import ROUND_HALF_EVEN, Decimal

    rates = {(str(d), c): Decimal(r) for d, c, r in raw["fx_rates"][["date", "currency", "rate"]].itertuples(index=False)}
    lines = []
    for row in raw["invoices"].itertuples():
        amount = Decimal(row.amount_minor)
        if row.currency != "EUR":
            day = row.issued_at.tz_convert(ZONE).strftime("%Y-%m-%d")
            amount = (amount * rates[day, row.currency]).quantize(Decimal(1), ROUND_HALF_EVEN)
        kind = row.credits_kind if row.kind in ("credit", "refund") else row.kind
        sign = -1 if row.kind in ("credit", "refund") else 1
        lines.append(
            {"account": row.account_id, "month": row.issued_at.tz_convert(ZONE).strftime("%Y-%m"),
             "start": row.service_start, "end": row.service_end, "kind": kind, "cents": sign * abs(int(amount)) if sign < 0 else int(amount)}
        )  # fmt: skip
    return lines


def _mrr(raw) -> dict[tuple[str, str], int]:
    if "mrr" in raw:  # computed once for all the tests that read it
        return raw["mrr"]
    out: dict[tuple[str, str], int] = {}
    for line in _lines(raw):
        if line["kind"] not in ("subscription", "usage"):
            continue
        if pd.isna(line["start"]):
            months = [line["month"]]
        else:
            length = (pd.Timestamp(line["end"]) - pd.Timestamp(line["start"])).days
            k = max(1, round(length / (365.25 / 12)))
            first = pd.Period(str(line["start"])[:7])
            months = [str(first + i) for i in range(k)]
        each, rest = divmod(line["cents"], len(months))
        for i, month in enumerate(months):
            key = (line["account"], month)
            out[key] = out.get(key, 0) + each + (i < rest)
    raw["mrr"] = out
    return out


def revenue(raw):
    lines = _lines(raw)
    return [sum(line["cents"] for line in lines if line["month"] == m) for m in MONTHS]


def mrr(raw):
    by = _mrr(raw)
    return [sum(v for (_, month), v in by.items() if month == m) for m in MONTHS]


def _paying(raw, month: str) -> dict[str, int]:
    return {a: v for (a, m), v in _mrr(raw).items() if m == month and v > 0}


def average_mrr_per_account(raw):
    return [sum(p.values()) / len(p) for p in (_paying(raw, m) for m in MONTHS)]


def top_account_share(raw):
    return [max(p.values()) / sum(p.values()) for p in (_paying(raw, m) for m in MONTHS)]


def paying_account_churn(raw):
    out = []
    for m in MONTHS:
        before, now = _paying(raw, str(pd.Period(m) - 1)), _paying(raw, m)
        out.append(len(before.keys() - now.keys()) / len(before))
    return out


def _year_ago(raw, month: str) -> tuple[dict, dict]:
    by = _mrr(raw)
    then = _paying(raw, str(pd.Period(month) - 12))
    return then, {a: by.get((a, month), 0) for a in then}


def net_revenue_retention_12m(raw):
    out = []
    for m in MONTHS:
        then, now = _year_ago(raw, m)
        out.append(sum(now.values()) / sum(then.values()) if then else math.nan)
    return out


def gross_revenue_retention(raw):
    out = []
    for m in MONTHS:
        then, now = _year_ago(raw, m)
        kept = sum(max(0, min(now[a], then[a])) for a in then)
        out.append(kept / sum(then.values()) if then else math.nan)
    return out


def revenue_quick_ratio(raw):
    by = _mrr(raw)
    accounts = {a for a, _ in by}
    out = []
    for m in MONTHS:
        before = str(pd.Period(m) - 1)
        change = [by.get((a, m), 0) - by.get((a, before), 0) for a in accounts]
        won, lost = sum(c for c in change if c > 0), -sum(c for c in change if c < 0)
        out.append(won / lost if lost else math.inf)
    return out


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
    return _share_within(starts, signed, 14)


def test_every_catalogued_metric_has_a_second_definition():
    assert all(callable(globals().get(metric)) for metric in CATALOG), sorted(
        m for m in CATALOG if not callable(globals().get(m))
    )


@pytest.mark.parametrize("metric", sorted(CATALOG))
def test_metric_equals_its_slow_definition_on_raw_rows(study, raw, metric):
    table = measure(study, metric)
    assert table["month"].tolist() == MONTHS
    expected = np.array(globals()[metric](raw), dtype=float)
    second = 1 / 86_400 if CATALOG[metric].unit == "days" else 0  # durations count whole seconds
    np.testing.assert_allclose(table["value"], expected, rtol=1e-9, atol=second, err_msg=metric)
    assert np.isfinite(expected).any(), "the simulated company must give this metric something to measure"
