"""The activation threshold: a planted one is found, chance is not, and nothing of the outcome leaks into the choice."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from apijourney import NotMeasurable, open_study
from apijourney.metrics.product.activation.early_use import CLOSED, OPEN, early_use
from apijourney.metrics.product.activation.thresholds import (
    CHOSEN, IN_USE, by_quarter, judge, judged_thresholds, parts, search_thresholds, thresholds, weaker,
)  # fmt: skip
from apijourney.readings.thresholds import read_family, read_own_rule, read_threshold


def accounts(n: int, seed: int, *, planted: bool) -> pd.DataFrame:
    """Accounts of a year with five behaviours of which one, six calls or more in a week, may make them stay."""
    rng = np.random.default_rng(seed)
    day = np.sort(rng.integers(0, 360, n))
    calls = rng.poisson(rng.gamma(1.0, 6.0, n))
    table = pd.DataFrame({"account_id": [f"a{i}" for i in range(n)], "opened_day": pd.Timestamp("2025-01-01") + pd.to_timedelta(day, unit="D")})
    table["month"] = table["opened_day"].dt.strftime("%Y-%m")
    table["why_not"] = ""
    chance = np.where(calls >= 5, 0.75, 0.25) if planted else 0.3 + 0.2 * (day / 360)  # the null drifts over the year
    table["stayed"] = rng.random(n) < chance
    table["calls within 7"] = calls
    table["calls within 3"] = rng.binomial(calls, 0.5)
    table["docs page within 1"] = rng.poisson(0.5 + day / 360)  # drifts, too
    table["docs page within 7"] = table["docs page within 1"] + rng.poisson(1.0, n)
    table["active days within 14"] = np.minimum(rng.binomial(14, 0.2, n) + (calls > 2), 14)
    return table


def test_the_planted_threshold_is_found_and_holds_on_later_sign_ups():
    table = accounts(1200, 1, planted=True)
    found = search_thresholds(table)
    best = found.iloc[0]
    assert (best["behaviour"], best["days"], best["least"]) == ("calls", 7, 5)
    assert best["p"] == 1 / 1000  # as small as 999 deals can show
    judged = judge(parts(table)[1], "calls", 7, 5)
    assert judged["low"] < 0.5 < judged["high"]  # 75 % less 25 %
    assert judged["lift_low"] < 3 < judged["lift_high"]


def alarms(logs: int, n: int, draws: int) -> tuple[int, int]:
    """How many null logs have a candidate with p ≤ 5 %, and how many confirm it on the later accounts?"""
    chosen = confirmed = 0
    for seed in range(logs):
        table = accounts(n, 1000 + seed, planted=False)
        best = search_thresholds(table, draws=draws, seed=seed).iloc[0]
        if best["p"] <= 0.05:
            chosen += 1
            confirmed += judge(parts(table)[1], best["behaviour"], best["days"], best["least"])["low"] > 0
    return chosen, confirmed


def within(count: int, logs: int, rate: float = 0.05) -> bool:
    """Is a count of rare events one that the rate brings in 998 of 1,000 tries?"""
    return binom.ppf(0.001, logs, rate) <= count <= binom.ppf(0.999, logs, rate)


def test_chance_is_taken_for_a_threshold_at_the_nominal_rate():
    chosen, confirmed = alarms(300, 240, 199)
    assert within(chosen, 300), chosen
    assert confirmed <= binom.ppf(0.999, 300, 0.05 * 0.05), confirmed


@pytest.mark.fuzz
def test_chance_is_taken_for_a_threshold_at_the_nominal_rate_on_many_logs():
    chosen, confirmed = alarms(4000, 400, 499)
    assert within(chosen, 4000), chosen
    assert confirmed <= binom.ppf(0.999, 4000, 0.05 * 0.05), confirmed


def test_the_choice_knows_nothing_of_the_later_accounts():
    table = accounts(400, 3, planted=True)
    before = search_thresholds(table)
    border = parts(table)[1]["opened_day"].min()
    later = table["opened_day"] >= border
    assert 0.4 < later.mean() < 0.6
    other = table.assign(stayed=np.where(later, ~table["stayed"], table["stayed"]))
    pd.testing.assert_frame_equal(search_thresholds(other), before)


def test_strength_within_months_is_no_drift_between_them():
    # In January nobody reads and nobody stays, in February everybody does both: no month has a difference in it.
    table = pd.DataFrame({"opened_day": pd.to_datetime(["2026-01-05"] * 60 + ["2026-02-05"] * 60 + ["2026-06-01"] * 130)})
    table["month"] = table["opened_day"].dt.strftime("%Y-%m")
    table["why_not"], table["stayed"] = "", [False] * 60 + [True] * 190
    table["docs page within 1"] = [0] * 60 + [1] * 190
    found = search_thresholds(table)
    assert found["strength"].tolist() == [0.0] and found["p"].tolist() == [1.0]


def test_many_accounts_are_dealt_in_parts_and_nothing_changes(monkeypatch):
    table = accounts(300, 2, planted=False)
    whole = search_thresholds(table, draws=199)
    monkeypatch.setattr("apijourney.metrics.product.activation.thresholds._MOST_NUMBERS", 1000)
    dealt_in_parts = search_thresholds(table, draws=199)
    assert (whole["strength"] == dealt_in_parts["strength"]).all()
    assert (whole["p"] - dealt_in_parts["p"]).abs().max() < 0.12  # other deals of the same kind


def test_of_candidates_that_the_same_accounts_reach_only_the_earliest_is_kept():
    table = accounts(300, 5, planted=True)[["opened_day", "month", "why_not", "stayed", "calls within 7"]]
    twice = table.assign(**{"calls within 14": table["calls within 7"]})
    assert set(search_thresholds(twice)["days"]) == {7}


def test_judge_counts_both_groups_and_is_silent_where_one_is_small():
    table = pd.DataFrame({"calls within 7": [3] * 30 + [0] * 30, "stayed": [True] * 20 + [False] * 10 + [True] * 5 + [False] * 25})
    row = judge(table, "calls", 7, 2)
    assert (row["reached"], row["reached_stayed"], row["others"], row["others_stayed"]) == (30, 20, 30, 5)
    assert row["difference"] == pytest.approx(20 / 30 - 5 / 30) and row["lift"] == pytest.approx(4.0)
    assert row["low"] < row["difference"] < row["high"] and row["lift_low"] < 4 < row["lift_high"]
    small = judge(table.tail(40), "calls", 7, 2)
    assert small["reached"] == 10 and np.isnan(small["difference"]) and np.isnan(small["lift"])


def test_a_threshold_is_behind_by_the_difference_of_the_correlations():
    first, second, stayed = (np.array(list(bits), dtype=int) for bits in ("1111000011", "1100110010", "1110000011"))
    row = weaker(first, second, stayed)
    r = [np.corrcoef(one, stayed)[0, 1] for one in (first, second)]
    assert row["strength"] == pytest.approx(r[1]) and row["behind"] == pytest.approx(r[0] - r[1])
    assert row["behind_low"] < row["behind"] < row["behind_high"]
    assert np.isnan(weaker(first, first, stayed)["behind"])
    assert np.isnan(weaker(first, np.ones(10, dtype=int), stayed)["behind"])  # all reach it: it tells nobody apart


ACCOUNTS = """account_id,created_at,closed_at
a,2026-01-05T10:00:00Z,
b,2026-01-05T10:00:00Z,
shut,2026-01-05T10:00:00Z,2026-01-10T10:00:00Z
late,2026-02-20T10:00:00Z,
old,2025-06-01T10:00:00Z,
never,2026-01-06T10:00:00Z,
"""
# a: two calls on day 1, one on day 3, one on day 15, and one on day 29; b: one before it was opened, one on day 14
CALLS = """request_id,occurred_at,account_id,status,environment,endpoint
1,2026-01-05T11:00:00Z,a,200,production,/x
2,2026-01-05T12:00:00Z,a,500,production,/y
3,2026-01-07T10:00:00Z,a,200,production,/x
4,2026-01-19T10:00:00Z,a,200,production,/z
5,2026-02-02T10:00:00Z,a,200,production,/x
6,2026-01-02T10:00:00Z,b,200,production,/x
7,2026-01-18T10:00:00Z,b,200,sandbox,/x
8,2026-03-31T10:00:00Z,late,200,production,/x
"""


def test_every_account_is_watched_for_the_same_days(company):
    folder = company({"accounts.csv": ACCOUNTS, "requests.csv": CALLS}, "observed_from: 2026-01-01")
    table = early_use(open_study(folder, month="2026-03")).set_index("account_id")
    assert table["why_not"].to_dict() == {"a": "", "b": "", "shut": CLOSED, "late": OPEN, "never": ""}  # not old
    assert table["stayed"].dropna().to_dict() == {"a": True, "b": False, "never": False}
    counts = table.loc["a"]
    assert [counts[f"calls within {n}"] for n in (1, 3, 7, 14)] == [2, 3, 3, 3]  # not the one of day 15
    assert [counts[f"active days within {n}"] for n in (1, 3, 7, 14)] == [1, 2, 2, 2]
    assert [counts[f"endpoints called within {n}"] for n in (1, 3)] == [2, 2]
    assert counts["successful production calls within 14"] == 2
    assert [table.loc["b", f"calls within {n}"] for n in (7, 14)] == [0, 1]  # nothing before it was opened
    assert table.loc["never"].filter(like="within").sum() == 0


def test_too_few_accounts_are_not_measurable_and_say_so(company):
    folder = company({"accounts.csv": ACCOUNTS, "requests.csv": CALLS}, "observed_from: 2026-01-01")
    answer = judged_thresholds(open_study(folder, month="2026-03"))
    assert isinstance(answer, NotMeasurable)
    assert answer.reason == (
        "no early behaviour splits the accounts followed to day 56 into groups of 20 or more; choose a later month."
    )
    bare = company({"requests.csv": CALLS}, name="bare")
    assert '"accounts" is not there' in judged_thresholds(open_study(bare, month="2026-03")).reason


def test_when_no_account_was_opened_it_says_so(company):
    old = "account_id,created_at\na,2025-01-05T10:00:00Z\n"
    folder = company({"accounts.csv": old, "requests.csv": CALLS}, "observed_from: 2026-01-01")
    assert early_use(open_study(folder, month="2026-03")).reason.startswith("no account was opened while we observed")


def test_where_the_later_sign_ups_are_too_few_the_choice_is_not_judged(small_study):
    judged = judged_thresholds(small_study)
    assert judged["p_chosen"].iloc[0] <= 0.05 and judged["difference"].isna().any()
    assert "It cannot be judged yet: fewer than 20 of the accounts that signed up" in read_threshold(judged)
    assert "nan" not in (read_threshold(judged) + read_own_rule(judged)).lower()


def test_on_the_sample_use_over_several_days_marks_those_that_stay():
    study = open_study("sample", month="2026-10")
    judged = judged_thresholds(study)
    best = judged.iloc[0]
    assert judged["which"].tolist()[0] == CHOSEN and best["p_chosen"] <= 0.01 and best["low"] > 0
    assert judged["which"].tolist() == [CHOSEN, IN_USE] and judged["in_use"].tolist() == [False, True]
    text = read_threshold(judged)
    assert text.startswith("The mark of those that stay is **") and text.endswith("This is an association.")
    assert "nan" not in (text + read_own_rule(judged) + read_family(thresholds(study))).lower()
    quarters = by_quarter(early_use(study), judged)
    assert quarters["denominator"].sum() == (early_use(study)["why_not"] == "").sum()
    assert quarters.loc[quarters["denominator"] < 20, ["value", "low", "high"]].isna().all().all()
