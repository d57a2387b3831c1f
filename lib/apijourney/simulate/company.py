"""Who are the accounts of the simulated company, and what will become of each?

Unit: the account. Draws the attributes and the life of every account (sign-up, first call, first
success, production, silence, return, closing). The planted effects on activation enter here; what
the accounts do in detail is the business of the other modules.
"""

from dataclasses import dataclass

import numpy as np

from apijourney.simulate.calendar import DAY, HOUR, MINUTE, NEVER, PEOPLE, Span, micros
from apijourney.simulate.stories import BAD_SDK_FIXED, BAD_SDK_RELEASED, DEAD_CHANNEL, Stories

CHANNELS = ("organic_search", "docs", "referral", "paid_search", "social", "partner", DEAD_CHANNEL)
CHANNEL_SHARES = np.array([0.30, 0.16, 0.15, 0.14, 0.08, 0.07, 0.10])
SEGMENTS = ("startup", "mid_market", "enterprise")
COUNTRIES = ("DE", "FR", "NL", "GB", "US", "SE", "ES", "JP", "AU")
SDKS = ("python", "node", "java", "curl")
PRODUCTS = ("payments", "identity", "tides")
CLOSE_REASONS = ("price", "missing feature", "project ended", "switched provider", "not paid")
NUDGED_COMPLETE, OTHERS_COMPLETE = 0.60, 0.20
_SEGMENT_LOGIT = np.array([0.0, 0.15, 0.35])


@dataclass
class Accounts:
    """One array an attribute, one place an account; instants in UTC microseconds, NEVER if not."""

    created: np.ndarray
    legacy: np.ndarray
    internal: np.ndarray
    whale: np.ndarray
    channel: np.ndarray
    segment: np.ndarray
    country: np.ndarray
    sdk: np.ndarray
    product: np.ndarray
    bad_sdk: np.ndarray
    nudged: np.ndarray
    quickstart: np.ndarray
    chance: np.ndarray
    activated: np.ndarray
    first_call: np.ndarray
    first_failed: np.ndarray
    first_success: np.ndarray
    production: np.ndarray
    second_day: np.ndarray
    once: np.ndarray
    base: np.ndarray
    growth: np.ndarray
    silent: np.ndarray
    back: np.ndarray
    silent_again: np.ndarray
    closed: np.ndarray
    close_reason: np.ndarray

    def __len__(self) -> int:
        return len(self.created)

    def alive(self, instant: np.ndarray | int) -> np.ndarray:
        """Is the account in regular production use at this instant?"""
        first = (instant >= self.production) & (instant < self.silent)
        again = (instant >= self.back) & (instant < self.silent_again)
        return (first | again) & (instant < self.closed) & ~self.once


