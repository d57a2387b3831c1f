"""Silence limit: after how many silent days is an account gone, judged by the silences seen so far?

Unit: a silence, the whole local days between two active days of an account, or from its last one on. A limit says
what "gone" means; it does not say that nobody beyond it ever returns, nor why an account fell silent.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.product.periods import account_periods
from apijourney.metrics.uncertainty import wilson

RETURN_SHARE = 0.05
"""At most this share of the silences longer than the limit may have ended in a return."""
LEAST_JUDGED = 20
"""A limit is judged by at least so many silences."""


class SilenceLimit(NamedTuple):
    """days : an account silent for more days than this is gone. chosen : from the data, or from the workbook file.
    judged, returned : the silences longer than the limit, and those of them that ended in a return (0 if not chosen).
    """

    days: int
    chosen: bool
    judged: int
    returned: int


def silences(account: np.ndarray, day: np.ndarray, until_day: int) -> pd.DataFrame:
    """List all silences of at least a day.

    account, day : codes and numbers of the active local days, once each, sorted. until_day : the first not observed.

    Returns
    -------
    One row a silence: account, began (its first silent day), days (whole silent days, those up to `until_day` if it
    goes on), returned (an active day ended it).

    >>> silences(np.array([1, 1]), np.array([3, 7]), 10).values.tolist()
    [[1, 4, 3, True], [1, 8, 2, False]]
    """
    follows = np.append(account[1:] == account[:-1], False)[: len(account)]
    end = np.where(follows, np.append(day[1:], until_day)[: len(day)], until_day)
    table = pd.DataFrame({"account": account, "began": day + 1, "days": end - day - 1, "returned": follows})
    return table[table["days"] > 0].reset_index(drop=True)


def return_shares(table: pd.DataFrame, until_day: int) -> pd.DataFrame:
    """Of the silences longer than so many days, which share ended in a return?

    A silence is judged by a limit if it began early enough to be watched for more than twice the limit: as long again
    as it took to pass it. Else young silences, which had no time to end, would make every limit look safe.

    table : from `silences`. until_day : the first local day not observed.

    Returns
    -------
    One row a limit from 1 day on, as long as `LEAST_JUDGED` silences judge it: limit_days, judged, returned, share,
    low, high (95 % Wilson; too narrow for short limits, where one account has many silences).
    """
    # A silence judges every limit up to the one it just outlasted, or to half of the days it was watched for.
    most = np.minimum(table["days"] - 1, (until_day - table["began"] - 1) // 2).to_numpy()
    counts = {
        name: np.bincount(most[rows & (most > 0)], minlength=1)[::-1].cumsum()[::-1]
        for name, rows in (("judged", np.ones(len(table), dtype=bool)), ("returned", table["returned"].to_numpy(dtype=bool)))
    }
    n = int((counts["judged"][1:] >= LEAST_JUDGED).sum())
    found = pd.DataFrame({"limit_days": np.arange(1, n + 1), "judged": counts["judged"][1 : n + 1]})
    found["returned"] = np.append(counts["returned"], np.zeros(n + 1, dtype=np.int64))[1 : n + 1]
    low, high = wilson(found["returned"], found["judged"])
    return found.assign(share=found["returned"] / found["judged"], low=low, high=high)


@remembered
@needs("active", what="Which silence means gone")
def silence_choice(study) -> pd.DataFrame | NotMeasurable:
    """The table of `return_shares` over all accounts of a study; not measurable where too few silences were seen."""
    account, day = account_periods(study.active_log, None, "D", study.zone)
    until = int(study.until_day.astype("int64"))
    table = return_shares(silences(account, day, until), until)
    if table.empty:
        return NotMeasurable(
            "Which silence means gone",
            f"fewer than {LEAST_JUDGED} silences were watched for long enough, so the {study.workbook.definitions.silence_days} "
            "days of the workbook file (`silence_days`) are taken; observe for longer.",
        )
    return table


@remembered
@needs("active", what="How long accounts stay")
def silence_limit(study) -> SilenceLimit | NotMeasurable:
    """After how many silent days is an account gone? The smallest limit that `RETURN_SHARE` allows.

    Where too few silences were seen to judge any limit, it is `definitions.silence_days` of the workbook file. Not
    measurable where silences of every length that can be judged still end in returns too often.
    """
    table = silence_choice(study)
    if isinstance(table, NotMeasurable):
        return SilenceLimit(study.workbook.definitions.silence_days, False, 0, 0)
    safe = table[table["share"] <= RETURN_SHARE]
    if safe.empty:
        last = table.iloc[-1]
        return NotMeasurable(
            "How long accounts stay",
            f"of the silences longer than {last['limit_days']:.0f} days, the longest that can be judged, "
            f"{100 * last['share']:.0f} % still ended in a return, so no silence tells an end from a pause; observe for longer.",
        )
    row = safe.iloc[0]
    return SilenceLimit(int(row["limit_days"]), True, int(row["judged"]), int(row["returned"]))
