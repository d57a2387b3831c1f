"""Exercises of notebook 06: split a change by hand, then judge a driver where it was not chosen."""

import pandas as pd

from apijourney.exercises.question import Question
from apijourney.formats import is_missing
from apijourney.measurable import NotMeasurable
from apijourney.metrics.holistic.drivers import chosen_driver, drivers
from apijourney.metrics.holistic.mix_and_rate import mix_and_rate


def toy_accounts() -> pd.DataFrame:
    """Six accounts, three opened in either month, few enough to count by hand."""
    rows = [
        ("ada", "August", "docs", True), ("bo", "August", "docs", True), ("cy", "August", "ads", False),
        ("di", "September", "docs", True), ("ed", "September", "ads", False), ("flo", "September", "ads", False),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["account", "opened in", "channel", "activated"])


def _counts(month: str) -> pd.DataFrame:
    part = toy_accounts().query("`opened in` == @month")
    counts = part.groupby("channel")["activated"].agg(numerator="sum", denominator="size")
    return counts.rename_axis("group").reset_index()


def toy_split() -> pd.DataFrame:
    """The change of the toy's activated share from August to September, split by channel; see `mix_and_rate`."""
    return mix_and_rate(_counts("August"), _counts("September"))


first = Question(
    ask="In the toy: of the change of the activated share, how many percentage points come from the mix?",
    expected=lambda: 100 * toy_split()["mix"].iloc[-1],
    hint="did either channel activate a smaller share in September than in August? What is left is mix.",
    solution='100 * toy_split()["mix"].iloc[-1]',
    within=0.5,
)


def second(study) -> Question:
    """By how much did the chosen driver shrink where it was not chosen?"""

    def later():
        found = chosen_driver(drivers(study))
        if isinstance(found, NotMeasurable):
            return found
        value = found["adjusted"].iloc[0]
        if is_missing(value):
            return NotMeasurable("The driver among later accounts", "too few accounts showed it; choose a later month.")
        return float(value)

    return Question(
        ask="Of the driver chosen in this notebook: by which share more of the later accounts stayed, adjusted, such as 0.08?",
        expected=later,
        hint="chosen_driver(drivers(study)) is a table of one row; the column adjusted is of the later accounts.",
        solution='chosen_driver(drivers(study))["adjusted"].iloc[0]',
        within=0.005,
    )
