"""What is a paying account worth, from now on?

Unit: a paying account in a month. Survival times margin, discounted: an account that stays with a constant
chance each month and brings the usual margin while it stays. It is an average over accounts that differ: the
worth of a single account is another question, and so is how accounts change as they age.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.money.months import month_numbers
from apijourney.metrics.business.recurring_revenue import mrr_matrix

YEARLY_RATE, HORIZON_MONTHS, WINDOW_MONTHS = 0.10, 60, 12
"""A discount of 10 % a year, five years ahead, from the payments of the last twelve months."""
DRAWS = 400
_LEAST = "lifetime_value: yearly_rate is 0 or more, horizon and window are 1 month or more."


def lifetime_value(
    recurring: pd.DataFrame, margins: pd.DataFrame, *, months: Iterable[str], first: str,
    yearly_rate: float = YEARLY_RATE, horizon: int = HORIZON_MONTHS, window: int = WINDOW_MONTHS,
    draws: int = DRAWS, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """How much margin does a paying account bring until it leaves, in money of today?

    Parameters
    ----------
    recurring : account_id, month, mrr_minor. margins : account_id, month, margin_minor, of the months whose costs
        are known; an account and month without a row has a margin of its MRR.
    months : for which months. first : the first observed month, "2025-05".
    yearly_rate : the discount, a share a year. horizon : how many months ahead count. window : how many months up
        to the asked one are read.
    draws, seed : of the bootstrap over accounts.

    Returns
    -------
    One row a month: month, clv_minor, low, high (float minor units; 95 %), churn (the chance to leave within a
    month), margin_minor (of a paying account a month), at_risk (accounts × months that paid and were followed one
    further month), lost (of these, how many did not pay in it), accounts, mature. NaN and mature False where no
    month before is observed, where the costs of the month are not known, or where nobody pays.

    The formula: CLV = m × Σ ((1 − c) / (1 + r)^(1/12))^t for t = 0 … horizon − 1, with c = lost / at_risk and m the
    mean margin of the paying account-months of the window. With an endless horizon and no first payment it is
    that of Gupta and Lehmann (2003), Journal of Interactive Marketing 17, 9-24.

    >>> paid = pd.DataFrame({"account_id": ["a", "a", "b"], "month": ["2026-01", "2026-02", "2026-01"], "mrr_minor": [100] * 3})
    >>> margin = paid.assign(margin_minor=[50] * 3)
    >>> got = lifetime_value(paid, margin, months=["2026-02"], first="2026-01", yearly_rate=0, horizon=2, draws=20)
    >>> got[["churn", "margin_minor", "clv_minor"]].values.tolist()
    [[0.5, 50.0, 75.0]]
    """
    found = payments(recurring, margins, months=months, first=first, window=window, draws=draws, seed=seed)
    return worth_of(found, yearly_rate=yearly_rate, horizon=horizon)


@dataclass(frozen=True)
class Payments:
    """What accounts paid in the window of one month, and whether they stayed: all that a worth is made of.

    sums : at_risk, lost, months paid and their margin, of all accounts together; None where the worth is not known.
    drawn : the same of accounts drawn with replacement, one row a draw. at_risk, lost, accounts : see `lifetime_value`.
    """

    month: str
    at_risk: int
    lost: int
    accounts: int
    sums: np.ndarray | None
    drawn: np.ndarray | None


def payments(
    recurring: pd.DataFrame, margins: pd.DataFrame, *, months: Iterable[str], first: str, window: int = WINDOW_MONTHS,
    draws: int = DRAWS, seed: int = 0,
) -> list[Payments]:  # fmt: skip
    """The part of `lifetime_value` that no discount and no horizon changes. Parameters as there."""
    return payments_of(laid_out(recurring, margins, months=months, first=first), months, window=window, draws=draws, seed=seed)


@dataclass(frozen=True)
class LaidOut:
    """What each account paid and brought in each month: accounts × months. axis : the months' numbers; costed : costs known."""

    axis: np.ndarray
    paid: np.ndarray
    margin: np.ndarray
    costed: np.ndarray


