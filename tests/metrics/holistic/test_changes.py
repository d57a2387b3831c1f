"""What changed: intervals of a difference by published and hand-made numbers, and what late data did."""

import math

import numpy as np
import pandas as pd
import pytest

from apijourney import CATALOG, NotMeasurable, measure, open_study
from apijourney.metrics.holistic.changes import APART, FULL, ROLLING, SAME, as_known_a_month_ago, changes, compare_known, late_data, what_changed
from apijourney.metrics.uncertainty import wilson

NAN = math.nan


def rate(*months):
    """(month, numerator, denominator) → a metric with Wilson intervals; no denominator: not known."""
    table = pd.DataFrame(months, columns=["month", "numerator", "denominator"])
    low, high = wilson(table["numerator"], table["denominator"])
    value = table["numerator"] / table["denominator"].where(table["denominator"] > 0)
    return table.assign(value=value, low=low, high=high, mature=value.notna())


def total(*months):
    table = pd.DataFrame(months, columns=["month", "value"])
    return table.assign(low=NAN, high=NAN, numerator=table["value"], denominator=NAN, mature=table["value"].notna())


def test_the_interval_of_a_difference_of_shares_is_newcombe_s_published_one():
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10: 56/70 against 48/80
    row = changes({"activated_share": rate(("2026-09", 48, 80), ("2026-10", 56, 70))}).iloc[0]
    assert (row["before"], row["now"]) == (0.6, 0.8) and row["change"] == pytest.approx(0.2)
    assert (round(row["low"], 4), round(row["high"], 4)) == (0.0524, 0.3339)
    assert (row["month"], row["how"], row["moved"]) == ("2026-10", APART, "better")


def test_one_interval_s_length_is_the_edge_of_chance():
    row = changes({"activated_share": rate(("2026-09", 48, 80), ("2026-10", 56, 70))}).iloc[0]
    assert row["in_intervals"] == pytest.approx(0.2 / (0.2 - row["low"]))
    assert (abs(row["in_intervals"]) > 1) == (row["p"] < 0.05)


def test_a_change_within_chance_is_no_change():
    row = changes({"activated_share": rate(("2026-09", 24, 60), ("2026-10", 27, 60))}).iloc[0]
    assert row["moved"] == "" and row["low"] < 0 < row["high"] and abs(row["in_intervals"]) < 1


def test_worse_is_against_the_metric_s_direction():
    table = rate(("2026-09", 10, 400), ("2026-10", 60, 400))
    assert changes({"paying_account_churn": table}).iloc[0]["moved"] == "worse"


def test_a_total_is_told_and_not_judged():
    row = changes({"mrr": total(("2026-09", 1000.0), ("2026-10", 4000.0))}).iloc[0]
    assert (row["change"], row["how"], row["moved"]) == (3000, FULL, "") and math.isnan(row["q"])


def test_the_latest_known_month_is_compared_with_the_calendar_month_before_or_not_at_all():
    open_window = rate(("2026-08", 20, 50), ("2026-09", 45, 50), ("2026-10", 0, 0))
    assert changes({"activated_share": open_window}).iloc[0]["month"] == "2026-09"
    gap = rate(("2026-08", 20, 50), ("2026-10", 45, 50))
    long_ago = rate(("2026-05", 20, 50), ("2026-06", 45, 50), ("2026-07", 0, 0), ("2026-08", 0, 0), ("2026-09", 0, 0))
    infinite = total(("2026-09", 2.0), ("2026-10", math.inf))
    assert changes({"activated_share": gap, "stickiness": long_ago, "revenue_quick_ratio": infinite, "mrr": NotMeasurable("MRR", "add invoices.")}).empty


def test_metrics_of_twelve_months_are_not_compared_as_if_their_months_were_two():
    rocof = rate(("2026-09", 10, 100), ("2026-10", 60, 100))
    assert changes(dict.fromkeys(ROLLING, rocof)).empty
    over_a_year = {name for name, entry in CATALOG.items() if "over the 12 months that end" in entry.formula}
    assert set(ROLLING) == over_a_year


def test_the_family_of_q_is_the_metrics_with_an_interval():
    found = changes({
        "activated_share": rate(("2026-09", 48, 80), ("2026-10", 56, 70)), "stickiness": rate(("2026-09", 30, 60), ("2026-10", 31, 60)),
        "mrr": total(("2026-09", 1.0), ("2026-10", 2.0)),
    }).set_index("metric")  # fmt: skip
    assert found.loc["activated_share", "q"] == pytest.approx(min(1, 2 * found.loc["activated_share", "p"]))


def test_without_a_change_a_false_alarm_is_as_rare_as_promised():
    rng = np.random.default_rng(8)
    p = [changes({"activated_share": rate(("2026-09", rng.binomial(120, 0.4), 120), ("2026-10", rng.binomial(120, 0.4), 120))}).iloc[0]["p"] for _ in range(300)]
    assert 3 <= sum(v < 0.05 for v in p) <= 27  # 15 expected of 300


