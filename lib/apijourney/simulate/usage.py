"""Which API calls does each account make, and how do they end?

Unit: the call. Works month by month: first calls and test calls of newcomers, sandbox traffic,
production traffic, retries, calls with rejected keys (which no account owns).
"""

from dataclasses import dataclass

import numpy as np

from apijourney.simulate.calendar import DAY, HOUR, MACHINES, MINUTE, NEVER, SECOND, Span, micros
from apijourney.simulate.company import Accounts
from apijourney.simulate.plans import QUOTAS, PlanPath, calls_per_day
from apijourney.simulate.stories import Stories

ENDPOINTS = (
    "/v1/payments", "/v1/payments/{id}", "/v1/refunds", "/v1/identities", "/v1/identities/{id}",
    "/v1/tides/forecast", "/v1/tides/stations", "/v1/webhooks",
)  # fmt: skip
METHODS = ("POST", "GET", "POST", "POST", "GET", "GET", "GET", "POST")
PRODUCT_OF = np.array([0, 0, 0, 1, 1, 2, 2, 0])
_MIX = np.array([
    [0.56, 0.28, 0.06, 0, 0, 0, 0, 0.10],
    [0, 0, 0, 0.58, 0.42, 0, 0, 0],
    [0, 0, 0, 0, 0, 0.78, 0.22, 0],
])  # fmt: skip
_MEDIAN_MS = np.array([128, 42, 150, 235, 55, 88, 38, 70])
_SPREAD = np.array([0.42, 0.38, 0.45, 0.40, 0.38, 0.50, 0.35, 0.40])
SANDBOX, PRODUCTION = 0, 1
ANY, GOOD, BAD = 0, 1, 2
_FIELDS = ("account", "time", "environment", "outcome")


@dataclass
class Calls:
    """Columns of calls; `outcome` says whether a call must succeed, must fail, or is free to vary."""

    account: np.ndarray
    time: np.ndarray
    environment: np.ndarray
    outcome: np.ndarray

    def take(self, which: np.ndarray) -> "Calls":
        return Calls(*(getattr(self, f)[which] for f in _FIELDS))


def join(parts: list[Calls]) -> Calls:
    """Put calls one after the other."""
    return Calls(*(np.concatenate([getattr(p, f) for p in parts]) for f in _FIELDS))


def _calls(account: np.ndarray, time: np.ndarray, environment: int, outcome: int) -> Calls:
    return Calls(account, time, np.full(len(account), environment, "int8"), np.full(len(account), outcome, "int8"))


def onboarding_calls(accounts: Accounts, span: Span, rng: np.random.Generator) -> Calls:
    """First call, failing loops until the first success, tests in the sandbox, first production days."""
    parts = []
    called = np.flatnonzero(accounts.first_call != NEVER)
    failed = accounts.first_failed[called]
    parts.append(_calls(called[failed], accounts.first_call[called[failed]], SANDBOX, BAD))
    loops = np.repeat(called[failed], rng.geometric(0.35, failed.sum()) - 1)
    begin, success = accounts.first_call[loops], accounts.first_success[loops]
    until = np.where(success == NEVER, begin + 30 * HOUR, success)
    share = rng.random(len(loops)) ** 2.5
    again = begin + ((until - begin - SECOND) * share).astype("int64") // 1000 * 1000
    parts.append(_calls(loops, np.maximum(again, begin + 3 * SECOND), SANDBOX, BAD))
    good = np.flatnonzero(accounts.first_success != NEVER)
    parts.append(_calls(good, accounts.first_success[good], SANDBOX, GOOD))
    tests = np.repeat(good, np.minimum(rng.lognormal(np.log(9), 1.0, len(good)), 150).astype(int))
    until = np.minimum(accounts.production[tests], accounts.first_success[tests] + 20 * DAY)
    gap = np.maximum(until - accounts.first_success[tests], HOUR)
    when = accounts.first_success[tests] + (gap * rng.random(len(tests)) ** 1.8).astype("int64") // 1000 * 1000
    parts.append(_calls(tests, span.to_working_hours(rng, when), SANDBOX, ANY))
    new = ~accounts.legacy & ~accounts.internal
    live = np.flatnonzero(new & (accounts.production != NEVER))
    parts.append(_calls(live, accounts.production[live], PRODUCTION, GOOD))
    more = np.repeat(live[accounts.once[live]], rng.integers(0, 3, accounts.once[live].sum()))
    parts.append(_calls(more, accounts.production[more] + rng.integers(5, 300, len(more)) * SECOND, PRODUCTION, ANY))
    second = np.flatnonzero(accounts.second_day != NEVER)
    parts.append(_calls(second, accounts.second_day[second], PRODUCTION, GOOD))
    out = join(parts)
    return out.take((out.time < span.end) & (out.time < accounts.closed[out.account]) & _after_first(accounts, out))


