"""Capacity: a date is given only where growth is more than chance, and it is where the line meets the limit."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from apijourney import WorkbookError, open_study
from apijourney.metrics.infrastructure.capacity import headroom, when_full

NOISY = [0.40, 0.43, 0.42, 0.46, 0.45, 0.49, 0.48, 0.52]


def test_a_straight_line_meets_its_limit_where_it_must():
    found = when_full(pd.Series([0.40, 0.42, 0.44, 0.46, 0.48, 0.50]), full_at=0.6)
    assert found["months_left"] == pytest.approx(5, abs=0.05)
    assert found["earliest"] == pytest.approx(5, abs=0.05) and found["latest"] == pytest.approx(5, abs=0.05)


def test_the_band_is_that_of_a_regression():
    found = when_full(pd.Series(NOISY), full_at=0.6)
    x = sm.add_constant(np.arange(8.0) - 7)
    fit = sm.OLS(NOISY, x).fit()
    assert (found["slope_low"], found["slope_high"]) == pytest.approx(tuple(fit.conf_int()[1]))
    ahead = np.linspace(0, 36, 1081)
    band = fit.get_prediction(sm.add_constant(ahead)).conf_int()
    assert found["earliest"] == pytest.approx(ahead[(band[:, 1] >= 0.6).argmax()], abs=0.04)
    assert found["latest"] == pytest.approx(ahead[(band[:, 0] >= 0.6).argmax()], abs=0.04)
    assert found["earliest"] < found["months_left"] < found["latest"]


@pytest.mark.parametrize("load", [[0.4, 0.5, 0.6, 0.7, 0.79], [0.5, 0.4, 0.5, 0.4, 0.5, 0.4], [0.7, 0.6, 0.5, 0.4, 0.3, 0.2]])
def test_too_few_months_chance_and_decline_give_no_date(load):
    found = when_full(pd.Series(load))
    assert np.isnan([found["months_left"], found["earliest"], found["latest"]]).all()


def test_a_month_that_was_not_measured_is_left_out():
    whole, holed = [0.40, 0.42, 0.44, 0.46, 0.48, 0.50, 0.52], [0.40, 0.42, np.nan, 0.46, 0.48, 0.50, 0.52]
    assert when_full(pd.Series(holed))["months"] == 6
    assert when_full(pd.Series(holed))["months_left"] == pytest.approx(when_full(pd.Series(whole))["months_left"])


def test_a_limit_that_is_no_share_is_refused():
    with pytest.raises(WorkbookError, match=r"headroom\(full_at\): a share between 0 and 1 \(0.8\), found 80"):
        headroom(open_study("sample", months_back=2), full_at=80)
