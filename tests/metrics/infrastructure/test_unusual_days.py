"""Unusual days: planted ones are found, chance is seldom marked, and how seldom is counted."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from apijourney import NotMeasurable, WorkbookError, open_study
from apijourney.metrics.infrastructure.unusual_days import FALSE_MARKS, marked_days, unusual_days

WEEK = np.array([1.0, 1.1, 1.05, 1.08, 1.02, 0.6, 0.5])


def series(seed: int, base: float, days: int = 365) -> pd.Series:
    """Calls of a company without any event: weekday, growth, and chance."""
    t = np.arange(days)
    mean = base * WEEK[t % 7] * np.exp(0.5 * t / days)
    return pd.Series(np.random.default_rng(seed).poisson(mean).astype(float), index=pd.date_range("2026-01-05", periods=days))


@pytest.mark.parametrize("base", [150, 1_000, 40_000])
def test_on_series_of_nothing_but_chance_no_more_days_are_marked_than_stated(base):
    marks = [int(unusual_days(series(seed, base))["unusual"].sum()) for seed in range(25)]
    days = 25 * 365
    # refuted only if so many marks were unlikely (1 in 1,000) at the stated rate
    assert binomtest(sum(marks), days, FALSE_MARKS, alternative="greater").pvalue > 0.001
    assert sum(marks) < days  # and the test could fail: marks are counted at all
    assert binomtest(round(0.01 * days), days, FALSE_MARKS, alternative="greater").pvalue < 0.001


def test_a_planted_outage_and_a_planted_rush_are_found_and_their_neighbours_are_not():
    values = series(3, 1_000)
    values.iloc[[100, 200]] *= [0.3, 3.0]
    found = unusual_days(values).set_index("day")["unusual"]
    assert found[values.index[[100, 200]]].all()
    assert not found[values.index[[98, 99, 101, 102, 198, 199, 201, 202]]].any()


def test_a_sunday_is_not_unusual_for_being_a_sunday():
    found = unusual_days(series(5, 5_000)).assign(sunday=lambda t: t["day"].dt.dayofweek == 6)
    assert found.loc[found["sunday"], "unusual"].mean() < 0.02
    assert found.loc[found["sunday"], "expected"].mean() < found.loc[~found["sunday"], "expected"].mean()


def test_days_that_are_not_known_are_never_marked_and_eight_weeks_are_needed():
    values = series(1, 1_000, days=60)
    values.iloc[10] = np.nan
    assert not unusual_days(values)["unusual"].iloc[10]
    few = unusual_days(values.head(50))
    assert few["expected"].isna().all() and not few["unusual"].any()


def test_a_band_without_width_is_refused():
    with pytest.raises(WorkbookError, match="must be above 0, found 0"):
        unusual_days(series(1, 1_000), width=0)


def test_the_outage_of_the_sample_is_marked_in_errors_and_waits():
    table = marked_days(open_study("sample"))
    off = table[table["unusual"] & (table["day"] == "2026-02-10")]
    assert set(off["measure"]) == {"failed_share", "p95_ms"}


def test_a_company_of_few_calls_has_no_unusual_days(tmp_path):
    rows = "\n".join(f"a,2026-0{m}-{d:02}T10:00:00Z,200" for m in (1, 2, 3) for d in range(1, 29))
    (tmp_path / "requests.csv").write_text(f"account_id,occurred_at,status\n{rows}\n")
    (tmp_path / "workbook.yaml").write_text("company: Few\n")
    answer = marked_days(open_study(tmp_path, month="2026-03"))
    assert isinstance(answer, NotMeasurable) and "fewer than 100 calls" in str(answer)
