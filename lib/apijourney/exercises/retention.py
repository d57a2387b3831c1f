"""Exercises of notebook 03: count a cohort by hand, then take a month's growth apart."""

import pandas as pd

from apijourney.exercises.question import Question
from apijourney.formats import month_name
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.retention.loyalty import account_lifecycle
from apijourney.metrics.product.retention.retention import retention, retention_average


def toy_log() -> pd.DataFrame:
    """Nine active days of four accounts over three months, few enough to count by hand."""
    rows = [
        ("ada", "2026-08-03"), ("ada", "2026-09-07"), ("ada", "2026-10-05"),
        ("bo", "2026-08-10"), ("bo", "2026-10-19"),
        ("cy", "2026-08-24"), ("cy", "2026-08-31"),
        ("di", "2026-09-14"), ("di", "2026-10-12"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["account_id", "occurred_at"]).assign(event="call")


def toy_retention() -> pd.DataFrame:
    """Monthly retention of the toy log, as known at the end of October."""
    return retention(toy_log(), period="M", cohort="first_time", observed_until="2026-11-01")


def _month_1(how: str) -> float:
    table = retention_average(toy_retention(), how=how)
    return float(table.loc[table["period"] == 1, "share"].iloc[0])


first = Question(
    ask="In the toy log: of all accounts whose month 1 is over, both cohorts together, which share was active in it?",
    expected=lambda: _month_1("pooled"),
    hint="three accounts began in August and one in September; add up who was active a month later, and divide by all four.",
    solution='table = retention_average(exercises.toy_retention(), how="pooled")\ntable.loc[table["period"] == 1, "share"].iloc[0]',
    within=0.005,
    share=True,
    mistakes=(
        (lambda: _month_1("mean"), "That is the mean of the two cohorts' rates, where one account weighs as much as three. Count accounts."),
        (lambda: 1 / 3, "That is the cohort of August alone."),
    ),
)


def second(study) -> Question:
    """By how many did the number of active accounts change in the month before the reported one?"""

    def change(row: int, *parts: str):
        table = account_lifecycle(study)
        if isinstance(table, NotMeasurable):
            return table
        if len(table) < 2:
            return NotMeasurable("The month before", "show at least two months: months_back.")
        return int(table.iloc[row][list(parts)].sum() - table.iloc[row]["dormant"])

    come = ("new", "resurrecting")
    return Question(
        ask="By how many did the number of active accounts change in the month before the reported one?",
        expected=lambda: change(-2, *come),
        hint="account_lifecycle(study) has one row a month: who came (new) or came back (resurrecting), less who is dormant now.",
        solution='row = account_lifecycle(study).iloc[-2]\nint(row["new"] + row["resurrecting"] - row["dormant"])',
        mistakes=(
            (lambda: change(-1, *come), f"That is {month_name(study.month)}. Look one month earlier."),
            (lambda: change(-2, "new"), "Those who came back count too: *resurrecting*."),
        ),
    )
