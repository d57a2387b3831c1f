"""The figures of money draw the numbers of their tables, and no others."""

import matplotlib.dates as mdates
import numpy as np
import pandas as pd

from apijourney import NotMeasurable
from apijourney.figures.aftermath import draw_aftermath
from apijourney.figures.money import (
    draw_concentration,
    draw_costs,
    draw_movements,
    draw_revenue,
    draw_revenue_retention,
    draw_without_largest,
)

NOTE = NotMeasurable("MRR", "add invoices.")
MONTHS = ["2026-09", "2026-10"]
KINDS = pd.DataFrame(
    {"month": MONTHS, "subscription_minor": [1000, 2000], "usage_minor": [300, 0], "one_off_minor": [0, 0],
     "taken_off_minor": [0, -150], "revenue_minor": [1300, 1850]}
)  # fmt: skip
MOVES = pd.DataFrame(
    {"month": MONTHS, "new_minor": [500, 700], "expansion_minor": [400, 0], "reactivation_minor": [0, 30],
     "contraction_minor": [0, -100], "churn_minor": [-50, -500]}
)  # fmt: skip


def bars(ax, label):
    """Where the bars of one label begin, and how high they are."""
    found = next(c for c in ax.containers if c.get_label() == label)
    return [(float(b.get_y()), float(b.get_height())) for b in found]


def labels(ax):
    return ax.get_legend_handles_labels()[1]


def test_kinds_are_stacked_and_what_was_taken_off_lies_below():
    mrr = pd.DataFrame({"month": MONTHS, "value": [1250.0, 1900.0]})
    ax = draw_revenue(KINDS, currency="EUR", mrr=mrr)
    assert bars(ax, "subscription") == [(0, 1000), (0, 2000)]
    assert bars(ax, "usage") == [(1000, 300), (2000, 0)]
    assert bars(ax, "credits and refunds") == [(0, 0), (0, -150)]
    assert ax.lines[0].get_ydata().tolist() == [1250.0, 1900.0]
    assert "one-off" not in labels(ax)


def test_revenue_is_drawn_where_recurring_revenue_is_not_measurable():
    ax = draw_revenue(KINDS, currency="EUR", mrr=NOTE)
    assert "recurring (MRR)" not in labels(ax) and "subscription" in labels(ax)


def test_months_without_any_revenue_are_an_empty_figure_without_a_legend():
    nothing = KINDS.assign(**{c: 0 for c in KINDS.columns[1:]})
    ax = draw_revenue(nothing, currency="EUR", mrr=NOTE)
    assert ax.get_legend() is None and not ax.containers


def test_gains_lie_above_losses_below_and_the_line_is_their_sum():
    ax = draw_movements(MOVES, currency="EUR")
    assert bars(ax, "new") == [(0, 500), (0, 700)]
    assert bars(ax, "expansion") == [(500, 400), (700, 0)]
    assert bars(ax, "reactivation") == [(900, 0), (700, 30)]
    assert bars(ax, "churn") == [(0, -50), (-100, -500)]
    assert ax.lines[0].get_ydata().tolist() == [850, 130]


def test_money_on_the_axis_carries_its_currency():
    formatter = draw_movements(MOVES, currency="USD").yaxis.get_major_formatter()
    assert [formatter(v) for v in (0, 20_000, 250_000, -300_000)] == ["USD 0", "USD 200", "USD 2,500", "USD -3,000"]


def test_costs_are_stacked_with_the_dearest_category_at_the_bottom():
    # support 900 in all, infrastructure 400, and none of it in October
    costs = pd.DataFrame(
        {"month": ["2026-09", "2026-09", "2026-10"], "category": ["infrastructure", "support", "support"], "cost_minor": [400, 300, 600]}
    )
    ax = draw_costs(costs, currency="EUR")
    assert bars(ax, "support") == [(0, 300), (0, 600)]
    assert bars(ax, "infrastructure") == [(300, 400), (600, 0)]


def test_months_that_cannot_look_back_a_year_are_shaded_and_no_value():
    net = pd.DataFrame({"month": MONTHS, "value": [np.nan, 1.06], "low": [np.nan, 0.8], "high": [np.nan, 1.3]})
    gross = net.assign(value=[np.nan, 0.57])
    ax = draw_revenue_retention(net, gross, goal=1.1)
    by_label = {line.get_label(): line for line in ax.lines}
    assert np.isnan(by_label["net (NRR)"].get_ydata()[0]) and by_label["net (NRR)"].get_ydata()[1] == 1.06
    assert by_label["gross (GRR)"].get_ydata()[1] == 0.57
    assert by_label["goal of NRR 110 %"].get_ydata()[0] == 1.1
    (band,) = ax.patches
    assert mdates.num2date(band.get_x() + band.get_width() / 2).strftime("%Y-%m-%d") == "2026-09-15"
    assert [t.get_text() for t in ax.texts] == ["cannot look back"]


def test_with_and_without_are_drawn_with_the_accounts_of_a_year_ago():
    table = pd.DataFrame(
        {"group": ["NRR, all accounts", "NRR, without the largest"], "value": [1.36, 0.73], "low": [0.6, 0.58],
         "high": [1.5, 0.89], "denominator": [8_978_225, 7_614_000], "accounts": [231, 230]}
    )  # fmt: skip
    ax = draw_without_largest(table, title="t")
    assert ax.lines[0].get_xdata().tolist() == [1.36, 0.73]
    assert [t.get_text() for t in ax.texts] == ["136 % (n = 231)", "73 % (n = 230)"]


def test_the_others_are_one_bar_and_all_bars_add_up_to_one():
    ranked = pd.DataFrame({"account_id": list("abc"), "mrr_minor": [600, 300, 100], "share": [0.6, 0.3, 0.1]})
    ax = draw_concentration(ranked, currency="EUR", largest=1)
    assert [bar.get_width() for bar in ax.patches] == [0.6, 0.4]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "2 others together"]
    assert ax.texts[1].get_text() == "40 % · EUR 4"


def test_failed_calls_credits_and_leavers_share_their_months():
    table = pd.DataFrame({"month": MONTHS, "failed_share": [0.02, np.nan], "given_back_minor": [0, 500], "churn": [np.nan, 0.1]})
    calls, money, churn = draw_aftermath(table, slo=0.999, currency="EUR").axes
    assert calls.patches[0].get_height() == 0.02
    assert [bar.get_height() for bar in money.patches] == [0, 500]
    assert churn.patches[1].get_height() == 0.1
    assert [t.get_text() for t in churn.texts] == ["not known"] and not money.texts
    assert calls.lines[0].get_ydata()[0] == 1 - 0.999
    assert "0.10 % that may" in calls.get_title()


def test_notes_stand_on_every_time_axis_of_money():
    notes = pd.DataFrame({"date": pd.to_datetime(["2026-09-15"]), "text": ["outage"]})
    assert draw_movements(MOVES, currency="EUR", notes=notes).get_xlabel() == "1 outage"
    assert draw_revenue(KINDS, currency="EUR", notes=notes).get_xlabel() == "1 outage"


def test_what_is_not_measurable_is_handed_on():
    assert draw_revenue(NOTE, currency="EUR") is NOTE
    assert draw_movements(NOTE, currency="EUR") is NOTE
    assert draw_aftermath(NOTE, slo=0.999, currency="EUR") is NOTE
