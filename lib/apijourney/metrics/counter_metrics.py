"""What would show that a metric was only made to look good?

Unit: a metric of the catalogue. Many name a counter-metric that is another metric; it is measured here, so that
the two can stand beside each other. It does not judge whether anybody bends a number.
"""

from apijourney.metrics.catalog import CATALOG
from apijourney.metrics.registry import measure


def counter_metrics(study, metrics) -> dict:
    """Measure the counter-metrics of some metrics that are not among them.

    metrics : ids of the catalogue. Counter-metrics that the catalogue does not know are left out.
    Returns id → table by month, or `NotMeasurable`, as `measure`.
    """
    wanted = dict.fromkeys(CATALOG[name].counter_metric for name in metrics)
    return {name: measure(study, name) for name in wanted if name in CATALOG and name not in metrics}
