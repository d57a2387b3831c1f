"""Small companies whose truth is known, to see how often a 95 % interval holds it.

Unit: a simulated company. Each has sixty accounts of very different size, one of them a whale that brings a quarter of
the money and of the calls. What is random differs from company to company; what is asked for, the truth, is the same.
"""

import math

import numpy as np
import pandas as pd
from scipy.stats import binom, lognorm

from apijourney.facts.latency_scheme import bucket_of
from apijourney.metrics.business.lifetime_value import lifetime_value
from apijourney.metrics.business.net_revenue_retention import net_revenue_retention
from apijourney.metrics.infrastructure.latency import percentiles
from apijourney.metrics.infrastructure.reliability import reliability

ACCOUNTS, WHALE_SHARE, COMPANIES, SHORT = 60, 0.25, 1_000, 60
SIZE = 0.8  # sigma of the logarithm of an account's revenue


def _revenue(rng: np.random.Generator, whale: bool, n: int) -> np.ndarray:
    """Cents a month of each account; the whale is the first and brings a quarter of what is expected of all."""
    others = rng.lognormal(math.log(10_000), SIZE, n - 1)
    usual = (n - 1) * 10_000 * math.exp(SIZE**2 / 2)
    first = usual * WHALE_SHARE / (1 - WHALE_SHARE) if whale else rng.lognormal(math.log(10_000), SIZE)
    return np.append(first, others)


def nrr(seed: int, whale: bool = True, n: int = ACCOUNTS) -> tuple[float, float, float]:
    """Four of five stay, and change by a factor around 1.1; the whale stays, and changes as the others do."""
    rng = np.random.default_rng([seed, 1])
    then = _revenue(rng, whale, n)
    now = then * rng.lognormal(math.log(1.1), 0.3, n) * (rng.random(n) < 0.8)
    grown = 1.1 * math.exp(0.3**2 / 2)
    if whale:
        now[0] = then[0] * rng.lognormal(math.log(1.1), 0.3)
    truth = grown * (WHALE_SHARE + 0.8 * (1 - WHALE_SHARE) if whale else 0.8)
    ids = [f"a{i}" for i in range(n)]
    rows = [pd.DataFrame({"account_id": ids, "month": m, "mrr_minor": v.round().astype("int64")}) for m, v in (("2025-10", then), ("2026-10", now))]
    found = net_revenue_retention(pd.concat(rows), month="2026-10", seed=seed).iloc[0]
    return truth, found["nrr_low"], found["nrr_high"]


def p95_latency(seed: int, whale: bool = True, n: int = ACCOUNTS) -> tuple[float, float, float]:
    """Each account waits around a level of its own; the whale makes a quarter of the calls, at a level like any other."""
    rng = np.random.default_rng([seed, 2])
    calls = rng.poisson(_revenue(rng, whale, n) / 200)
    level = rng.normal(math.log(100), 0.25, n)
    account = np.repeat(np.arange(n), calls)
    latency = rng.lognormal(level[account], 0.5)
    table = pd.DataFrame({"account_id": account.astype(str), "bucket": bucket_of(latency), "month": "2026-10"})
    table = table.groupby(["month", "account_id", "bucket"]).size().rename("calls").reset_index()
    found = percentiles(table, quantiles=[0.95], seed=seed).iloc[0]
    truth = lognorm(s=math.hypot(0.25, 0.5), scale=100).ppf(0.95)
    return truth, found["low"], found["high"]


def clv(seed: int, whale: bool = True, n: int = ACCOUNTS) -> tuple[float, float, float]:
    """Eight in a hundred leave each month, the whale too if chance wills; six tenths of what is paid is margin."""
    rng = np.random.default_rng([seed, 3])
    months = [str(m) for m in pd.period_range("2025-11", periods=12, freq="M")]
    first = np.where(np.arange(n) < n // 2, 0, rng.integers(0, 10, n))
    stays = rng.geometric(0.08, n)
    first[0], size = 0, _revenue(rng, whale, n).round().astype("int64")
    column = np.arange(12)
    pays = (column >= first[:, None]) & (column < (first + stays)[:, None])
    row, month = np.nonzero(pays)
    paid = pd.DataFrame({"account_id": [f"a{i:02}" for i in row], "month": np.array(months)[month], "mrr_minor": size[row]})
    margins = paid.assign(margin_minor=(paid["mrr_minor"] * 6) // 10)
    found = lifetime_value(paid, margins, months=months[-1:], first=months[0], seed=seed).iloc[0]
    stay = 0.92 / 1.1 ** (1 / 12)
    usual = 10_000 * math.exp(SIZE**2 / 2)
    mean = usual * (1 + (n - 1) * WHALE_SHARE / (1 - WHALE_SHARE) + n - 2) / n if whale else usual
    return 0.6 * mean * (1 - stay**60) / (1 - stay), found["low"], found["high"]


def mttr(seed: int, whale: bool = True, n: int = ACCOUNTS) -> tuple[float, float, float]:
    """A year with about twenty outages, repaired after half an hour on average, some far later. No account is in it."""
    rng = np.random.default_rng([seed, 4])
    begin = pd.Timestamp("2025-11-01") + pd.to_timedelta(np.sort(rng.uniform(0, 365 * 24 * 60, rng.poisson(20) + 5)), unit="min")
    length = rng.exponential(30, len(begin))
    incidents = pd.DataFrame({"started_at": begin, "ended_at": begin + pd.to_timedelta(length, unit="min")})
    found = reliability(incidents, since=pd.Timestamp("2025-11-01"), until=pd.Timestamp("2026-11-02")).iloc[0]
    return 30.0, found["mttr_low"], found["mttr_high"]


METRICS = {"NRR": nrr, "p95 latency": p95_latency, "CLV": clv, "MTTR": mttr}


def coverage(metric: str, companies: int = COMPANIES, whale: bool = True, accounts: int = ACCOUNTS) -> dict:
    """How often did the interval hold the truth, and on which side did it miss?"""
    held = below = above = 0
    for seed in range(companies):
        truth, low, high = METRICS[metric](seed, whale, accounts)
        held += int(low <= truth <= high)
        below += int(high < truth)
        above += int(low > truth)
    return {"metric": metric, "held": held, "below": below, "above": above}


def bounds(companies: int) -> tuple[int, int]:
    """Between which counts would exact 95 % intervals hold the truth, 99 times in 100?"""
    return int(binom.ppf(0.005, companies, 0.95)), int(binom.ppf(0.995, companies, 0.95))


def as_line(row: dict, companies: int = COMPANIES) -> str:
    """A row of the table in docs/coverage.md."""
    low, high = bounds(companies)
    verdict = "as promised" if low <= row["held"] <= high else "too seldom" if row["held"] < low else "too often"
    share = 100 * row["held"] / companies
    return f"| {row['metric']} | {row['held']} ({share:.1f} %) | {row['below']} | {row['above']} | {verdict} |"
