"""Slow definitions of the infrastructure metrics: plain pandas and loops over the raw rows."""

import math
from bisect import bisect_left

import numpy as np
import pandas as pd
from brute_force import business
from brute_force.common import MONTHS, UNTIL, ZONE, day_of, minutes_of, month_of, production_calls


def requests_per_minute(raw):
    calls = production_calls(raw)
    return [(calls["month"] == m).sum() / minutes_of(m) for m in MONTHS]


def errors_per_minute(raw):
    calls = production_calls(raw)
    failed = calls[calls["status"].between(500, 599)]
    return [(failed["month"] == m).sum() / minutes_of(m) for m in MONTHS]


def _judged(raw) -> list[tuple]:
    """(account or None, month, day, outcome) of each production call, by the rules of the promise."""
    if "judged" in raw:  # computed once for all the definitions that read it
        return raw["judged"]
    calls = production_calls(raw)
    history = raw["account_history"].sort_values("valid_from")
    history = history.assign(day=day_of(history["valid_from"]))
    used = calls.groupby(["account_id", "month", "day"]).size().groupby(level=[0, 1]).cumsum().to_dict()
    out = []
    for row in calls.itertuples():
        account = row.account_id if isinstance(row.account_id, str) else None
        outcome = "bad" if row.status >= 500 or row.status == 429 else "good"
        if row.status == 429 and account:
            held = history[history["account_id"] == account]
            quotas = list(held.loc[held["day"] < row.day, "quota_per_month"].tail(1))
            quotas += list(held.loc[held["day"] == row.day, "quota_per_month"])
            if quotas and used[account, row.month, row.day] >= min(quotas):
                outcome = "throttled"  # the customer's own quota
        out.append((account, row.month, row.day, outcome))
    raw["judged"] = out
    return out


def _count(raw, outcome: str) -> list[int]:
    return [sum(1 for _, m, _, o in _judged(raw) if m == month and o == outcome) for month in MONTHS]


def availability(raw):
    return [g / (g + b) for g, b in zip(_count(raw, "good"), _count(raw, "bad"), strict=True)]


def probability_of_failure_on_demand(raw):
    return [b / (g + b) for g, b in zip(_count(raw, "good"), _count(raw, "bad"), strict=True)]


def throttled_share(raw):
    parts = zip(_count(raw, "good"), _count(raw, "bad"), _count(raw, "throttled"), strict=True)
    return [t / (g + b + t) for g, b, t in parts]


def _last_28_days(raw, month: str) -> dict:
    """account (None = nobody) → [good, bad] of the last 28 calendar days of a month."""
    last = (pd.Timestamp(f"{month}-01") + pd.DateOffset(months=1) - pd.Timedelta(days=1)).date()
    days = {str(last - pd.Timedelta(days=k).to_pytimedelta()) for k in range(28)}
    out: dict = {}
    for account, _, day, outcome in _judged(raw):
        if day in days and outcome != "throttled":
            out.setdefault(account, [0, 0])[outcome == "bad"] += 1
    return out


def error_budget_left(raw):
    out = []
    for month in MONTHS:
        counts = _last_28_days(raw, month).values()
        good, bad = sum(c[0] for c in counts), sum(c[1] for c in counts)
        out.append(1 - bad / ((good + bad) * 0.001))
    return out


def _over(raw, month: str) -> dict[str, bool]:
    """account → did more of its calls fail than one in a thousand?"""
    counts = _last_28_days(raw, month)
    return {a: 1000 * bad > good + bad for a, (good, bad) in counts.items() if a is not None}


def accounts_over_budget(raw):
    return [sum(over.values()) / len(over) for over in (_over(raw, m) for m in MONTHS)]


def mrr_over_budget(raw):
    out = []
    for month in MONTHS:
        over = _over(raw, month)
        paid = {a: max(0, business.mrr_by_account(raw).get((a, month), 0)) for a in over}
        out.append(sum(v for a, v in paid.items() if over[a]) / sum(paid.values()))
    return out


def _latency(raw, q: float):
    calls = production_calls(raw)
    good = calls[(calls["status"] < 500) & (calls["status"] != 429)]
    return [float(np.quantile(good.loc[good["month"] == m, "latency_ms"], q)) for m in MONTHS]


def latency_p50(raw):
    return _latency(raw, 0.5)


def latency_p95(raw):
    return _latency(raw, 0.95)


def latency_p90(raw):
    return _latency(raw, 0.9)


def latency_p99(raw):
    return _latency(raw, 0.99)