def by_account(pairs):
    """account → (numerator, denominator) before and now."""
    rows = [(a, m, *v) for a, both in pairs.items() for m, v in zip(("2026-09", "2026-10"), both, strict=True)]
    return pd.DataFrame(rows, columns=["account_id", "month", "numerator", "denominator"])


def test_the_same_accounts_drawn_anew_cancel_what_they_keep():
    # every account fails alike in both months, so no draw of accounts changes anything
    rng = np.random.default_rng(1)
    good = rng.integers(1, 99, 40)
    pairs = {f"a{i}": ((g, 100), (g, 100)) for i, g in enumerate(good)}
    share = good.sum() / 4000
    table = pd.DataFrame({"month": ["2026-09", "2026-10"], "value": share, "low": share - 0.1, "high": share + 0.1, "mature": True})
    row = changes({"availability": table}, paired={"availability": by_account(pairs)}).iloc[0]
    assert (row["low"], row["high"], row["p"], row["how"], row["moved"]) == (0, 0, 1.0, SAME, "")


def test_a_loss_all_accounts_share_is_found_although_the_months_intervals_overlap():
    rng = np.random.default_rng(2)
    good = rng.integers(40, 99, 60)
    pairs = {f"a{i}": ((g, 100), (g - rng.integers(2, 6), 100)) for i, g in enumerate(good)}
    counts = by_account(pairs)
    value = counts.groupby("month")["numerator"].sum() / 6000
    table = pd.DataFrame({"month": value.index, "value": value.to_numpy(), "low": value.to_numpy() - 0.05, "high": value.to_numpy() + 0.05, "mature": True})
    assert changes({"availability": table}).iloc[0]["moved"] == ""
    assert changes({"availability": table}, paired={"availability": counts}).iloc[0]["moved"] == "worse"


def test_a_company_s_changes_are_those_of_its_metrics(small_study):
    found = what_changed(small_study)
    assert found["change"].to_numpy() == pytest.approx((found["now"] - found["before"]).to_numpy())
    judged = found[found["low"].notna()]
    assert len(judged) and ((judged["low"] <= judged["change"] + 1e-9) & (judged["change"] <= judged["high"] + 1e-9)).all()
    assert found.set_index("metric").loc[["availability", "average_mrr_per_account"], "how"].tolist() == [SAME, SAME]


def test_one_month_cannot_change(small_company):
    assert "two months are compared" in str(what_changed(open_study(small_company, month="2026-08", months_back=1)))


LATE = """account_id,occurred_at,received_at,status
a,2026-01-10T10:00:00,2026-01-10T10:00:01,200
a,2026-01-30T10:00:00,2026-02-03T10:00:00,200
a,2026-02-25T10:00:00,2026-02-25T10:00:01,200
a,2026-02-27T10:00:00,2026-02-27T10:00:01,200
"""


def test_a_call_that_came_late_is_missing_then_and_there_now(company):
    study = open_study(company({"requests.csv": LATE}, "observed_from: 2026-01-01"), month="2026-02")
    found = late_data(study).set_index("metric")
    minutes = 31 * 24 * 60
    row = found.loc["requests_per_minute"]
    assert row["month"] == "2026-01" and row["then"] == pytest.approx(1 / minutes) and row["now"] == pytest.approx(2 / minutes)
    assert row["change_share"] == pytest.approx(1.0)
    assert found.loc["monthly_active_accounts", "change"] == 0


def test_what_was_known_then_is_the_study_of_the_month_before(small_company):
    study = open_study(small_company, month="2026-08", segment="startup")
    earlier = as_known_a_month_ago(study)
    assert (earlier.month, earlier.segment) == ("2026-07", "startup")
    as_then = measure(open_study(small_company, month="2026-07", segment="startup", months_back=3), "availability")
    pd.testing.assert_frame_equal(measure(earlier, "availability"), as_then)
    first = open_study(small_company, month="2025-05")
    assert "2025-05 is the first observed month" in str(as_known_a_month_ago(first))
    assert isinstance(late_data(first), NotMeasurable)


def test_known_then_and_now_are_laid_side_by_side_for_the_same_month():
    then = {"mrr": total(("2026-08", 100.0), ("2026-09", NAN)), "revenue": total(("2026-09", 0.0)), "stickiness": NotMeasurable("x", "y.")}
    now = {"mrr": total(("2026-08", 90.0), ("2026-09", 70.0)), "revenue": total(("2026-09", 5.0)), "stickiness": total(("2026-09", 1.0))}
    found = compare_known(then, now).set_index("metric")
    assert found.loc["mrr", ["month", "then", "now", "change"]].tolist() == ["2026-08", 100, 90, -10]
    assert found.loc["mrr", "change_share"] == pytest.approx(-0.1) and math.isnan(found.loc["revenue", "change_share"])
    assert "stickiness" not in found.index
