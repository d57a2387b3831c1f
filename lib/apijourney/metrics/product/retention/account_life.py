"""Account life: how long does an account stay before it falls silent for good?

Unit: an account known to have begun while it was observed (see `beginners`). Its life runs from its first active day
to the first silence longer than the silence limit. An account that returns after such a silence is not counted
again: the limit is chosen so that this is rare. Accounts still alive count for as long as they were watched. A
difference between groups is an association. It does not say what a life was worth.
"""

import warnings

import numpy as np
import pandas as pd

from apijourney.errors import unknown
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs, passes_on
from apijourney.metrics.product.activation.beginners import beginners_log
from apijourney.metrics.product.periods import account_periods
from apijourney.metrics.product.retention.silence_limit import silence_limit
from apijourney.metrics.uncertainty import benjamini_hochberg, wilson

MONTH_DAYS = 30
"""Age is told in months of 30 days."""
GROUPINGS = {"segment": "entry_segment", "channel": "channel"}


def lives(account: np.ndarray, day: np.ndarray, until_day: int, limit: int) -> pd.DataFrame:
    """How long did each account live, or was it seen alive?

    Whether an account was alive is known up to `limit` days before the end: after that a silence is too young to be
    told from a pause. Accounts that began later are left out.

    account, day : codes and numbers of active local days, once each, sorted. until_day : the first not observed.
    limit : silent days; an account silent for more is gone.

    Returns
    -------
    One row an account: account, began (its first active day), days (from the first active day to the first silent one
    of the silence that ended its life, or to where it was last known alive), ended, watched (days it could be seen).

    >>> lives(np.array([1, 1, 2]), np.array([0, 4, 1]), 30, 5)[["days", "ended", "watched"]].values.tolist()
    [[5, True, 25], [1, True, 24]]
    """
    starts = np.append(True, account[1:] != account[:-1])[: len(account)]
    last = np.append(starts[1:], True)[: len(account)]
    gap = np.where(last, until_day - day, np.append(np.diff(day), 0)[: len(day)]) - 1
    horizon = until_day - limit
    table = pd.DataFrame({"account": account, "end": np.where(gap > limit, day + 1, horizon)})
    table = table.groupby("account")["end"].min().reset_index()
    began = day[starts]
    end = np.minimum(table["end"].to_numpy(), horizon)
    table = pd.DataFrame(
        {"account": table["account"], "began": began, "days": end - began, "ended": end < horizon, "watched": horizon - began}
    )
    return table[table["watched"] > 0].reset_index(drop=True)


def survival_curve(table: pd.DataFrame) -> pd.DataFrame:
    """Which share of accounts is still there after so many days?

    table : days, ended; one row an account, from `lives`.

    Returns
    -------
    One row at 0 days, at each age at which a life ended, and at the longest watched: days, alive (Kaplan-Meier
    estimate), low, high (95 %, log-log Greenwood; NaN before the first end and after everybody ended), at_risk
    (accounts alive and watched just before). Empty if there is no account.

    Source: Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481; computed by lifelines.

    >>> survival_curve(pd.DataFrame({"days": [2, 4], "ended": [True, False]}))[["days", "alive", "at_risk"]]
       days  alive  at_risk
    0     0    1.0        2
    1     2    0.5        2
    2     4    0.5        1
    """
    if not len(table):
        return pd.DataFrame({"days": [], "alive": [], "low": [], "high": [], "at_risk": np.zeros(0, "int64")})
    from lifelines import KaplanMeierFitter

    counts = table[["days", "ended"]].value_counts().reset_index()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifelines divides by the last, empty risk set
        fit = KaplanMeierFitter().fit(counts["days"], counts["ended"], weights=counts["count"])
    band, events = fit.confidence_interval_, fit.event_table
    curve = pd.DataFrame(
        {
            "days": fit.survival_function_.index.to_numpy().astype("int64"),
            "alive": fit.survival_function_.iloc[:, 0].to_numpy(),
            "low": band.iloc[:, 0].to_numpy(),
            "high": band.iloc[:, 1].to_numpy(),
            "at_risk": events["at_risk"].to_numpy().astype("int64"),
        }
    )
    curve.loc[(curve["alive"] <= 0) | (curve["alive"] >= 1), ["low", "high"]] = np.nan
    kept = (events["observed"] > 0).to_numpy() | curve.index.isin([0, len(curve) - 1])
    return curve[kept].reset_index(drop=True)


def alive_after(
    table: pd.DataFrame, days: int, *, min_n: int = 5, curve: pd.DataFrame | None = None
) -> tuple[float, float, float]:
    """Which share is alive after so many days, and between which bounds? (alive, low, high) of `survival_curve`.

    table : from `lives`. curve : its `survival_curve`, where that is there already. NaN where fewer than `min_n`
        accounts were seen alive for that long.

    >>> round(alive_after(pd.DataFrame({"days": [2] * 4 + [9] * 12, "ended": [True] * 4 + [False] * 12}), 7)[0], 2)
    0.75
    """
    if (table["days"] >= days).sum() < min_n:
        return np.nan, np.nan, np.nan
    curve = survival_curve(table) if curve is None else curve
    row = curve[curve["days"] <= days].iloc[-1]
    return float(row["alive"]), float(row["low"]), float(row["high"])


