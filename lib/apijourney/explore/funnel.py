"""The funnel to play with: another window, another goal, and what went wrong before any of its steps."""

import ipywidgets as widgets

from apijourney.explore.panel import panel
from apijourney.figures.friction import draw_friction
from apijourney.figures.funnel import draw_funnel
from apijourney.figures.trend import draw_trend
from apijourney.formats import number, percent
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.friction.friction import friction
from apijourney.metrics.product.conversion.journey_funnel import journey_funnel, journey_trend
from apijourney.notebook import say, show
from apijourney.readings.friction import read_friction
from apijourney.readings.funnel import read_funnel


def explore_funnel(study) -> widgets.Widget:
    """Two panels: a window and a step to reach, for the funnel and its trend; and what those met who stopped before a step."""
    table = journey_funnel(study)
    if isinstance(table, NotMeasurable):
        return widgets.HTML(str(table))
    names = study.workbook.funnel

    def reached(days: int, last: str) -> None:
        share = journey_funnel(study, window=f"{days}D").iloc[names.index(last)]["share_of_first"]
        say(f"Within {number(days)} days, {percent(share)} reach “{last}”.")

    def steps(days: int) -> None:
        window = f"{days}D"
        found = journey_funnel(study, window=window)
        say(read_funnel(found, window=window))
        show(draw_funnel(found, names=found["step_name"]), alt=f"Funnel with a window of {days} days")

    def trend(days: int, last: str) -> None:
        by_month = journey_trend(study, window=f"{days}D", last=last)
        show(
            draw_trend(by_month, unit="share", title=f"Share reaching “{last}”, by month of entry", notes=study.annotations),
            alt=f"Share reaching {last} within {days} days, by month of entry",
        )  # fmt: skip

    shown = panel(
        reached, steps, trend,
        days=widgets.IntSlider(value=60, min=1, max=120, description="window, days"),
        last=widgets.Dropdown(options=names[1:], value=names[-1], description="step to reach"),
    )  # fmt: skip
    return widgets.VBox([shown, _friction(study)])


def _friction(study) -> widgets.Widget:
    names = study.workbook.funnel

    def met(step: str, days: int, hours: int) -> None:
        found = friction(study, step=step, window=f"{days}D", hours=hours)
        say(read_friction(found))
        show(draw_friction(found), alt=f"What accounts met in the {hours} hours after the step before {step}")

    return panel(
        met,
        step=widgets.Dropdown(options=names[1:], value=names[-1], description="stopped before"),
        days=widgets.IntSlider(value=60, min=1, max=120, description="days to go on in"),
        hours=widgets.IntSlider(value=24, min=1, max=168, description="first hours after the step before"),
    )
