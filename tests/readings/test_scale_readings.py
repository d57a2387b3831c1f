"""Sentences of scale, thresholds and early warning: every number is the table's, and nothing says NaN."""

import numpy as np
import pandas as pd
import pytest

from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.activation.thresholds import CHOSEN, IN_USE
from apijourney.metrics.product.decline.warning_backtest import EITHER, OWN, PLAIN
from apijourney.readings.retention import read_movers
from apijourney.readings.scale import read_expansion, read_growth, read_quota, read_sessions, read_unwatched, read_weights
from apijourney.readings.thresholds import read_family, read_own_rule, read_threshold
from apijourney.readings.warning import read_backtest, read_warnings, rules_table

NOTHING = NotMeasurable("Scale", "add requests.")
NAN = np.nan


def growth(accounts):
    of = sum(accounts) if accounts[0] == accounts[0] else NAN
    return pd.DataFrame({"month": "2026-10", "state": ["grew", "steady", "shrank", "silent"], "accounts": accounts, "of": of}).assign(
        share=lambda t: t["accounts"] / t["of"]
    )


def test_growth_counts_what_became_of_the_accounts():
    assert read_growth(growth([5, 10, 3, 2])) == (
        "Of the 20 accounts active the month before, in October 2026 **5 (25 %)** used far more, 10 (50 %) about as much, "
        "**3 (15 %)** far less, and 2 (10 %) nothing."
    )
    assert read_growth(growth([NAN] * 4)) == "No account was active in a month that can be held against the one before."


def test_expansion_speaks_of_the_latest_month_known():
    table = pd.DataFrame({"kind": ["endpoint", "region"] * 2, "month": ["2026-09"] * 2 + ["2026-10"] * 2, "value": [0.1, 0.2, 0.5, NAN],
                          "low": [0, 0, 0.4, NAN], "high": [1, 1, 0.6, NAN], "denominator": [9, 9, 40, NAN]})  # fmt: skip
    assert read_expansion(table) == (
        "Taken up in October 2026, not used in the three months before, by share of accounts: an endpoint **50 %** (40 % to 60 %; n = 40)."
    )
    assert "three whole months" in read_expansion(table.assign(value=NAN))


def test_quota_counts_the_full_and_the_nearly_empty():
    bands = pd.DataFrame({"first": [0, 0.2, 0.8, 1.0], "last": [0.2, 0.8, 1.0, NAN], "accounts": [6, 2, 1, 1], "share": [0.6, 0.2, 0.1, 0.1]})
    assert read_quota(bands, "2026-10") == (
        "Of the 10 accounts with a quota that called in October 2026, **2** (20 %) used 80 % of it or more, 1 of them all of it. "
        "6 (60 %) used less than 20 %."
    )
    assert read_quota(bands.assign(accounts=0), "2026-10") == "No account with a quota called in October 2026."


def test_unwatched_names_the_latest_month_known():
    table = pd.DataFrame({"month": ["2026-09", "2026-10"], "value": [0.25, NAN], "low": [0.1, NAN], "high": [0.4, NAN], "numerator": [5, NAN], "denominator": [20, NAN]})
    assert read_unwatched(table).startswith("In September 2026, **5** of 20 calling accounts (**25 %**, 95 % interval 10 % to 40 %)")
    assert read_unwatched(table.assign(value=NAN)) == "It takes 90 observed days to say that nobody was seen."


def test_weights_say_only_what_is_known():
    table = pd.DataFrame({"weight": ["accounts", "MRR"], "days": 1, "value": [0.5, 0.75], "idle_share": [0.0, 0.1]})
    assert read_weights(table, "2026-10") == (
        "On an average day of October 2026 were active: **50 %** of the active accounts, **75 %** weighted by MRR. **10 %** of the "
        "MRR is paid by accounts that were not active at all."
    )
    assert "MRR" not in read_weights(table.head(1), "2026-10")


def test_sessions_without_a_second_event_have_no_length():
    row = {"sessions": [4], "accounts": [1], "single": [4], "median_minutes": [NAN]}
    assert read_sessions(pd.DataFrame(row), "2026-10") == "4 sessions of 1 active account in October 2026; 100 % hold a single event."
    assert read_sessions(pd.DataFrame(row).assign(sessions=0), "2026-10") == "No active account was seen at work in October 2026."


