"""Recurring revenue to play with: fewer months, without usage, without the largest accounts."""

import ipywidgets as widgets

from apijourney.explore.panel import panel
from apijourney.figures.money import draw_concentration, draw_movements
from apijourney.formats import number
from apijourney.measurable import NotMeasurable
from apijourney.metrics.business.study_tables import (
    concentration_of_month,
    movements,
    paying_accounts,
    retained_without_largest,
)
from apijourney.notebook import say, show
from apijourney.readings.business import read_concentration, read_movements, read_without_largest


def explore_business(study) -> widgets.Widget:
    """Choose the months shown, whether usage counts, and how many of the largest accounts are left out."""
    currency = study.workbook.currency
    first = movements(study)
    if isinstance(first, NotMeasurable):
        return widgets.HTML(str(first))

    def answer(months: int, include_usage: bool, leave_out: int) -> None:
        which = {"include_usage": include_usage, "leave_out": leave_out}
        moved = movements(study, months=months, **which)
        text = read_movements(moved, currency=currency)
        say(text)
        show(draw_movements(moved, currency=currency, notes=study.annotations), alt=str(text) or "MRR movements")
        if leave_out:
            say(read_without_largest(retained_without_largest(study, leave_out=leave_out, include_usage=include_usage)))
        said = read_concentration(concentration_of_month(study, **which))
        say(said)
        title = f"MRR without the {number(leave_out)} largest accounts" if leave_out else "MRR of all accounts"
        show(draw_concentration(paying_accounts(study, **which), currency=currency), alt=f"{title}. {said}")

    most = len(study.all_months) - 1
    return panel(
        answer,
        months=widgets.IntSlider(value=min(len(study.months), most), min=1, max=most, description="months shown"),
        include_usage=widgets.Checkbox(value=study.workbook.definitions.mrr_includes_usage, description="MRR includes usage"),
        leave_out=widgets.IntSlider(value=0, min=0, max=10, description="leave out the largest"),
    )
