"""A change is split into mix and rate, and the parts are the change."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.holistic.mix_and_rate import activation_counts, activation_mix, mix_and_rate, parts_interval


def counts(**groups):
    return pd.DataFrame([(g, k, n) for g, (k, n) in groups.items()], columns=["group", "numerator", "denominator"])


def parts(before, now):
    return mix_and_rate(before, now).set_index("group")[["mix", "rate", "total"]]


def test_a_change_of_the_mix_alone_has_no_rate():
    found = parts(counts(ads=(0, 1), docs=(2, 2)), counts(ads=(0, 2), docs=(1, 1)))
    assert found.loc["all together"].tolist() == pytest.approx([-1 / 3, 0, -1 / 3])
    # mean of the two overall rates is 1/2; ads gain a third of the weight at 1/2 below it
    assert found.loc["ads"].tolist() == pytest.approx([-1 / 6, 0, -1 / 6])


def test_a_change_of_the_rates_alone_has_no_mix():
    found = parts(counts(ads=(1, 4), docs=(2, 4)), counts(ads=(2, 4), docs=(2, 4)))
    assert found.loc["ads"].tolist() == pytest.approx([0, 0.125, 0.125])  # a quarter better, half of the weight
    assert found.loc["docs"].tolist() == pytest.approx([0, 0, 0])


def test_simpson_every_group_improves_and_the_whole_falls():
    # ads 10 % to 20 %, docs 80 % to 90 %, but ads grow from 10 to 90 of 100
    found = parts(counts(ads=(1, 10), docs=(72, 90)), counts(ads=(18, 90), docs=(9, 10)))
    assert found.loc["all together", "total"] == pytest.approx(0.27 - 0.73)
    assert found.loc["all together", "rate"] == pytest.approx(0.1)
    assert found.loc["all together", "mix"] == pytest.approx(-0.56)


def test_a_group_of_one_month_only_is_mix():
    # 50 % to 40 %; hackathons gain half of the weight at 30 %, 15 points below the mean of the two rates
    found = mix_and_rate(counts(docs=(5, 10)), counts(docs=(5, 10), hackathon=(3, 10))).set_index("group")
    assert found.loc["hackathon", ["mix", "rate"]].tolist() == pytest.approx([-0.075, 0])
    assert np.isnan(found.loc["hackathon", "rate_before"])


table = st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1).map(
    lambda groups: counts(**{g: (min(k, n), n) for g, (k, n) in groups.items()})
)


@given(table, table)
def test_the_parts_add_up_to_the_change_and_the_groups_to_the_whole(before, now):
    if not before["denominator"].sum() or not now["denominator"].sum():
        return
    found = mix_and_rate(before, now)
    change = now["numerator"].sum() / now["denominator"].sum() - before["numerator"].sum() / before["denominator"].sum()
    whole, groups = found.iloc[-1], found.iloc[:-1]
    assert whole["total"] == pytest.approx(change, abs=1e-12)
    assert whole["mix"] + whole["rate"] == pytest.approx(change, abs=1e-12)
    for column in ("mix", "rate", "total", "n_before", "n_now", "weight_before", "weight_now"):
        assert groups[column].sum() == pytest.approx(whole[column], abs=1e-9)


def test_the_interval_of_a_change_without_one_holds_zero_at_its_rate():
    rng = np.random.default_rng(5)
    holds = 0
    for i in range(60):
        draws = [counts(a=(rng.binomial(60, 0.4), 60), b=(rng.binomial(40, 0.6), 40)) for _ in range(2)]
        found = parts_interval(*draws, draws=300, seed=i).set_index("part")
        holds += found.loc["rate", "low"] <= 0 <= found.loc["rate", "high"]
    assert holds >= 51  # 57 expected of 60; 3 standard errors are 5


def test_the_split_is_of_the_activated_share_itself(small_study):
    found, bounds, month = activation_mix(small_study, "channel")
    share = measure(small_study, "activated_share").set_index("month")["value"]
    assert found.iloc[-1]["total"] == pytest.approx(share[month] - share[str(pd.Period(month, "M") - 1)])
    assert share[share.notna()].index[-1] == month
    assert bounds.set_index("part").loc["total", "value"] == pytest.approx(found.iloc[-1]["total"])


def test_another_month_may_be_asked_for_and_one_without_a_month_before_is_said(small_study):
    third = small_study.months[3]
    before, now, month = activation_counts(small_study, "segment", third)
    assert month == third and now["denominator"].sum() > 0 and before["denominator"].sum() > 0
    assert isinstance(activation_mix(small_study, "segment", small_study.months[0]), NotMeasurable)


def test_accounts_without_a_channel_are_said(company):
    calls = "account_id,occurred_at,status\n" + "".join(f"a{i},2026-0{m}-15T10:00:00,200\n" for m in (1, 2, 3) for i in range(6))
    accounts = "account_id,created_at\n" + "".join(f"a{i},2026-0{1 + i % 2}-01\n" for i in range(6))
    study = open_study(company({"requests.csv": calls, "accounts.csv": accounts}, "observed_from: 2026-01-01"), month="2026-03")
    assert 'no account has a channel; add the column "channel"' in str(activation_mix(study, "channel"))


def test_the_whole_change_has_one_interval_whatever_it_is_split_by_and_that_of_the_changes():
    # Newcombe (1998), table II, method 10: 48/80, then 56/70
    before = pd.DataFrame({"group": ["ads", "docs"], "numerator": [8, 40], "denominator": [30, 50]})
    now = pd.DataFrame({"group": ["ads", "docs"], "numerator": [26, 30], "denominator": [35, 35]})
    one = [t.assign(group="all").groupby("group", as_index=False).sum() for t in (before, now)]
    for pair in ((before, now), one):
        total = parts_interval(*pair).set_index("part").loc["total"]
        assert (round(total["value"], 4), round(total["low"], 4), round(total["high"], 4)) == (0.2, 0.0524, 0.3339)
