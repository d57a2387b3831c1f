"""Why is recurring revenue higher or lower than a month ago?

Unit: an account from one month to the next; the table sums them up. Opening plus the five
movements is closing, to the cent. It does not say why an account moved, and the first observed
month has no movements, because what came before it is unknown.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from apijourney.facts.money.months import consecutive, month_names, month_numbers
from apijourney.measurable import passes_on
from apijourney.metrics.business.recurring_revenue import mrr_matrix

MOVEMENTS = ("new", "expansion", "contraction", "churn", "reactivation")


def mrr_movement_accounts(recurring: pd.DataFrame, *, months: Iterable[str]) -> pd.DataFrame:
    """Which account moved MRR, when, how, and by how much?

    Parameters
    ----------
    recurring : account_id, month, mrr_minor, from `recurring_revenue`. Months before `months` serve
        to tell a return from a first payment.
    months : the observed months, consecutive; movements start in the second.

    Returns
    -------
    One row an account and month in which its MRR changed, by month and account:
    account_id, month, movement, before_minor, after_minor, change_minor (int64).
    An account pays in a month when its MRR is above 0. Movement:
    new : pays, did not the month before nor ever; reactivation : did not the month before, but once;
    churn : paid the month before, no longer; expansion, contraction : more or less than before.

    >>> recurring = pd.DataFrame({"account_id": ["a", "a", "b"], "month": ["2026-01", "2026-02", "2026-02"],
    ...                           "mrr_minor": [100, 150, 70]})
    >>> mrr_movement_accounts(recurring, months=["2026-01", "2026-02"])[["account_id", "movement", "change_minor"]]
      account_id   movement  change_minor
    0          a  expansion            50
    1          b        new            70
    """
    observed = consecutive(months, where="mrr_movements(months)")
    known = month_numbers(recurring["month"], where="recurring")
    first = min(observed[0], known.min(initial=observed[0]))
    axis = np.arange(first, observed[-1] + 1)
    accounts, mrr = mrr_matrix(recurring, axis)
    before, after = mrr[:, :-1], mrr[:, 1:]
    ever = np.maximum.accumulate(mrr > 0, axis=1)[:, :-1]
    movement = np.select(
        [
            (before > 0) & (after <= 0),
            (before <= 0) & (after > 0) & ~ever,
            (before <= 0) & (after > 0),
            after > before,
        ],
        ["churn", "new", "reactivation", "expansion"],
        "contraction",
    )
    moved = (after != before) & (axis[1:] > observed[0])
    month, account = np.nonzero(moved.T)
    return pd.DataFrame(
        {
            "account_id": accounts[account],
            "month": pd.Series(month_names(axis[1:][month]), dtype="str"),
            "movement": pd.Series(movement[account, month], dtype="str"),
            "before_minor": before[account, month],
            "after_minor": after[account, month],
            "change_minor": (after - before)[account, month],
        }
    )


def mrr_movements(recurring: pd.DataFrame, *, months: Iterable[str]) -> pd.DataFrame:
    """By which movements did MRR go from its opening to its closing in each month?

    Parameters
    ----------
    recurring, months : as in `mrr_movement_accounts`.

    Returns
    -------
    One row a month from the second on, all int64 minor units unless said:
    month, opening_minor, new_minor, expansion_minor, contraction_minor (≤ 0), churn_minor (≤ 0),
    reactivation_minor, closing_minor : opening + the five = closing, exactly;
    quick_ratio : gains / losses (float); infinite without losses, NaN without any movement.
    They are totals of what happened, so they carry no interval.

    >>> recurring = pd.DataFrame({"account_id": ["a", "a", "b"], "month": ["2026-01", "2026-02", "2026-01"],
    ...                           "mrr_minor": [100, 150, 25]})
    >>> mrr_movements(recurring, months=["2026-01", "2026-02"]).T[0].tolist()
    ['2026-02', 125, 0, 50, 0, -25, 0, 150, 2.0]
    """
    observed = consecutive(months, where="mrr_movements(months)")
    moves = mrr_movement_accounts(recurring, months=month_names(observed))
    _, mrr = mrr_matrix(recurring, observed)
    total = mrr.sum(axis=0)
    month = month_names(observed[1:])
    sums = moves.groupby(["month", "movement"])["change_minor"].sum()
    table = pd.DataFrame({"month": pd.Series(month, dtype="str"), "opening_minor": total[:-1]})
    for movement in MOVEMENTS:
        keys = [(m, movement) for m in month]
        table[f"{movement}_minor"] = [int(sums.get(key, 0)) for key in keys]
    table = table.astype({f"{movement}_minor": "int64" for movement in MOVEMENTS})
    gains = table["new_minor"] + table["expansion_minor"] + table["reactivation_minor"]
    losses = -(table["contraction_minor"] + table["churn_minor"])
    with np.errstate(divide="ignore", invalid="ignore"):
        quick = gains.to_numpy(float) / losses.to_numpy(float)
    return table.assign(closing_minor=total[1:], quick_ratio=quick)


@passes_on
def movement_waterfall(table: pd.DataFrame) -> pd.DataFrame:
    """Through which steps did MRR go from its opening to its closing, over some months together?

    table : from `mrr_movements`, consecutive months.
    Returns one row a step: step ("opening", the five movements, gains first, "closing"), minor (int64: the level, or the
    change), from_minor and to_minor (where its bar begins and ends). The changes lead from opening to closing to the cent;
    were they not to, the function would fail instead of showing them.

    >>> recurring = pd.DataFrame({"account_id": ["a", "a", "b"], "month": ["2026-01", "2026-02", "2026-01"],
    ...                           "mrr_minor": [100, 150, 25]})
    >>> steps = movement_waterfall(mrr_movements(recurring, months=["2026-01", "2026-02"]))
    >>> steps.loc[steps["minor"] != 0, ["step", "minor", "to_minor"]].values.tolist()
    [['opening', 125, 125], ['expansion', 50, 175], ['churn', -25, 150], ['closing', 150, 150]]
    """
    order = ("new", "expansion", "reactivation", "contraction", "churn")
    columns = ["step", "minor", "from_minor", "to_minor"]
    if table.empty:
        return pd.DataFrame(columns=columns)
    level = int(table["opening_minor"].iloc[0])
    rows = [("opening", level, 0, level)]
    for name in order:
        change = int(table[f"{name}_minor"].sum())
        rows.append((name, change, level, level + change))
        level += change
    closing = int(table["closing_minor"].iloc[-1])
    if level != closing:
        raise ArithmeticError(f"movements lead to {level}, not to the closing {closing}: months are missing between.")
    return pd.DataFrame([*rows, ("closing", closing, 0, closing)], columns=columns)
