"""What stands on the cover: the headline, the goals, and the accounts to act on, worked out once.

Unit: one report. The page shows it and the record keeps it, so that both say the same.
"""

from dataclasses import dataclass

import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.metrics.holistic.goals import goals_judged
from apijourney.metrics.holistic.named_accounts import named_accounts, reasons_found
from apijourney.metrics.holistic.scorecard import score
from apijourney.readings.headline import headline
from apijourney.report.alerts import alerts

MOST_ACCOUNTS = 10


@dataclass(frozen=True)
class Cover:
    """headline : topic and text, at most five. alerts : goals, missed first. accounts, reasons : who to act on."""

    headline: list[dict]
    alerts: list[dict]
    accounts: pd.DataFrame | NotMeasurable
    reasons: pd.DataFrame


def make_cover(study, metrics: dict) -> Cover:
    """Work out the cover of a study's month. metrics : id → table by month, or `NotMeasurable`."""
    accounts = named_accounts(study, MOST_ACCOUNTS)
    book = study.workbook.model_copy(update={"goals": goals_judged(study)})
    goals, reasons = alerts(book, study.month, metrics), reasons_found(study)
    card = score(metrics, month=study.month, goals=book.goals, owners=book.owners)
    worse = list(card.loc[card["trend"] == "worse", "name"])
    sentences = headline(book, study.month, metrics, accounts=accounts, alerts=goals, reasons=reasons, worse=worse)
    return Cover(sentences, goals, accounts, reasons)