def judged(**changed):
    row = {
        "which": CHOSEN, "behaviour": "calls", "days": 7, "least": 10, "p_chosen": 0.001, "from_day": pd.Timestamp("2026-05-01"),
        "to_day": pd.Timestamp("2026-08-01"), "reached": 30, "reached_share": 0.8, "others": 70, "others_share": 0.2, "difference": 0.6,
        "low": 0.4, "high": 0.7, "lift": 4.0, "lift_low": 2.5, "lift_high": 6.4, "in_use": False, "strength": 0.6, "behind": NAN, "behind_low": NAN, "behind_high": NAN,
    }  # fmt: skip
    mine = row | {"which": IN_USE, "behaviour": "active days", "days": 14, "least": 2, "strength": 0.5, "behind": 0.1, "behind_low": -0.1, "behind_high": 0.3}
    return pd.DataFrame([row | changed, mine])


def test_the_mark_is_said_with_both_groups_and_as_an_association():
    assert read_threshold(judged()) == (
        "The mark of those that stay is **calls: 10 or more in the first 7 days**. Of the accounts that signed up from 2026-05-01 to "
        "2026-08-01, **80 %** of the 30 that reached it stayed, and **20 %** of the 70 others, 4.0 times as many (95 % interval 2.5 to "
        "6.4). This is an association."
    )
    assert "times as many" not in read_threshold(judged(lift=NAN, lift_low=NAN, lift_high=NAN))


@pytest.mark.parametrize(
    "changed, said",
    [({"p_chosen": 0.2}, "No early use goes together with staying beyond chance"), ({"low": -0.1}, "but not beyond chance on the later ones"),
     ({"difference": NAN}, "It cannot be judged yet")],
)  # fmt: skip
def test_no_mark_is_claimed_that_the_later_sign_ups_do_not_carry(changed, said):
    text = read_threshold(judged(**changed))
    assert said in text and "The mark of those" not in text and "nan" not in text.lower()


def test_the_own_rule_is_worse_better_or_alike():
    table = judged()
    assert read_own_rule(table) == (
        "The workbook file's own “active days: 2 or more in the first 14 days” does about as well: no reason to change it (correlation "
        "with staying 0.50, the mark's 0.60; 95 % interval of the difference -0.30 to 0.10)."
    )
    assert read_own_rule(judged(in_use=True).head(1)) == "It is what the workbook file calls activated: keep it."
    assert "**less well**" in read_own_rule(table.assign(behind_low=0.05))
    assert "**better**" in read_own_rule(table.assign(behind_high=-0.05))
    assert read_own_rule(table.head(1)) == "" and read_own_rule(table.assign(p_chosen=0.5)) == ""


def rules(alarms=20):
    numbers = {"alarms": alarms, "right": alarms // 2, "precision": 0.5, "precision_low": 0.4, "precision_high": 0.6, "gone": 12, "recall": 0.8,
               "recall_low": 0.7, "recall_high": 0.9, "lead_days": 20.0, "lead_low": 18.0, "lead_high": 22.0}  # fmt: skip
    return pd.DataFrame([{"rule": rule} | numbers for rule in (OWN, PLAIN, EITHER)])


def test_the_backtest_is_said_with_intervals_and_not_of_a_handful():
    assert read_backtest(rules(), gone_days=28) == (
        "Tried on the months shown, the own limit warned **20 times**, **50 %** (40 % to 60 %) rightly, and found **80 %** (70.0 % to 90.0 %) "
        "of the 12 silences that reached 28 days, **20.0 days** ahead (18.0 to 22.0). “Silent for 14 days”: 20 times, 50 % rightly, "
        "80 % found, 20.0 days ahead."
    )
    assert read_backtest(rules(1), gone_days=28) == (
        "Tried on the months shown, the own limit warned 1 time: too few to say how often rightly. “Silent for 14 days” warned 1 time."
    )
    unknown = rules().assign(lead_low=NAN, lead_high=NAN, lead_days=NAN, precision=NAN)
    assert rules_table(unknown)["days ahead"].tolist() == ["", "", ""] and rules_table(unknown)["precision"].tolist() == ["", "", ""]


def test_readings_hand_a_missing_table_on():
    for read in (read_growth, read_expansion, read_unwatched, read_threshold, read_own_rule, read_family, read_warnings, read_movers, rules_table):
        assert read(NOTHING) is NOTHING
    for read in (read_quota, read_weights, read_sessions):
        assert read(NOTHING, "2026-10") is NOTHING
    assert read_backtest(NOTHING, gone_days=28) is NOTHING
