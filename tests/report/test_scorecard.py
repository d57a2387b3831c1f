"""The scorecard: values of the month or of the latest known one, counted out by hand."""

import math

import pandas as pd
import pytest

from apijourney import CATALOG, WorkbookError, load_workbook
from apijourney.measurable import NotMeasurable
from apijourney.report.scorecard import check_length, other_metrics, scorecard, verdict
from apijourney.workbook import Workbook

NAN = math.nan


def book(**more):
    return Workbook(company="Acme", currency="EUR", **more)


def by_month(*rows):
    columns = ["month", "value", "low", "high", "numerator", "denominator", "mature"]
    return pd.DataFrame(rows, columns=columns)


def test_a_month_still_open_shows_the_latest_known_one_by_name():
    table = by_month(
        ("2026-08", 0.30, 0.20, 0.40, 30, 100, True),
        ("2026-09", 0.40, 0.30, 0.50, 40, 100, True),
        ("2026-10", NAN, NAN, NAN, NAN, NAN, False),
    )
    (row,) = scorecard(book(goals={"activated_share": 0.45}), "2026-10", {"activated_share": table})
    assert (row["value"], row["of"]) == ("40 %", "September 2026")
    assert row["interval"] == "30 % to 50 %"
    assert row["n"] == "100 accounts"
    assert row["before"] == "30 % in August 2026 (+10 points)"  # 0.40 - 0.30
    assert (row["goal"], row["verdict"]) == ("at least 45 %", "unclear")


def test_money_is_shown_in_its_currency_and_its_change_in_per_cent():
    table = by_month(("2026-09", 200000, NAN, NAN, 200000, 4, True), ("2026-10", 150000, NAN, NAN, 150000, 3, True))
    (row,) = scorecard(book(), "2026-10", {"mrr": table})
    assert (row["value"], row["of"]) == ("EUR 1,500", "")
    assert row["before"] == "EUR 2,000 (-25 %)"  # 1500 / 2000 - 1
    assert row["interval"] == row["goal"] == row["verdict"] == ""


def test_a_change_the_usual_digits_would_hide_is_seen_in_both_columns():
    table = by_month(("2026-09", 0.8756, NAN, NAN, 1, 1, True), ("2026-10", 0.9417, NAN, NAN, 1, 1, True))
    (row,) = scorecard(book(), "2026-10", {"stickiness": table})
    assert (row["value"], row["before"]) == ("94.2 %", "87.6 % (+6.6 points)")
    rare = table.assign(value=[0.0011, 0.00088])
    (row,) = scorecard(book(), "2026-10", {"errors_per_minute": rare})
    assert (row["value"], row["before"]) == ("0.0009", "0.0011 (-20 %)")


def test_an_infinite_ratio_is_shown_as_such():
    table = by_month(("2026-09", 2.0, NAN, NAN, 4, 2, True), ("2026-10", math.inf, NAN, NAN, 4, 0, True))
    (row,) = scorecard(book(), "2026-10", {"account_quick_ratio": table})
    assert (row["value"], row["before"]) == ("∞", "2.00")


def test_the_month_before_is_the_calendar_month_and_never_an_older_one():
    table = by_month(("2026-07", 0.3, 0.2, 0.4, 3, 10, True), ("2026-10", 0.5, 0.4, 0.6, 5, 10, True))
    assert scorecard(book(), "2026-10", {"stickiness": table})[0]["before"] == ""


def test_without_a_scorecard_the_first_measurable_metrics_are_shown():
    known = by_month(("2026-10", 1.0, NAN, NAN, 1, 1, True))
    metrics = {"revenue": NotMeasurable("Revenue", "add invoices."), "mrr": known, "sign_ups": known}
    assert [r["id"] for r in scorecard(book(), "2026-10", metrics)] == ["mrr", "sign_ups"]
    (row,) = scorecard(book(scorecard=["revenue"]), "2026-10", metrics)
    assert (row["value"], row["measurable"]) == ("not measurable", False)


def test_a_metric_known_in_no_month_says_so():
    table = by_month(("2026-10", NAN, NAN, NAN, NAN, NAN, False))
    assert scorecard(book(), "2026-10", {"activated_share": table})[0]["value"] == "not yet known"


@pytest.mark.parametrize(
    ("low", "high", "direction", "expected"),
    [
        (0.5, 0.6, "up", "met"), (0.3, 0.4, "up", "missed"), (0.45, 0.55, "up", "unclear"),
        (0.3, 0.4, "down", "met"), (0.6, 0.7, "down", "missed"), (0.45, 0.55, "down", "unclear"),
        (NAN, NAN, "up", "met"), (0.5, 0.6, "none", ""),
    ],
)  # fmt: skip
def test_a_goal_is_met_or_missed_only_when_the_whole_interval_is_on_one_side(low, high, direction, expected):
    value = 0.5 if math.isnan(low) else (low + high) / 2
    assert verdict(value, low, high, 0.5, direction) == expected


def test_a_scorecard_of_more_than_twelve_metrics_is_refused_in_one_sentence(company):
    thirteen = list(CATALOG)[:13]
    folder = company({"invoices.csv": "account_id,issued_at,amount_minor\n"}, f"scorecard: {thirteen}")
    with pytest.raises(WorkbookError) as refused:
        check_length(load_workbook(folder))
    assert str(refused.value) == (
        "workbook.yaml line 2: scorecard: a scorecard of 13 metrics is too long to be read; name at most 12, all others "
        "stand in the report's appendix."
    )
    check_length(book(scorecard=thirteen[:12]))


def test_every_metric_stands_on_the_scorecard_or_in_the_appendix_and_none_in_both():
    known = by_month(("2026-10", 1.0, NAN, NAN, 1, 1, True))
    metrics = dict.fromkeys(CATALOG, known)
    for chosen in (book(scorecard=["mrr", "sign_ups"]), book()):
        shown = [r["id"] for r in scorecard(chosen, "2026-10", metrics)]
        others = [r["id"] for r in other_metrics(chosen, "2026-10", metrics)]
        assert len(shown) == (2 if chosen.scorecard else 12)
        assert sorted(shown + others) == sorted(CATALOG)
        assert shown == chosen.scorecard or not chosen.scorecard


def test_a_scorecard_nobody_chose_holds_all_three_dimensions():
    known = by_month(("2026-10", 1.0, NAN, NAN, 1, 1, True))
    shown = [r["id"] for r in scorecard(book(), "2026-10", dict.fromkeys(CATALOG, known))]
    assert {CATALOG[name].dimension for name in shown} == {"infrastructure", "product", "business"}


def test_a_goal_is_written_with_the_digits_it_has():
    table = by_month(("2026-10", 0.9987, 0.998, 0.9995, 9987, 10000, True))
    (row,) = scorecard(book(goals={"availability": 0.999}), "2026-10", {"availability": table})
    assert row["goal"] == "at least 99.9 %"
