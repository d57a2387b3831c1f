"""Waits, promises and alarms to play with: another percentile, endpoint, promise or window, and another alarm."""

import ipywidgets as widgets

from apijourney.explore.panel import panel
from apijourney.figures.budget import draw_budget
from apijourney.figures.service import draw_waits
from apijourney.formats import percent
from apijourney.measurable import NotMeasurable
from apijourney.metrics.infrastructure.budget_metrics import budget_over_time
from apijourney.metrics.infrastructure.burn_rate import BurnRule, alarms_of_study
from apijourney.metrics.infrastructure.latency_by_account import latency_by_account
from apijourney.metrics.infrastructure.usage import endpoints_of_month
from apijourney.notebook import say, show, table
from apijourney.readings.budget import read_budget
from apijourney.readings.infrastructure import read_waits
from apijourney.readings.service_detail import alarm_words, read_alarms

_EVERY = "all endpoints"
_LOOK_BACK = [7, 14, 28, 56]
_WINDOWS = {  # the long window and the short one, minutes; the short one is a twelfth, as the source of the rules has it
    "1 hour and 5 minutes": (60, 5), "6 hours and 30 minutes": (360, 30), "1 day and 2 hours": (1440, 120),
    "3 days and 6 hours": (4320, 360),
}  # fmt: skip


def explore_infrastructure(study) -> widgets.Widget:
    """Two panels: a percentile and an endpoint for the waits, a promise and a window for the error budget; an alarm.

    The percentiles here come from the histogram: within 1 % of those of the report, and quick.
    """
    endpoints = endpoints_of_month(study)
    if isinstance(endpoints, NotMeasurable):
        return widgets.HTML(str(endpoints))
    names = [_EVERY, *(name for name in endpoints["endpoint"] if name)]

    def waits(percentile: float, endpoint: str) -> None:
        by_account = latency_by_account(study, percentile, "" if endpoint == _EVERY else endpoint, False)
        text = read_waits(by_account, month=study.month, q=percentile)
        say(text)
        title = f"The customers that wait longest, p{100 * percentile:.0f}, {endpoint} (within 1 %)"
        show(draw_waits(by_account, title=title), alt=f"{title}. {text}")

    def budget(promise: float, days: int) -> None:
        left = budget_over_time(study, days=days, slo=promise, longest=max(_LOOK_BACK))
        said = read_budget(left, days=days)
        say(f"If {percent(promise)} were promised: {said}" if not isinstance(said, NotMeasurable) else said)
        show(draw_budget(left, days=days, notes=study.annotations), alt=f"Error budget used by day. {said}")

    promises = sorted({0.99, 0.995, 0.999, 0.9995, study.workbook.slo.availability})
    waits_and_budget = panel(
        waits, budget,
        percentile=widgets.Dropdown(options=[(f"p{100 * q:.0f}", q) for q in (0.5, 0.9, 0.95, 0.99)], value=0.9, description="percentile"),
        endpoint=widgets.Dropdown(options=names, value=_EVERY, description="endpoint"),
        promise=widgets.Dropdown(
            options=[(percent(p), p) for p in promises], value=study.workbook.slo.availability, description="promised availability"
        ),
        days=widgets.Dropdown(options=_LOOK_BACK, value=28, description="days looked back"),
    )  # fmt: skip
    return widgets.VBox([waits_and_budget, _alarms(study)])


def _alarms(study) -> widgets.Widget:
    def answer(windows: str, times: float) -> None:
        rule = BurnRule(windows, *_WINDOWS[windows], times)
        tried = alarms_of_study(study, rules=(rule,))
        say(read_alarms(tried, span=study.span))
        table(alarm_words(tried))

    return panel(
        answer,
        windows=widgets.Dropdown(options=list(_WINDOWS), description="alarm where both windows"),
        times=widgets.FloatSlider(
            value=14.4, min=1.2, max=30, step=0.6, description="burn so many times as fast as allowed",
            layout=widgets.Layout(width="420px"),
        ),
    )  # fmt: skip
