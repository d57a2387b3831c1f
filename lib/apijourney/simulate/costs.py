"""What does the simulated company spend each month, and on what? Unit: the cost line."""

import numpy as np
import pyarrow as pa

from apijourney.simulate.calendar import Span
from apijourney.simulate.columns import names
from apijourney.simulate.company import CHANNELS, Accounts
from apijourney.simulate.usage import ENDPOINTS

_CENTS_PER_CALL = np.array([14, 3, 12, 46, 6, 9, 2, 3])
_CHANNEL_BUDGET = np.array([320_000, 180_000, 90_000, 640_000, 260_000, 210_000, 150_000])


def draw_costs(accounts: Accounts, span: Span, metered: list[dict], rng: np.random.Generator) -> pa.Table:
    """Fixed costs, costs of calls by endpoint, marketing by channel, support of the largest account."""
    rows: list[tuple] = []
    ids = names("acc_", len(accounts))
    largest = int(np.argmax(np.where(accounts.internal, 0, accounts.base * (accounts.segment == 2))))
    for month in range(span.months):
        name = span.month_name(month)

        def line(category, euros_minor, account=None, endpoint=None, channel=None, name=name):
            spread = 1 + rng.normal(0, 0.03)
            rows.append((name, category, int(round(euros_minor * spread)), "EUR", account, endpoint, channel))

        calls = np.bincount(metered[month]["endpoint"], minlength=len(ENDPOINTS))
        for endpoint, count, cents in zip(ENDPOINTS, calls, _CENTS_PER_CALL, strict=True):
            line("infrastructure", 20_000 + count * cents, endpoint=endpoint)
        line("infrastructure", 900_000 + 15_000 * month)
        line("support", 950_000 + 12_000 * month)
        line("support", 120_000, account=str(ids[largest]))
        for channel, budget in zip(CHANNELS, _CHANNEL_BUDGET, strict=True):
            line("marketing", budget, channel=channel)
        line("sales", 1_650_000 + 20_000 * month)
        line("operations", 1_200_000 + 10_000 * month)
    columns = ("month", "category", "amount_minor", "currency", "account_id", "endpoint", "channel")
    kinds = (pa.string(), pa.string(), pa.int64(), *[pa.string()] * 4)
    return pa.table({c: pa.array(v, k) for c, v, k in zip(columns, zip(*rows, strict=True), kinds, strict=True)})
