"""The scorecard scores whatever the catalogue holds: value, goal, trend, owner, counter-metric."""

import math

import pandas as pd
import pytest

from apijourney import CATALOG, NotMeasurable, WorkbookError, measure, open_study
from apijourney.metrics.holistic.scorecard import COLUMNS, score, scorecard

NAN = math.nan
MONTHS = [str(m) for m in pd.period_range("2025-11", periods=12, freq="M")]


def by_month(values, low=NAN, high=NAN):
    return pd.DataFrame(
        {"month": MONTHS, "value": values, "low": low, "high": high, "numerator": NAN, "denominator": 100.0, "mature": [v == v for v in values]}
    )


def row(metrics, metric, **settings):
    table = score(metrics, month="2026-10", goals=settings.get("goals", {}), owners=settings.get("owners", {}))
    assert list(table.columns) == COLUMNS
    return table.set_index("metric").loc[metric]


def test_the_latest_known_month_is_shown_with_its_goal():
    values = [0.3] * 10 + [0.4, NAN]
    found = row({"activated_share": by_month(values, 0.35, 0.45)}, "activated_share", goals={"activated_share": 0.34})
    assert (found["month"], found["value"], found["goal"], found["verdict"]) == ("2026-09", 0.4, 0.34, "met")
    assert found["denominator"] == 100


def test_a_goal_within_the_interval_is_unclear_and_one_beyond_it_is_missed():
    table = by_month([0.4] * 12, 0.35, 0.45)
    for goal, expected in ((0.42, "unclear"), (0.46, "missed")):
        assert row({"activated_share": table}, "activated_share", goals={"activated_share": goal})["verdict"] == expected
    assert row({"activated_share": table}, "activated_share")["verdict"] == ""


def test_a_metric_that_rises_is_better_where_up_is_better_and_its_counter_metric_is_seen_to_fall():
    # the average rises while the largest account's share, its counter-metric, rises too: that is worse
    metrics = {"average_mrr_per_account": by_month([1.0] * 9 + [5.0, 6.0, 7.0]), "top_account_share": by_month([0.1] * 9 + [0.3, 0.31, 0.32])}
    found = row(metrics, "average_mrr_per_account")
    assert (found["trend"], found["counter_metric"], found["counter_trend"]) == ("better", "top_account_share", "worse")
    assert found["q"] == pytest.approx(1 / 220)  # both p are 1/220: of 220 picks of three none lies farther out


def test_too_few_months_are_said():
    assert row({"mrr": by_month([NAN] * 6 + [1.0] * 6)}, "mrr")["trend"] == "too few months"


def test_what_cannot_be_measured_keeps_its_row_and_its_owner():
    found = row({"mrr": NotMeasurable("MRR", "add invoices.")}, "mrr", owners={"business": "Ada"})
    assert (found["reason"], found["trend"], found["verdict"], found["owner"]) == ("add invoices.", "", "", "Ada")
    assert math.isnan(found["value"])


def test_every_catalogued_metric_has_its_row_with_the_value_measured(small_study):
    table = scorecard(small_study)
    assert list(table["metric"]) == list(CATALOG)
    for line in table[table["value"].notna()].itertuples():
        by = measure(small_study, line.metric).set_index("month")
        assert by.loc[line.month, "value"] == line.value
        assert by.loc[by.index > line.month, "value"].isna().all()


def test_an_owner_nobody_knows_stops_the_scorecard(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-05,100\n"}, "owners: {stikiness: Ada}"))
    with pytest.raises(WorkbookError, match='owners: unknown metric or dimension "stikiness"; did you mean "stickiness"?'):
        scorecard(study)
