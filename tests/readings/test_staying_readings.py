"""The sentences about staying say the numbers of their tables, and never print a NaN."""

import numpy as np
import pandas as pd

from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.retention.retention_averages import average_ways
from apijourney.metrics.product.retention.silence_limit import SilenceLimit
from apijourney.readings.staying import (
    read_average_ways,
    read_fixed_days,
    read_hazard,
    read_life,
    read_life_log_rank,
    read_lives_by,
    read_remaining,
    read_silence_choice,
)

NOTHING = NotMeasurable("How long accounts stay", "observe for longer.")


def months(*counts) -> pd.DataFrame:
    rows = [(f"2026-{i:02d}", k / n if n else np.nan, k, n) for i, (k, n) in enumerate(counts, 1)]
    return pd.DataFrame(rows, columns=["month", "value", "numerator", "denominator"]).assign(low=0.1, high=0.9)


def test_fixed_days_say_whether_the_change_is_more_than_chance():
    better = months(*[(10, 40)] * 3, *[(36, 40)] * 3)
    assert read_fixed_days({"on days 1 to 7": better}) == (
        "Back on days 1 to 7: **90.0 %** of those who began in April 2026 to June 2026 (95 % interval 83.3 % to 94.2 %; n = "
        "120), 25 % of those from January 2026 on (95 % interval 18 % to 33 %; n = 120): more than chance would make (q < "
        "0.001)."
    )
    same = months(*[(10, 20)] * 6)
    assert read_fixed_days({"x": same}).endswith(": no more than chance would make (q = 1.000).")


def test_fixed_days_of_few_months_say_the_latest():
    assert read_fixed_days({"on day 7": months((1, 2), (0, 0))}) == (
        "Back on day 7: **50 %** of those who began in January 2026 (95 % interval 10.0 % to 90.0 %; n = 2 accounts)."
    )
    assert read_fixed_days({"x": months((0, 0))}) == "In no month shown is it known how many of those who began came back."


def test_remaining_says_each_measure_at_its_last_known_month():
    table = pd.DataFrame(
        {"measure": ["accounts"] * 3 + ["calls"] * 3 + ["MRR"] * 3, "month": ["2026-08", "2026-09", "2026-10"] * 3,
         "value": [1, 0.8, 0.6, 1, 0.9, np.nan, np.nan, np.nan, np.nan], "low": [0.9, 0.7, 0.5, np.nan, np.nan, np.nan] + [np.nan] * 3,
         "high": [1, 0.9, 0.7, np.nan, np.nan, np.nan] + [np.nan] * 3, "accounts": 30}
    )  # fmt: skip
    assert read_remaining(table) == (
        "Of the 30 accounts active in August 2026, what was there later: in October 2026 **60 %** of the accounts (95 % "
        "interval 50 % to 70 %); in September 2026 **90.0 %** of their calls. Not measurable: MRR."
    )


def test_life_says_the_limit_the_half_and_what_is_known():
    lives = pd.DataFrame({"days": [10] * 6 + [70] * 4, "ended": [True] * 6 + [False] * 4})
    text = read_life(lives, SilenceLimit(40, True, 100, 5))
    assert text.startswith("An account counts as gone at its first silence of more than **40 days**. Of 10 accounts, 6 are gone.")
    assert "Half are gone after **10 days** (95 % interval from 10 days on, its upper end not reached)." in text
    assert text.endswith("NaN") is False and "nan" not in text
    alive = read_life(lives.assign(ended=False), SilenceLimit(1, True, 100, 5))
    assert "first silence of more than **1 day**" in alive and "is **not reached**." in alive and "nan" not in alive


def test_hazard_of_one_month_says_nothing_of_later_ones():
    table = pd.DataFrame({"age": [0, 1, 2], "value": [0.4, 0.1, 0.3], "low": 0.05, "high": 0.5, "numerator": [40, 6, 3], "denominator": [100, 60, 10]})
    assert read_hazard(table) == (
        "In their first 30 days **40 %** of the accounts are gone (95 % interval 5.0 % to 50.0 %; n = 100 accounts); after "
        "that, **13 %** of those still there in an average month."
    )
    assert read_hazard(table.head(1)).endswith("n = 100 accounts).")
    assert read_hazard(table.head(0)) == "Too few accounts have been followed for a month to tell when they are gone."


def test_lives_of_groups_may_not_be_reached():
    short = pd.DataFrame({"days": [3, 3], "ended": [True, True]})
    said = read_lives_by({"small": short, "large": short.assign(ended=False)})
    assert said == "Half are gone after: small **3 days** (n = 2), large not reached (n = 2)."


def test_the_choice_of_the_silence_says_its_rule():
    table = pd.DataFrame({"limit_days": [1], "share": [0.04]})
    assert read_silence_choice(table, SilenceLimit(90, True, 200, 8)) == (
        "Of the 200 silences longer than **90 days** and watched for as long again, 8 (4.0 %) ended in a return. No "
        "fewer days keep that to 5 % or less."
    )
    assert read_silence_choice(table, NOTHING) is NOTHING and read_silence_choice(NOTHING, NOTHING) is NOTHING


def test_log_rank_marks_what_chance_does_not_explain():
    table = pd.DataFrame({"by": ["segment", "channel"], "q": [0.0001, 0.3], "accounts": [500, 500]})
    assert read_life_log_rank(table) == (
        "Do lives differ between groups? Log-rank test by segment **q < 0.001** (500 accounts), by channel q = 0.300 "
        "(500 accounts)."
    )


def test_averages_are_named_with_their_share():
    cells = pd.DataFrame({"cohort": pd.to_datetime(["2026-08-01"]), "period": 1, "size": 4, "retained": 1, "mature": True})
    said = read_average_ways(average_ways(cells))
    assert said.startswith("The same cohorts in month 1: 25 % pooled over known cells, 25 % mean of")
    assert read_average_ways(average_ways(cells.head(0))) == "No cohort has been followed long enough for an average."
