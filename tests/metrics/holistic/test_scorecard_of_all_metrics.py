"""The scorecard scores whatever the catalogue holds: value, goal, trend, owner, counter-metric."""

import math

import pandas as pd
import pytest

from apijourney import CATALOG, NotMeasurable, WorkbookError, measure, measure_all, open_study
from apijourney.metrics.holistic.scorecard import COLUMNS, judged_for_direction, score, scorecard
from apijourney.workbook import Workbook

NAN = math.nan
RISING = [float(v) for v in range(1, 13)]
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
    metrics = {"average_mrr_per_account": by_month(RISING), "top_account_share": by_month([v / 100 for v in RISING])}
    found = row(metrics, "average_mrr_per_account")
    assert (found["trend"], found["counter_metric"], found["counter_trend"]) == ("better", "top_account_share", "worse")
    assert found["q"] == found["p"] < 0.001  # two metrics with one p: the larger of them is allowed for once


def test_a_direction_is_judged_within_the_family_and_told_of_the_others():
    metrics = {"average_mrr_per_account": by_month(RISING), "top_account_share": by_month([v / 100 for v in RISING])}
    table = score(metrics, month="2026-10", goals={}, owners={}, judged=["average_mrr_per_account"]).set_index("metric")
    assert table["trend"].tolist() == ["better", "not judged"]
    assert table.loc["average_mrr_per_account", "counter_trend"] == "not judged"
    other = table.loc["top_account_share"]
    assert math.isnan(other["p"]) and math.isnan(other["q"])
    assert (other["recent"], other["earlier"]) == (pytest.approx(0.11), pytest.approx(0.05))  # mean of 10, 11, 12; of 1 to 9


def test_the_family_is_the_scorecard_and_the_goals():
    book = Workbook(company="Acme", scorecard=["mrr", "stickiness"], goals={"stickiness": 0.4, "availability": 0.999})
    assert judged_for_direction(book, {}, book.goals) == ["mrr", "stickiness", "availability"]


def test_of_a_company_without_goals_the_usual_metrics_are_judged(small_study):
    table = scorecard(small_study)
    family = judged_for_direction(small_study.workbook, measure_all(small_study), small_study.workbook.goals)
    assert set(table.loc[table["p"].notna(), "metric"]) <= set(family)
    assert set(table.loc[(table["trend"] == "not judged"), "metric"]) == set(table.loc[table["reason"] == "", "metric"]) - set(family)


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
