"""Is a goal met, and who answers for a metric?

Unit: one metric. A goal counts as met or missed only when the whole interval lies on one side of it.
It does not judge whether the goal is a good one.
"""

from apijourney.errors import WorkbookError, unknown
from apijourney.formats import is_missing
from apijourney.metrics.catalog import CATALOG
from apijourney.workbook import Workbook

DIMENSIONS = ("infrastructure", "product", "business")
NOBODY = "not named"
BEYOND_ONE = {
    "net_revenue_retention_12m", "month_over_month_growth", "usage_growth_by_account", "error_budget_left", "gross_margin",
    "revenue_churn",
}  # fmt: skip
"""Shares that may lie outside 0 to 1: what is compared may have grown, or be overspent."""
MOST_TIMES = 5


def verdict(value: float, low: float, high: float, goal: float, direction: str) -> str:
    """Answer whether a goal is met: "met", "missed", or "unclear" where the interval holds it.

    direction : of the metric, "up" or "down"; for any other there is no verdict (""). Where there is no
        interval, the value is taken as it is.

    >>> verdict(0.5, 0.45, 0.55, 0.4, "up"), verdict(0.5, 0.45, 0.55, 0.52, "up"), verdict(400, 380, 420, 300, "down")
    ('met', 'unclear', 'missed')
    """
    if direction not in ("up", "down"):
        return ""
    worst = value if is_missing(low) or is_missing(high) else low if direction == "up" else high
    best = value if is_missing(low) or is_missing(high) else high if direction == "up" else low
    reaches = (lambda v: v >= goal) if direction == "up" else (lambda v: v <= goal)
    return "met" if reaches(worst) else "unclear" if reaches(best) else "missed"


def check_names(workbook: Workbook) -> None:
    """Refuse a workbook whose scorecard, goals or owners name a metric nobody knows.

    Raises
    ------
    WorkbookError : with the setting, the name, and what was probably meant.
    """
    known = {"scorecard": CATALOG, "goals": CATALOG, "owners": [*CATALOG, *DIMENSIONS]}
    for setting, names in known.items():
        for name in getattr(workbook, setting):
            if name not in names:
                kind = "metric or dimension" if setting == "owners" else "metric"
                raise unknown(kind, name, names, where=f"{workbook.path.name}: {setting}")


def check_goals(workbook: Workbook) -> None:
    """Refuse the goal of a share that no share can reach: it is most often written in per cent.

    Raises
    ------
    WorkbookError : with the line, the metric, the goal, and how it is written.
    """
    for name, goal in workbook.goals.items():
        if CATALOG[name].unit != "share" or 0 <= goal <= 1 or (name in BEYOND_ONE and abs(goal) <= MOST_TIMES):
            continue
        remedy = f"write {goal / 100:.10g}" if 1 < goal <= MOST_TIMES * 100 else "write a share such as 0.95"
        between = f"between -{MOST_TIMES} and {MOST_TIMES}" if name in BEYOND_ONE else "between 0 and 1"
        raise WorkbookError(
            f"{workbook.place('goals', name)}: {goal:.10g} is not {between}, as a goal of “{CATALOG[name].name}” is; {remedy}."
        )


def owner_of(metric: str, owners: dict[str, str]) -> str:
    """Who answers for a metric: its own owner, else that of its dimension, else "not named".

    >>> owner_of("mrr", {"business": "Finance"}), owner_of("mrr", {"business": "Finance", "mrr": "Ada"}), owner_of("mrr", {})
    ('Finance', 'Ada', 'not named')
    """
    return owners.get(metric) or owners.get(CATALOG[metric].dimension) or NOBODY


def goals_judged(study) -> dict[str, float]:
    """The goals that this study may be judged by: none for one product, since goals are set for the whole company."""
    return study.workbook.goals if study.product == "all" else {}
