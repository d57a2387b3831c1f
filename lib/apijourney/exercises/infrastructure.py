"""Exercises of notebook 05: count a promise by hand, then find the accounts for which it was broken."""

import pandas as pd

from apijourney.exercises.question import Question
from apijourney.measurable import NotMeasurable
from apijourney.metrics.infrastructure.budget_by_account import budgets, error_budget_by_account
from apijourney.metrics.infrastructure.outcomes import outcomes

PROMISE = 0.99


def toy_calls() -> pd.DataFrame:
    """Calls of three accounts on one day, by status: few enough to count by hand."""
    rows = [
        ("ada", 200, 900), ("ada", 404, 100),
        ("bo", 200, 90), ("bo", 500, 3), ("bo", 503, 7),
        ("cy", 200, 898), ("cy", 500, 2),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["account_id", "status", "calls"]).assign(day="2026-10-01")


def toy_budgets() -> pd.DataFrame:
    """The budget of each toy account, and of all calls together, where 99 % was promised."""
    counted = outcomes(toy_calls())
    everybody = counted.assign(account_id="all three")
    table = pd.concat([budgets(counted, slo=PROMISE), budgets(everybody, slo=PROMISE)], ignore_index=True)
    return table.rename(columns={"account_id": "account"})


def _left_for_all() -> float:
    return 1 - float(toy_budgets().iloc[-1]["budget_spent_share"])


first = Question(
    ask="In the toy calls, 99 % is promised: how much of the error budget of all three together is left, as a share?",
    expected=_left_for_all,
    hint="3 + 7 + 2 calls failed of 2,000 valid ones; how many may fail, and which part of that did not?",
    solution='1 - toy_budgets().iloc[-1]["budget_spent_share"]',
)


def second(study) -> Question:
    """How many accounts met more failures than their own calls allow?"""

    def beyond():
        table = error_budget_by_account(study)
        if isinstance(table, NotMeasurable):
            return table
        return int((table["failed"] > table["allowed"]).sum())

    return Question(
        ask="For how many accounts did more calls fail than their own calls allow, in the last 28 days?",
        expected=beyond,
        hint="error_budget_by_account(study) has one row an account; compare its columns failed and allowed.",
        solution='table = error_budget_by_account(study)\nint((table["failed"] > table["allowed"]).sum())',
    )
