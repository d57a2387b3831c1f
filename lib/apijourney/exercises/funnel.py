"""Exercises of notebook 02: read a funnel by hand, then find where it leaks."""

import pandas as pd

from apijourney.exercises.question import Question
from apijourney.metrics.product.conversion.funnel import funnel
from apijourney.metrics.product.conversion.journey_funnel import journey_funnel
from apijourney.measurable import NotMeasurable


def toy_log() -> pd.DataFrame:
    """Seven events of four accounts, few enough to count by hand."""
    rows = [
        ("ada", "sign_up", "2026-10-01T09:00"), ("ada", "first_call", "2026-10-01T10:00"),
        ("bo", "sign_up", "2026-10-01T09:00"), ("bo", "first_call", "2026-10-09T09:00"),
        ("cy", "first_call", "2026-10-02T09:00"), ("cy", "sign_up", "2026-10-03T09:00"),
        ("di", "sign_up", "2026-10-04T09:00"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["account_id", "event", "occurred_at"])


def _within_a_week() -> int:
    return int(funnel(toy_log(), ["sign_up", "first_call"], window="7D")["accounts"].iloc[1])


first = Question(
    ask="In the toy log: how many accounts go from sign_up to first_call within 7 days?",
    expected=_within_a_week,
    hint="one account calls before it signs up, and one needs eight days.",
    solution='funnel(toy_log(), ["sign_up", "first_call"], window="7D")["accounts"].iloc[1]',
)


def second(study) -> Question:
    """Which step of the company's funnel loses the largest share of those who reached the one before?"""

    def leak():
        table = journey_funnel(study)
        if isinstance(table, NotMeasurable):
            return table
        if table["share_of_previous"].iloc[1:].isna().all():
            return NotMeasurable("The leakiest step", "too few accounts entered; choose a later month.")
        return table.loc[table["share_of_previous"].iloc[1:].idxmin(), "step_name"]

    return Question(
        ask="Which step loses the largest share of the accounts that reached the step before it?",
        expected=leak,
        hint="share_of_previous is the share that goes on; look for its smallest value after the first row.",
        solution='table = journey_funnel(study)\ntable.loc[table["share_of_previous"].iloc[1:].idxmin(), "step_name"]',
    )
