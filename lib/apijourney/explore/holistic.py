"""The levers to play with: another size of the move, another window, another month split by another group."""

import ipywidgets as widgets

from apijourney.explore.panel import panel
from apijourney.figures.levers import draw_levers, draw_mix_and_rate
from apijourney.formats import number
from apijourney.measurable import NotMeasurable
from apijourney.metrics.holistic.levers import levers
from apijourney.metrics.holistic.mix_and_rate import activation_mix
from apijourney.notebook import say, show
from apijourney.readings.holistic import levers_title, read_levers, read_mix


def explore_holistic(study) -> widgets.Widget:
    """Choose by how much each lever is moved and the funnel's window; and a month to split by channel or segment."""
    currency = study.workbook.currency
    split = activation_mix(study, "channel")
    found = levers(study)
    if isinstance(found, NotMeasurable) and isinstance(split, NotMeasurable):
        return widgets.HTML(str(found))

    def moved(points: float, days: int) -> None:
        table = levers(study, points=points, window=f"{days}D")
        title = f"{levers_title(points)}, window {number(days)} days"
        said = read_levers(table, points_moved=points, currency=currency)
        say(said)
        show(draw_levers(table, currency=currency, title=title), alt=f"{title}. {said}")

    def shared_out(month: str, by: str) -> None:
        parts = activation_mix(study, by, month)
        said = read_mix(parts, by=by)
        say(said)
        if not isinstance(parts, NotMeasurable):
            show(draw_mix_and_rate(parts, by=by), alt=f"Mix and rate by {by}. {said}")

    months = study.months[:0:-1] or study.months
    latest = study.month if isinstance(split, NotMeasurable) else split[2]
    return panel(
        moved, shared_out,
        points=widgets.FloatSlider(value=5.0, min=0.5, max=20, step=0.5, description="points moved"),
        days=widgets.IntSlider(value=60, min=7, max=120, description="funnel window, days"),
        month=widgets.Dropdown(options=months, value=latest if latest in months else months[0], description="month split"),
        by=widgets.ToggleButtons(options=["channel", "segment"], description="by"),
    )  # fmt: skip
