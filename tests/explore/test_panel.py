"""A panel asks again only those answers that a moved control changes."""

import threading
import time

import ipywidgets as widgets
import matplotlib.pyplot as plt
import pandas as pd

from apijourney.errors import WorkbookError
from apijourney.explore.panel import panel
from apijourney.figures.step_rates import draw_step_rates
from apijourney.figures.style import new_axes

RATES = pd.DataFrame({"step": [1], "step_name": ["first call"], "group": ["all"], "value": [0.5], "low": [0.4], "high": [0.6], "denominator": [9]})


def opened(asked):
    def months(month):
        asked.append(("months", month))

    def both(month, stage):
        asked.append(("both", month, stage))

    built = panel(
        months, both,
        month=widgets.Dropdown(options=["2026-09", "2026-10"], value="2026-10"), stage=widgets.Dropdown(options=["test", "scale"]),
    )  # fmt: skip
    return built.children[0].children


def test_each_answer_is_given_once_as_the_panel_opens():
    asked = []
    opened(asked)
    assert asked == [("months", "2026-10"), ("both", "2026-10", "test")]


def test_an_answer_that_names_no_moved_control_stays_as_it_stands():
    asked = []
    month, stage = opened(asked)
    asked.clear()
    stage.value = "scale"
    assert asked == [("both", "2026-10", "scale")]
    month.value = "2026-09"
    assert asked[1:] == [("months", "2026-09"), ("both", "2026-09", "scale")]


def test_a_slider_answers_when_it_is_let_go():
    slider = panel(lambda days: None, days=widgets.IntSlider(value=3)).children[0].children[0]
    assert not slider.continuous_update


def test_a_mistake_is_a_sentence_in_its_own_part(capsys):
    def wrong(days):
        raise WorkbookError("days: choose fewer.")

    panel(wrong, lambda days: print(f"{days} days"), days=widgets.IntSlider(value=3))
    shown = capsys.readouterr().out
    assert "days: choose fewer." in shown and "3 days" in shown


def test_the_figure_of_an_answer_is_not_one_that_the_next_message_to_the_kernel_would_show_and_close():
    plt.close("all")
    drawn = []

    def draw(days):
        drawn.append((new_axes(None).figure, draw_step_rates(RATES), plt.get_fignums()))

    slider = widgets.IntSlider(value=3)
    panel(draw, days=slider)
    slider.value = 4
    assert [numbers for *_, numbers in drawn] == [[], []]
    assert plt.get_fignums() == [] and new_axes(None).figure.number == plt.get_fignums()[0]
    plt.close("all")


def test_controls_moved_in_several_threads_are_answered_one_after_the_other():
    inside, most = [], []

    def slow(**_):
        inside.append(1)
        time.sleep(0.05)
        most.append(len(inside))
        inside.pop()

    first, second = widgets.IntSlider(), widgets.IntSlider()
    panel(lambda a: slow(), lambda b: slow(), a=first, b=second)
    moves = [threading.Thread(target=setattr, args=(slider, "value", 7)) for slider in (first, second)]
    [move.start() for move in moves]
    [move.join() for move in moves]
    assert most == [1, 1, 1, 1]
