"""The API product metrics workbook: from the data a company already has to the numbers a PM needs.

The folders are the data's way: sources → facts → metrics → figures and readings → notebooks and
report. Everything public can be imported from here; a module is loaded when it is first used.
"""

from importlib import import_module

_PUBLIC = {
    "workbook": ("load_workbook",),
    "errors": ("WorkbookError",),
    "measurable": ("NotMeasurable",),
    "sources.access_log": ("read_access_log",),
    "sources.aws_api_gateway": ("read_aws_api_gateway_log",),
    "sources.envoy": ("read_envoy_log",),
    "sources.kong": ("read_kong_log",),
    "facts.study": ("open_study", "Study"),
    "facts.event_log": ("EventLog", "Exclude", "Step", "event_log"),
    "metrics.catalog": ("CATALOG", "measure", "measure_all"),
    "metrics.breakdown": ("measure_by",),
    "metrics.holistic.named_accounts": ("named_accounts",),
    "metrics.product.conversion.funnel": ("funnel", "funnel_accounts", "funnel_trend"),
    "metrics.product.conversion.windowed_levels": ("windowed_levels",),
    "metrics.product.retention.retention": ("retention", "retention_average"),
    "metrics.product.retention.frequency_recency": ("frequency_recency",),
    "metrics.product.engagement.lifecycle": ("lifecycle",),
    "metrics.product.engagement.activity": ("active", "stickiness"),
    "metrics.product.conversion.paths": ("transitions", "step_matrix"),
    "metrics.product.conversion.time_to": ("time_to", "time_to_summary"),
}
_HOME = {name: module for module, names in _PUBLIC.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str):
    if name in _HOME:
        return getattr(import_module(f"apijourney.{_HOME[name]}"), name)
    raise AttributeError(f"module 'apijourney' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
