"""Time to a milestone by group: twelve accounts counted by hand, and the tests against their definition."""

import numpy as np
import pytest

from apijourney import NotMeasurable, WorkbookError, open_study
from apijourney.metrics.product.conversion.time_to_by import FAMILY, log_rank, log_rank_pairs, reached_by_day, time_to_by
from apijourney.metrics.uncertainty import benjamini_hochberg

# fast: five accounts succeed after 1, 1, 2, 2 days and one never; slow: five after 8, 9, 10 days and two never;
# lone: two accounts, too few. One more fast account was opened six days before the end and is not there yet.
WAITS = {"f0": 1, "f1": 1, "f2": 2, "f3": 2, "f4": None, "s0": 8, "s1": 9, "s2": 10, "s3": None, "s4": None, "l0": 1, "l1": 1}
SEGMENT = {"f": "fast", "s": "slow", "l": "lone"}
ACCOUNTS = "account_id,created_at,segment,is_internal\n" + "".join(
    f"{a},2026-01-05T10:00:00,{SEGMENT[a[0]]},false\n" for a in WAITS
) + "f5,2026-01-26T10:00:00,fast,false\n"  # fmt: skip
REQUESTS = "request_id,occurred_at,account_id,endpoint,status,environment,key_id\n" + "".join(
    f"{a},2026-01-{5 + days:02d}T10:00:00,{a},/x,200,sandbox,k\n" for a, days in WAITS.items() if days
) + "late,2026-01-31T23:00:00,l0,/x,500,sandbox,k\n"
SUCCESS = "first successful call"


@pytest.fixture
def study(company):
    return open_study(company({"accounts.csv": ACCOUNTS, "requests.csv": REQUESTS}, "observed_from: 2026-01-01"), month="2026-01")


def test_reached_by_day_seven_counts_those_watched_so_long(study):
    table = reached_by_day(study, SUCCESS, "segment", days=7).set_index("group")
    assert list(table.index) == ["fast", "slow"]  # two accounts are too few
    assert table["numerator"].tolist() == [4, 0] and table["value"].tolist() == [0.8, 0.0]
    assert table[["denominator", "immature"]].to_numpy().tolist() == [[5, 1], [5, 0]]
    assert (table["low"] <= table["value"]).all() and (table["value"] <= table["high"]).all()


def test_the_day_itself_is_within(study):
    assert reached_by_day(study, SUCCESS, "segment", days=8).set_index("group").loc["slow", "numerator"] == 1


def test_half_of_them_is_the_median_of_the_curve(study):
    # fast: after 2 days four of six are there; slow: of five, three after 10 days
    table = reached_by_day(study, SUCCESS, "segment").set_index("group")
    assert table["median_days"].to_dict() == {"fast": 2.0, "slow": 10.0}
    curves = time_to_by(study, SUCCESS, "segment")
    assert list(curves) == ["fast", "slow"]
    assert curves["slow"].loc[curves["slow"]["days"] == 10, "reached"].iloc[0] == pytest.approx(0.6)


def test_a_milestone_nobody_reached_has_no_median(study):
    table = reached_by_day(study, "first production call", "segment")
    assert table["median_days"].isna().all() and (table["value"] == 0).all()


def test_the_log_rank_statistic_is_its_definition(study):
    # at each event time: observed in "fast" less expected, the variance hypergeometric (Mantel 1966)
    waits = {"fast": [(1, 1), (1, 1), (2, 1), (2, 1), (26.6, 0), (5.6, 0)], "slow": [(8, 1), (9, 1), (10, 1), (26.6, 0), (26.6, 0)]}
    everybody = [(t, e, g) for g, rows in waits.items() for t, e in rows]
    gap = variance = 0.0
    for time in sorted({t for t, e, _ in everybody if e}):
        n = sum(t >= time for t, _, _ in everybody)
        n1 = sum(t >= time and g == "fast" for t, _, g in everybody)
        d = sum(t == time and e for t, e, _ in everybody)
        gap += sum(t == time and e and g == "fast" for t, e, g in everybody) - d * n1 / n
        variance += d * (n1 / n) * (1 - n1 / n) * (n - d) / (n - 1) if n > 1 else 0
    row = log_rank(study).iloc[0]
    assert (row["milestone"], row["by"], row["groups"], row["degrees"]) == (SUCCESS, "segment", 2, 1)
    assert row["statistic"] == pytest.approx(gap**2 / variance)


def test_all_questions_are_one_family_and_all_pairs_another(small_study):
    table, pairs = log_rank(small_study), log_rank_pairs(small_study)
    assert list(zip(table["milestone"], table["by"], strict=True)) == FAMILY
    np.testing.assert_allclose(table["q"], benjamini_hochberg(table["p"]))
    np.testing.assert_allclose(pairs["q"], benjamini_hochberg(pairs["p"]))
    groups = table["groups"].to_numpy()
    assert len(pairs) == (groups * (groups - 1) // 2).sum()
    assert list(pairs["q"]) == sorted(pairs["q"])


def test_of_one_group_nothing_is_compared(company):
    one = ACCOUNTS.replace("slow", "fast").replace("lone", "fast")
    study = open_study(company({"accounts.csv": one, "requests.csv": REQUESTS}, "observed_from: 2026-01-01"), month="2026-01")
    for answer in (reached_by_day(study, SUCCESS, "segment"), time_to_by(study, SUCCESS, "segment"), log_rank(study), log_rank_pairs(study)):
        assert isinstance(answer, NotMeasurable) and "fewer than two groups have enough accounts" in str(answer)


def test_mistakes_end_in_a_sentence(small_study):
    with pytest.raises(WorkbookError, match='unknown milestone "first sucessful call"; did you mean'):
        reached_by_day(small_study, "first sucessful call", "segment")
    with pytest.raises(WorkbookError, match='unknown grouping "segments"; did you mean "segment"?'):
        time_to_by(small_study, SUCCESS, "segments")


def test_a_group_of_which_few_were_watched_that_long_has_no_median(company):
    # of the young group two were watched for 29 days and got there on the last; seven came three days before the end
    opened = {**{f"y{i}": 1 if i < 2 else 29 for i in range(9)}, **{f"o{i}": 1 for i in range(5)}}
    accounts = "account_id,created_at,segment\n" + "".join(
        f"{a},2026-01-{day:02d}T10:00:00,{'young' if a[0] == 'y' else 'old'}\n" for a, day in opened.items()
    )  # fmt: skip
    requests = "request_id,occurred_at,account_id,endpoint,status,environment,key_id\n" + "".join(
        f"{a},2026-01-{30 if a[0] == 'y' else 2}T10:00:00,{a},/x,200,sandbox,k\n".replace("-2T", "-02T")
        for a, day in opened.items() if day == 1
    ) + "late,2026-01-31T23:00:00,o0,/x,500,sandbox,k\n"  # fmt: skip
    study = open_study(company({"accounts.csv": accounts, "requests.csv": requests}, "observed_from: 2026-01-01"), month="2026-01")
    median = reached_by_day(study, SUCCESS, "segment").set_index("group")["median_days"]
    assert median["old"] == 1 and np.isnan(median["young"])
