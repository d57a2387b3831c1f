"""What remains: of the accounts of one month, which share of accounts, of use and of revenue is there later?

Unit: an account active in the base month. All three shares are of the same accounts, so they can be compared: use
above accounts means that those who stay use more. Accounts won since are left out. It does not say who grew: one
large account can hold up use and revenue while many leave.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.business.ledger import billed_by_day, recurring_lines, usage_is_late
from apijourney.metrics.product.account_use import use_by_month
from apijourney.metrics.uncertainty import wilson

_AT_ONCE = 50  # draws that are in memory together


@remembered
@needs("active", what="What remains of accounts, use and revenue")
def remaining(study) -> pd.DataFrame | NotMeasurable:
    """Of the accounts active in the first whole month shown, what remains in each month after it?

    Use is compared by day, because months differ in length. Revenue is recurring revenue (MRR), or what was billed in
    the month where nothing recurs.

    Returns
    -------
    One row a measure and month: measure ("accounts"; "calls" or "active days"; "MRR" or "billed revenue"), month, value
    (in the base month 1; may exceed 1 for use and revenue), low, high (95 %; Wilson for accounts, else bootstrap over
    accounts, as in `bootstrap_ratio`), numerator, denominator (accounts; use a day; minor units), accounts (of the base month). NaN = not
    measurable: no invoices, none of these accounts paid in the base month, a month that is not over, or usage not
    billed yet.
    """
    whole = [m for m in study.months if study.whole(m)]
    use, unit = use_by_month(study)
    base = next((m for m in whole if (use[m] > 0).sum() >= study.workbook.definitions.min_n), None)
    if base is None or base == study.month:
        return NotMeasurable(
            "What remains of accounts, use and revenue",
            f"it follows at least {study.workbook.definitions.min_n} accounts over a whole month and the next; choose a "
            "later month, or more months_back.",
        )
    months = [m for m in study.months if m >= base]
    use = use.loc[use[base] > 0, months]
    length = pd.PeriodIndex(months, freq="M").days_in_month.to_numpy()
    money, label, known = _revenue(study, use.index, months)
    over = np.array([study.whole(m) for m in months])
    here = (use > 0).sum().to_numpy()
    low, high = wilson(here, np.full(len(here), len(use)))
    accounts = pd.DataFrame({"value": here / len(use), "low": low, "high": high, "numerator": here.astype(float),
                             "denominator": float(len(use))})  # fmt: skip
    parts = [
        accounts.where(pd.Series(over)).assign(measure="accounts"),
        _ratios(use.to_numpy() / length, over).assign(measure=unit),
        _ratios(money, known & over).assign(measure=label),
    ]
    table = pd.concat([part.assign(month=months) for part in parts], ignore_index=True).assign(accounts=len(use))
    return table[["measure", "month", "value", "low", "high", "numerator", "denominator", "accounts"]]


def _revenue(study, accounts: pd.Index, months: list[str]) -> tuple[np.ndarray, str, np.ndarray]:
    """Revenue of accounts × months in minor units, its name, and in which months it is known."""
    known = np.ones(len(months), dtype=bool)
    lines = recurring_lines(study)
    label, column = "MRR", "mrr_minor"
    if isinstance(lines, NotMeasurable):
        lines, label, column = billed_by_day(study), "billed revenue", "minor"
    elif usage_is_late(study):
        known[-1] = False
    if isinstance(lines, NotMeasurable):
        return np.zeros((len(accounts), len(months))), "MRR", np.zeros(len(months), dtype=bool)
    lines = lines[lines["account_id"].isin(accounts) & lines["month"].isin(months)]
    sums = lines.groupby(["account_id", "month"])[column].sum().unstack(fill_value=0)
    return sums.reindex(index=accounts, columns=months, fill_value=0).fillna(0).to_numpy(dtype=float), label, known


def _ratios(amounts: np.ndarray, known: np.ndarray, *, draws: int = 400, seed: int = 0) -> pd.DataFrame:
    """Each month's sum over the first month's, with a bootstrap over accounts; NaN where not known.

    amounts : accounts × months. A draw takes the same accounts for all months, so that months can be compared.
    """
    n, total = len(amounts), amounts[:, 0].sum()
    sure = known & known[0] & (total > 0)
    rng = np.random.default_rng(seed)
    drawn = np.vstack(
        [rng.multinomial(n, np.full(n, 1 / n), size=min(_AT_ONCE, draws - i)) @ amounts for i in range(0, draws, _AT_ONCE)]
    )
    drawn = drawn[drawn[:, 0] > 0]
    low, high = np.full(len(known), np.nan), np.full(len(known), np.nan)
    if n > 1 and len(drawn):
        low, high = np.quantile(drawn / drawn[:, :1], [0.025, 0.975], axis=0)
    low[0] = high[0] = np.nan
    sums = amounts.sum(axis=0)
    table = pd.DataFrame({"value": sums / total if total > 0 else np.nan, "low": low, "high": high, "numerator": sums,
                          "denominator": float(total)})  # fmt: skip
    return table.where(pd.Series(sure))
