"""Exercises of notebook 05: count a promise by hand, then find the accounts for which it was broken by far."""

import pandas as pd

from apijourney.exercises.question import Question
from apijourney.measurable import NotMeasurable
from apijourney.metrics.infrastructure.budget_by_account import budgets, error_budget_by_account
from apijourney.metrics.infrastructure.outcomes import outcomes

PROMISE, STRICTER = 0.99, 0.995


def toy_calls() -> pd.DataFrame:
    """Calls of three accounts on one day, by status: few enough to count by hand."""
    rows = [
        ("ada", 200, 900), ("ada", 404, 100),
        ("bo", 200, 90), ("bo", 500, 3), ("bo", 503, 7),
        ("cy", 200, 898), ("cy", 500, 2),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["account_id", "status", "calls"]).assign(day="2026-10-01")


def toy_budgets(promise: float = PROMISE) -> pd.DataFrame:
    """The budget of each toy account, and of all calls together, where 99 % (or another share) was promised."""
    counted = outcomes(toy_calls())
    everybody = counted.assign(account_id="all three")
    table = pd.concat([budgets(counted, slo=promise), budgets(everybody, slo=promise)], ignore_index=True)
    return table.rename(columns={"account_id": "account"})


def _left_for_all(promise: float) -> float:
    return 1 - float(toy_budgets(promise).iloc[-1]["budget_spent_share"])


first = Question(
    ask="In the toy calls, were 99.5 % promised: how much of the error budget of all three together would be left, as a share?",
    expected=lambda: _left_for_all(STRICTER),
    hint="12 of 2,000 valid calls failed; how many may fail now, and how much of that is left? It may be less than nothing.",
    solution='1 - exercises.toy_budgets(0.995).iloc[-1]["budget_spent_share"]',
    share=True,
    mistakes=(
        (lambda: _left_for_all(PROMISE), "That is with a promise of 99 %. The stricter one allows half as many failures."),
        (lambda: 1 - _left_for_all(STRICTER), "That is what was used. What is left is the rest of 1, and it can be below zero."),
        (lambda: 1 - _left_for_all(PROMISE), "That is what was used with a promise of 99 %."),
    ),
)


def second(study) -> Question:
    """How many accounts met more than ten times the failures their own calls allow?"""

    def beyond(times: int):
        table = error_budget_by_account(study)
        if isinstance(table, NotMeasurable):
            return table
        return int((table["failed"] > times * table["allowed"]).sum())

    return Question(
        ask="For how many accounts did more than ten times as many calls fail as their own calls allow, in the last 28 days?",
        expected=lambda: beyond(10),
        hint="error_budget_by_account(study) has one row an account; compare its column failed with ten times allowed.",
        solution='table = error_budget_by_account(study)\nint((table["failed"] > 10 * table["allowed"]).sum())',
        mistakes=((lambda: beyond(1), "That is for how many the budget was overspent at all. Ask for ten times the budget."),),
    )
