"""Blind spots: what can these data not tell, and what would have to be added?

Unit: a metric of the catalogue, a canonical table, or a touchpoint of the journey. That something
can be measured does not say that it is measured well: the quality table speaks of that.
"""

from copy import copy

import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.metrics.catalog import CATALOG, measure
from apijourney.metrics.product.discovery.touchpoints import touchpoint_map
from apijourney.sources.contracts import CONTRACTS
from apijourney.workbook import STAGES

IMPROVES = {
    "incidents": "incidents as they were noted: time to repair, time between failures, minutes of incidents; without "
    "the table they are derived from calls, where there are calls",
    "identities": "visits before sign-up as part of an account's way: sign-up rate, paths, funnels from the first visit",
    "account_history": "segment, plan and quota as they were at the time, not as they are now",
    "fx_rates": "revenue and costs in other currencies than the company's own",
    "annotations": "what happened when: notes on every time axis",
}
"""What the tables tell that no metric waits for: they make answers better, or give a second way to them."""


def catalog_map(study) -> pd.DataFrame:
    """Which metric speaks about which stage, does it lead or lag, and can it be measured here?

    Returns one row a metric, in the order of the stages: stage, dimension, id, metric, timing
    (leading or lagging), counter_metric (its name), measured (bool), remedy (empty where measured).
    """
    rows = []
    for metric in CATALOG.values():
        answer = _measurable(study, metric)
        remedy = answer.reason if isinstance(answer, NotMeasurable) else ""
        counter = CATALOG.get(metric.counter_metric)
        rows.append(
            {"stage": metric.stage, "dimension": metric.dimension, "id": metric.id, "metric": metric.name,
             "timing": metric.timing, "counter_metric": counter.name if counter else metric.counter_metric,
             "measured": not remedy, "remedy": remedy}
        )  # fmt: skip
    table = pd.DataFrame(rows)
    order = table["stage"].map({s: i for i, s in enumerate(STAGES)})
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def catalog_by_stage(metrics: pd.DataFrame) -> pd.DataFrame:
    """The catalogue on one page: which metrics speak about a stage, in each dimension?

    metrics : from `catalog_map`.

    Returns one row a stage and dimension that has a metric, in the order of the stages: stage, dimension,
    leading and lagging (names of the metrics, in brackets the counter-metric of each), not_measured (names).
    """
    named = metrics.assign(entry=metrics["metric"] + " [" + metrics["counter_metric"] + "]")
    rows = []
    for (stage, dimension), part in named.groupby(["stage", "dimension"], sort=False):
        rows.append(
            {
                "stage": stage,
                "dimension": dimension,
                "leading": " · ".join(part.loc[part["timing"] == "leading", "entry"]),
                "lagging": " · ".join(part.loc[part["timing"] == "lagging", "entry"]),
                "not_measured": " · ".join(part.loc[~part["measured"], "metric"]),
            }
        )
    return pd.DataFrame(rows)


def metrics_by_stage(metrics: pd.DataFrame, journey: pd.DataFrame) -> pd.DataFrame:
    """How many metrics speak about each stage, and what of it is not seen?

    metrics : from `catalog_map`. journey : from `touchpoint_map`.

    Returns one row a stage that has a metric or a touchpoint, in the order of the stages: stage, infrastructure,
    product and business (metrics that can be measured), not_measured (metrics that cannot), and blind_touchpoints
    (names of the touchpoints that cannot be measured, empty where none).
    """
    seen = metrics[metrics["measured"]]
    found = set(metrics["stage"]) | set(journey["stage"])
    rows = []
    for stage in [s for s in STAGES if s in found]:
        here, steps = seen[seen["stage"] == stage], journey[journey["stage"] == stage]
        counts = {name: int((here["dimension"] == name).sum()) for name in ("infrastructure", "product", "business")}
        rows.append(
            {"stage": stage, **counts,
             "not_measured": int(((metrics["stage"] == stage) & ~metrics["measured"]).sum()),
             "blind_touchpoints": " · ".join(steps.loc[~steps["measured"].astype(bool), "touchpoint"])}
        )  # fmt: skip
    return pd.DataFrame(rows)


def blind_spots(study, metrics: pd.DataFrame | None = None) -> pd.DataFrame:
    """What cannot be told from these data, and what would tell it?

    metrics : from `catalog_map`, if it is there already.

    Returns one row a blind spot: kind ("touchpoint", "table" or "metric"), name, tells (the question
    it would answer), remedy (what to add). Empty where nothing is missing. Metrics whose tables are
    missing stand with the table, the others by themselves.
    """
    rows = []
    journey = touchpoint_map(study)
    for row in journey[~journey["measured"]].itertuples():
        rows.append(("touchpoint", row.touchpoint, f"who gets to “{row.touchpoint}” ({row.stage})", row.remedy))
    for row in study.coverage.itertuples():
        if study.lacks(row.table):
            rows.append(("table", row.table, _told_by(study, row.table), f"add it; a row is {row.grain}"))
    metrics = catalog_map(study) if metrics is None else metrics
    for row in metrics[~metrics["measured"]].itertuples():
        if not set(study.lacks(*CATALOG[row.id].tables)) & set(CONTRACTS):
            rows.append(("metric", row.metric, CATALOG[row.id].question, row.remedy))
    return pd.DataFrame(rows, columns=["kind", "name", "tells", "remedy"]).astype("str")


def _told_by(study, table: str) -> str:
    """Which metrics of the catalogue wait for this table, or what else does it improve?"""
    names = [m.name for m in CATALOG.values() if table in study.lacks(*m.tables)]
    if not names:
        return IMPROVES.get(table, "nothing the catalogue asks yet")
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _measurable(study, metric):
    """Ask the metric itself, for one month; where calls are read, that the table is there will do."""
    if study.lacks(*metric.tables, *metric.columns):
        return measure(study, metric.id)
    sources = {study.source_of(study.workbook.definitions.active) if t == "active" else t for t in metric.tables}
    if "requests" in sources:
        return None
    one_month = copy(study)
    one_month.months = [study.month]
    return measure(one_month, metric.id)
