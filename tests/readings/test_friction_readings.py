"""What is said of friction, first errors, groups, rules and levers is what their tables hold."""

import numpy as np
import pandas as pd

from apijourney import NotMeasurable
from apijourney.readings.friction import find_sdk_of_errors, read_errors, read_friction, read_stopped
from apijourney.readings.funnel import read_legs
from apijourney.readings.funnel_groups import (
    read_breakdown,
    read_log_rank,
    read_reached_by,
    read_rules,
    read_step_levers,
    surest,
)
from apijourney.readings.metric import read_metric

NAN = np.nan
FRICTION = pd.DataFrame(
    {"behaviour": ["an error", "a ticket", "a search"], "exposed": [50, 40, 1], "others": [100, 110, 3], "share": [0.5, 0.4, NAN],
     "others_share": [0.3, 0.3, NAN], "difference": [0.2, 0.1, NAN], "low": [0.05, -0.1, NAN], "high": [0.35, 0.3, NAN],
     "q": [0.01, 0.3, NAN], "note": ["", "", "too few"], "before": "called", "step_name": "paid", "accounts": 150,
     "stopped": 60, "left_early": 7, "left_open": 9, "hours": 24.0}
)  # fmt: skip


def test_friction_names_what_goes_with_stopping_and_whom_it_left_out():
    text = read_friction(FRICTION)
    assert "**60** of 150 accounts at “called” did not go on to “paid”" in text
    assert "7 that went on within 24 hours, 9 not followed long enough yet" in text
    assert "**an error**: 50 % of 50 stopped, against 30 % of 100 (+20.0 points, 95 % interval +5.0 points to +35.0 points)" in text
    assert "a ticket" not in text


def test_friction_of_nothing_says_so():
    assert "Of 2 behaviours that can be compared, none goes with stopping" in read_friction(FRICTION.assign(q=0.4))
    assert "Too few met any of the troubles" in read_friction(FRICTION.assign(note="too few"))


MARKS = pd.DataFrame(
    {"part": ["sdk", "page", "sdk"], "group": ["py 2", "(no page)", "go 1"], "value": [0.2, 0.3, 0.6], "low": [0.1, 0.2, 0.5],
     "high": [0.3, 0.4, 0.7], "numerator": [10, 12, 60], "denominator": [50, 40, 100], "others": [0.6, 0.6, 0.4],
     "others_n": [150, 160, 100], "p": [1e-6, 0.01, 0.2], "q": [0.0001, 0.02, 0.2]}
)  # fmt: skip
COMBINED = pd.DataFrame(
    {"error": ["422", "(others)"], "endpoint": ["/x", "(others)"], "sdk": ["py 2", "(others)"], "page": ["/docs", "(others)"],
     "numerator": [3, 57], "denominator": [20, 80], "value": [0.15, 0.7], "low": [0.05, 0.6], "high": [0.36, 0.8],
     "others": [0.7, 0.15], "q": [0.001, NAN]}
)  # fmt: skip


def test_first_errors_name_the_worse_combination_and_the_worse_marks():
    text = read_errors(COMBINED, MARKS)
    assert text.startswith("**100** accounts met an error on their first day of calls; 60 % of them were activated in the end. 80 of them")
    assert "422 from /x with py 2 after /docs (15 %, 95 % interval 5.0 % to 36.0 %, n = 20, against 70 % of the others)" in text
    assert "**sdk py 2**" in text and "**no docs page opened in the 7 days before**" in text and "go 1" not in text


def test_where_no_combination_is_worse_it_is_said():
    text = read_errors(COMBINED.assign(q=[0.3, NAN]), MARKS.assign(q=0.5))
    assert "No single combination is worse" in text and "Taken one mark" not in text


def test_a_version_is_a_finding_only_far_apart_and_among_the_sdks():
    assert "**20 %** of accounts whose first error came from “py 2” are activated" in find_sdk_of_errors(MARKS)
    assert find_sdk_of_errors(MARKS.assign(q=0.01)) == ""
    assert find_sdk_of_errors(MARKS[MARKS["part"] == "page"].assign(q=0.0001)) == ""


def test_those_who_stopped_are_counted_with_those_still_open():
    table = pd.DataFrame({"before": "called", "step_name": "paid", "closed_on": [pd.NaT, pd.NaT, pd.Timestamp("2026-01-01")]})
    assert read_stopped(table).startswith("**3** accounts reached “called” and not “paid” in time; 2 of them are still open.")
    assert read_stopped(table.iloc[:0]) == ""


def reached(high_of_slow: float) -> pd.DataFrame:
    rows = [("slow", 0.2, 0.1, high_of_slow, 50), ("fast", 0.6, 0.5, 0.7, 80), ("tiny", NAN, NAN, NAN, 2)]
    return pd.DataFrame(rows, columns=["group", "value", "low", "high", "denominator"])


def test_the_fastest_and_slowest_group_are_named_with_whether_they_lie_apart():
    text = read_reached_by(reached(0.3), what="the first call", days=7)
    assert "most often by “fast” (**60 %**, 95 % interval 50 % to 70 %, n = 80), and least often by “slow”" in text
    assert text.endswith("Their intervals lie apart.")
    assert read_reached_by(reached(0.55), what="x", days=7).endswith("so the difference may be chance.")
    alike = reached(0.55).assign(value=0.5)
    assert read_reached_by(alike, what="x", days=7) == f"Within 7 days, x is reached equally often by all {alike['value'].notna().sum()} groups (50 %)."
    assert read_reached_by(reached(0.3).iloc[:1], what="x", days=7) == ""