def laid_out(recurring: pd.DataFrame, margins: pd.DataFrame, *, months: Iterable[str], first: str) -> LaidOut:
    """Lay payments and margins out by account and month, from the first observed month to the last asked for."""
    asked, begin = month_numbers(months), int(month_numbers([first])[0])
    axis = np.arange(begin, max(asked, default=begin) + 1)
    accounts, paid = mrr_matrix(recurring, axis)
    margin = _margins(margins, accounts, axis)
    costed = np.isin(axis, month_numbers(margins["month"].unique()))
    return LaidOut(axis, paid, np.where(np.isnan(margin), paid, margin), costed)


def payments_of(
    laid: LaidOut, months: Iterable[str], *, window: int = WINDOW_MONTHS, draws: int = DRAWS, seed: int = 0
) -> list[Payments]:
    """The answer of `payments`, from payments laid out."""
    if not 1 <= window:
        raise WorkbookError(_LEAST)
    asked, axis, paid, margin, costed = month_numbers(months), laid.axis, laid.paid, laid.margin, laid.costed
    known = set(axis[costed].tolist())
    found = []
    for month, name in zip(asked, np.array(asked, "datetime64[M]").astype(str), strict=True):
        inside = (axis > month - window) & (axis <= month)
        before = inside[1:]  # transitions that end in the window
        pays = paid > 0
        risk = (pays[:, :-1] & before).sum(axis=1)
        lost = (pays[:, :-1] & ~pays[:, 1:] & before).sum(axis=1)
        counts = pays & (inside & costed)
        sums = np.column_stack([risk, lost, counts.sum(axis=1), np.where(counts, margin, 0).sum(axis=1)]).astype(float)
        sums = sums[sums[:, [0, 2]].any(axis=1)]
        there = bool(risk.sum() and month in known and sums[:, 2].sum())
        drawn = _drawn(sums, draws, seed) if there and len(sums) > 1 else None
        total = sums.sum(axis=0) if there else None
        found.append(Payments(str(name), int(risk.sum()), int(lost.sum()), len(sums), total, drawn))
    return found


def _drawn(sums: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Sums over as many accounts, drawn with replacement: one row a draw."""
    n = len(sums)
    chosen = np.random.default_rng(seed).integers(0, n, (draws, n))
    times = np.bincount((chosen + n * np.arange(draws)[:, None]).ravel(), minlength=draws * n)  # each account, in each draw
    return times.reshape(draws, n) @ sums


def worth_of(found: list[Payments], *, yearly_rate: float = YEARLY_RATE, horizon: int = HORIZON_MONTHS) -> pd.DataFrame:
    """The table of `lifetime_value` from what was paid."""
    if not (0 <= yearly_rate and 1 <= horizon):
        raise WorkbookError(_LEAST)
    factor = (1 + yearly_rate) ** (-1 / 12)
    rows = []
    for of in found:
        row = {"month": of.month, "clv_minor": np.nan, "low": np.nan, "high": np.nan, "churn": np.nan, "margin_minor": np.nan}
        row |= {"at_risk": of.at_risk, "lost": of.lost, "accounts": of.accounts, "mature": False}
        if of.sums is not None:
            value, churn, mean = _worth(of.sums, factor, horizon)
            drawn = np.array([_worth(s, factor, horizon)[0] for s in of.drawn]) if of.drawn is not None else np.zeros(0)
            drawn = drawn[~np.isnan(drawn)]
            low, high = np.quantile(drawn, [0.025, 0.975]) if len(drawn) else (np.nan, np.nan)
            row |= {"clv_minor": value, "low": low, "high": high, "churn": churn, "margin_minor": mean, "mature": True}
        rows.append(row)
    return pd.DataFrame(rows)


def _worth(sums: np.ndarray, factor: float, horizon: int) -> tuple[float, float, float]:
    risk, lost, paid, margin = sums
    if not risk or not paid:
        return np.nan, np.nan, np.nan
    churn, mean = lost / risk, margin / paid
    stay = (1 - churn) * factor
    months = horizon if stay == 1 else (1 - stay**horizon) / (1 - stay)
    return mean * months, churn, mean


def _margins(margins: pd.DataFrame, accounts: pd.Index, axis: np.ndarray) -> np.ndarray:
    out = np.full((len(accounts), len(axis)), np.nan)
    row = accounts.get_indexer(margins["account_id"])
    column = month_numbers(margins["month"]) - axis[0]
    inside = (row >= 0) & (column >= 0) & (column < len(axis))
    out[row[inside], column[inside]] = margins["margin_minor"].to_numpy(float)[inside]
    return out
