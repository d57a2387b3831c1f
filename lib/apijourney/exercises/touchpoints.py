"""Exercises of notebook 01: count people instead of clicks, then compare where paths end."""

import pandas as pd

from apijourney.exercises.question import Question
from apijourney.formats import is_missing, month_name
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


def _share_at_the_prices(log: pd.DataFrame, links: pd.DataFrame | None, count: str = "units") -> float:
    counted = volume(log, identities=links).set_index("event")[count]
    return float(counted["pricing_view"] / counted["docs_view"])


first = Question(
    ask="In the toy log: which share of the people who read the docs also looked at the prices?",
    expected=lambda: _share_at_the_prices(toy_people(), toy_identities()),
    hint="v1 and ada are one person, and the crawler is none; who of those that remain opened the page of prices?",
    solution="counted = volume(exercises.toy_people(), identities=exercises.toy_identities())\n"
    'counted.set_index("event")["units"]["pricing_view"] / counted.set_index("event")["units"]["docs_view"]',
    within=0.005,
    share=True,
    mistakes=(
        (lambda: _share_at_the_prices(toy_log(), toy_identities()), "The crawler *v3* is still among them, and it is no person."),
        (lambda: _share_at_the_prices(toy_people(), None), "*v1* and *ada* are one person: count them once."),
        (lambda: _share_at_the_prices(toy_people(), toy_identities(), "events"), "That counts openings of pages. Count people."),
    ),
)


def second(study) -> Question:
    """The touchpoint of the portal after which the path most often ends: how often did it end there a month before?"""
    before = str(pd.Period(study.month, "M") - 1)

    def ends(month: str):
        now = path_shares(path_counts(study))
        if isinstance(now, NotMeasurable):
            return now
        of_now = now[END].drop([START, OTHER], errors="ignore").dropna()
        then = path_shares(path_counts(study, month=month)) if month in study.all_months else NotMeasurable("The month before", "choose a later month.")
        if isinstance(then, NotMeasurable):
            return then
        if of_now.empty or is_missing(then[END].get(of_now.idxmax())):
            return NotMeasurable("The end of the paths", "there are too few steps in one of the two months.")
        return float(then[END][of_now.idxmax()])

    return Question(
        ask="Of the touchpoint after which the path most often ends: how large was this share in the month before?",
        expected=lambda: ends(before),
        hint=f'path_shares(path_counts(study, month="{before}")) is the matrix of the month before; its column (end) holds the answer.',
        solution='end = shares["(end)"].drop(["(start)", "(another)"], errors="ignore").idxmax()\n'
        f'path_shares(path_counts(study, month="{before}")).loc[end, "(end)"]',
        within=0.005,
        share=True,
        mistakes=((lambda: ends(study.month), f"That is the share of {month_name(study.month)}. Look one month earlier."),),
    )