def _after_first(accounts: Accounts, calls: Calls) -> np.ndarray:
    first = accounts.first_call[calls.account]
    return (first == NEVER) | (calls.time >= first)


def regular_calls(accounts: Accounts, plans: PlanPath, span: Span, month: int, rng: np.random.Generator) -> Calls:
    """Draw the ordinary traffic of one month: account × day rates, then instants within the days."""
    days = np.flatnonzero(span.month_of_day == month)
    level = calls_per_day(accounts, span, month, plans.noise)
    weekend = np.array([0.30, 0.45, 0.62])[accounts.product]
    shape = np.where(span.weekend[days], weekend[:, None], 1.0) * span.season[days]
    alive = accounts.alive(span.day_starts[days + 1][None, :].T - 1).T
    burst = rng.gamma(2.2, 1 / 2.2, shape.shape)
    rates = level[:, None] * shape * burst * alive
    parts = []
    tested = np.where(accounts.internal, 1.5, 0.05 + 0.07 * np.minimum(level, 12.0))
    for environment, rate in ((PRODUCTION, rates), (SANDBOX, tested[:, None] * shape * alive)):
        count = rng.poisson(rate)
        account, day = np.repeat(np.arange(len(accounts)), count.sum(axis=1)), np.repeat(
            np.tile(days, len(accounts)), count.ravel()
        )
        parts.append(_calls(account, span.instants(rng, day, MACHINES), environment, ANY))
    out = join(parts)
    begun = (out.time >= accounts.production[out.account]) & (out.time < accounts.closed[out.account])
    return out.take(begun)


def endpoints_of(accounts: Accounts, calls: Calls, rng: np.random.Generator) -> np.ndarray:
    """Choose each call's endpoint: the main product first, a second product with age for some."""
    product = accounts.product[calls.account]
    number = calls.account
    adopts = ((number * 7919) % 100) < 38
    since = accounts.created[number] + (40 + (number * 104_729) % 300) * DAY
    other = adopts & (calls.time >= since) & (rng.random(len(number)) < 0.28)
    product = np.where(other, (product + 1) % 3, product)
    draw = rng.random(len(product))
    cumulative = _MIX.cumsum(axis=1)
    cumulative[:, -1] = 1.0
    return (draw[:, None] > cumulative[product]).sum(axis=1).astype("int8")


