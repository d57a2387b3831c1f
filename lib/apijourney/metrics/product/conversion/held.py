"""Which attempts keep the value of a property, and which of them counts?

Unit: an account with one value of each held property. What its events with other values do is not
looked at. It says nothing about accounts whose events lack the property: they take no step.
"""

import numpy as np
import pandas as pd

from apijourney.localtime import local_days, period_of
from apijourney.metrics.product.conversion.question import Question


def by_held_values(q: Question, row: np.ndarray, time: np.ndarray):
    """Split accounts by the values they hold: the unit is then an account with one value of each.

    Rows without one of the values belong to none. Returns rows, units and times, sorted by both.
    """
    known = np.ones(len(row), dtype=bool)
    codes = []
    for name in q.hold:
        values = q.log.properties[name]
        rank = np.argsort(np.argsort(values.categories.astype("str").to_numpy(object)))
        codes.append(np.append(rank, -1)[values.codes[row]])
        known &= codes[-1] >= 0
    row, time = row[known], time[known]
    unit = q.log.account[row].astype(np.int64)
    for code in codes:
        _, unit = np.unique(unit * (code.max(initial=0) + 1) + code[known], return_inverse=True)
    order = np.lexsort((time, unit))
    return row[order], unit[order], time[order]


def once_an_account(q: Question, found):
    """Of an account's attempts with different held values, the one that counts, as without held values.

    found : `Attempts`, of which some are returned. Of two that are equal the one whose values come first
    in the alphabet counts.
    """
    rank = (-found.level, found.entry) if q.rules.first_entry else (found.entry, -found.level, found.open)
    period = np.zeros(len(found.entry), np.int64)
    if q.every is not None:
        period = period_of(local_days(found.entry, q.timezone), *q.every)
    order = np.lexsort((*rank, period, found.account))
    again = pd.DataFrame({"account": found.account[order], "period": period[order]}).duplicated().to_numpy()
    return found.take(order[~again])
