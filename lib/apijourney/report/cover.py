"""What stands on the cover: the headline, the goals, and the accounts to act on, worked out once.

Unit: one report. The page shows it and the record keeps it, so that both say the same.
"""

from dataclasses import dataclass

import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.metrics.holistic.goals import goals_judged
from apijourney.metrics.holistic.named_accounts import named_accounts, reasons_found
from apijourney.metrics.holistic.scorecard import judged_for_direction, score
from apijourney.readings.headline import headline
from apijourney.readings.holistic import read_directions
from apijourney.report.alerts import alerts

MOST_ACCOUNTS = 10


@dataclass(frozen=True)
class Cover:
    """headline : topic and text, at most five. alerts : goals, missed first. accounts, reasons : who to act on.
    directions : which metrics clearly go one way, empty where none can be judged."""

    headline: list[dict]
    alerts: list[dict]
    accounts: pd.DataFrame | NotMeasurable
    reasons: pd.DataFrame
    directions: str = ""


def make_cover(study, metrics: dict) -> Cover:
    """Work out the cover of a study's month. metrics : id → table by month, or `NotMeasurable`."""
    accounts = named_accounts(study, MOST_ACCOUNTS)
    book = study.workbook.model_copy(update={"goals": goals_judged(study)})
    goals, reasons = alerts(book, study.month, metrics), reasons_found(study)
    judged = judged_for_direction(book, metrics, book.goals)
    card = score(metrics, month=study.month, goals=book.goals, owners=book.owners, judged=judged)
    worse = list(card.loc[card["trend"] == "worse", "name"])
    sentences = headline(book, study.month, metrics, accounts=accounts, alerts=goals, reasons=reasons, worse=worse)
    return Cover(sentences, goals, accounts, reasons, read_directions(card))
