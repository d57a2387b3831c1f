"""A figure drawn in another thread is nobody's but its caller's, and has the same pixels."""

from concurrent.futures import ThreadPoolExecutor

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from apijourney.figures.step_rates import draw_step_rates
from apijourney.figures.style import new_axes, use_style
from apijourney.notebook import png

RATES = pd.DataFrame(
    {
        "step": [1, 2], "step_name": ["key created", "first call"], "group": ["all", "all"], "value": [0.5, 0.25],
        "low": [0.4, 0.2], "high": [0.6, 0.3], "denominator": [100, 50],
    }
)  # fmt: skip


def one_axes():
    axes = new_axes(None)
    axes.plot([1, 2, 3], [3, 1, 2], label="calls")
    axes.legend()
    return axes.figure


def several_axes():
    return draw_step_rates(RATES)


@pytest.mark.parametrize("draw", [one_axes, several_axes])
def test_another_threads_figure_is_not_the_running_cells_and_looks_the_same(draw):
    use_style()
    plt.close("all")
    with ThreadPoolExecutor(1) as other:
        theirs = other.submit(draw).result()
        assert plt.get_fignums() == []
        picture = other.submit(png, theirs).result()
    ours = draw()
    assert plt.get_fignums() == [ours.number]
    assert picture == png(ours)
    plt.close("all")
