"""Does a forecast have to earn its trend, and say so when it knows nothing?"""

import numpy as np
import pandas as pd
import pytest

from apijourney import WorkbookError
from apijourney.metrics.business.forecast import _smoothed, forecast


def series(values, first="2025-01") -> pd.DataFrame:
    return pd.DataFrame({"month": [str(m) for m in pd.period_range(first, periods=len(values), freq="M")], "value": values})


def test_fewer_than_twelve_months_or_months_all_alike_are_not_known():
    for values in (range(11), [5] * 18, [1.0] * 11 + [np.nan]):
        got = forecast(series(list(values)))
        assert got["method"].tolist() == ["not known"] * 3
        assert got.drop(columns=["month", "method", "errors"]).isna().all().all()


def test_a_steady_trend_is_found_and_continued():
    got = forecast(series([100 + 10 * i + (-1) ** i for i in range(18)]))
    assert got["month"].tolist() == ["2026-07", "2026-08", "2026-09"]
    assert got["method"].iloc[0] == "smoothing" and got["skill"].iloc[0] > 0.5
    assert got["value"].between(270, 310).all() and got["value"].is_monotonic_increasing
    # origins of 10 to 17 months, up to three months ahead: 6 × 3 + 2 + 1
    assert got["errors"].iloc[0] == 21


def test_where_a_trend_is_no_better_the_plain_guess_stands_and_its_bands_are_countable():
    rng = np.random.default_rng(4)
    got = forecast(series(100 + np.cumsum(rng.choice([-9, 9], 20))))
    assert got["method"].iloc[0] == "as last month" and got["skill"].iloc[0] <= 0
    assert got["value"].nunique() == 1
    half = got["high95"] - got["value"]
    # the changes are all of nine, so the spread is nine and grows with the square root of the distance
    from scipy.stats import t

    np.testing.assert_allclose(half, t.ppf(0.975, 19) * 9 * np.sqrt([1, 2, 3]), rtol=1e-9)


def test_bands_are_nested_and_never_below_nothing():
    rng = np.random.default_rng(1)
    for n in (14, 18):
        got = forecast(series(rng.gamma(1, 5, n)))
        assert (got["low95"] <= got["low80"]).all() and (got["low80"] <= got["value"]).all()
        assert (got["value"] <= got["high80"]).all() and (got["high80"] <= got["high95"]).all() and (got["low95"] >= 0).all()


def test_two_years_are_held_against_the_year_before():
    season = [10, 20, 30, 40, 50, 60, 60, 50, 40, 30, 20, 10]
    got = forecast(series([v + i % 2 for i, v in enumerate(season * 3)]))
    assert got["method"].iloc[0] == "as a year ago" and got["value"].tolist() == [10, 21, 30]


def test_the_point_forecast_is_that_of_the_ets_model_of_statsmodels():
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    y = np.cumsum(np.random.default_rng(0).normal(0.5, 1, 18)) + 20
    value, ((low, high),) = _smoothed(y, 3, levels=(95,))
    model = ETSModel(pd.Series(y / y.mean()), error="add", trend="add", damped_trend=True, initialization_method="heuristic")
    np.testing.assert_allclose(value, y.mean() * model.fit(disp=False).forecast(3), rtol=0.02)
    assert (low < value).all() and (value < high).all()


def test_a_hole_between_months_is_one_sentence():
    with pytest.raises(WorkbookError, match="months must follow each other without a gap; give each month a row"):
        forecast(series(range(14)).drop(index=5))
