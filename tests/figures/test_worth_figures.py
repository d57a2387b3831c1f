"""Do the figures of worth draw the numbers of their tables?"""

import numpy as np
import pandas as pd

from apijourney import NotMeasurable
from apijourney.figures.worth import draw_forecast, draw_lorenz, draw_pay_against_cost, draw_revenue_cohorts, draw_waterfall

STEPS = pd.DataFrame(
    {"step": ["opening", "new", "churn", "closing"], "minor": [1000, 500, -300, 1200], "from_minor": [0, 1000, 1500, 0],
     "to_minor": [1000, 1500, 1200, 1200]}
)  # fmt: skip


def test_each_bar_of_the_waterfall_begins_where_the_one_before_ended():
    ax = draw_waterfall(STEPS, currency="EUR", title="MRR")
    bars = [(b.get_y(), b.get_y() + b.get_height()) for b in ax.patches]
    assert bars == [(0, 1000), (1000, 1500), (1200, 1500), (0, 1200)]
    assert [t.get_text() for t in ax.texts] == ["EUR 10", "+EUR 5", "EUR -3", "EUR 12"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["opening", "new", "churn", "closing"]


def test_small_cohorts_say_too_few_and_open_months_are_blank():
    table = pd.DataFrame(
        {"cohort": ["2026-01"] * 2 + ["2026-02"] * 2, "period": [1, 2] * 2, "size": [9, 9, 2, 2], "share": [1.0, 0.75, 1.0, np.nan],
         "mature": [True, True, True, False]}
    )  # fmt: skip
    ax = draw_revenue_cohorts(table)
    assert [t.get_text() for t in ax.texts] == ["100", "75"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["2026-01  (9)", "2026-02  (2, too few)"]


def test_accounts_that_pay_less_than_they_cost_have_their_own_colour_and_count():
    margins = pd.DataFrame(
        {"month": "2026-10", "account_id": list("abcd"), "mrr_minor": [100, 50, 0, 9], "cost_minor": [20, 70, 5, 0], "margin_minor": [80, -20, -5, 9]}
    )
    ax = draw_pay_against_cost(margins, month="2026-10", currency="EUR")
    assert [c.get_offsets().tolist() for c in ax.collections] == [[[100, 20]], [[50, 70]]]
    assert [t.get_text() for t in ax.get_legend().get_texts()][:2] == ["pays at least its cost (1)", "pays less than it costs (1)"]
    assert ax.get_legend().get_texts()[-1].get_text() == "costs nothing, not drawn (1)"  # d
    assert draw_pay_against_cost(margins, month="2026-11", currency="EUR").collections[:] == []


def test_no_paying_account_is_left_out_of_the_legend():
    margins = pd.DataFrame({"month": "2026-10", "account_id": list("abc"), "mrr_minor": [9, 9, 9], "cost_minor": [3, 0, 0], "margin_minor": [6, 9, 9]})
    legend = [t.get_text() for t in draw_pay_against_cost(margins, month="2026-10", currency="EUR").get_legend().get_texts()]
    assert legend == ["pays at least its cost (1)", "pays what it costs", "cost nothing, not drawn (2)"]


def test_the_lorenz_curve_is_its_table():
    curve = pd.DataFrame({"accounts_share": [0, 0.5, 1], "mrr_share": [0, 0.25, 1]})
    ax = draw_lorenz(curve)
    assert ax.lines[0].get_xydata().tolist() == curve.values.tolist()
    ax.figure.canvas.draw()
    assert ax.get_tightbbox().width > 7 * ax.figure.dpi  # as wide as the other figures


SERIES = pd.DataFrame({"month": ["2026-09", "2026-10"], "value": [100.0, 110.0]})


def ahead(**known) -> pd.DataFrame:
    row = {"month": ["2026-11"], "value": np.nan, "low80": np.nan, "high80": np.nan, "low95": np.nan, "high95": np.nan}
    return pd.DataFrame(row | known | {"method": "smoothing"})


def test_a_forecast_has_two_bands_around_it():
    ax = draw_forecast(SERIES, ahead(value=120, low80=110, high80=130, low95=100, high95=140), title="MRR", currency="EUR")
    spans = [c.get_paths()[0].get_extents().get_points()[:, 1].tolist() for c in ax.collections]
    assert spans == [[100, 140], [110, 130]]
    assert ax.lines[0].get_ydata().tolist() == [100, 110] and ax.lines[1].get_ydata().tolist() == [120]


def test_an_unknown_forecast_is_not_drawn():
    ax = draw_forecast(SERIES, ahead(), title="MRR", currency="EUR")
    assert len(ax.lines) == 1 and not ax.collections


def test_what_is_not_measurable_is_handed_on():
    answer = NotMeasurable("MRR", "add invoices.")
    assert draw_waterfall(answer, currency="EUR", title="") is answer
    assert draw_revenue_cohorts(answer) is answer and draw_lorenz(answer) is answer
    assert draw_pay_against_cost(answer, month="2026-10", currency="EUR") is answer
    assert draw_forecast(answer, ahead(), title="") is answer
