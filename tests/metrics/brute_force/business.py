"""Slow definitions of the business metrics: plain pandas and loops over the raw rows."""

import math

import numpy as np
import pandas as pd
from brute_force.common import MONTHS, UNTIL, ZONE, active_calls


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


def mrr_by_account(raw) -> dict[tuple[str, str], int]:
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


def annual_recurring_revenue(raw):
    return [12 * v for v in mrr(raw)]


def net_new_mrr(raw):
    by = mrr_by_account(raw)
    return [sum(v if m == month else -v for (_, m), v in by.items() if m in (month, str(pd.Period(month) - 1))) for month in MONTHS]


def mrr(raw):
    by = mrr_by_account(raw)
    return [sum(v for (_, month), v in by.items() if month == m) for m in MONTHS]


def _paying(raw, month: str) -> dict[str, int]:
    return {a: v for (a, m), v in mrr_by_account(raw).items() if m == month and v > 0}


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
    by = mrr_by_account(raw)
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
    by = mrr_by_account(raw)
    accounts = {a for a, _ in by}
    out = []
    for m in MONTHS:
        before = str(pd.Period(m) - 1)
        change = [by.get((a, m), 0) - by.get((a, before), 0) for a in accounts]
        won, lost = sum(c for c in change if c > 0), -sum(c for c in change if c < 0)
        out.append(won / lost if lost else math.inf)
    return out


def usage_revenue_share(raw):
    out = []
    for m in MONTHS:
        cents = {"subscription": 0, "usage": 0}
        for line in _lines(raw):
            for kind, month, part in _laid_out(line):
                if month == m:
                    cents[kind] += part
        out.append(cents["usage"] / (cents["usage"] + cents["subscription"]))
    return out


def _laid_out(line) -> list[tuple[str, str, int]]:
    """The months a recurring line pays for: kind, month, cents."""
    if line["kind"] not in ("subscription", "usage"):
        return []
    length = 1 if pd.isna(line["start"]) else max(1, round((pd.Timestamp(line["end"]) - pd.Timestamp(line["start"])).days / (365.25 / 12)))
    first = pd.Period(line["month"] if pd.isna(line["start"]) else str(line["start"])[:7])
    sign = -1 if line["cents"] < 0 else 1
    each, rest = divmod(abs(line["cents"]), length)
    return [(line["kind"], str(first + i), sign * (each + (i < rest))) for i in range(length)]


def revenue_concentration(raw):
    out = []
    for m in MONTHS:
        paying = _paying(raw, m)
        out.append(sum((v / sum(paying.values())) ** 2 for v in paying.values()))
    return out


def revenue_churn(raw):
    by, out = mrr_by_account(raw), []
    for m in MONTHS:
        before = str(pd.Period(m) - 1)
        accounts = {a for a, month in by if month == before}
        lost = sum(max(0, by[a, before] - by.get((a, m), 0)) for a in accounts)
        lost += sum(max(0, -v) for (a, month), v in by.items() if month == m and a not in accounts)
        out.append(lost / sum(by[a, before] for a in accounts))
    return out


def month_over_month_growth(raw):
    by, out = mrr_by_account(raw), []
    for m in MONTHS:
        now, before = (sum(v for (_, month), v in by.items() if month == x) for x in (m, str(pd.Period(m) - 1)))
        out.append(now / before - 1)
    return out


def _open(raw, month: str) -> set[str]:
    accounts = raw["accounts"]
    first, end = (pd.Timestamp(f"{pd.Period(month) + i}-01", tz=ZONE) for i in (0, 1))
    closed = accounts["closed_at"].where(accounts["closed_at"] < UNTIL)  # what came later is not known
    return set(accounts.loc[(accounts["created_at"] < end) & (closed.isna() | (closed >= first)), "account_id"])


def adoption_rate(raw):
    active = active_calls(raw)
    used = {m: set(active.loc[active["month"] == m, "account_id"]) for m in MONTHS}
    return [len(_open(raw, m) & used[m]) / len(_open(raw, m)) for m in MONTHS]


def paying_share(raw):
    return [len(_open(raw, m) & _paying(raw, m).keys()) / len(_open(raw, m)) for m in MONTHS]


def time_to_paid_days(raw):
    from brute_force.product import _median_days_to

    charges = raw["invoices"]
    charges = charges[~charges["kind"].isin(["credit", "refund"])]
    return _median_days_to(raw, charges.rename(columns={"issued_at": "occurred_at"}))


