"""The catalogue: every metric of the workbook, each registered once beside its function.

The map of notebook 01, the scorecard and the definitions page of the report are made from it.
"""

from apijourney.metrics.business import (
    annual_metrics, churn_causes, feature_adoption, metering, revenue_metrics, serving_metrics, value_metrics, winning_metrics,
)  # fmt: skip
from apijourney.metrics.infrastructure import (
    answer_times, budget_metrics, burn_rate, capacity, concurrency, hosts, migration, operations, reliability_metrics,
    service_metrics, usage_metrics, worst_customers,
)  # fmt: skip
from apijourney.metrics.product.activation import activation_metrics, onboarding_metrics, transaction_metrics
from apijourney.metrics.product.decline import warning_metrics
from apijourney.metrics.product.discovery import discovery_metrics, docs_metrics, portal_metrics
from apijourney.metrics.product.engagement import engagement_metrics, work_sessions
from apijourney.metrics.product.experience import experience_metrics, fix_times, release_metrics, version_metrics
from apijourney.metrics.product.retention import retention_metrics
from apijourney.metrics.product.scale import consumer_metrics, expansion_metrics, growth_metrics, quota_metrics, spread_metrics
from apijourney.metrics.registry import CATALOG, Metric, measure, measure_all

_ORDER = [
    module.__name__
    for module in (
        service_metrics, answer_times, operations, budget_metrics, burn_rate, reliability_metrics, hosts, capacity,
        concurrency, usage_metrics, worst_customers, discovery_metrics, portal_metrics, docs_metrics, onboarding_metrics,
        activation_metrics, transaction_metrics, engagement_metrics, retention_metrics, spread_metrics, experience_metrics,
        version_metrics, release_metrics, migration, fix_times, consumer_metrics, growth_metrics, expansion_metrics, quota_metrics,
        work_sessions, warning_metrics, revenue_metrics, annual_metrics, value_metrics, winning_metrics, churn_causes, serving_metrics,
        metering,
        work_sessions, warning_metrics, revenue_metrics, value_metrics, winning_metrics, churn_causes, serving_metrics,
        feature_adoption, metering,
    )
]  # fmt: skip
# Importing registers, in whatever order modules happened to be loaded; the catalogue has one order.
_ordered = sorted(CATALOG.items(), key=lambda entry: _ORDER.index(entry[1].compute.__module__))
CATALOG.clear()
CATALOG.update(_ordered)

__all__ = ["CATALOG", "Metric", "measure", "measure_all"]
