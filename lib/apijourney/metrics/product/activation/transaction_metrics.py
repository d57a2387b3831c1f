"""The catalogued metrics of business transactions: how soon is the first one done, and how many calls does one take?

Unit: the account. A business transaction is what the API is bought for, such as a payment made. Only the workbook file
can say which event completes one: `definitions.transaction`. It does not say what a transaction is worth.
"""

import numpy as np
import pandas as pd

from apijourney.facts.event_log import EventLog
from apijourney.facts.steps import Step
from apijourney.measurable import NotMeasurable, needs
from apijourney.metrics.by_month import ratio_by_month
from apijourney.metrics.product.activation.activation_metrics import KNOWN_MEDIAN, median_days, opened_and
from apijourney.metrics.product.periods import period_numbers
from apijourney.metrics.product.conversion.time_to import time_to, time_to_summary
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"
PRODUCTION_CALL = Step("request", where={"environment": "production"})


def transaction_step(study, what: str) -> Step | NotMeasurable:
    """The event that completes a business transaction, if the workbook file names one."""
    meant = study.workbook.definitions.transaction
    if meant is None:
        return NotMeasurable(
            what,
            "the workbook file does not say which event completes a business transaction; name it under "
            "definitions.transaction, such as {event: request, where: {endpoint: /v1/payments, status_class: 2xx}}.",
        )
    return Step(meant.event, where=meant.where)


def transaction_log(study) -> EventLog | NotMeasurable:
    """Accounts created in the observed interval: their opening and their transactions."""
    step = transaction_step(study, "Time to first transaction")
    return step if isinstance(step, NotMeasurable) else opened_and(study, step, name="transaction")


@needs("accounts", "transaction", what="Time to first transaction")
def transaction_curve(study) -> pd.DataFrame | NotMeasurable:
    """Which share of the accounts has completed a business transaction after so many days? See `time_to`."""
    log = transaction_log(study)
    if isinstance(log, NotMeasurable):
        return log
    return time_to(log, "account_created", "transaction", observed_until=study.observed_until)


@needs("accounts", "transaction", what="Time to first transaction")
def transaction_summary(study) -> pd.DataFrame | NotMeasurable:
    """n, reached, censored, and the median and 90th percentile with intervals. See `time_to_summary`."""
    log = transaction_log(study)
    if isinstance(log, NotMeasurable):
        return log
    return time_to_summary(log, "account_created", "transaction", observed_until=study.observed_until)


@catalogued(
    name="Time to first transaction", dimension="product", stage="scale",
    question="How many days after sign-up has half of the accounts completed a business transaction?",
    formula="Kaplan-Meier median of account created to the first definitions.transaction, for the accounts created in "
    "the month, censored at the end of observation; " + KNOWN_MEDIAN,
    unit="days", direction="down", timing="leading", counter_metric="month_1_retention",
    gameable_by="calling a test payment a transaction", tables=("accounts", "transaction"), source=_BOOK,
)  # fmt: skip
def first_transaction_days(study):
    log = transaction_log(study)
    if isinstance(log, NotMeasurable):
        return log
    return median_days(study, log, "transaction")


def calls_and_transactions(study, step: Step) -> pd.DataFrame:
    """The production calls, whatever their answer, and the transactions of each account in each month shown.

    Returns one row an account and month with at least one transaction: month, account_id, calls, transactions.
    """
    log = study.events
    numbers = pd.PeriodIndex(study.months, freq="M").astype("int64").to_numpy()
    counts = []
    for mask in (log.mask(PRODUCTION_CALL), log.mask(step)):
        column = period_numbers(log.time[mask], "M", study.zone, "monday") - numbers[0]
        inside = (column >= 0) & (column < len(numbers))
        cell = log.account[mask][inside].astype("int64") * len(numbers) + column[inside]
        counts.append(np.bincount(cell, minlength=len(log.accounts) * len(numbers)))
    calls, done = counts
    cell = np.flatnonzero(done)
    return pd.DataFrame(
        {"month": np.array(study.months)[cell % len(numbers)], "account_id": log.accounts.take(cell // len(numbers)),
         "calls": calls[cell], "transactions": done[cell]}
    )  # fmt: skip


@catalogued(
    name="Calls per business transaction", dimension="product", stage="scale",
    question="How many calls does an account make for one business transaction?",
    formula="production calls, whatever their answer, of the accounts with a definitions.transaction in the local month "
    "/ their transactions; more than the integration needs is polling, retrying or an API that takes too many steps",
    unit="ratio", direction="down", timing="leading", counter_metric="monthly_active_accounts",
    gameable_by="one call that does many things and fails as a whole", tables=("requests", "transaction"),
    columns=("requests.account_id",), source=_BOOK, counted="transactions",
)  # fmt: skip
def calls_per_transaction(study):
    step = transaction_step(study, "Calls per business transaction")
    if isinstance(step, NotMeasurable):
        return step
    table = calls_and_transactions(study, step)
    names = {"account_id": "unit", "calls": "numerator", "transactions": "denominator"}
    return ratio_by_month(table.rename(columns=names), study.months)