def _waits(raw, month: str) -> list[float]:
    calls = production_calls(raw)
    calls = calls[calls["month"] == month]
    return [row.latency_ms for row in calls.itertuples() if row.status < 500 and row.status != 429]


def latency_mean(raw):
    return [sum(w) / len(w) for w in (_waits(raw, m) for m in MONTHS)]


def latency_max(raw):
    return [max(_waits(raw, m)) for m in MONTHS]


def apdex(raw):
    calls = production_calls(raw)
    out = []
    for month in MONTHS:
        waits = _waits(raw, month)
        failed = int((calls.loc[calls["month"] == month, "status"] >= 500).sum())
        score = sum(1 if w <= 300 else 0.5 if w <= 1200 else 0 for w in waits)
        out.append(score / (len(waits) + failed))
    return out


def _tries(raw) -> pd.DataFrame:
    calls = production_calls(raw)
    return calls[calls["account_id"].notna()].sort_values(["occurred_at", "request_id"])


def errors_per_attempt(raw):
    calls = _tries(raw)
    return [(calls.loc[calls["month"] == m, "status"] >= 400).mean() for m in MONTHS]


def errors_per_operation(raw):
    """Walk through the calls of each account, endpoint and method; a call ends its operation unless repeated."""
    failed, ended = dict.fromkeys(MONTHS, 0), dict.fromkeys(MONTHS, 0)
    for _, part in _tries(raw).groupby(["account_id", "endpoint", "method"]):
        rows = list(part.itertuples())
        for i, row in enumerate(rows):
            after = rows[i + 1].occurred_at if i + 1 < len(rows) else None
            if row.status >= 400 and after is not None and (after - row.occurred_at).total_seconds() <= 60:
                continue
            if row.month in ended:
                ended[row.month] += 1
                failed[row.month] += row.status >= 400
    return [failed[m] / ended[m] for m in MONTHS]


def _incidents(raw, until: pd.Timestamp) -> list[tuple]:
    """(start, end) of the incidents begun before `until`; these do not overlap."""
    rows = raw["incidents"]
    return [(r.started_at, r.ended_at) for r in rows.itertuples() if r.started_at < min(until, UNTIL)]


