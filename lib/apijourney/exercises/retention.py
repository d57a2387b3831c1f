"""Exercises of notebook 03: count a cohort by hand, then take a month's growth apart."""

import pandas as pd

from apijourney.exercises.question import Question
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.retention.loyalty import account_lifecycle
from apijourney.metrics.product.retention.retention import retention


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


def _august_in_october() -> float:
    table = toy_retention()
    return float(table[(table["cohort"] == "2026-08-01") & (table["period"] == 2)]["share"].iloc[0])


first = Question(
    ask="In the toy log: which share of the accounts first active in August was active in October?",
    expected=_august_in_october,
    hint="three accounts began in August; month 2 of that cohort is October. A share lies between 0 and 1.",
    solution='table = exercises.toy_retention()\ntable[(table["cohort"] == "2026-08-01") & (table["period"] == 2)]["share"].iloc[0]',
    within=0.005,
)


def second(study) -> Question:
    """By how many did the number of active accounts change in the reported month?"""

    def change():
        table = account_lifecycle(study)
        if isinstance(table, NotMeasurable):
            return table
        row = table.iloc[-1]
        return int(row["new"] + row["resurrecting"] - row["dormant"])

    return Question(
        ask="By how many did the number of active accounts change from the month before to the reported one?",
        expected=change,
        hint="who came or came back, less who fell silent; a fall is a negative number.",
        solution='row = account_lifecycle(study).iloc[-1]\nrow["new"] + row["resurrecting"] - row["dormant"]',
    )
