"""What does a developer do in the hour after an error: succeed, meet more errors, or fall silent?

Unit: an encounter: an error of one code after an hour in which the account met none of that code. A code that
is mostly followed by success is read and mended; one followed by more errors is not understood. Silence
is nothing bad in itself: most programs call now and then, so it stands beside what follows a good call.
What the developer thought is not in a log.
"""

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table

from apijourney.columns import required
from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.infrastructure.service_metrics import production_requests
from apijourney.metrics.infrastructure.shares import share_interval

AFTER = ("success", "more_errors", "silence")
GOOD = 0
"""The code that stands for a good call in the table, for comparison."""


def encounters(calls: Table, *, seconds: int = 3600) -> Table:
    """How did the next hour go after each encounter, by account and code?

    Parameters
    ----------
    calls : an Ibis table: request_id, occurred_at, account_id, status; rows without an account or a status are left out.
    seconds : the hour: how long a code must not have been met before, and how far is looked ahead.

    Returns
    -------
    An Ibis table, one row an account and code (a status of 400 and above; 0 = a call below 400): account_id, code,
    encounters, success (a call below 400 followed within `seconds`), more_errors (calls followed, none of them
    below 400), silence (no call followed). The three add up to encounters.
    """
    required(calls, ["request_id", "occurred_at", "account_id", "status"], where="encounters(calls)")
    known = calls.filter(calls.account_id.notnull() & calls.status.notnull())
    good = known.status < 400
    known = known.mutate(code=good.ifelse(GOOD, known.status), well=good.ifelse(known.occurred_at, ibis.null("timestamp")))
    order = ["occurred_at", "request_id"]
    ahead = ibis.window(group_by="account_id", order_by=[ibis.desc(o) for o in order], preceding=None, following=0)
    mine = ibis.window(group_by="account_id", order_by=order)
    same = ibis.window(group_by=["account_id", "code"], order_by=order)
    rows = known.mutate(
        following=known.occurred_at.lead().over(mine), before=known.occurred_at.lag().over(same), coming=known.well.min().over(ahead)
    )
    # `coming` looks at the row itself, too: the next good call after a row is the one coming at its successor.
    rows = rows.mutate(next_good=rows.coming.lead().over(mine))
    hour = ibis.interval(seconds=seconds)
    fresh = rows.before.isnull() | (rows.before < rows.occurred_at - hour)
    soon, well = ((rows[c] <= rows.occurred_at + hour).fill_null(False) for c in ("following", "next_good"))
    judged = rows.mutate(fresh=fresh, success=fresh & well, more_errors=fresh & soon & ~well, silence=fresh & ~soon)
    counted = judged.group_by("account_id", "code").aggregate(
        encounters=judged.fresh.sum(), **{name: judged[name].sum() for name in AFTER}
    )
    return counted.filter(counted.encounters > 0)


@remembered
@needs("requests", "requests.account_id", "requests.status", what="What follows an error")
def after_errors(study) -> pd.DataFrame | NotMeasurable:
    """How does the hour after each error code go, in production in the study's month?

    Returns one row a code and outcome, the most met code first and 0 (a good call, for comparison) last: code, accounts,
    encounters, after ("success", "more_errors", "silence"), value, low, high (95 %, bootstrap over accounts;
    NaN where fewer than two accounts met it, or fewer than two went either way), numerator. Encounters in the last hour of
    what is known count as silence when nothing followed. Codes met by fewer than `min_n` accounts: value is NaN, too few.
    """
    if not study.store.paths("requests", [study.month]):
        return NotMeasurable("What follows an error", f"there are no requests in {study.month}; choose another month.")
    table = encounters(production_requests(study, [study.month])).order_by("code", "account_id").to_pandas()
    rows = []
    for code, part in table.groupby("code"):
        n, accounts = int(part["encounters"].sum()), len(part)
        few = accounts < study.workbook.definitions.min_n
        for after in AFTER:
            k = int(part[after].sum())
            low, high = (np.nan, np.nan) if few else share_interval(part[after], part["encounters"], at_least=2)
            rows.append((int(code), accounts, n, after, np.nan if few else k / n, low, high, k))
    columns = ["code", "accounts", "encounters", "after", "value", "low", "high", "numerator"]
    found = pd.DataFrame(rows, columns=columns)
    first = found["code"] == GOOD
    return found.assign(first=first).sort_values(
        ["first", "encounters", "code"], ascending=[True, False, True], kind="stable", ignore_index=True
    ).drop(columns="first")
