"""The figure of warnings shows each rule where the table has it."""

import numpy as np
import pandas as pd

from apijourney.figures.warning import draw_rules
from apijourney.metrics.product.decline.warning_backtest import judge_rules

SILENCES = pd.DataFrame({"account_id": list("aabc"), "silent_days": [40, 5, 20, 30], "closed_after": np.inf})


def test_each_rule_stands_at_what_it_found_and_how_often_it_was_right():
    rules = {"own": np.array([3, 3, 60, 60]), "plain": np.full(4, 13.0), "never": np.full(4, 99.0)}
    table = judge_rules(SILENCES, rules, gone_days=28).set_index("rule")
    # own: warns of both silences of a, one of them rightly; gone are a and c
    assert table.loc["own", ["precision", "recall"]].tolist() == [1 / 2, 1 / 2]
    axes = draw_rules(table.reset_index(), title="Tried")
    points = {c.get_label(): (float(c.lines[0].get_xdata()[0]), float(c.lines[0].get_ydata()[0])) for c in axes.containers}
    assert points == {"own: 2 warnings, 24.0 days ahead": (1 / 2, 1 / 2), "plain: 3 warnings, 14.0 days ahead": (1.0, 2 / 3)}
    assert "never: never warned" in [t.get_text() for t in axes.get_legend().get_texts()]


def test_an_interval_is_drawn_around_each_point():
    rows = pd.DataFrame([["own", 9, 6, 0.6, 0.4, 0.7, 8, 0.5, 0.2, 0.9, 10.0, 8.0, 12.0]],
                        columns=judge_rules(SILENCES, {"x": np.zeros(4)}, gone_days=28).columns)  # fmt: skip
    across, upright = (bars.get_segments()[0] for bars in draw_rules(rows, title="t").containers[0].lines[2])
    assert across[:, 0].round(6).tolist() == [0.2, 0.9] and upright[:, 1].round(6).tolist() == [0.4, 0.7]