def half_life(curve: pd.DataFrame) -> tuple[float, float, float]:
    """The age in days at which half of the accounts are gone, and its 95 % interval; NaN = not reached.

    Source of the interval: Brookmeyer and Crowley (1982), Biometrics 38, 29-41.
    """

    def first(column: str) -> float:
        there = curve.loc[curve[column] <= 0.5 + 1e-12, "days"]
        return float(there.iloc[0]) if len(there) else np.nan

    return first("alive"), first("low"), first("high")


@passes_on
def hazard_by_age(table: pd.DataFrame, *, min_n: int = 5) -> pd.DataFrame:
    """Of the accounts alive at the beginning of a month of age, which share is gone by its end?

    table : days, ended, watched, from `lives`. Only accounts that could be watched to the end of the month count.

    Returns
    -------
    One row a month of age (30 days), as long as `min_n` accounts are known: age (0 = the first), value, low, high (95 %
    Wilson), numerator (lives ended in it), denominator.
    """
    rows = []
    for age in range(int(table["watched"].max() // MONTH_DAYS) if len(table) else 0):
        begin, end = age * MONTH_DAYS, (age + 1) * MONTH_DAYS
        known = table[(table["watched"] >= end) & (table["days"] > begin)]
        rows.append((age, int((known["ended"] & (known["days"] <= end)).sum()), len(known)))
    found = pd.DataFrame(rows, columns=["age", "numerator", "denominator"], dtype="int64")
    found = found[found["denominator"].cummin() >= min_n].reset_index(drop=True)
    low, high = wilson(found["numerator"], found["denominator"])
    return found.assign(value=found["numerator"] / found["denominator"], low=low, high=high)


@remembered
@needs("active", what="How long accounts stay")
def account_lives(study, *, limit: int | None = None) -> pd.DataFrame | NotMeasurable:
    """The table of `lives` for the beginners of a study, with account_id. limit : silent days; None = `silence_limit`."""
    chosen = silence_limit(study) if limit is None else None
    if isinstance(chosen, NotMeasurable):
        return chosen
    limit = limit or chosen.days
    account, day, names = _beginners_days(study)
    table = lives(account, day, int(study.until_day.astype("int64")), limit)
    if table.empty:
        return NotMeasurable(
            "How long accounts stay",
            f"nobody is known to have begun more than {limit} days before the end; choose a later month.",
        )
    return table.assign(account_id=names.take(table["account"]))


@remembered(most=1)
def _beginners_days(study) -> tuple[np.ndarray, np.ndarray, pd.Index]:
    """The active local days of beginners: codes of accounts, numbers of days, and the ids of the codes."""
    log = beginners_log(study)
    return *account_periods(log, None, "D", study.zone), log.accounts


def lives_by(study, by: str, *, limit: int | None = None) -> dict[str, pd.DataFrame] | NotMeasurable:
    """The lives of each group with at least `definitions.min_n` accounts, by name.

    by : "segment" (at sign-up) or "channel". limit : as in `account_lives`.
    """
    if by not in GROUPINGS:
        raise unknown("grouping", by, GROUPINGS, where="by")
    table = account_lives(study, limit=limit)
    if isinstance(table, NotMeasurable):
        return table
    accounts = study.accounts.drop_duplicates("account_id").set_index("account_id")
    known = accounts[GROUPINGS[by]] if GROUPINGS[by] in accounts else pd.Series(dtype="str")
    group = table["account_id"].map(known)
    parts = {str(n): part for n, part in table.groupby(group) if len(part) >= study.workbook.definitions.min_n}
    if len(parts) < 2:
        return NotMeasurable(
            f"Account life by {by}", f"fewer than two groups have enough accounts; fill accounts.{by}, or choose all segments."
        )
    return parts


@passes_on
def survival_of(parts: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The survival curve of each group: label → table of `survival_curve`. parts : label → lives."""
    return {name: survival_curve(part) for name, part in parts.items()}


def life_log_rank(study) -> pd.DataFrame | NotMeasurable:
    """Do the groups of accounts stay for different times at all? One test a grouping, both of them one family.

    Returns
    -------
    One row a grouping with two groups or more: by, groups, accounts, statistic (log-rank, chi-squared), degrees (of
    freedom), p, q (Benjamini-Hochberg over the rows).

    Source: Mantel (1966), Cancer Chemotherapy Reports 50, 163-170; computed by lifelines.
    """
    from lifelines.statistics import multivariate_logrank_test

    rows, why = [], None
    for by in GROUPINGS:
        parts = lives_by(study, by)
        if isinstance(parts, NotMeasurable):
            why = parts
            continue
        table = pd.concat(part.assign(group=name) for name, part in parts.items())
        found = multivariate_logrank_test(table["days"], table["group"], table["ended"])
        rows.append((by, len(parts), len(table), float(found.test_statistic), len(parts) - 1, float(found.p_value)))
    if not rows:
        return why
    table = pd.DataFrame(rows, columns=["by", "groups", "accounts", "statistic", "degrees", "p"])
    return table.assign(q=benjamini_hochberg(table["p"]))
