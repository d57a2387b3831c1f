"""How much did each account use the API in each month?

Unit: an account in a local month. Use is what makes an account active: successful production calls, or whatever
else the workbook file names; where that is no call, it is active days. It does not weigh calls: a cheap one counts
like a costly one.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.metrics.product.periods import account_periods, period_numbers


@remembered
def use_by_month(study) -> tuple[pd.DataFrame, str]:
    """Use of each account (rows, by account_id) in each month observed (columns), and what it counts.

    Returns (table, unit): whole numbers, 0 = none; unit is "calls" or "active days". Callers do not change the table.
    """
    log = study.active_log
    if study.active_step.event == "request":
        unit, account = "calls", log.account.astype("int64")
        month = period_numbers(log.time, "M", study.zone, "monday")
    else:
        unit = "active days"
        account, day = account_periods(log, None, "D", study.zone)
        month = day.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    numbers = pd.PeriodIndex(study.all_months, freq="M").astype("int64").to_numpy()
    column = month - numbers[0]
    inside = (column >= 0) & (column < len(numbers))
    counts = np.bincount(account[inside] * len(numbers) + column[inside], minlength=len(log.accounts) * len(numbers))
    table = pd.DataFrame(counts.reshape(-1, len(numbers)), index=pd.Index(log.accounts), columns=study.all_months)
    return table[(table > 0).any(axis=1)], unit
