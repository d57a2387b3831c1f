"""What is each account invoiced, in which currency, and what did it cost to serve?

Unit: the invoice line. Subscriptions are invoiced on the first of the service month at the plan in
force then; metered calls on its last evening. Amounts are integer cents. Credits and refunds are
negative lines.
"""

import numpy as np
import pyarrow as pa

from apijourney.simulate.calendar import DAY, FIRST_MONTH, HOUR, SECOND, Span
from apijourney.simulate.columns import dates, instants, names, pick
from apijourney.simulate.company import PRODUCTS, Accounts
from apijourney.simulate.plans import PlanPath
from apijourney.simulate.stories import Stories
from apijourney.simulate.usage import PRODUCT_OF

KINDS = ("subscription", "usage", "one_off", "credit", "refund")
LINE_PRODUCTS = ("platform", *PRODUCTS, "onboarding")
CALL_PRICE = np.array([32, 4, 18, 120, 15, 14, 3, 2])
_LIST_PRICE = np.array([0, 14_900, 69_000, 0])
_FIELDS = ("account", "month", "issued", "through", "amount", "product", "kind", "reduces")


def _lines(account, month, issued, through, amount, product, kind, reduces=-1) -> np.ndarray:
    columns = np.broadcast_arrays(account, month, issued, through, amount, product, kind, reduces)
    return np.stack([c.astype("int64") for c in columns])


def subscription_prices(accounts: Accounts, plan: np.ndarray, contract: np.ndarray) -> np.ndarray:
    """Cents a month by plan; enterprise contracts are negotiated one by one."""
    return np.where(plan == 3, contract, _LIST_PRICE[plan])


