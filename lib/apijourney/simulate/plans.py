"""Which plan does each account have, when does it change, and how much does it use?

Unit: the account in a month. At most one change a month; usage beyond a quota pulls the plan up,
silence and shrinking usage pull it down. Prices and invoices are the business of `billing`.
"""

from dataclasses import dataclass

import numpy as np

from apijourney.simulate.calendar import DAY, NEVER, PEOPLE, Span
from apijourney.simulate.company import Accounts
from apijourney.simulate.stories import Stories

PLANS = ("free", "starter", "growth", "enterprise")
QUOTAS = np.array([60, 300, 1800, 20_000])


@dataclass
class PlanPath:
    """Plans by month (month × account): in force at its start, and after the change within it."""

    before: np.ndarray
    after: np.ndarray
    changed: np.ndarray
    annual: np.ndarray
    noise: np.ndarray

    def at(self, month: int, account: np.ndarray, instant: np.ndarray) -> np.ndarray:
        late = instant >= self.changed[month, account]
        return np.where(late, self.after[month, account], self.before[month, account])


def calls_per_day(accounts: Accounts, span: Span, month: int, noise: np.ndarray) -> np.ndarray:
    """Expected production calls of each account on an ordinary working day of the month."""
    middle = (span.month_starts[month] + span.month_starts[month + 1]) // 2
    began = np.maximum(np.where(accounts.production == NEVER, middle, accounts.production), span.start)
    age = np.clip((middle - began) / (30.4 * DAY), 0, 24)
    young = np.where(accounts.legacy | accounts.internal, 1.0, np.minimum(1.0, 0.55 + 0.2 * age))
    return np.minimum(accounts.base * np.exp(accounts.growth * age) * young * noise[month], 420.0)


def draw_plans(accounts: Accounts, span: Span, stories: Stories, rng: np.random.Generator) -> PlanPath:
    """Walk through the months and let accounts choose, move up and move down."""
    n, months = len(accounts), span.months
    steps = rng.normal(0, 0.16, (months, n))
    noise = np.exp(np.clip(np.cumsum(steps, axis=0) * 0.7, -1.2, 1.0))
    before, after = np.zeros((months, n), "int8"), np.zeros((months, n), "int8")
    changed = np.full((months, n), NEVER)
    monthly = 25 * calls_per_day(accounts, span, 0, noise)
    plan = np.zeros(n, "int8")
    old = accounts.legacy | accounts.internal
    plan[old] = np.searchsorted(QUOTAS[:3] * 0.45, monthly[old])
    plan[old & (plan == 0) & (rng.random(n) < 0.55)] = 1
    plan[old & (accounts.segment == 2) & (rng.random(n) < 0.5)] = 3
    plan[accounts.whale | accounts.internal] = 3
    annual = rng.random(n) < np.array([0.0, 0.04, 0.16])[accounts.segment]
    annual &= ~accounts.whale & ~accounts.internal
    for month in range(months):
        begin, end = span.month_starts[month], span.month_starts[month + 1]
        before[month] = plan
        alive = accounts.alive(end - 1)
        monthly = 25 * calls_per_day(accounts, span, month, noise)
        starts = (accounts.production >= begin) & (accounts.production < end) & ~old & ~accounts.once
        buys = starts & (rng.random(n) < np.array([0.36, 0.55, 0.8])[accounts.segment])
        bought = np.clip(np.searchsorted(QUOTAS[:2] * 1.0, monthly), 1, 2)
        bought = np.where((accounts.segment == 2) & (rng.random(n) < 0.5), 2, bought)
        up = alive & (plan < 3) & (rng.random(n) < _moves_up(plan, monthly, accounts))
        down = (plan > 0) & (rng.random(n) < _moves_down(plan, monthly, alive, stories.shrinking))
        fixed = accounts.whale | accounts.internal | (annual & (plan > 1)) | (accounts.created >= begin)
        up, down = up & ~fixed & ~starts, down & ~fixed & ~starts & ~up
        wanted = np.where(buys, bought, plan + up.astype("int8") - np.where(down, np.where(alive, 1, plan), 0))
        day = rng.integers(np.searchsorted(span.day_starts, begin), np.searchsorted(span.day_starts, end), n)
        moment = span.instants(rng, day, PEOPLE)
        moment = np.where(buys, accounts.production, moment)
        moves = (wanted != plan) & (moment < accounts.closed)
        changed[month] = np.where(moves, moment, NEVER)
        plan = np.where(moves, wanted, plan).astype("int8")
        after[month] = plan
    return PlanPath(before, after, changed, annual, noise)


def _moves_up(plan: np.ndarray, monthly: np.ndarray, accounts: Accounts) -> np.ndarray:
    full, over = monthly > 0.85 * QUOTAS[plan], monthly > 1.6 * QUOTAS[plan]
    pull = 0.25 * full + 0.3 * over
    chance = np.choose(plan, [0.13 + pull, 0.025 + pull, 0.008 + 0.20 * full, 0.0])
    return np.where((accounts.segment == 2) & (plan == 2), 0.10, chance)


def _moves_down(plan: np.ndarray, monthly: np.ndarray, alive: np.ndarray, shrinking: float) -> np.ndarray:
    little = monthly < 0.12 * QUOTAS[plan]
    chance = np.choose(plan, [0.0, 0.012 + 0.02 * little, 0.010 + 0.03 * little, 0.008 + 0.01 * little])
    return np.where(alive, chance * shrinking, 0.40)
