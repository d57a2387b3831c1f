"""Was the promised availability kept, and what follows where it was not?

Unit: a month. Failed calls, money given back and accounts lost stand side by side. A few months side
by side show no cause: a refund may be for anything.
"""

import pandas as pd

from apijourney.measurable import passes_on


@passes_on
def promise_by_month(availability: pd.DataFrame, *, slo: float) -> pd.DataFrame:
    """How much of what may fail did fail?

    availability : the metric "availability". slo : the share of valid calls promised to be answered.
    Returns month, value, low, high, failed and valid (calls), allowed = (1 − slo) × valid, and
    allowance_used = failed / allowed: above 1 the promise was missed. NaN where there were no calls.
    """
    valid, good = availability["denominator"], availability["numerator"]
    allowed = (1 - slo) * valid
    table = availability[["month", "value", "low", "high"]].assign(failed=valid - good, valid=valid, allowed=allowed)
    return table.assign(allowance_used=(table["failed"] / allowed).where(allowed > 0))


@passes_on
def after_outages(
    availability: pd.DataFrame, by_kind: pd.DataFrame, churn: pd.DataFrame
) -> pd.DataFrame:
    """Do credits, refunds and leaving accounts follow the months in which calls failed?

    availability, churn : the metrics "availability" and "paying_account_churn"; by_kind : from
        `revenue_by_kind`. All of the same months.
    Returns month, failed_share (of valid calls; NaN without calls), given_back_minor (credits and
    refunds, ≥ 0), churn (share of the accounts that paid the month before; NaN where unknown).
    """
    table = by_kind[["month"]].assign(given_back_minor=-by_kind["taken_off_minor"])
    failed = (1 - availability.set_index("month")["value"]).rename("failed_share")
    lost = churn.set_index("month")["value"].rename("churn")
    joined = table.join(failed, on="month").join(lost, on="month")
    return joined[["month", "failed_share", "given_back_minor", "churn"]]
