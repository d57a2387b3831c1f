"""Of the revenue of a year ago, how much is still there from the same accounts?

Unit: an account that paid then. Accounts won since are left out, so growth by new sales cannot
hide a leak; one large account can, so read it beside `concentration`. It says nothing of profit.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.facts.money.months import month_names, month_numbers
from apijourney.metrics.business.recurring_revenue import mrr_matrix
from apijourney.metrics.uncertainty import bootstrap_ratio

_UNKNOWN = {"accounts": pd.NA, "then_minor": pd.NA, "now_minor": pd.NA, "kept_minor": pd.NA}


def net_revenue_retention(
    recurring: pd.DataFrame,
    *,
    month: str | Iterable[str],
    months_back: int = 12,
    draws: int = 400,
    seed: int = 0,
) -> pd.DataFrame:
    """How much of the MRR of `months_back` ago do the same accounts bring in `month`?

    Parameters
    ----------
    recurring : account_id, month, mrr_minor, from `recurring_revenue`.
    month : the month of "now", or several.
    months_back : how many months before now is "then"; 12 is the headline, 1 the monthly version.
    draws, seed : of the bootstrap over accounts.

    Returns
    -------
    One row a month:
    month, months_back,
    nrr, nrr_low, nrr_high : now / then, of accounts with MRR above 0 then; may exceed 1,
    grr, grr_low, grr_high : the same with each account's now capped at its then; at most 1,
    accounts : how many paid then (Int64), then_minor : the denominator, now_minor : numerator of NRR,
    kept_minor : numerator of GRR, mature : whether both months lie within `recurring`.
    NaN (and mature False) where one of the two lies outside; NaN also where nobody paid then. low and high are NaN where
    all accounts changed alike: nothing varies to draw from.

    >>> recurring = pd.DataFrame({"account_id": ["a", "b", "a"], "month": ["2025-10", "2025-10", "2026-10"],
    ...                           "mrr_minor": [100, 100, 150]})
    >>> net_revenue_retention(recurring, month="2026-10")[["nrr", "grr", "accounts"]]
        nrr  grr  accounts
    0  0.75  0.5         2
    """
    if months_back < 1:
        raise WorkbookError(
            f"net_revenue_retention(months_back): must be at least 1, found {months_back}."
        )
    asked = month_numbers([month] if isinstance(month, str) else month, where="month")
    observed = month_numbers(recurring["month"], where="recurring")
    rows = []
    for now in asked:
        row = {"month": month_names([now])[0], "months_back": months_back}
        mature = bool(len(observed)) and observed.min() <= now - months_back and now <= observed.max()
        if mature:
            _, mrr = mrr_matrix(recurring, np.arange(now - months_back, now + 1))
            row |= _retained(mrr[:, 0], mrr[:, -1], draws, seed)
        else:
            row |= _share("nrr", np.nan, (np.nan, np.nan)) | _share("grr", np.nan, (np.nan, np.nan))
            row |= _UNKNOWN
        rows.append(row | {"mature": mature})
    table = pd.DataFrame(rows)
    return table.astype({name: "Int64" for name in _UNKNOWN})


def _retained(then: np.ndarray, now: np.ndarray, draws: int, seed: int) -> dict:
    paid = then > 0
    then, now = then[paid], now[paid]
    kept = np.minimum(then, now)
    total = int(then.sum())
    row: dict = {}
    for name, part in (("nrr", now), ("grr", kept)):
        value = part.sum() / total if total else np.nan
        row |= _share(name, value, bootstrap_ratio(part, then, draws=draws, seed=seed))
    return row | {
        "accounts": len(then),
        "then_minor": total,
        "now_minor": int(now.sum()),
        "kept_minor": int(kept.sum()),
    }


def _share(name: str, value: float, interval: tuple[float, float]) -> dict:
    if interval[0] == interval[1]:  # no account changed: nothing varies, so nothing is known of others
        interval = (np.nan, np.nan)
    return {name: value, f"{name}_low": interval[0], f"{name}_high": interval[1]}