SPEED = pd.DataFrame(
    {"milestone": ["first call", "first call"], "by": ["segment", "channel"], "accounts": [90, 88], "q": [0.2, 0.0001]}
)
PAIRS = pd.DataFrame({"milestone": ["first call"] * 3, "by": "channel", "one": ["a", "a", "b"], "other": ["b", "c", "c"], "q": [0.0002, 0.03, 0.6]})


def test_the_questions_and_pairs_that_differ_are_named_with_their_q():
    text = read_log_rank(SPEED, PAIRS)
    assert "Of 2 questions asked together, on 90 accounts, the speed differs in: time to the first call by channel (q < 0.001)." in text
    assert "Of 3 pairs of groups, 2 differ; the surest are “a” and “b”" in text
    assert "none shows a difference that is unlikely to be chance (smallest q = 0.200" in read_log_rank(SPEED.assign(q=[0.2, 0.4]), PAIRS)
    assert surest(PAIRS.iloc[::-1], most=2)["q"].tolist() == [0.0002, 0.03]


def test_the_breakdown_names_a_step_before_the_whole_way():
    table = pd.DataFrame(
        {"step": [1, 2], "step_name": ["called", "the whole way"], "group": ["a", "a"], "value": [0.5, 0.1], "low": [0.4, 0.05],
         "high": [0.6, 0.2], "others": [0.7, 0.6], "others_n": [70, 80], "denominator": [40, 50], "q": [0.01, 0.001]}
    )  # fmt: skip
    assert "**50 %** of “a” went on to “called” (95 % interval 40 % to 60 %, n = 40), against 70 % of the 70 others" in read_breakdown(table, by="segment")
    assert "**10 %** of “a” went the whole way" in read_breakdown(table.assign(q=[0.2, 0.001]), by="segment")
    assert read_breakdown(table.assign(q=[0.2, 0.3]), by="segment").startswith("None of 2 comparisons (each segment against all others")
    assert read_breakdown(table.assign(q=NAN), by="segment") == ""


def test_the_rules_are_set_beside_each_other():
    table = pd.DataFrame(
        {"rules": ["workbook", "posthog"], "numerator": [20, 22], "denominator": [80, 100], "value": [0.25, 0.22], "immature": [20, 0]}
    )
    text = read_rules(table, ["opened", "paid"])
    assert "“opened” → “paid”, the rules of posthog say **22.0 %** (22 of 100), those of workbook **25.0 %** (20 of 80)." in text
    assert "20 accounts whose window is still open are left out by the workbook" in text
    assert "all five rules say **25 %**" in read_rules(table.assign(value=0.25, immature=0), ["opened", "paid"])


def test_the_lever_that_brings_most_is_named_with_its_interval():
    table = pd.DataFrame(
        {"lever": ["opened → called", "called → paid"], "now": [0.8, 0.4], "paying": [0.2, 0.5], "low": [0.1, 0.4], "high": [0.3, 0.6], "n": [200, 200]}
    )
    assert "1 point more at “called → paid” (now 40 %) would bring most: about **0.50** more accounts a month that reach “paid”" in read_step_levers(table, points=1)
    assert read_step_levers(table.assign(paying=NAN), points=1) == ""


def test_the_leg_that_is_ours_stands_out_and_one_not_reached_says_so():
    table = pd.DataFrame(
        {"leg": ["opened → asked", "asked → approved"], "whose": ["developer", "us"], "n": [5, 3], "median": [pd.NaT, pd.Timedelta(days=3)], "steady": [False, True]}
    )
    assert read_legs(table) == (
        "Half of the accounts take, leg by leg: opened → asked not known: half are not there (n = 5); "
        "**asked → approved 3.0 days (our time)** (n = 3)."
    )
    assert "asked → approved not known: too few were watched for long enough (our time)" in read_legs(table.assign(steady=False))


def test_an_interval_without_an_upper_end_is_said():
    table = pd.DataFrame(
        [("2026-08", 44.0, 10.0, NAN, 50, 90, True), ("2026-09", 9.0, 6.0, NAN, 55, 106, True)],
        columns=["month", "value", "low", "high", "numerator", "denominator", "mature"],
    )
    text = read_metric(table, "first_production_call_days")
    assert "95 % interval from 6.0 days on, its upper end not reached yet" in text


def test_what_cannot_be_measured_is_handed_on():
    answer = NotMeasurable("Friction", "add requests.")
    assert read_friction(answer) is answer and read_errors(answer, MARKS) is answer and surest(answer) is answer


def test_where_nobody_pays_less_the_interval_is_said_to_be_unknown():
    columns = ["month", "value", "low", "high", "numerator", "denominator", "mature"]
    table = pd.DataFrame([("2026-09", 0.5, 0.2, 0.7, 600, 1200, True), ("2026-10", 0.0, NAN, NAN, 0, 1200, True)], columns=columns)
    text = read_metric(table, "revenue_churn", currency="EUR")
    assert "(interval not known: nobody pays less; of EUR 12)" in text
    assert "interval not known" not in read_metric(table.head(1), "revenue_churn", currency="EUR")