def draw_invoices(
    accounts: Accounts, plans: PlanPath, span: Span, stories: Stories, metered: list[dict], rng: np.random.Generator
) -> pa.Table:
    """Return the table `invoices`, ordered by time.

    metered : for each month, the account and endpoint of every successful production call
    """
    n = len(accounts)
    dollars = (rng.random(n) < 0.04) & (accounts.country == 4) | (rng.random(n) < 0.006)
    dollars &= ~accounts.whale
    contract = np.rint(np.clip(rng.lognormal(np.log(2500), 0.25, n), 1800, 2800) / 50).astype(int) * 5000
    discount = np.where(rng.random(n) < 0.15, 90, 100)
    lines, paid_until = [], np.full(n, -1)
    for month in range(span.months):
        first = span.month_starts[month]
        plan = plans.before[month]
        paying = (plan > 0) & (accounts.closed > first) & (accounts.created < first)
        paying &= ~accounts.internal & ~accounts.whale
        price = subscription_prices(accounts, plan, contract) * discount // 100
        yearly = paying & plans.annual & (plan > 1) & (month > paid_until)
        yearly &= accounts.alive(first) if month else True
        covered = month <= paid_until
        monthly = paying & ~yearly & ~covered
        paid_until[yearly] = month + 11
        at = first + 6 * HOUR + rng.integers(0, 1800, n) * SECOND
        who = np.flatnonzero(monthly)
        lines.append(_lines(who, month, at[who], month + 1, price[who], 0, 0))
        who = np.flatnonzero(yearly)
        lines.append(_lines(who, month, at[who], month + 12, price[who] * 12 * 9 // 10, 0, 0))
        fresh = np.flatnonzero(paying & (plan == 3) & (accounts.created > span.start) & (rng.random(n) < 0.2))
        lines.append(_lines(fresh, month, at[fresh] + HOUR, month + 1, 150_000, 4, 2))
        lines.append(_usage_lines(accounts, plans, span, month, metered[month], rng))
        lines.append(_corrections(lines[-4], span, stories, month, rng))
    table = np.concatenate(lines, axis=1)
    whale = _whale_lines(accounts, span, stories, table)
    table = np.concatenate([table, whale], axis=1)
    table = table[:, table[2] < span.end]
    table = table[:, np.lexsort((table[0], table[6], table[2]))]
    return _as_table(dict(zip(_FIELDS, table, strict=True)), accounts, dollars)


def _usage_lines(accounts, plans, span, month, metered, rng) -> np.ndarray:
    """One line an account and product: successful production calls times the price of the call."""
    plan = plans.after[month][metered["account"]]
    pays = (plan > 0) & ~accounts.internal[metered["account"]]
    cell = metered["account"][pays] * 3 + PRODUCT_OF[metered["endpoint"][pays]]
    amount = np.bincount(cell, CALL_PRICE[metered["endpoint"][pays]], len(accounts) * 3).astype("int64")
    who = np.flatnonzero(amount)
    issued = span.month_starts[month + 1] - 2 * HOUR + rng.integers(0, 3000, len(who)) * SECOND
    return _lines(who // 3, month, issued, month + 1, amount[who], 1 + who % 3, 1)


def _corrections(subscriptions: np.ndarray, span: Span, stories: Stories, month: int, rng) -> np.ndarray:
    """Refunds, goodwill credits, and credits in the month after an incident."""
    out = []
    account, _, issued, through, amount, *_ = subscriptions
    refund = rng.random(len(account)) < 0.004
    later = issued[refund] + rng.integers(4, 18, refund.sum()) * DAY
    out.append(_lines(account[refund], month, later, through[refund], -amount[refund], 0, 4, 0))
    name = span.month_name(month)
    after = any(str(np.datetime64(i.started, "M") + 1) == name for i in stories.incidents)
    credit = (rng.random(len(account)) < (0.45 if after else 0.006)) & ~refund & (amount > 20_000)
    later = issued[credit] + rng.integers(2, 12, credit.sum()) * DAY
    out.append(_lines(account[credit], month, later, through[credit], -(amount[credit] // 10), 0, 3, 0))
    return np.concatenate(out, axis=1)


def _whale_lines(accounts: Accounts, span: Span, stories: Stories, table: np.ndarray) -> np.ndarray:
    """The largest account's contract, renewed each quarter to its planned share of all MRR."""
    who = np.flatnonzero(accounts.whale)
    if not len(who):
        return np.empty((len(_FIELDS), 0), "int64")
    account, month, _, through, amount, _, kind, _ = table
    length = through - month
    recurring = kind != 2
    others = np.zeros(span.months)
    own = np.zeros(span.months)
    for m in range(span.months):
        inside = recurring & (month <= m) & (through > m)
        share = amount / np.maximum(length, 1)
        others[m] = share[inside & (account != who[0])].sum()
        own[m] = share[inside & (account == who[0])].sum()
    planned = np.linspace(stories.whale_first_share, stories.whale_last_share, span.months)
    wanted = others * planned / (1 - planned) - own
    quarter = np.minimum(np.arange(span.months) // 3 * 3 + 2, span.months - 1)
    price = np.maximum(np.rint(wanted[quarter] / 10_000) * 10_000, 100_000).astype("int64")
    months = np.arange(span.months)
    return _lines(who[0], months, span.month_starts[:-1] + 6 * HOUR, months + 1, price, 0, 0)


def _as_table(line: dict, accounts: Accounts, dollars: np.ndarray) -> pa.Table:
    n = len(line["account"])
    first = (FIRST_MONTH + line["month"]).astype("datetime64[D]")
    last = (FIRST_MONTH + line["through"]).astype("datetime64[D]")
    once = line["kind"] == 2
    return pa.table({
        "invoice_id": pa.array(names("inv_", n, 6).astype(object), pa.string()),
        "account_id": pick(names("acc_", len(accounts)), line["account"]),
        "issued_at": instants(line["issued"]),
        "service_start": dates(first, once),
        "service_end": dates(last, once),
        "amount_minor": pa.array(line["amount"]),
        "currency": pick(("EUR", "USD"), dollars[line["account"]].astype(int)),
        "product": pick(LINE_PRODUCTS, line["product"]),
        "kind": pick(KINDS, line["kind"]),
        "credits_kind": pick(KINDS, line["reduces"]),
    })  # fmt: skip


def draw_fx_rates(span: Span, rng: np.random.Generator) -> pa.Table:
    """Euros for one dollar on every day, as exact decimal text."""
    steps = rng.normal(0, 0.0028, len(span.days)).cumsum()
    rate = np.rint((0.895 + 0.03 * np.sin(np.arange(len(steps)) / 90) + steps * 0.15) * 10_000).astype(int)
    return pa.table({
        "date": dates(span.days),
        "currency": pa.array(["USD"] * len(rate)),
        "rate": pa.array([f"0.{r:04d}" if r < 10_000 else f"{r / 10_000:.4f}" for r in rate]),
    })  # fmt: skip
