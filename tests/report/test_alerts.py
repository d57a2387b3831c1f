"""Alerts: goals that are missed come first, with their owner, and nothing is judged that is not known."""

import math

import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.report.alerts import alerts
from apijourney.workbook import Workbook

NAN = math.nan


def by_month(value, low=NAN, high=NAN):
    row = ("2026-10", value, low, high, NAN, 100, not math.isnan(value))
    return pd.DataFrame([row], columns=["month", "value", "low", "high", "numerator", "denominator", "mature"])


METRICS = {
    "activated_share": by_month(0.5, 0.4, 0.6), "stickiness": by_month(0.3, 0.2, 0.35),
    "month_1_retention": by_month(NAN), "availability": NotMeasurable("Availability", "add requests."),
    "latency_p95": by_month(900, 800, 1000), "sign_up_rate": by_month(0.2, 0.15, 0.25),
}  # fmt: skip
GOALS = {
    "sign_up_rate": 0.1, "availability": 0.999, "month_1_retention": 0.8, "activated_share": 0.55,
    "latency_p95": 400, "stickiness": 0.45,
}  # fmt: skip


def test_goals_are_missed_then_unclear_then_unknown_then_met_each_in_the_order_of_the_file():
    book = Workbook(company="Acme", goals=GOALS, owners={"stickiness": "Growth", "infrastructure": "Platform"})
    found = alerts(book, "2026-10", METRICS)
    assert [(row["id"], row["verdict"], row["owner"]) for row in found] == [
        ("latency_p95", "missed", "Platform"), ("stickiness", "missed", "Growth"), ("activated_share", "unclear", ""),
        ("availability", "", "Platform"), ("month_1_retention", "", ""), ("sign_up_rate", "met", ""),
    ]  # fmt: skip


def test_a_goal_is_judged_whether_or_not_its_metric_is_on_the_scorecard():
    book = Workbook(company="Acme", goals={"stickiness": 0.45}, scorecard=["latency_p95"])
    assert [row["id"] for row in alerts(book, "2026-10", METRICS)] == ["stickiness"]
    assert alerts(Workbook(company="Acme"), "2026-10", METRICS) == []
