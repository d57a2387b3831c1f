"""The funnel of the workbook's own journey, and what the accounts in it have in common.

Unit: the account. It binds the general functions (`funnel`, `time_to`, `rate_by`) to the steps and
definitions of a study; it adds no rule of its own.
"""

import numpy as np
import pandas as pd

from apijourney.facts.event_log import EventLog
from apijourney.facts.remember import remembered
from apijourney.facts.steps import Step
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.product.activation.activation_metrics import (
    CALLS,
    NEVER,
    activated_times,
    created_times,
    first_calls,
    hello_world_log,
)
from apijourney.metrics.product.conversion.deciding import deciding_events
from apijourney.metrics.product.conversion.funnel import funnel, funnel_accounts, funnel_trend
from apijourney.metrics.product.group_rates import rate_by
from apijourney.metrics.product.marks import first_times
from apijourney.metrics.product.conversion.time_to import time_to, time_to_summary
from apijourney.metrics.product.windows import as_window, deadlines


def funnel_steps(study) -> list[Step] | NotMeasurable:
    """The steps of the workbook's funnel. Not measurable where a step's table is not there."""
    names = study.workbook.funnel
    if not names:
        return NotMeasurable(
            "The conversion funnel", "the workbook file names no funnel; list its touchpoints under funnel."
        )
    for name in names:
        source = study.source_of(study.workbook.touchpoint(name).filter)
        if study.lacks(source):
            return NotMeasurable(
                "The conversion funnel",
                f'its step "{name}" needs the table "{source}"; add it, or take the step out of funnel.',
            )
    return [study.step(name) for name in names]


def _entered(study) -> tuple[int, int]:
    return study.bounds(study.months[0])[0], study.observed_until


@remembered(most=1)
def _deciding(study) -> EventLog:
    return deciding_events(study.events, funnel_steps(study))


@remembered
def journey_funnel(study, *, window: str = "28D") -> pd.DataFrame | NotMeasurable:
    """Of the accounts that took the first step in the months shown, how many took each next one?

    window : from the first step, "28D" are calendar days of the workbook's zone.
    Returns the table of `funnel`, with `step_name` as the journey calls it, and too_few: fewer than
    `min_n` accounts could take this step (reached the one before; of the first step: reached it). Shares
    of too few accounts are NaN; their counts stay.
    """
    steps = funnel_steps(study)
    if isinstance(steps, NotMeasurable):
        return steps
    table = funnel(
        _deciding(study), steps, window=window, entered=_entered(study),
        observed_until=study.observed_until, timezone=study.zone,
    )  # fmt: skip
    return without_small_shares(table.assign(step_name=study.workbook.funnel), study.workbook.definitions.min_n)


def without_small_shares(table: pd.DataFrame, min_n: int) -> pd.DataFrame:
    """Blank the shares of a funnel that rest on fewer than min_n accounts, and mark them in too_few (bool).

    >>> steps = pd.DataFrame({"accounts": [9, 3, 1], "share_of_first": [1, 3 / 9, 1 / 9], "low": 0.1, "high": 0.9,
    ...     "share_of_previous": [None, 3 / 9, 1 / 3]})
    >>> without_small_shares(steps, 5)["too_few"].tolist()
    [False, False, True]
    """
    base = table["accounts"].shift(fill_value=table["accounts"].iloc[0])
    too_few = base < min_n
    table = table.assign(too_few=too_few, share_of_previous=table["share_of_previous"].where(~too_few))
    if too_few.iloc[0]:
        table[["share_of_first", "low", "high"]] = np.nan
    return table


@remembered
def journey_trend(study, *, window: str = "28D", last: str = "") -> pd.DataFrame | NotMeasurable:
    """Does the share that goes from the first step to step `last` change with the month of entry?

    last : name of the step to reach; the last of the funnel by default.
    Returns month, value, low, high, numerator, denominator, immature, mature.
    """
    steps = funnel_steps(study)
    if isinstance(steps, NotMeasurable):
        return steps
    names = study.workbook.funnel
    if last:
        study.workbook.touchpoint(last)
        steps = steps[: names.index(last) + 1]
    trend = funnel_trend(
        _deciding(study), steps, window=window, entered=_entered(study),
        observed_until=study.observed_until, timezone=study.zone, period="M",
    )  # fmt: skip
    trend = trend.assign(month=trend["period"].dt.strftime("%Y-%m"), value=trend["share"])
    trend = trend.set_index("month").reindex(study.months).rename_axis("month").reset_index()
    trend["mature"] = trend["mature"].fillna(False).astype(bool)
    trend[["numerator", "denominator", "immature"]] = trend[["numerator", "denominator", "immature"]].fillna(0)
    return trend[["month", "value", "low", "high", "numerator", "denominator", "immature", "mature"]]


