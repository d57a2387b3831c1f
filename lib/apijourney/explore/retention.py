"""Retention to play with: other definitions of a cohort, of coming back and of a period."""

import ipywidgets as widgets

from apijourney.explore.panel import panel
from apijourney.figures.cohorts import draw_retention, draw_retention_curve
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.loyalty import pooled_retention, retention_triangle
from apijourney.notebook import say, show
from apijourney.readings.retention import read_retention

KINDS = {"in exactly that period": "on", "in that or a later one": "on_or_after", "within a group of periods": "bracket"}
COHORTS = {"first active in the period": "first_time", "first ever": "first_ever", "active in the period": "recurring"}
PERIODS = {"months": "M", "weeks": "W"}


def explore_retention(study) -> widgets.Widget:
    """Choose who is in a cohort, what counts as coming back, and the period; see triangle and curve."""
    table = retention_triangle(study)
    if isinstance(table, NotMeasurable):
        return widgets.HTML(str(table))

    def answer(cohort: str, kind: str, period: str, most: int) -> None:
        found = retention_triangle(study, cohort=cohort, kind=kind, period=period, most=most)
        title = f"Accounts active again, cohorts by {'month' if period == 'M' else 'week'}"
        least = study.workbook.definitions.min_n
        show(draw_retention(found, title=title, period=period, min_n=least), alt=f"{title}, as a triangle")
        if kind != "bracket" and not isinstance(found, NotMeasurable):
            average = pooled_retention(found)
            say(read_retention(average, period=period))
            show(draw_retention_curve(average, title="All cohorts together", period=period), alt="Pooled retention")
        if cohort == "recurring":
            say("One account stands in several cohorts here, so the interval of the pooled curve is too narrow.")

    wide = {"layout": widgets.Layout(width="320px")}
    return panel(
        answer,
        cohort=widgets.Dropdown(options=COHORTS, value="first_time", description="a cohort: accounts", **wide),
        kind=widgets.Dropdown(options=KINDS, value="on", description="active again", **wide),
        period=widgets.ToggleButtons(options=PERIODS, value="M", description="period"),
        most=widgets.IntSlider(value=12, min=3, max=24, description="cohorts shown"),
    )
