"""Exercises of notebook 06: split a change by hand, then move a lever further."""

import pandas as pd

from apijourney.exercises.question import Question
from apijourney.measurable import NotMeasurable
from apijourney.metrics.holistic.levers import levers
from apijourney.metrics.holistic.mix_and_rate import mix_and_rate


def toy_accounts() -> pd.DataFrame:
    """Six accounts, three opened in either month, few enough to count by hand."""
    rows = [
        ("ada", "August", "docs", True), ("bo", "August", "docs", True), ("cy", "August", "ads", False),
        ("di", "September", "docs", True), ("ed", "September", "ads", False), ("flo", "September", "ads", False),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["account", "opened in", "channel", "activated"])


def _counts(month: str, also: tuple[str, ...]) -> pd.DataFrame:
    part = toy_accounts().query("`opened in` == @month")
    part = part.assign(activated=part["activated"] | part["account"].isin(also))
    counts = part.groupby("channel")["activated"].agg(numerator="sum", denominator="size")
    return counts.rename_axis("group").reset_index()


def toy_split(also: tuple[str, ...] = ()) -> pd.DataFrame:
    """The change of the toy's activated share from August to September, split by channel; see `mix_and_rate`.

    also : accounts taken as activated, whatever the toy says.
    """
    return mix_and_rate(_counts("August", also), _counts("September", also))


first = Question(
    ask="In the toy, had cy been activated as well: how many percentage points of the change would come from the mix?",
    expected=lambda: 100 * toy_split(also=("cy",))["mix"].iloc[-1],
    hint="the mix of a channel is the change of its weight, times the mean of its two rates; that of ads is now (100 % + 0 %) / 2.",
    solution='100 * exercises.toy_split(also=("cy",))["mix"].iloc[-1]',
    within=0.5,
    mistakes=(
        (lambda: 100 * toy_split()["mix"].iloc[-1], "That is the toy as it stands. With *cy* activated, ads did worse in September than in August."),
        (lambda: 100 * toy_split(also=("cy",))["total"].iloc[-1], "That is the whole change. A part of it is rate now."),
        (lambda: 100 * toy_split(also=("cy",))["rate"].iloc[-1], "That part comes from the rate."),
        (lambda: toy_split(also=("cy",))["mix"].iloc[-1], "That is a share. Answer in percentage points."),
    ),
)


def second(study, points: float = 1.0) -> Question:
    """What would the lever that brings most bring, were it moved five times as far?"""

    def most(points: float):
        found = levers(study, points=points)
        if isinstance(found, NotMeasurable):
            return found
        known = found["paying"].dropna()
        return float(known.iloc[0]) if len(known) else NotMeasurable("The levers", "too few accounts to say; choose a later month.")

    far = min(5 * points, 100.0)
    return Question(
        ask="Moved five times as far as in this notebook: how many further paying accounts a month would the best lever bring?",
        expected=lambda: most(far),
        hint=f"levers(study, points={far:g}) has the lever that brings most in its first row; look at its column paying.",
        solution=f'levers(study, points={far:g})["paying"].iloc[0]',
        within=0.02,
        mistakes=((lambda: most(points), "That is with the points of this notebook. Move the lever five times as far."),),
    )