@remembered(most=4)
def journey_accounts(study, *, window: str = "28D") -> pd.DataFrame | NotMeasurable:
    """Which accounts stand behind the journey's funnel? Returns the table of `funnel_accounts`."""
    steps = funnel_steps(study)
    if isinstance(steps, NotMeasurable):
        return steps
    return funnel_accounts(
        _deciding(study), steps, window=window, entered=_entered(study),
        observed_until=study.observed_until, timezone=study.zone,
    )  # fmt: skip


def worst_step(table: pd.DataFrame) -> int | None:
    """Which step loses the largest share of the accounts that reached the step before it?

    table : from `funnel`. Returns its 0-based index, the earlier of equals; None where nobody got that far.

    >>> worst_step(pd.DataFrame({"share_of_previous": [float("nan"), 0.5, 0.2]}))
    2
    """
    rest = table["share_of_previous"].to_numpy(dtype=float)[1:]
    return None if np.isnan(rest).all() else int(np.nanargmin(rest)) + 1


@needs("accounts", "requests", *CALLS, what="Time to first hello world")
def hello_world_curve(study) -> pd.DataFrame:
    """Which share of the accounts has made a successful call after so many days? See `time_to`."""
    return time_to(
        hello_world_log(study), "account_created", "first 2xx", observed_until=study.observed_until
    )


@needs("accounts", "requests", *CALLS, what="Time to first hello world")
def hello_world_summary(study) -> pd.DataFrame:
    """n, reached, censored, and the median and 90th percentile with intervals. See `time_to_summary`."""
    return time_to_summary(
        hello_world_log(study), "account_created", "first 2xx", observed_until=study.observed_until
    )


@remembered
@needs("accounts", "active", what="Activation by group")
def activation_cohort(study) -> pd.DataFrame:
    """The accounts created in the months shown whose activation window has closed.

    Returns one row an account: account_id, created (microseconds), activated (bool), segment (at
    sign-up), channel, first_sdk ("python 2.3.0"), quickstart (completed before the first call and
    within a day of sign-up).
    """
    log = study.events
    created, reached = created_times(study), activated_times(study)
    days = study.workbook.definitions.activated.within_days
    known = (created < NEVER) & (created >= study.bounds(study.months[0])[0])
    end = np.full(len(created), NEVER)
    end[known] = deadlines(created[known], as_window(f"{days}D"), study.zone)
    closed = known & (end < study.observed_until)
    cohort = pd.DataFrame(
        {
            "account_id": log.accounts[closed].astype("str"),
            "created": created[closed],
            "activated": (reached <= end)[closed],
        }
    )
    accounts = study.accounts.set_index("account_id")
    cohort["segment"] = cohort["account_id"].map(accounts["entry_segment"])
    cohort["channel"] = cohort["account_id"].map(accounts["channel"])
    if not study.lacks("requests"):
        first = first_calls(study).set_index("account_id")
        sdk = (first["sdk"] + " " + first["sdk_version"]).where(first["sdk"].notna())
        cohort["first_sdk"] = cohort["account_id"].map(sdk)
    if not study.lacks("touchpoints"):
        done = first_times(log, log.mask("quickstart_completed"))
        first_call = first_times(log, log.mask("request"))
        early = (done <= first_call) & (done <= np.where(known, created, 0) + 86_400_000_000)
        cohort["quickstart"] = np.where(early[closed], "completed", "not completed")
    return cohort


def activation_by(study, by: str) -> pd.DataFrame | NotMeasurable:
    """Activated share of each group of `activation_cohort`: channel, segment, first_sdk or quickstart."""
    cohort = activation_cohort(study)
    if isinstance(cohort, NotMeasurable):
        return cohort
    if by not in cohort:
        return NotMeasurable(f"Activation by {by}", "the table that holds it is not there.")
    return rate_by(cohort, by=by, outcome="activated", min_n=study.workbook.definitions.min_n)


@needs("accounts", "requests", *CALLS, what="First-call success by SDK")
def first_call_by_sdk(study) -> pd.DataFrame:
    """Share of accounts whose first call succeeds, by SDK and version, in the months shown."""
    first = first_calls(study)
    first = first[first["time"] >= study.bounds(study.months[0])[0]]
    label = (first["sdk"].fillna("no SDK") + " " + first["sdk_version"].fillna("")).str.strip()
    return rate_by(
        first.assign(group=label), by="group", outcome="success", min_n=study.workbook.definitions.min_n
    )