def _new(raw, month: str) -> set[str]:
    earlier = {a for (a, m), v in mrr_by_account(raw).items() if "2025-05" <= m < month and v > 0}
    return _paying(raw, month).keys() - earlier


def new_paying_accounts(raw):
    return [len(_new(raw, m)) for m in MONTHS]


def _spent(raw, month: str, *categories: str) -> int:
    costs = raw["costs"]
    return int(costs.loc[(costs["month"] == month) & costs["category"].isin(categories), "amount_minor"].sum())


def customer_acquisition_cost(raw):
    spent = [_spent(raw, m, "marketing", "sales") for m in MONTHS]
    return [s / len(_new(raw, m)) if _new(raw, m) else math.nan for s, m in zip(spent, MONTHS, strict=True)]


def _callers(raw, month: str) -> int:
    calls = raw["requests"]
    return calls.loc[(calls["month"] == month) & calls["account_id"].notna(), "account_id"].nunique()


def cost_to_serve(raw):
    return [_spent(raw, m, "infrastructure", "support") / _callers(raw, m) for m in MONTHS]


def support_cost_per_account(raw):
    return [_spent(raw, m, "support") / _callers(raw, m) for m in MONTHS]


def infrastructure_cost_share(raw):
    every = raw["costs"]["category"].unique()
    return [_spent(raw, m, "infrastructure") / _spent(raw, m, *every) for m in MONTHS]


def gross_margin(raw):
    served = [_spent(raw, m, "infrastructure", "support") for m in MONTHS]
    return [(income - cost) / income for income, cost in zip(mrr(raw), served, strict=True)]


def cost_of_errors(raw):
    calls, tickets, out = raw["requests"], raw["tickets"], []
    for m in MONTHS:
        month = calls[calls["month"] == m]
        opened = tickets[tickets["opened_at"].dt.tz_convert(ZONE).dt.strftime("%Y-%m") == m]
        total = 0.0
        for line in raw["costs"][raw["costs"]["month"] == m].itertuples():
            if line.category == "infrastructure":
                own = month[month["endpoint"] == line.endpoint]
                used = own if len(own) else month
                total += line.amount_minor * (used["status"] >= 500).sum() / len(used)
            if line.category == "support":
                total += line.amount_minor * opened["topic"].isin(["errors", "outage"]).sum() / len(opened)
        out.append(total)
    return out


def _shares(amount: int, weights: dict) -> dict:
    """Cents by the largest remainder, the earlier name first where two are alike."""
    total = sum(weights.values())
    names = sorted(weights)
    parts = {n: math.floor(amount * (weights[n] / total)) for n in names}
    left = amount - sum(parts.values())
    for n in sorted(names, key=lambda n: -(amount * (weights[n] / total) - parts[n]))[:left]:
        parts[n] += 1
    return parts


def _served(raw) -> dict[tuple[str, str], int]:
    """(account, month) → cents it cost to serve."""
    if "served" in raw:
        return raw["served"]
    calls, tickets, out = raw["requests"], raw["tickets"], {}
    opened = tickets["opened_at"].dt.tz_convert(ZONE).dt.strftime("%Y-%m")
    for m in raw["costs"]["month"].unique():
        month = calls[calls["month"] == m].fillna({"account_id": "(nobody)"})
        helped = tickets[opened == m].fillna({"account_id": "(nobody)"})["account_id"].value_counts().to_dict()
        every = month["account_id"].value_counts().to_dict()
        lines = raw["costs"][(raw["costs"]["month"] == m) & raw["costs"]["category"].isin(["infrastructure", "support"])]
        sums = lines.groupby(["category", "account_id", "endpoint"], dropna=False)["amount_minor"].sum()
        for (category, account, endpoint), amount in sums.items():
            if not pd.isna(account):
                weights = {account: 1}
            elif category == "support":
                weights = helped or {"(nobody)": 1}
            else:
                weights = month.loc[month["endpoint"] == endpoint, "account_id"].value_counts().to_dict() or every
            for name, part in _shares(int(amount), weights or {"(nobody)": 1}).items():
                out[name, m] = out.get((name, m), 0) + part
    raw["served"] = out
    return out


def _paying_margins(raw, month: str) -> list[int]:
    served = _served(raw)
    return [paid - served.get((a, month), 0) for a, paid in _paying(raw, month).items()]


def payback_months(raw):
    costs = customer_acquisition_cost(raw)
    return [c / (sum(_paying_margins(raw, m)) / len(_paying_margins(raw, m))) for c, m in zip(costs, MONTHS, strict=True)]


