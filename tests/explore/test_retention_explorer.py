"""The retention explorer answers for every choice, and every control changes what it shows."""

import numpy as np
import pytest

from apijourney.explore import retention as module
from apijourney.explore.retention import BEGUN, EVERY, SEEN, explore_retention


@pytest.fixture
def shown(monkeypatch):
    """What is said and drawn, in order: sentences, and the numbers of the figures."""
    found = []

    def drawn(axes, alt):
        arrays = [np.asarray(line.get_ydata(), dtype=float).round(6).tolist() for line in axes.lines]
        arrays += [c.get_array().filled(-1).round(6).tolist() for c in axes.collections if c.get_array() is not None]
        labels = [t.get_text() for t in axes.get_yticklabels()]
        found.append(str((arrays, labels)))
        import matplotlib.pyplot as plt

        plt.close(axes.figure)

    monkeypatch.setattr(module, "say", lambda text: found.append(str(text)))
    monkeypatch.setattr(module, "show", drawn)
    return found


@pytest.fixture
def controls(small_study, shown):
    panels = explore_retention(small_study).children
    return {c.description: c for p in panels for c in p.children[0].children}


def answer(shown, control, value) -> list[str]:
    shown.clear()
    control.value = value
    return list(shown)


def test_every_control_changes_what_is_shown(controls, shown):
    start = answer(shown, controls["a cohort: accounts"], EVERY)
    assert len(start) == 4 and "One account stands in several cohorts" in start[-1]
    seen = {str(start)}
    for name, values in {
        "a cohort: accounts": [SEEN, BEGUN], "active again": ["on_or_after", "bracket", "on"], "period": ["W", "M"],
        "latest cohorts shown": [4, 12], "times active it takes": [10],
    }.items():  # fmt: skip
        for value in values:
            now = str(answer(shown, controls[name], value))
            assert now not in seen or (name, value) in {("active again", "on"), ("period", "M"), ("latest cohorts shown", 12)}, (name, value)
            assert now and "nan" not in now.replace("nan]", "").replace("nan,", "")
            seen.add(now)


def test_a_life_changes_with_the_silence_that_ends_it_and_with_the_groups(controls, shown):
    short = answer(shown, controls["silent days that mean gone"], 10)
    long = answer(shown, controls["silent days that mean gone"], 150)
    grouped = answer(shown, controls["lives"], "segment")
    assert "more than **10 days**" in short[-1] and "more than **150 days**" in long[-1]
    assert len({str(short), str(long), str(grouped)}) == 3 and grouped[-1].startswith("Half are gone after: ")
    assert answer(shown, controls["lives"], "channel") != grouped


def test_other_limits_are_judged_anew_and_change_who_is_warned_of(controls, shown):
    wide = answer(shown, controls["warn beyond so many usual silences"], 8)
    narrow = answer(shown, controls["warn beyond so many usual silences"], 1)
    later = answer(shown, controls["silent days of the plain rule"], 20)
    assert len(wide) == 3 and wide[1] != narrow[1] and wide[2] != narrow[2]
    assert "“Silent for 14 days”" in narrow[1] and "“Silent for 20 days”" in later[1] and len(later) == 2  # who is warned of does not depend on it


def test_slider_offers_no_more_cohorts_than_there_are_months(controls, small_study):
    assert controls["latest cohorts shown"].max == len(small_study.months)
