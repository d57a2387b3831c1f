"""Exercises of notebook 01: count people instead of clicks, then find the loneliest touchpoint."""

import pandas as pd

from apijourney.exercises.question import Question
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.conversion.paths import END, START
from apijourney.metrics.product.discovery.touchpoints import OTHER, path_counts, path_shares, volume


def toy_log() -> pd.DataFrame:
    """Nine events of two people and one crawler, few enough to count by hand."""
    rows = [
        ("v1", None, "docs_view", "2026-10-01T09:00", "browser"),
        ("v1", None, "docs_view", "2026-10-01T09:05", "browser"),
        ("v1", None, "sign_up", "2026-10-01T09:10", "browser"),
        (None, "ada", "docs_view", "2026-10-02T10:00", "browser"),
        ("v2", None, "docs_view", "2026-10-02T11:00", "browser"),
        ("v2", None, "pricing_view", "2026-10-02T11:02", "browser"),
        ("v3", None, "docs_view", "2026-10-03T00:00", "crawler"),
        ("v3", None, "docs_view", "2026-10-03T00:01", "crawler"),
        ("v3", None, "pricing_view", "2026-10-03T00:02", "crawler"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["visitor_id", "account_id", "event", "occurred_at", "agent"])


def toy_identities() -> pd.DataFrame:
    """The one link known: the browser v1 turned out to be ada."""
    return pd.DataFrame({"visitor_id": ["v1"], "account_id": ["ada"], "linked_at": ["2026-10-01T09:10"]})


def toy_people() -> pd.DataFrame:
    """The toy log without the crawler."""
    return toy_log().query("agent != 'crawler'")


def _people_at_the_docs() -> int:
    counted = volume(toy_people(), identities=toy_identities()).set_index("event")
    return int(counted.loc["docs_view", "units"])


first = Question(
    ask="In the toy log: how many people read the docs, the crawler left out and v1 known to be ada?",
    expected=_people_at_the_docs,
    hint="v1 and ada are one person, and the crawler is none.",
    solution="counted = volume(exercises.toy_people(), identities=exercises.toy_identities())\n"
    'counted.set_index("event").loc["docs_view", "units"]',
)


def second(study) -> Question:
    """After which touchpoint of the portal does the path most often end?"""

    def dead_end():
        shares = path_shares(path_counts(study))
        if isinstance(shares, NotMeasurable):
            return shares
        ends = shares[END].drop([START, OTHER], errors="ignore").dropna()
        if ends.empty:
            return NotMeasurable("The end of the paths", "there are too few steps in this month.")
        return ends.idxmax()

    return Question(
        ask="After which of the touchpoints shown does the path most often end?",
        expected=dead_end,
        hint="the column (end) of shares holds the answer; (start) and (another) are no touchpoints.",
        solution='shares["(end)"].drop(["(start)", "(another)"], errors="ignore").idxmax()',
    )
