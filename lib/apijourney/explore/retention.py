"""Retention to play with: other cohorts, ways of coming back, periods, ends of a life, and rules that warn."""

import ipywidgets as widgets

from apijourney.explore.panel import panel
from apijourney.figures.cohorts import draw_retention, draw_retention_curve
from apijourney.figures.staying import draw_survival
from apijourney.figures.warning import draw_rules
from apijourney.formats import counted
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.retention.account_life import account_lives, lives_by, survival_curve
from apijourney.metrics.product.decline.early_warning import TIMES, early_warnings
from apijourney.metrics.product.retention.loyalty import pooled_retention, retention_triangle
from apijourney.metrics.product.retention.silence_limit import SilenceLimit, silence_limit
from apijourney.metrics.product.decline.warning_backtest import PLAIN_DAYS, backtest
from apijourney.notebook import say, show
from apijourney.readings.retention import read_retention
from apijourney.readings.staying import read_life, read_lives_by
from apijourney.readings.warning import read_backtest, read_warnings

KINDS = {"in exactly that period": "on", "in that or a later one": "on_or_after", "within a group of periods": "bracket"}
BEGUN, SEEN, EVERY = "that began in the period", "first seen in the months shown", "active in the period"
COHORTS = {
    BEGUN: {"cohort": "first_time"},
    SEEN: {"cohort": "first_time", "shown_only": True},
    EVERY: {"cohort": "recurring"},
}
PERIODS = {"months": "M", "weeks": "W"}
_WIDE = {"layout": widgets.Layout(width="340px")}


def explore_retention(study) -> widgets.Widget:
    """Three panels: who comes back; after how much silence an account is gone; and after how much to warn of it."""
    table = retention_triangle(study)
    if isinstance(table, NotMeasurable):
        return widgets.HTML(str(table))
    return widgets.VBox([_cohorts(study), _lives(study), _warnings(study)])


def _cohorts(study) -> widgets.Widget:
    def answer(cohort: str, kind: str, period: str, most: int, minimum: int) -> None:
        found = retention_triangle(study, kind=kind, period=period, most=most, minimum=minimum, **COHORTS[cohort])
        title = f"Accounts active again, cohorts by {'month' if period == 'M' else 'week'}"
        least = study.workbook.definitions.min_n
        show(draw_retention(found, title=title, period=period, min_n=least), alt=f"{title}, as a triangle")
        if kind != "bracket" and not isinstance(found, NotMeasurable):
            average = pooled_retention(found)
            say(read_retention(average, period=period))
            curve = draw_retention_curve(average, title="All cohorts together", period=period, cohorts=found, min_n=least)
            show(curve, alt="Pooled retention and that of each cohort")
        if cohort == SEEN:
            say("Here old accounts count as new in the first months shown, and stay more surely: retention looks better than it is.")
        if cohort == EVERY:
            say("One account stands in several cohorts here, so the interval of the pooled curve is too narrow.")

    most = len(study.months)
    return panel(
        answer,
        cohort=widgets.Dropdown(options=list(COHORTS), value=BEGUN, description="a cohort: accounts", **_WIDE),
        kind=widgets.Dropdown(options=KINDS, value="on", description="active again", **_WIDE),
        period=widgets.ToggleButtons(options=PERIODS, value="M", description="period"),
        most=widgets.IntSlider(value=max(most - 3, min(2, most)), min=min(2, most), max=most, description="latest cohorts shown"),
        minimum=widgets.IntSlider(value=1, min=1, max=10, description="times active it takes"),
    )


def _lives(study) -> widgets.Widget:
    limit = silence_limit(study)
    days = study.workbook.definitions.silence_days if isinstance(limit, NotMeasurable) else limit.days

    def answer(silence: int, by: str) -> None:
        found = account_lives(study, limit=silence)
        if isinstance(found, NotMeasurable):
            say(found)
            return
        text = read_life(found, SilenceLimit(silence, False, 0, 0), min_n=study.workbook.definitions.min_n)
        parts = {"all": found} if by == "all together" else lives_by(study, by, limit=silence)
        curves = parts if isinstance(parts, NotMeasurable) else {n: survival_curve(part) for n, part in parts.items()}
        title = f"Accounts still there, gone after {counted(silence, 'silent day')}"
        show(draw_survival(curves, title=title), alt=f"{title}. {text}")
        say(text if by == "all together" else read_lives_by(parts))

    return panel(
        answer,
        silence=widgets.IntSlider(value=days, min=7, max=max(180, days), description="silent days that mean gone", **_WIDE),
        by=widgets.Dropdown(options=["all together", "segment", "channel"], description="lives", **_WIDE),
    )


def _warnings(study) -> widgets.Widget:
    definitions = study.workbook.definitions

    def judged(times: float, plain_days: int) -> None:
        tried = backtest(study, times=times, plain_days=plain_days)
        title = "Warnings tried on the months shown"
        text = read_backtest(tried, gone_days=definitions.silence_days, min_n=definitions.min_n)
        show(draw_rules(tried, title=title), alt=f"{title}. {text}")
        say(text)

    def warned(times: float) -> None:
        say(read_warnings(early_warnings(study, times=times)))

    return panel(
        judged, warned,
        times=widgets.FloatSlider(value=TIMES, min=1, max=8, step=0.5, description="warn beyond so many usual silences", **_WIDE),
        plain_days=widgets.IntSlider(
            value=min(PLAIN_DAYS, definitions.silence_days), min=1, max=definitions.silence_days,
            description="silent days of the plain rule", **_WIDE,
        ),
    )  # fmt: skip