def _year(month: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The twelve months that end with this one, cut to what was observed."""
    end = pd.Timestamp(f"{pd.Period(month) + 1}-01", tz=ZONE)
    begin = pd.Timestamp(f"{pd.Period(month) - 11}-01", tz=ZONE)
    return max(begin, pd.Timestamp("2025-05-01", tz=ZONE)), end


def time_uptime(raw):
    out = []
    for month in MONTHS:
        first, end = pd.Timestamp(f"{month}-01", tz=ZONE), pd.Timestamp(f"{pd.Period(month) + 1}-01", tz=ZONE)
        minutes = pd.date_range(first, end, freq="min", inclusive="left")
        down = sum(int(((minutes >= a) & (minutes < b)).sum()) for a, b in _incidents(raw, end))
        out.append(1 - down / len(minutes))
    return out


def mean_time_to_repair(raw):
    out = []
    for month in MONTHS:
        begin, end = _year(month)
        lengths = [(b - a).total_seconds() / 60 for a, b in _incidents(raw, end) if a >= begin and b < end]
        out.append(sum(lengths) / len(lengths) if lengths else math.nan)
    return out


def _days_for_each(raw, *, up: bool) -> list[float]:
    out = []
    for month in MONTHS:
        begin, end = _year(month)
        spans = _incidents(raw, end)
        down = sum((b - a).total_seconds() for a, b in spans)
        out.append(((end - begin).total_seconds() - (down if up else 0)) / 86_400 / len(spans) if spans else math.nan)
    return out


def mean_time_to_failure(raw):
    return _days_for_each(raw, up=True)


def mean_time_between_failures(raw):
    return _days_for_each(raw, up=False)


def rate_of_occurrence_of_failure(raw):
    return [30 / days for days in _days_for_each(raw, up=False)]


def _samples(raw, month: str) -> pd.DataFrame:
    hosts = raw["hosts"]
    hosts = hosts[hosts["sampled_at"] < UNTIL]
    return hosts[month_of(hosts["sampled_at"]) == month]


def cpu_p95(raw):
    return [float(np.quantile(_samples(raw, m)["cpu_share"], 0.95)) for m in MONTHS]


def memory_p95(raw):
    return [float(np.quantile(_samples(raw, m)["memory_share"], 0.95)) for m in MONTHS]


def _connections(raw, month: str) -> list[int]:
    """All hosts together at each moment of the month at which they were sampled, once an hour."""
    at: dict = {}
    for row in _samples(raw, month).itertuples():
        at[row.sampled_at] = at.get(row.sampled_at, 0) + row.connections
    return list(at.values())


def concurrent_connections(raw):
    return [sum(c) / len(c) for c in (_connections(raw, m) for m in MONTHS)]


def peak_connections(raw):
    return [max(_connections(raw, m)) for m in MONTHS]


def fastest_burn(raw):
    """At every end of five minutes up to three days after a failure, count the three days before."""
    calls = production_calls(raw)
    outcomes = [o for _, _, _, o in _judged(raw)]
    out = []
    for month in MONTHS:
        first, end = (pd.Timestamp(f"{m}-01", tz=ZONE).timestamp() for m in (month, pd.Period(month) + 1))
        mine = sorted((at.timestamp(), o) for at, m, o in zip(calls["occurred_at"], calls["month"], outcomes, strict=True) if m == month)
        valid = [at for at, o in mine if o in ("good", "bad")]
        bad = [at for at, o in mine if o == "bad"]
        ends = sorted({at // 300 * 300 + 300 * (k + 1) for at in bad for k in range(72 * 12 + 1)})
        found = [math.nan if bad else 0.0]
        for stop in (e for e in ends if first + 72 * 3600 <= e <= end):
            failed, asked = (bisect_left(ts, stop) - bisect_left(ts, stop - 72 * 3600) for ts in (bad, valid))
            if failed >= 5:
                found.append(failed / asked / 0.001)
        out.append(np.nanmax(found) if len(found) > 1 else found[0])
    return out


def p90_by_customer(raw):
    calls = production_calls(raw)
    good = calls[(calls["status"] < 500) & (calls["status"] != 429) & calls["account_id"].notna()]
    out = []
    for month in MONTHS:
        by_account = good[good["month"] == month].groupby("account_id")["latency_ms"]
        each = [float(np.quantile(waits, 0.9)) for _, waits in by_account if len(waits) >= 100]
        out.append(float(np.quantile(each, 0.9)) if len(each) >= 5 else math.nan)
    return out


def capacity_headroom(raw):
    return [1 - max(pair) for pair in zip(cpu_p95(raw), memory_p95(raw), strict=True)]


def _open_calls(raw, month: str) -> list[tuple]:
    """(begin, end) of each production call of a month, milliseconds."""
    calls = production_calls(raw)
    calls = calls[(calls["month"] == month) & calls["latency_ms"].notna()]
    begins = [at.value / 1e6 for at in calls["occurred_at"]]
    return [(begin, begin + float(wait)) for begin, wait in zip(begins, calls["latency_ms"], strict=True)]


def concurrent_requests(raw):
    busy = [sum(b - a for a, b in _open_calls(raw, m)) for m in MONTHS]
    return [ms / 60_000 / minutes_of(m) for ms, m in zip(busy, MONTHS, strict=True)]


def peak_concurrent_requests(raw):
    """At the beginning of each call: how many of the calls that began by then are still open?"""
    out = []
    for month in MONTHS:
        calls = sorted(_open_calls(raw, month))
        longest = max(b - a for a, b in calls)
        most = first = 0
        for i, (begin, _) in enumerate(calls):
            while calls[first][0] < begin - longest:
                first += 1
            most = max(most, sum(b > begin for _, b in calls[first : i + 1]))
        out.append(most)
    return out


def _of_the_largest(parts: list, most: int) -> float:
    """The share of the `most` most frequent of these among all of them; None is never one of them."""
    counts: dict = {}
    for part in parts:
        counts[part] = counts.get(part, 0) + 1
    largest = sorted((n for part, n in counts.items() if part is not None), reverse=True)[:most]
    return sum(largest) / len(parts) if parts else math.nan


def busiest_segment_share(raw):
    calls = production_calls(raw)
    history = raw["account_history"].sort_values("valid_from")
    first = {row.account_id: row.segment for row in history[::-1].itertuples()}  # the earliest is written last
    known = calls[calls["account_id"].isin(first)]
    return [_of_the_largest([first[a] for a in known.loc[known["month"] == m, "account_id"]], 1) for m in MONTHS]


def top_endpoints_share(raw):
    calls = production_calls(raw)
    calls = calls.assign(endpoint=[None if e == "(unmatched)" else e for e in calls["endpoint"]])
    return [_of_the_largest([e if isinstance(e, str) else None for e in calls.loc[calls["month"] == m, "endpoint"]], 3) for m in MONTHS]


def top_error_code_share(raw):
    calls = production_calls(raw)
    return [_of_the_largest([s for s in calls.loc[calls["month"] == m, "status"] if s >= 400], 1) for m in MONTHS]
