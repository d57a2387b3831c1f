"""Which goals are missed, which cannot be called yet, and who owns them?

Unit: a goal of the workbook file. Missed ones come first, then those whose interval holds the goal, then
those with nothing to judge, then those that are met. It judges no metric that has no goal.
"""

from apijourney.metrics.catalog import CATALOG
from apijourney.metrics.holistic.goals import NOBODY, owner_of
from apijourney.report.scorecard import rows
from apijourney.workbook import Workbook

_ORDER = ("missed", "unclear", "", "met")


def alerts(workbook: Workbook, month: str, metrics: dict) -> list[dict]:
    """Judge every goal of a workbook.

    metrics : id → table by month, or `NotMeasurable`
    Returns the rows of `scorecard`, missed goals first, with owner (empty where the workbook names none). A
    goal without a verdict has none because its metric is not measurable, not yet known, or neither way
    better. Goals of one verdict keep the order of the workbook file.
    """
    found = rows(workbook, month, metrics, [name for name in workbook.goals if name in CATALOG])
    found = [row | {"owner": owner_of(row["id"], workbook.owners).replace(NOBODY, "")} for row in found]
    return sorted(found, key=lambda row: _ORDER.index(row["verdict"]))
