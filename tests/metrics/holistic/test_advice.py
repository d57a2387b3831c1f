"""One account, one advice: whatever reasons come together, they never advise two things."""

from itertools import combinations

import pytest

from apijourney.metrics.holistic import advice as module
from apijourney.metrics.holistic.advice import RULES, advice, warnings_beside_quota
from apijourney.metrics.holistic.reasons_to_act import REASONS
from apijourney.measurable import NotMeasurable
from apijourney.metrics.product.decline.early_warning import early_warnings, warned_accounts
from apijourney.readings.warning import read_warnings
from apijourney.readings.worth import read_silent_at_quota

NAMES = [reason.name for reason in REASONS]
EVERY = [names for size in range(1, len(NAMES) + 1) for names in combinations(NAMES, size)]


@pytest.mark.parametrize("names", EVERY, ids="+".join)
def test_every_set_of_reasons_has_one_advice_whatever_their_order(names):
    assert advice(names) == advice(tuple(reversed(names))) != ""


def test_the_rules_know_every_reason_and_no_other():
    assert set().union(*(needed for needed, _ in RULES)) == set(NAMES)


def test_whoever_is_silent_at_its_quota_is_asked_about_the_quota_and_not_about_a_fault():
    both = advice(["unusually silent", "near its quota"])
    assert "quota" in both and both not in (advice(["unusually silent"]), advice(["near its quota"]))


def test_whoever_leaves_is_asked_why_before_it_is_asked_to_move():
    assert advice(["calls a version that ends", "declining"]) == "ask why it calls less before you ask it to move"


def test_the_silent_stand_beside_the_quota_they_are_near(small_study):
    table, plain = warnings_beside_quota(small_study), early_warnings(small_study)
    assert table.drop(columns="quota_used").equals(plain)
    near = module.near_quota_accounts(small_study)
    expected = near[near["near"]].set_index("account_id")["used_share"].to_dict()
    assert table["quota_used"].notna().sum() == len(set(table["account_id"]) & set(expected))
    for row in table[table["quota_used"].notna()].itertuples():
        assert row.quota_used == expected[row.account_id]


def test_without_quotas_nobody_is_said_to_be_near_one(small_study, monkeypatch):
    monkeypatch.setattr(module, "near_quota_accounts", lambda study: NotMeasurable("Quotas", "add quotas."))
    table = warnings_beside_quota(small_study)
    assert table["quota_used"].isna().all()
    assert read_warnings(table) == read_warnings(early_warnings(small_study))
    assert read_silent_at_quota(table) == ""


def test_the_silent_near_their_quota_are_counted_where_silence_is_told(small_study):
    table = warnings_beside_quota(small_study).copy()
    warned = warned_accounts(table)
    assert len(warned) >= 2
    table["quota_used"] = float("nan")
    table.loc[table["account_id"] == warned["account_id"][0], "quota_used"] = 1.2
    assert "**1** of them is at the quota: there ask about the plan." in read_warnings(table)
    assert read_silent_at_quota(table).startswith(f"**1 account** ({warned['account_id'][0]}) is silent and near the quota at once")
    table["quota_used"] = 1.2
    several = read_silent_at_quota(table)
    assert several.startswith(f"**{len(warned)} accounts** (") and "are silent" in several
