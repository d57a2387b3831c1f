"""Exercises of notebook 02: read a funnel by hand, then give the company half the time."""

import pandas as pd

from apijourney.exercises.question import Question
from apijourney.formats import is_missing
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


def _going_through(window: str) -> int:
    return int(funnel(toy_log(), ["sign_up", "first_call"], window=window)["accounts"].iloc[1])


first = Question(
    ask="In the toy log: how many accounts would go from sign_up to first_call within 14 days, instead of 7?",
    expected=lambda: _going_through("14D"),
    hint="who was too slow for seven days, and is one too slow for fourteen? The order of the steps still counts.",
    solution='funnel(toy_log(), ["sign_up", "first_call"], window="14D")["accounts"].iloc[1]',
    mistakes=(
        (lambda: _going_through("7D"), "That is within 7 days. With 14, one more account is in time."),
        (lambda: 3, "One of these three called *before* it signed up: that is no step from `sign_up` to `first_call`."),
    ),
)


def half(window: str) -> str:
    """Half of a window in calendar days, at least one.

    >>> half("60D"), half("7D"), half("1D")
    ('30D', '3D', '1D')
    """
    return f"{max(1, int(window.removesuffix('D')) // 2)}D"


def second(study, window: str = "60D") -> Question:
    """Which share of the accounts goes all the way, were there only half the time?"""

    def share(column: str, window: str):
        table = journey_funnel(study, window=window)
        if isinstance(table, NotMeasurable):
            return table
        if is_missing(table[column].iloc[-1]):
            return NotMeasurable("The share that goes all the way", "too few accounts entered; choose a later month.")
        return float(table[column].iloc[-1])

    return Question(
        ask=f"Within {half(window)} instead of {window}: which share of the accounts of the first step goes all the way?",
        expected=lambda: share("share_of_first", half(window)),
        hint=f'journey_funnel(study, window="{half(window)}") is the funnel with half the time; look at the last row of share_of_first.',
        solution=f'journey_funnel(study, window="{half(window)}")["share_of_first"].iloc[-1]',
        within=0.005,
        share=True,
        mistakes=(
            (lambda: share("share_of_first", window), f"That is within {window}, as in the chapter. Give the accounts half as long."),
            (lambda: share("share_of_previous", half(window)), "That is the share of the accounts at the step before. Ask for the share of those of the *first* step."),
            (lambda: share("share_of_first", "28D"), f"That is within 28 days, the default of the function: name the window, {half(window)}."),
        ),
    )