def draw_accounts(span: Span, stories: Stories, rng: np.random.Generator, scale: float) -> Accounts:
    """Draw all accounts, oldest first."""
    legacy_n, internal_n = max(round(230 * scale), 5), max(round(12 * scale), 3)
    new_n = max(rng.poisson(1370 * scale * span.months / 18), 20)
    n = legacy_n + internal_n + new_n
    old = micros("2025-05-01") - rng.integers(20, 600, legacy_n + internal_n) * DAY
    old = span.to_working_hours(rng, old - rng.integers(0, 86_400_000, len(old)) * 1000)
    weights = np.where(span.weekend, 0.4, 1.0) * span.season * np.linspace(0.75, 1.25, len(span.days))
    day = rng.choice(len(span.days), new_n, p=weights / weights.sum())
    created = np.concatenate([old, span.instants(rng, day, PEOPLE)])
    kind = np.repeat([0, 1, 2], [legacy_n, internal_n, new_n])
    order = np.argsort(created, kind="stable")
    created, legacy, internal = created[order], kind[order] == 0, kind[order] == 1
    new = ~legacy & ~internal

    segment = rng.choice(3, n, p=[0.62, 0.29, 0.09])
    channel = rng.choice(len(CHANNELS), n, p=CHANNEL_SHARES)
    sdk = rng.choice(4, n, p=[0.38, 0.31, 0.16, 0.15])
    pinned = rng.random(n) < 0.08
    in_bad_weeks = (created >= micros(BAD_SDK_RELEASED)) & (created < micros(BAD_SDK_FIXED))
    bad_sdk = new & (sdk == 0) & in_bad_weeks & ~pinned
    nudged = new & (rng.random(n) < 0.5)
    quickstart = new & (rng.random(n) < np.where(nudged, NUDGED_COMPLETE, OTHERS_COMPLETE))

    base_odds = stories.activated_without_quickstart / (1 - stories.activated_without_quickstart)
    odds = base_odds * np.exp(_SEGMENT_LOGIT[segment])
    odds *= np.where(quickstart, stories.quickstart_odds_ratio, 1.0)
    odds *= np.where(bad_sdk, stories.bad_sdk_odds_ratio, 1.0)
    odds *= np.where(channel == CHANNELS.index(DEAD_CHANNEL), stories.dead_channel_odds_ratio, 1.0)
    chance = odds / (1 + odds)
    activated = new & (rng.random(n) < chance)

    whale = np.zeros(n, bool)
    if stories.whale:
        whale[np.flatnonzero(legacy)[legacy_n // 2]] = True
        segment[whale], sdk[whale] = 2, 2
    start = _first_steps(span, stories, rng, created, new, activated, bad_sdk, quickstart)
    end = _last_steps(span, rng, created, legacy | internal, whale | internal, segment, start)
    base = rng.lognormal(np.log([1.4, 2.7, 6.0])[segment], 1.0)
    base = np.minimum(np.maximum(base, 0.12), 34.0)
    return Accounts(
        created=created, legacy=legacy, internal=internal, whale=whale, channel=channel, segment=segment,
        country=rng.choice(len(COUNTRIES), n, p=[0.36, 0.12, 0.10, 0.11, 0.13, 0.06, 0.06, 0.03, 0.03]),
        sdk=sdk, product=rng.choice(3, n, p=[0.5, 0.32, 0.18]), bad_sdk=bad_sdk, nudged=nudged,
        quickstart=quickstart, chance=np.where(new, chance, np.nan), activated=activated,
        base=np.where(whale, 30.0, base),
        growth=np.where(whale, 0.125, rng.normal(stories.growth_per_month, 0.05, n)), **start, **end,
    )  # fmt: skip


def _first_steps(span, stories, rng, created, new, activated, bad_sdk, quickstart) -> dict:
    """From sign-up to production: minutes for some, weeks for others, never for many."""
    n = len(created)
    calls = activated | (new & (rng.random(n) < 0.62))
    wait = np.where(activated, rng.lognormal(np.log(9), 1.5, n), rng.lognormal(np.log(40), 1.7, n))
    wait = np.where(activated, np.minimum(wait, 24 * 6.5), np.minimum(wait, 24 * 90))
    wait = np.maximum(wait, np.where(quickstart, 1.0, 0.12))
    first_call = created + (wait * HOUR).astype("int64") // 1000 * 1000
    first_call = np.where(wait > 8, span.to_working_hours(rng, first_call), first_call)
    first_call = np.maximum(first_call, created + np.where(quickstart, 55, 7) * MINUTE)
    share = np.where(bad_sdk, stories.first_call_failing_on_bad_sdk, stories.first_call_failing)
    first_failed = calls & (rng.random(n) < share)
    mend = np.where(activated, np.minimum(rng.lognormal(np.log(3), 1.2, n), 40), rng.lognormal(np.log(20), 1.5, n))
    first_success = first_call + np.where(first_failed, (mend * HOUR).astype("int64") // 1000 * 1000, 0)
    gives_up = first_failed & ~activated & (rng.random(n) < 0.45)
    first_success = np.where(calls & ~gives_up, first_success, NEVER)

    # Production needs an approval. Activated: two local days with successes within 14 days of sign-up.
    origin = np.maximum(span.day_of(created), 0)
    reached = first_success != NEVER
    tested = np.where(reached, span.day_of(np.where(reached, first_success, created)), 0)
    day = np.minimum(tested + 1 + rng.integers(0, 3, n) + (rng.random(n) < 0.35) * 2, origin + 9)
    day = np.maximum(day, tested)
    once = reached & ~activated & (rng.random(n) < 0.12)
    late = reached & ~activated & ~once & (rng.random(n) < 0.26)
    late_day = np.maximum(origin + 17, tested + 2) + rng.integers(0, 40, n)
    day = np.where(late, late_day, day)
    starts = activated | late | once
    production = _inside(span, rng, day, starts)
    earliest = np.where(reached, first_success, 0) + MINUTE
    production = np.where(production != NEVER, np.maximum(production, earliest), NEVER)
    second = _inside(span, rng, day + rng.integers(1, 4, n), activated)

    def gone(instant):
        return np.where(instant >= span.end, NEVER, instant)

    first_call = np.where(calls, first_call, NEVER)
    keep = ~new  # older accounts have done all this before the data begin
    return dict(
        first_call=np.where(keep, NEVER, gone(first_call)),
        first_failed=first_failed,
        first_success=np.where(keep, NEVER, gone(first_success)),
        production=np.where(keep, created + 20 * DAY, gone(production)),
        second_day=np.where(keep, NEVER, gone(second)),
        once=once,
    )


def _inside(span: Span, rng: np.random.Generator, day: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Draw a working-hours instant on each day; NEVER where not wanted or after the data end."""
    inside = wanted & (day < len(span.days))
    drawn = span.instants(rng, np.where(inside, day, 0), PEOPLE)
    return np.where(inside, drawn, NEVER)


def _last_steps(span, rng, created, old, stays, segment, start) -> dict:
    """From production to silence, return and closing."""
    n = len(created)
    production = np.where(old, np.maximum(start["production"], span.start - 40 * DAY), start["production"])
    monthly = np.array([0.045, 0.028, 0.012])[segment]
    early = rng.random(n) < np.where(old, 0.05, np.array([0.46, 0.32, 0.14])[segment])
    lasts = np.where(early, 3.5 + rng.exponential(5, n), 32 + rng.exponential(30 / monthly))
    started = (production != NEVER) & ~stays
    silent = np.where(started, np.where(started, production, 0) + (lasts * DAY).astype("int64"), NEVER)
    silent = np.where(silent >= span.end, NEVER, silent)
    quiet = silent != NEVER
    closes = quiet & (rng.random(n) < 0.42)
    gap = (rng.uniform(3, 55, n) * DAY).astype("int64")
    closed = np.where(closes, np.where(quiet, silent, 0) + gap, NEVER)
    never_used = ~old & (start["production"] == NEVER) & (rng.random(n) < 0.06)
    closed = np.where(never_used, created + (rng.uniform(20, 120, n) * DAY).astype("int64"), closed)
    closed = np.where(closed != NEVER, span.to_working_hours(rng, np.where(closed == NEVER, created, closed)), NEVER)
    closed = np.where(closed >= span.end, NEVER, closed)
    returns = quiet & ~closes & (rng.random(n) < 0.30)
    back = np.where(returns, np.where(quiet, silent, 0) + (rng.uniform(35, 120, n) * DAY).astype("int64"), NEVER)
    again = np.where(returns, np.where(returns, back, 0) + (rng.exponential(170, n) * DAY).astype("int64"), NEVER)
    back = np.where(back >= span.end, NEVER, back)
    reason = rng.choice(len(CLOSE_REASONS), n, p=[0.27, 0.22, 0.24, 0.15, 0.12])
    reason = np.where(never_used & (closed != NEVER), 2, reason)
    return dict(silent=silent, back=back, silent_again=again, closed=closed, close_reason=reason)