def outcomes(
    accounts: Accounts, plans: PlanPath, calls: Calls, endpoint: np.ndarray, span: Span, month: int,
    stories: Stories, rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return (status, share of the usual latency) of calls sorted by time within the month."""
    n = len(calls.time)
    live = calls.environment == PRODUCTION
    made = np.where(np.isin(endpoint, [0, 2, 3, 7]), 201, 200)
    clumsy = np.exp(0.6 * np.sin(calls.account * 1.7))
    client = rng.random(n) < np.where(live, 0.022, 0.12) * clumsy
    status = np.where(client, rng.choice([400, 404, 409, 422], n, p=[0.30, 0.27, 0.10, 0.33]), made)
    broken = rng.random(n) < stories.server_error_share
    status = np.where(broken, rng.choice([500, 502, 503], n, p=[0.6, 0.2, 0.2]), status)
    slow = np.ones(n)
    for incident in stories.incidents:
        inside = live & (calls.time >= micros(incident.started)) & (calls.time < micros(incident.ended))
        if incident.scope in ENDPOINTS:
            inside &= np.isin(endpoint, [i for i, e in enumerate(ENDPOINTS) if e.startswith(incident.scope)])
        luck = rng.random(n)
        failing = inside & (luck < incident.failing)
        shed = inside & ~failing & (luck < incident.failing + incident.shed)
        status = np.where(failing, rng.choice([500, 503, 504], n, p=[0.2, 0.5, 0.3]), np.where(shed, 429, status))
        slow = np.where(inside, np.where(failing, 25.0, 3.0), slow)
    status = np.where(calls.outcome == GOOD, made, status)
    bad = rng.choice([400, 403, 404, 422], n, p=[0.34, 0.18, 0.12, 0.36])
    bad = np.where(stories.bad_sdk & accounts.bad_sdk[calls.account] & (rng.random(n) < 0.8), 422, bad)
    status = np.where(calls.outcome == BAD, bad, status)
    over = live & _over_quota(plans, calls, month) & (calls.outcome != GOOD)
    return np.where(over, 429, status).astype("int16"), np.where(over, 0.08, slow)


def _over_quota(plans: PlanPath, calls: Calls, month: int) -> np.ndarray:
    """Has the account used up this month's quota? The larger plans may go over and pay for it."""
    live = calls.environment == PRODUCTION
    order = np.lexsort((calls.time, calls.account))
    counted = live[order].astype("int64").cumsum()
    first = np.searchsorted(calls.account[order], calls.account[order])
    so_far = counted - np.where(first > 0, counted[first - 1], 0)
    used = np.empty(len(order), "int64")
    used[order] = so_far
    plan = plans.at(month, calls.account, calls.time)
    return (plan < 2) & (used > QUOTAS[plan])


def latencies(
    endpoint: np.ndarray, status: np.ndarray, slow: np.ndarray, region: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw whole milliseconds: a median an endpoint, a heavy tail, farther regions slower."""
    n = len(endpoint)
    ms = _MEDIAN_MS[endpoint] * np.exp(_SPREAD[endpoint] * rng.standard_normal(n))
    ms *= np.where(rng.random(n) < 0.012, rng.uniform(3, 9, n), 1.0) * np.array([1.0, 1.12, 1.3])[region]
    ms *= np.where(status >= 500, 2.0, np.where(status >= 400, 0.45, 1.0)) * slow
    return np.clip(np.rint(ms), 1, 30_000).astype("int32")


def retries(
    calls: Calls, endpoint: np.ndarray, status: np.ndarray, rng: np.random.Generator
) -> tuple[Calls, np.ndarray]:
    """Half of the production calls that failed on our side are tried again within half a minute."""
    again = np.flatnonzero((status >= 500) & (calls.environment == PRODUCTION) & (rng.random(len(status)) < 0.5))
    out = calls.take(again)
    out.time = out.time + rng.integers(2000, 28_000, len(again)) * 1000
    out.outcome[:] = np.where(rng.random(len(again)) < 0.85, GOOD, ANY)
    return out, endpoint[again]


def rejected_keys(calls: Calls, span: Span, month: int, rng: np.random.Generator) -> np.ndarray:
    """Return the instants of calls whose key was refused: no account is known for them."""
    n = rng.poisson(0.011 * len(calls.time))
    days = np.flatnonzero(span.month_of_day == month)
    singles = span.instants(rng, rng.choice(days, n), MACHINES)
    return np.minimum(singles + rng.integers(0, 2, n) * MINUTE, span.month_starts[month + 1] - 1000)
