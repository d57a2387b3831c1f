"""The producers' metrics: how often do the teams release, how often does it break callers, how early is it said?

Unit: a release, in the local month it was released. What a release changed, and for whom, is not here:
see `version_metrics` for who moved.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import needs
from apijourney.metrics.registry import catalogued

_BOOK = "D. Goyal, API Analytics for Product Managers, chapter Key Metrics for API Products"


@remembered
@needs("releases", what="Releases")
def releases_by_month(study) -> pd.DataFrame:
    """The releases of each month shown: month, releases, breaking, announced (with a day of announcement),
    lead_days (median days from announcement to release; NaN where none was announced)."""
    table = study.table("releases")
    table = table.assign(
        month=study.local_month(table["released_at"]),
        is_breaking=table["breaking"].fillna(False).astype(bool),
        lead=(table["released_at"] - table["announced_at"]) / pd.Timedelta(days=1),
    )
    by_month = table.groupby("month").agg(
        releases=("released_at", "size"), breaking=("is_breaking", "sum"), announced=("lead", "count"), lead_days=("lead", "median")
    )
    by_month = by_month.reindex(study.months)
    counts = ["releases", "breaking", "announced"]
    return by_month.assign(**by_month[counts].fillna(0).astype("int64")).rename_axis("month").reset_index()


def _counted(study, column: str) -> pd.DataFrame:
    table = releases_by_month(study)
    whole = [study.whole(m) for m in study.months]
    return pd.DataFrame({"month": table["month"], "value": table[column], "denominator": table["releases"], "mature": whole})


@catalogued(
    name="Releases", dimension="product", stage="scale",
    question="How often do the teams release?",
    formula="releases of the local month, of all teams", unit="count", direction="none", timing="leading",
    counter_metric="error_budget_left", gameable_by="cutting one change into many releases", tables=("releases",),
    source=_BOOK, counted="releases", whole_month=True,
)  # fmt: skip
def release_frequency(study):
    return _counted(study, "releases")


@catalogued(
    name="Breaking changes", dimension="product", stage="scale",
    question="How often do callers have to change their code because we changed ours?",
    formula="releases of the local month that are marked as breaking", unit="count", direction="down",
    timing="leading", counter_metric="deprecated_version_exposure",
    gameable_by="not marking them as breaking", tables=("releases",), source=_BOOK, counted="releases",
    whole_month=True,
)  # fmt: skip
def breaking_changes(study):
    return _counted(study, "breaking")


@catalogued(
    name="Changelog lead time", dimension="product", stage="scale",
    question="How long before a release are callers told of it?",
    formula="median days from announced_at to released_at of the releases of the local month; those without "
    "announced_at are left out",
    unit="days", direction="up", timing="leading", counter_metric="release_frequency",
    gameable_by="announcing only the releases that were planned long ago", tables=("releases",), source=_BOOK,
    counted="releases", whole_month=True,
)  # fmt: skip
def changelog_lead_time(study):
    table = releases_by_month(study)
    value = table["lead_days"].where(table["announced"] > 0, np.nan)
    whole = [study.whole(m) for m in study.months]
    return pd.DataFrame({"month": table["month"], "value": value, "denominator": table["announced"], "mature": whole})
