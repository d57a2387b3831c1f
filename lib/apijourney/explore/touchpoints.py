"""The journey to play with: another stage, another touchpoint, another month."""

import ipywidgets as widgets

from apijourney.explore.panel import panel
from apijourney.figures.journey import draw_touchpoints
from apijourney.figures.trend import draw_trend
from apijourney.formats import month_name, percent
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.discovery.touchpoints import path_counts, path_shares, touchpoint_map, touchpoint_trend
from apijourney.notebook import say, show, table
from apijourney.readings.journey import read_trend_month
from apijourney.workbook import STAGES


def explore_touchpoints(study) -> widgets.Widget:
    """Choose a stage, a touchpoint and a month; see the stage, the touchpoint's trend and what follows it."""
    journey = study.workbook.journey
    stages = [s for s in STAGES if s in {t.stage for t in journey}]

    def reached(stage: str, month: str) -> None:
        there = touchpoint_map(study, month=month)
        if stage != "all":
            there = there[there["stage"] == stage]
        title = f"{stage.capitalize() if stage != 'all' else 'All stages'} in {month_name(month)}"
        show(draw_touchpoints(there, title=title), alt=f"Accounts and visitors by touchpoint: {title}")

    def said(touchpoint: str, month: str) -> None:
        say(read_trend_month(touchpoint_trend(study, touchpoint), touchpoint, month=month))

    def trend(touchpoint: str) -> None:
        by_month = touchpoint_trend(study, touchpoint)
        title = f"At “{touchpoint}”, by month"
        if not isinstance(by_month, NotMeasurable):
            show(draw_trend(by_month, unit="count", title=title, notes=study.annotations), alt=title)

    def follows(touchpoint: str, month: str) -> None:
        matrix = path_shares(path_counts(study, month=month, most=len(journey)))
        if isinstance(matrix, NotMeasurable) or touchpoint not in matrix.index:
            return
        if matrix.loc[touchpoint].isna().all():
            say(f"Too few were at “{touchpoint}” in {month_name(month)} to say what follows.")
        else:
            after = matrix.loc[touchpoint].sort_values(ascending=False).head(5)
            after = after.rename_axis("next touchpoint").rename("share").reset_index()
            table(after, {"share": percent})

    return panel(
        reached, said, trend, follows,
        stage=widgets.Dropdown(options=["all", *stages], value=stages[0], description="stage"),
        touchpoint=widgets.Dropdown(options=[t.touchpoint for t in journey], description="touchpoint"),
        month=widgets.Dropdown(options=study.months[::-1], value=study.month, description="month"),
    )  # fmt: skip