def customer_lifetime_value(raw):
    out = []
    for m in MONTHS:
        window = [str(pd.Period(m) - i) for i in range(12) if str(pd.Period(m) - i) >= "2025-05"]
        at_risk = lost = 0
        for month in window:
            before = str(pd.Period(month) - 1)
            if before >= "2025-05":
                at_risk += len(_paying(raw, before))
                lost += len(_paying(raw, before).keys() - _paying(raw, month).keys())
        margins = [v for month in window for v in _paying_margins(raw, month)]
        stay = 1 - lost / at_risk
        out.append(sum(margins) / len(margins) * sum(stay**t / 1.1 ** (t / 12) for t in range(60)))
    return out


def ltv_to_cac(raw):
    return [v / c for v, c in zip(customer_lifetime_value(raw), customer_acquisition_cost(raw), strict=True)]


def voluntary_churn_share(raw):
    accounts, calls = raw["accounts"], active_calls(raw)
    used = calls.groupby(["account_id", "month"]).size().to_dict()
    acted = set()
    for row in accounts.itertuples():
        if not pd.isna(row.closed_at) and row.closed_at < UNTIL and not pd.isna(row.close_reason):
            acted.add((row.account_id, row.closed_at.tz_convert(ZONE).strftime("%Y-%m")))
    out = []
    for m in MONTHS:
        last = str(pd.Period(m) - 1)
        voluntary, lost = 0, _paying(raw, last).keys() - _paying(raw, m).keys()
        for a in lost:
            earlier = [str(pd.Period(m) - i) for i in (2, 3, 4)]
            earlier = [used.get((a, x), 0) for x in earlier if x >= "2025-05"]
            usual = sum(earlier) / len(earlier)
            faded = usual > 0 and used.get((a, last), 0) < usual / 2
            voluntary += not faded and ((a, m) in acted or (a, last) in acted)
        out.append(voluntary / len(lost) if lost else math.nan)
    return out


def _least_gap_prices(grid, billed) -> list[float] | None:
    """The prices, none below 0, under which the sum of all gaps is least: a linear programme."""
    from scipy.optimize import linprog

    rows, columns = grid.shape
    if not rows or rows < 4 * (grid.sum(axis=0) > 0).sum():
        return None
    # price, too much, too little: calls x price + too much - too little = billed
    under = np.hstack([grid, np.eye(rows), -np.eye(rows)])
    found = linprog([0] * columns + [1] * 2 * rows, A_eq=under, b_eq=billed, bounds=(0, None))
    return found.x[:columns].round(4) if found.success else None


def metered_billed_gap(raw):
    calls, invoices = active_calls(raw), raw["invoices"]
    bills = invoices[invoices["kind"] == "usage"]
    bills = bills.assign(month=[str(d)[:7] for d in bills["service_start"]]).sort_values("month", kind="stable")
    endpoints = sorted(calls["endpoint"].unique())
    used = calls.groupby(["account_id", "month", "endpoint"]).size().to_dict()
    made = calls.groupby(["account_id", "month"]).size().to_dict()
    subscribed = set()
    for row in invoices[invoices["kind"] == "subscription"].itertuples():
        for month in pd.period_range(str(row.service_start)[:7], str(row.service_end)[:7], freq="M")[:-1]:
            subscribed.add((row.account_id, str(month)))
    amounts = bills.groupby(["currency", "account_id", "month"])["amount_minor"].sum().to_dict()
    billed_in: dict[str, dict[str, str]] = {}
    for currency, account, month in amounts:
        billed_in.setdefault(account, {})[month] = currency
    out = []
    for m in MONTHS:
        due = {key: amount for key, amount in amounts.items() if key[2] == m}
        for account, past in billed_in.items():
            earlier = sorted(x for x in past if x < m)
            if m in past or not earlier or not made.get((account, m)):
                continue
            just_before = earlier[-1] == str(pd.Period(m) - 1) and (account, earlier[-1]) not in subscribed
            if (account, m) in subscribed or just_before:
                due[past[earlier[-1]], account, m] = 0
        off = total = 0.0
        for currency in ("EUR", "USD"):
            price = None
            for back in (2, 0, 11):
                window = [str(pd.Period(m) - i) for i in range(back + 1)]
                pool = [key for key in amounts if key[0] == currency and key[2] in window]
                grid = np.array([[used.get((*key[1:], e), 0) for e in endpoints] for key in pool]).reshape(-1, len(endpoints))
                price = _least_gap_prices(grid, [amounts[key] for key in pool])
                own = [i for i, key in enumerate(pool) if key[2] == m]
                if price is not None and own and np.mean([abs(amounts[pool[i]] - grid[i] @ price) < 0.51 for i in own]) >= 0.5:
                    break
                price = None
            for key, amount in due.items():
                if key[0] == currency and price is not None:
                    worth = sum(used.get((*key[1:], e), 0) * p for e, p in zip(endpoints, price, strict=True))
                    off, total = off + abs(amount - worth), total + worth
        out.append(off / total if total else math.nan)
    return out


