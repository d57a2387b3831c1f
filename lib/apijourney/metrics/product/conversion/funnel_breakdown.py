"""Where does each group of accounts stop: the funnel's steps by segment or by channel.

Unit: an account of the funnel whose window has closed. Each group is compared with all other accounts, step
by step; because every step of every group is looked at, p values become q values over all of them. Groups
differ in more than their name: a difference is an association.
"""

import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.group_rates import rate_by
from apijourney.metrics.product.conversion.journey_funnel import journey_accounts
from apijourney.metrics.product.conversion.time_to_by import GROUPINGS
from apijourney.errors import unknown
from apijourney.metrics.uncertainty import benjamini_hochberg

WHOLE_WAY = "the whole way"


def funnel_breakdown(study, by: str, *, window: str = "28D") -> pd.DataFrame | NotMeasurable:
    """Of the accounts of each group that took one step, which share took the next?

    by : "segment" (at sign-up) or "channel". window : from the first step, as in `journey_funnel`.
    See `step_rates` for the columns.
    """
    if by not in GROUPINGS:
        raise unknown("grouping", by, GROUPINGS, where="by")
    found = journey_accounts(study, window=window)
    if isinstance(found, NotMeasurable):
        return found
    accounts = study.accounts.drop_duplicates("account_id").set_index("account_id")
    group = found["account_id"].astype("str").map(accounts[GROUPINGS[by]])
    if group.nunique() < 2:
        return NotMeasurable(
            f"The funnel by {by}", f"fewer than two groups are known; fill accounts.{by}, or choose all segments."
        )
    closed = found.assign(group=group)[~found["immature"]]
    return step_rates(closed, study.workbook.funnel, min_n=study.workbook.definitions.min_n)


def step_rates(accounts: pd.DataFrame, names: list[str], *, min_n: int = 5) -> pd.DataFrame:
    """Compute, for each step and group, the share that goes on.

    Parameters
    ----------
    accounts : one row an account: group (null = left out), level (steps taken, at least 1).
    names : what the steps are called. min_n : groups with fewer accounts at a step carry no rate there.

    Returns
    -------
    One row a step after the first and a group (the largest group first), then the whole way: step (0-based;
    the number of steps for the whole way), step_name, group, value (of the accounts at the step before; of
    those at the first step for the whole way), low, high (Wilson), numerator, denominator, others (rate of all
    other accounts), others_n, p (Fisher), q (Benjamini-Hochberg over all rows). NaN = too few accounts.

    >>> people = pd.DataFrame({"group": ["a"] * 5 + ["b"] * 5, "level": [2] * 5 + [1] * 5})
    >>> step_rates(people, ["opened", "called"])[["step_name", "group", "value"]].values.tolist()
    [['called', 'a', 1.0], ['called', 'b', 0.0], ['the whole way', 'a', 1.0], ['the whole way', 'b', 0.0]]
    """
    sizes = accounts["group"].dropna().astype("str").value_counts().reset_index()
    order = sizes.sort_values(["count", "group"], ascending=[False, True])["group"].tolist()
    parts = []
    for step in range(1, len(names) + 1):
        whole = step == len(names)
        there = accounts if whole else accounts[accounts["level"] >= step]
        rates = rate_by(there.assign(on=there["level"] >= len(names) if whole else there["level"] > step), by="group", outcome="on", min_n=min_n)
        rates = rates.set_index("group").reindex(order).rename_axis("group").reset_index()
        rates[["numerator", "denominator"]] = rates[["numerator", "denominator"]].fillna(0).astype("int64")
        rates.insert(0, "step_name", WHOLE_WAY if whole else names[step])
        rates.insert(0, "step", step)
        parts.append(rates)
    table = pd.concat(parts, ignore_index=True)
    table["q"] = benjamini_hochberg(table["p"].to_numpy(dtype=float))
    columns = ["step", "step_name", "group", "value", "low", "high", "numerator", "denominator", "others", "others_n", "p", "q"]
    return table[columns]
