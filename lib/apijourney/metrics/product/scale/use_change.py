"""Does an account use the API more or less than the month before?

Unit: an account used in either of two neighbouring local months. Use is compared by day, because months differ in
length, and a month that goes on by the days observed of it. It does not say whether a change is more than chance.
"""

import numpy as np
import pandas as pd

from apijourney.localtime import local_days

STEADY_BAND = 0.25
"""A change of use a day below this share, up or down, is called steady."""


def days_observed(study) -> pd.Series:
    """How many local days of each month were observed? All of them, but in the first and in one that goes on."""
    bounds = [study.bounds(m) for m in study.all_months]
    inside = [(max(a, study.observed_from), min(b, study.observed_until)) for a, b in bounds]
    days = [local_days(np.array([a, b - 1]), study.zone).astype("int64") for a, b in inside]
    return pd.Series([int(b - a) + 1 for a, b in days], index=study.all_months)


def use_states(use: pd.DataFrame, months: list[str], days: pd.Series, *, band: float = STEADY_BAND) -> pd.DataFrame:
    """How does each account's use in the last of some months compare with the month before it?

    use : from `use_by_month`; months : those known, in order, at least two; days : observed in each. Returns the
    columns before to state of `usage_change`, one row an account used in either of the last two months (index
    account_id).
    """
    last, now = months[-2:]
    table = pd.DataFrame({"before": use[last], "now": use[now], "earlier": use[months[:-2]].sum(axis=1)})
    table = table[(table["before"] > 0) | (table["now"] > 0)].copy()
    table["before_a_day"], table["now_a_day"] = table["before"] / days[last], table["now"] / days[now]
    table["ratio"] = (table["now_a_day"] / table["before_a_day"].where(table["before"] > 0)).astype("float64")
    table["state"] = np.select(
        [table["now"] == 0, (table["before"] == 0) & (table["earlier"] == 0), table["before"] == 0,
         table["ratio"] > 1 + band, table["ratio"] < 1 - band],
        ["silent", "new", "back", "grew", "shrank"], "steady",
    )  # fmt: skip
    return table