def _few_or_fewer(calls: int, mean: float, variance: float) -> float:
    """The chance of so many calls or fewer, of a negative binomial with this mean and variance, term by term."""
    size, p = mean**2 / (variance - mean), mean / variance
    terms = (
        math.lgamma(i + size) - math.lgamma(size) - math.lgamma(i + 1) + size * math.log(p) + i * math.log1p(-p)
        for i in range(calls + 1)
    )  # fmt: skip
    return math.fsum(math.exp(t) for t in terms)


def _declining(weeks: dict[str, list[int]], blocks: dict[str, int]) -> set[str]:
    """Accounts whose last four weeks fell by a quarter or more, beyond their noise: q of Benjamini and Hochberg at most 5 %."""
    means, own_noise = {}, {}
    for account, counts in weeks.items():
        before = counts[4 : 4 + 4 * blocks[account]]
        m = means[account] = sum(before) / len(before)
        if m > 0:
            spread = sum((x - m) ** 2 for x in before) / (len(before) - 1)
            own_noise[account] = max(0.0, (spread - m) / m**2)
    usual = sorted(v for a, v in own_noise.items() if means[a] >= 1)
    middle = (usual[(len(usual) - 1) // 2] + usual[len(usual) // 2]) / 2 if usual else 0.0
    chances = {}
    for account, v in own_noise.items():
        m, k = means[account], 4 * blocks[account]
        variance = (4 + 16 / k) * (m + max(v, middle) * m**2)
        chances[account] = _few_or_fewer(sum(weeks[account][:4]), 4 * m, variance)
    ranked, declining, q = sorted(chances, key=chances.get), set(), 1.0
    for rank in range(len(ranked), 0, -1):  # the largest first
        account = ranked[rank - 1]
        q = min(q, chances[account] * len(ranked) / rank)
        if q <= 0.05 and sum(weeks[account][:4]) <= 0.75 * 4 * means[account]:
            declining.add(account)
    return declining


def revenue_at_risk(raw):
    calls, accounts = active_calls(raw), raw["accounts"]
    closed = set(accounts.loc[accounts["closed_at"] < UNTIL, "account_id"])
    end = pd.Timestamp(UNTIL.tz_convert(ZONE).date())
    risky, weeks, blocks = set(), {}, {}
    for account, own in calls.groupby("account_id"):
        ago = sorted({(end - pd.Timestamp(d)).days - 1 for d in own["day"]})
        silences = [b - a - 1 for a, b in zip(ago, ago[1:], strict=False)][:60]  # the last sixty, the latest first
        if account in closed or ago[0] >= 56:
            continue
        if len(ago) > 20 and ago[0] > max(3, 3 * sorted(silences, reverse=True)[len(silences) // 20]):
            risky.add(account)
        followed = (ago[-1] + 1 - 28) // 28
        if followed >= 2:
            blocks[account] = min(followed, 3)
            week = [((end - pd.Timestamp(d)).days - 1) // 7 for d in own["day"]]
            weeks[account] = [week.count(i) for i in range(16)]
    risky |= _declining(weeks, blocks)
    paying = _paying(raw, MONTHS[-1])
    return [math.nan] * (len(MONTHS) - 1) + [sum(v for a, v in paying.items() if a in risky) / sum(paying.values())]


def feature_adoption(raw):
    """The mean, over the endpoints that anyone used, of the share of the active accounts that used it."""
    calls = active_calls(raw)
    calls = calls[calls["endpoint"] != "(unmatched)"]
    out = []
    for month in MONTHS:
        part = calls[calls["month"] == month]
        everyone = part["account_id"].nunique()
        rates = [part.loc[part["endpoint"] == e, "account_id"].nunique() / everyone for e in set(part["endpoint"])]
        out.append(sum(rates) / len(rates))
    return out
