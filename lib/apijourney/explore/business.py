"""Recurring revenue to play with: fewer months, without usage or the largest accounts; and what an account is worth."""

import ipywidgets as widgets

from apijourney.explore.panel import panel
from apijourney.figures.money import draw_concentration, draw_movements
from apijourney.figures.trend import draw_trend
from apijourney.formats import number
from apijourney.measurable import NotMeasurable
from apijourney.metrics.business.lifetime_value import DRAWS, HORIZON_MONTHS, WINDOW_MONTHS, YEARLY_RATE
from apijourney.metrics.business.study_tables import (
    concentration_of_month,
    movements,
    paying_accounts,
    retained_without_largest,
)
from apijourney.metrics.business.value_metrics import value_by_month
from apijourney.metrics.business.winning_metrics import customer_acquisition_cost
from apijourney.notebook import say, show
from apijourney.readings.business import read_concentration, read_movements, read_without_largest
from apijourney.readings.worth import read_value

_QUICK_DRAWS = 100


def explore_business(study) -> widgets.Widget:
    """Two panels: the months shown, whether usage counts, how many of the largest accounts are left out; and the worth."""
    currency = study.workbook.currency
    first = movements(study)
    if isinstance(first, NotMeasurable):
        return widgets.HTML(str(first))

    def moves(months: int, include_usage: bool, leave_out: int) -> None:
        moved = movements(study, months=months, include_usage=include_usage, leave_out=leave_out)
        text = read_movements(moved, currency=currency)
        say(text)
        show(draw_movements(moved, currency=currency, notes=study.annotations), alt=str(text) or "MRR movements")

    def rests_on(include_usage: bool, leave_out: int) -> None:
        if leave_out:
            say(read_without_largest(retained_without_largest(study, leave_out=leave_out, include_usage=include_usage)))
        said = read_concentration(concentration_of_month(study, include_usage=include_usage, leave_out=leave_out))
        say(said)
        title = f"MRR without the {number(leave_out)} largest accounts" if leave_out else "MRR of all accounts"
        ranked = paying_accounts(study, include_usage=include_usage, leave_out=leave_out)
        show(draw_concentration(ranked, currency=currency), alt=f"{title}. {said}")

    most = len(study.all_months) - 1
    revenue = panel(
        moves, rests_on,
        months=widgets.IntSlider(value=min(len(study.months), most), min=1, max=most, description="months shown"),
        include_usage=widgets.Checkbox(value=study.workbook.definitions.mrr_includes_usage, description="MRR includes usage"),
        leave_out=widgets.IntSlider(value=0, min=0, max=10, description="leave out the largest"),
    )  # fmt: skip
    return widgets.VBox([revenue, _worth(study)])


def _worth(study) -> widgets.Widget:
    currency = study.workbook.currency

    def answer(discount: float, horizon: int, window: int) -> None:
        draws = DRAWS if window == WINDOW_MONTHS else _QUICK_DRAWS
        found = value_by_month(study, yearly_rate=discount, horizon=horizon, window=window, draws=draws)
        text = read_value(found, customer_acquisition_cost(study), currency=currency)
        if draws < DRAWS and not isinstance(found, NotMeasurable):
            text = f"{text} The intervals are rougher here: from {number(draws)} draws instead of {number(DRAWS)}."
        say(text)
        if not isinstance(found, NotMeasurable):
            trend = draw_trend(
                found.rename(columns={"clv_minor": "value"}), unit="money", currency=currency, notes=study.annotations,
                title="What a paying account is worth",
            )  # fmt: skip
            show(trend, alt=f"What a paying account is worth. {text}")

    return panel(
        answer,
        discount=widgets.FloatSlider(
            value=YEARLY_RATE, min=0, max=0.5, step=0.01, readout_format=".0%", description="discount a year"
        ),
        horizon=widgets.IntSlider(value=HORIZON_MONTHS, min=12, max=120, step=12, description="months ahead that count"),
        window=widgets.IntSlider(value=WINDOW_MONTHS, min=2, max=24, description="months back that are read"),
    )  # fmt: skip
