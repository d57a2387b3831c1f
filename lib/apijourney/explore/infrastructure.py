"""Waits and promises to play with: another percentile, one endpoint, another promise, another window."""

import ipywidgets as widgets

from apijourney.explore.panel import panel
from apijourney.figures.budget import draw_budget
from apijourney.figures.service import draw_waits
from apijourney.formats import percent
from apijourney.measurable import NotMeasurable
from apijourney.metrics.infrastructure.budget_metrics import budget_over_time
from apijourney.metrics.infrastructure.latency_by_account import latency_by_account
from apijourney.metrics.infrastructure.usage import endpoints_of_month
from apijourney.notebook import say, show
from apijourney.readings.budget import read_budget
from apijourney.readings.infrastructure import read_waits

_EVERY = "all endpoints"


def explore_infrastructure(study) -> widgets.Widget:
    """Choose a percentile and an endpoint for the waits, a promise and a window for the error budget.

    The percentiles here come from the histogram: within 1 % of those of the report, and quick.
    """
    endpoints = endpoints_of_month(study)
    if isinstance(endpoints, NotMeasurable):
        return widgets.HTML(str(endpoints))
    names = [_EVERY, *(name for name in endpoints["endpoint"] if name)]

    def answer(percentile: float, endpoint: str, promise: float, days: int) -> None:
        waits = latency_by_account(study, percentile, "" if endpoint == _EVERY else endpoint, False)
        text = read_waits(waits, month=study.month, q=percentile)
        say(text)
        title = f"The customers that wait longest, p{100 * percentile:.0f}, {endpoint} (within 1 %)"
        show(draw_waits(waits, title=title), alt=f"{title}. {text}")
        left = budget_over_time(study, days=days, slo=promise)
        said = read_budget(left, days=days)
        say(f"If {percent(promise)} were promised: {said}" if not isinstance(said, NotMeasurable) else said)
        show(draw_budget(left, days=days, notes=study.annotations), alt=f"Error budget used by day. {said}")

    promises = sorted({0.99, 0.995, 0.999, 0.9995, study.workbook.slo.availability})
    return panel(
        answer,
        percentile=widgets.Dropdown(options=[(f"p{100 * q:.0f}", q) for q in (0.5, 0.9, 0.95, 0.99)], value=0.9, description="percentile"),
        endpoint=widgets.Dropdown(options=names, value=_EVERY, description="endpoint"),
        promise=widgets.Dropdown(
            options=[(percent(p), p) for p in promises], value=study.workbook.slo.availability, description="promised availability"
        ),
        days=widgets.Dropdown(options=[7, 14, 28, 56], value=28, description="days looked back"),
    )
