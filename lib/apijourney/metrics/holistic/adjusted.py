"""By how much does an outcome differ between two groups of accounts, once like is compared with like?

Unit: an account. The crude difference compares the two groups as they are. The adjusted one asks a
regression what each account would have shown in either group, its other attributes as they are, and
averages over all accounts. It allows only for what is given to it, so it remains an association.
"""

import warnings

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.discrete.discrete_model import Logit
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from apijourney.metrics.product.association import association

LEAST_ACCOUNTS = 20
"""Fewer accounts than this in either group: too few to say."""
_LEAST_EACH = 10  # of either outcome, in all; a level of a category with fewer accounts joins "the rest"
_FLAT = 25.0  # a linear predictor beyond this is a share of 0 or 1: the groups are separated
_Z = norm.ppf(0.975)

COLUMNS = [
    "n", "exposed", "with_exposed", "with_others", "crude", "crude_low", "crude_high",
    "adjusted", "low", "high", "p", "note",
]  # fmt: skip


def adjusted_difference(accounts: pd.DataFrame, *, exposure: str, outcome: str, confounders: list[str]) -> dict:
    """How much more of the outcome have the exposed accounts than the others, crude and adjusted?

    Parameters
    ----------
    accounts : one row an account. `exposure` true or false; `outcome` 0 or 1, or an amount; rows with
        either missing are left out.
    confounders : columns compared alike: numbers enter as they are (centred), texts as categories, in
        which levels of fewer than 10 accounts, or where nobody or everybody has the outcome, are one.

    Returns
    -------
    n (accounts), exposed (of these), with_exposed, with_others (mean of the outcome in each group),
    crude with crude_low and crude_high (Newcombe's interval for a 0/1 outcome, Welch's for an amount),
    adjusted with low and high, p (two-sided, of adjusted = 0), note. Differences are exposed minus
    others, in the outcome's unit. Where there are too few accounts, or a group is all or nothing, the
    numbers that cannot be told are NaN and `note` says why.

    The model is a logistic regression for a 0/1 outcome and a linear one for an amount, both by
    statsmodels, with robust (HC1) errors; the interval of the averaged difference is by the delta method.
    Source: Greenland (2004), American Journal of Epidemiology 160, 301-305 (standardisation by models).

    >>> rows = [("a", 1, 1)] * 30 + [("a", 1, 0)] * 10 + [("a", 0, 1)] * 10 + [("a", 0, 0)] * 30
    >>> table = pd.DataFrame(rows, columns=["segment", "tried", "stayed"])
    >>> found = adjusted_difference(table, exposure="tried", outcome="stayed", confounders=["segment"])
    >>> round(found["crude"], 2), round(found["adjusted"], 2)
    (0.5, 0.5)
    """
    rows = accounts.dropna(subset=[exposure, outcome]).reset_index(drop=True)
    did, y = rows[exposure].astype(bool).to_numpy(), rows[outcome].to_numpy(dtype=float)
    binary = bool(np.isin(y, (0.0, 1.0)).all())
    out = dict.fromkeys(COLUMNS, np.nan) | {"n": len(rows), "exposed": int(did.sum()), "note": ""}
    if min(did.sum(), (~did).sum()) < LEAST_ACCOUNTS:
        return out | {"note": "too few to say"}
    out |= {"with_exposed": float(y[did].mean()), "with_others": float(y[~did].mean())}
    out["crude"] = out["with_exposed"] - out["with_others"]
    out["crude_low"], out["crude_high"] = _crude(did, y, binary)
    if binary and min(y.sum(), len(y) - y.sum()) < _LEAST_EACH:
        return out | {"note": "too few to say"}
    if binary and any(y[g].mean() in (0.0, 1.0) for g in (did, ~did)):
        return out | {"note": "all or nothing in one group"}
    design = np.column_stack([np.ones(len(y)), did, *_columns(rows, confounders, y if binary else None)])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        design = _independent(design)
    found = _standardised(design, y, binary)
    return out | (found or {"note": "too few to say"})


def _crude(did: np.ndarray, y: np.ndarray, binary: bool) -> tuple[float, float]:
    if binary:
        row = association(pd.DataFrame({"did": did}), y.astype(bool)).iloc[0]
        return float(row["low"]), float(row["high"])
    difference = y[did].mean() - y[~did].mean()
    half = _Z * np.sqrt(y[did].var(ddof=1) / did.sum() + y[~did].var(ddof=1) / (~did).sum())
    return difference - half, difference + half


def _columns(rows: pd.DataFrame, confounders: list[str], y: np.ndarray | None) -> list[np.ndarray]:
    """The confounders as columns of numbers; the commonest level of a category is its baseline."""
    out = []
    for name in confounders:
        values = rows[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            numbers = values.to_numpy(dtype=float)
            out.append(np.nan_to_num(numbers - np.nanmean(numbers)))
            continue
        text = values.astype("object").where(values.notna(), "unknown").astype(str)
        for level in text.value_counts().sort_index(kind="stable").sort_values(ascending=False, kind="stable").index[1:]:
            inside = (text == level).to_numpy()
            flat = y is not None and y[inside].mean() in (0.0, 1.0)
            if inside.sum() >= _LEAST_EACH and not flat:
                out.append(inside.astype(float))
    return out


def _independent(design: np.ndarray) -> np.ndarray:
    """Leave out columns that earlier ones already say."""
    kept = [0]
    for i in range(1, design.shape[1]):
        if np.linalg.matrix_rank(design[:, [*kept, i]]) > len(kept):
            kept.append(i)
    return design[:, kept]


def _standardised(design: np.ndarray, y: np.ndarray, binary: bool) -> dict | None:
    """The averaged difference between all exposed and none; None where the model cannot tell."""
    if binary:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # separation is judged below, by what it does to the numbers
            try:
                fit = Logit(y, design).fit(disp=0, maxiter=60, cov_type="HC1")
            except (np.linalg.LinAlgError, PerfectSeparationError):
                return None
        if not fit.mle_retvals["converged"] or np.abs(design @ fit.params).max() > _FLAT:
            return None
    else:
        fit = OLS(y, design).fit(cov_type="HC1")
    one, none = design.copy(), design.copy()
    one[:, 1], none[:, 1] = 1.0, 0.0
    if binary:
        share_1, share_0 = (1 / (1 + np.exp(-(x @ fit.params))) for x in (one, none))
        difference = (share_1 - share_0).mean()
        slope = ((share_1 * (1 - share_1))[:, None] * one - (share_0 * (1 - share_0))[:, None] * none).mean(axis=0)
    else:
        difference, slope = fit.params[1], (one - none).mean(axis=0)
    error = float(np.sqrt(slope @ np.asarray(fit.cov_params()) @ slope))
    if not np.isfinite(error) or error == 0:
        return None
    return {
        "adjusted": float(difference), "low": float(difference - _Z * error), "high": float(difference + _Z * error),
        "p": float(2 * norm.sf(abs(difference) / error)),
    }  # fmt: skip
