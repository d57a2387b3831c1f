"""What does a call cost, if nobody says? The prices are read off the bills themselves.

Unit: a bill for use of one account and month. A month's prices are those under which most bills of it and the two
months before fit their calls, in each currency apart; of a year where those are too few. It finds one price an endpoint and no more: neither free calls nor
tiers nor an account's own discount. Where those are the rule, most bills do not fit, and no price is given.
"""

import numpy as np
import pandas as pd

LEAST_BILLS = 4  # bills an endpoint, before its price can be read off them
PRICE_MONTHS = (3, 1, 12)  # tried one after the other: prices of last year need not be those of today
LEAST_FIT = 0.5  # of the month's bills must fit to the cent: else there is no such price list
CENT = 0.51


def read_prices(calls: pd.DataFrame, billed: pd.Series) -> pd.Series:
    """Under which price a call do most bills fit?

    Parameters
    ----------
    calls : one row a bill, one column an endpoint, values are billable calls. billed : minor units of each bill.

    Returns
    -------
    endpoint → price in minor units a call (float, four decimals). NaN for all where there are fewer than four bills an
    endpoint, or where endpoints are always used in one proportion, so that their prices cannot be told apart.

    The method: least absolute deviations, by iteratively reweighted least squares, so that a few wrong bills do not move
    it; then least squares over the bills that fit: exactly if they are half of all, else to the cent.

    >>> calls = pd.DataFrame({"/a": [10, 0, 5, 2, 1, 7, 3, 9], "/b": [0, 10, 5, 1, 2, 3, 8, 4]})
    >>> billed = 3 * calls["/a"] + 7 * calls["/b"]
    >>> billed[7] = 999
    >>> read_prices(calls, billed).tolist()
    [3.0, 7.0]
    """
    x, y = calls.to_numpy(float), billed.to_numpy(float)
    used = x.any(axis=0)
    out = pd.Series(np.nan, index=calls.columns)
    x = x[:, used]
    if not used.any() or len(y) < LEAST_BILLS * x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        return out
    price, weight = np.zeros(x.shape[1]), np.ones(len(y))
    for _ in range(60):
        weighted, before = x * weight[:, None], price
        price = np.linalg.solve(weighted.T @ x, weighted.T @ y)
        if np.abs(price - before).max() < 1e-9:
            break
        weight = 1 / np.maximum(np.abs(y - x @ price), 1e-3)
    off = np.abs(y - x @ price)
    exact = off < CENT / 50
    fits = exact if exact.mean() >= LEAST_FIT else off < CENT  # a bill rounded to the cent is off by up to half of one
    if np.linalg.matrix_rank(x[fits]) == x.shape[1]:
        price = np.linalg.lstsq(x[fits], y[fits], rcond=None)[0]
    out[used] = np.maximum(np.round(price, 4), 0)
    return out


def prices_by_month(calls: pd.DataFrame, billed: pd.Series, month: pd.Series) -> pd.DataFrame:
    """Which prices hold in each month?

    Parameters
    ----------
    calls, billed : as for `read_prices`, bills of several months in one currency. month : of each bill, "2026-10".

    Returns
    -------
    One row a month, one column an endpoint: the price in minor units. The bills of the month and the two before are read
    first, then those of the month alone, for prices may have just changed, and then those of a year, for there may be few
    bills. The first prices under which at least half of the month's bills fit to the cent are taken; NaN for all if none do.

    >>> calls = pd.DataFrame({"/a": [1, 2, 3, 4] * 2})
    >>> billed, month = calls["/a"] * [3, 3, 3, 3, 4, 4, 4, 4], pd.Series(["2026-09"] * 4 + ["2026-10"] * 4)
    >>> prices_by_month(calls, billed, month)["/a"].to_dict()
    {'2026-09': 3.0, '2026-10': 4.0}
    """
    numbers = pd.PeriodIndex(month, freq="M").astype("int64").to_numpy()
    out = {}
    for number, name in sorted(set(zip(numbers, month, strict=True))):
        own = numbers == number
        out[name] = pd.Series(np.nan, index=calls.columns)
        for back in PRICE_MONTHS:
            these = (numbers <= number) & (numbers > number - back)
            price = read_prices(calls[these], billed[these])
            off = (billed[own] - calls[own] @ price.fillna(0)).abs()
            if not price[calls[own].any()].isna().any() and (off < CENT).mean() >= LEAST_FIT and calls[own].any().any():
                out[name] = price
                break
    return pd.DataFrame.from_dict(out, orient="index", columns=calls.columns)
