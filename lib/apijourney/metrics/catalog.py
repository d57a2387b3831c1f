"""The catalogue: every metric of the workbook, each registered once beside its function.

The map of notebook 01, the scorecard and the definitions page of the report are made from it.
"""

from apijourney.metrics.business import revenue_metrics  # noqa: F401  (importing registers)
from apijourney.metrics.infrastructure import service_metrics  # noqa: F401
from apijourney.metrics.product import (  # noqa: F401
    activation_metrics,
    discovery_metrics,
    engagement_metrics,
)
from apijourney.metrics.registry import CATALOG, Metric, measure, measure_all

__all__ = ["CATALOG", "Metric", "measure", "measure_all"]
