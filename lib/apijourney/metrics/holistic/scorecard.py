"""Where does every catalogued metric stand: value, trend, goal, owner, and its counter-metric?

Unit: one metric of the catalogue, whatever the catalogue holds. A month that is not known yet shows the
latest known one, by name. A direction is claimed only of the metrics on the scorecard and those with a goal, chosen
before anybody looked: among a hundred others, what is told of everything can be claimed of nothing. It ranks nothing:
a missed goal may be a bad goal.
"""

import numpy as np
import pandas as pd

from apijourney.facts.remember import remembered
from apijourney.measurable import NotMeasurable
from apijourney.metrics.catalog import CATALOG, measure_all
from apijourney.metrics.holistic.goals import check_goals, check_names, goals_judged, owner_of, verdict
from apijourney.metrics.holistic.trends import moved, trend
from apijourney.metrics.uncertainty import benjamini_hochberg

HEADLINES = 12
_USUAL = (
    "mrr", "revenue", "net_revenue_retention_12m", "gross_revenue_retention", "sign_ups", "activated_share",
    "first_hello_world_days", "first_call_success_rate", "monthly_active_accounts", "month_1_retention",
    "availability", "latency_p95", "cost_per_thousand_calls",
)  # fmt: skip
COLUMNS = [
    "metric", "name", "dimension", "unit", "counted", "direction", "month", "value", "low", "high", "denominator",
    "goal", "verdict", "recent", "earlier", "months", "rises", "p", "q", "trend", "owner", "counter_metric", "counter_trend", "reason",
]  # fmt: skip


@remembered
def scorecard(study) -> pd.DataFrame:
    """Score all catalogued metrics of a study against its workbook file. See `score`.

    Raises
    ------
    WorkbookError : where goals, scorecard or owners name a metric that is not in the catalogue.
    """
    check_names(study.workbook)
    check_goals(study.workbook)
    metrics, goals = measure_all(study), goals_judged(study)
    judged = judged_for_direction(study.workbook, metrics, goals)
    return score(metrics, month=study.month, goals=goals, owners=study.workbook.owners, judged=judged)


def judged_for_direction(workbook, metrics: dict, goals: dict[str, float]) -> list[str]:
    """The family of metrics whose direction is judged: those on the scorecard and those with a goal, each once."""
    return list(dict.fromkeys([*headline_metrics(workbook, metrics), *goals]))


def score(
    metrics: dict, *, month: str, goals: dict[str, float], owners: dict[str, str], judged: list[str] | None = None
) -> pd.DataFrame:
    """Score metrics: the latest known value up to a month, its goal, its trend, and who answers for it.

    Parameters
    ----------
    metrics : id → table by month (see `measure`), or `NotMeasurable`.
    month : the month reported on; later rows are not read.
    goals, owners : as in the workbook file. judged : the family whose direction is judged, None = all.

    Returns
    -------
    One row a metric, in their order: metric, name, dimension, unit, counted, direction;
    month (of the value: the latest known), value, low, high, denominator (NaN = not known);
    goal (NaN = none), verdict (met, missed, unclear; "" without a goal);
    recent, earlier, months, rises, p (see `trend`; p is NaN outside the family), q (Benjamini-Hochberg over the family),
    trend ("better", "worse", "up", "down", "" = no clear direction; "too few months"; "not judged");
    owner; counter_metric (id, or plain words where it is not catalogued), counter_trend (its `trend`);
    reason : why it cannot be measured; "" where it can.
    """
    rows = [_row(name, found, month, goals, owners) for name, found in metrics.items()]
    table = pd.DataFrame(rows, columns=COLUMNS)
    if table.empty:
        return table
    family = pd.Series(True, index=table.index) if judged is None else table["metric"].isin(judged)
    table["p"] = table["p"].astype(float).where(family)
    table["q"] = benjamini_hochberg(table["p"].to_numpy(dtype=float))
    table["trend"] = [
        "" if r.reason else "not judged" if not own else "too few months" if np.isnan(r.p) else moved(r.rises, r.q, r.direction)
        for r, own in zip(table.itertuples(), family, strict=True)
    ]
    by_metric = table.set_index("metric")["trend"]
    table["counter_trend"] = table["counter_metric"].map(by_metric).fillna("")
    return table


def headline_metrics(workbook, metrics: dict) -> list[str]:
    """Which metrics stand on the scorecard: those the workbook names, else the usual twelve.

    metrics : id → table by month, or `NotMeasurable`; measurable others take the place of usual ones that are not.
    """
    if workbook.scorecard:
        return list(dict.fromkeys(workbook.scorecard))
    measurable = [m for m, found in metrics.items() if not isinstance(found, NotMeasurable)]
    chosen = sorted(measurable, key=lambda m: m not in _USUAL)[:HEADLINES]
    return [m for m in measurable if m in chosen]


def _row(name: str, found, month: str, goals: dict, owners: dict) -> dict:
    entry = CATALOG[name]
    row = dict.fromkeys(COLUMNS, np.nan) | {
        "metric": name, "name": entry.name, "dimension": entry.dimension, "unit": entry.unit, "counted": entry.counted,
        "direction": entry.direction, "month": "", "goal": goals.get(name, np.nan), "verdict": "", "months": 0,
        "owner": owner_of(name, owners), "counter_metric": entry.counter_metric, "reason": "",
    }  # fmt: skip
    if isinstance(found, NotMeasurable):
        return row | {"reason": found.reason}
    shown = found[found["month"] <= month]
    row |= trend(shown["value"])
    known = shown[shown["value"].notna()]
    if known.empty:
        return row
    now = known.iloc[-1]
    row |= {c: now[c] for c in ("month", "value", "low", "high", "denominator")}
    if name in goals:
        row["verdict"] = verdict(now["value"], now["low"], now["high"], goals[name], entry.direction)
    return row
