"""Slow definitions of the business metrics: plain pandas and loops over the raw rows."""

import math

import pandas as pd
from brute_force.common import MONTHS, ZONE


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
