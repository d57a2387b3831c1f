"""The funnel by group: eleven accounts counted by hand, and the steps against the funnel itself."""

import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable, WorkbookError, funnel, open_study
from apijourney.metrics.product.conversion.funnel_breakdown import WHOLE_WAY, funnel_breakdown, step_rates
from apijourney.metrics.product.conversion.journey_funnel import funnel_steps, journey_funnel
from apijourney.metrics.uncertainty import benjamini_hochberg

# of six "a", five take step two and three step three; of five "b", two and none
PEOPLE = pd.DataFrame({"group": ["a"] * 6 + ["b"] * 5 + [None], "level": [3, 3, 3, 2, 2, 1, 2, 2, 1, 1, 1, 3]})


def test_each_step_is_a_share_of_the_step_before_and_the_last_row_of_the_first():
    table = step_rates(PEOPLE, ["opened", "called", "paid"], min_n=2).set_index(["step_name", "group"])
    counts = table[["numerator", "denominator"]].apply(tuple, axis=1).to_dict()
    assert counts == {
        ("called", "a"): (5, 6), ("called", "b"): (2, 5), ("paid", "a"): (3, 5), ("paid", "b"): (0, 2),
        (WHOLE_WAY, "a"): (3, 6), (WHOLE_WAY, "b"): (0, 5),
    }  # fmt: skip
    assert table.loc[("called", "a"), ["value", "others", "others_n"]].tolist() == pytest.approx([5 / 6, 2 / 5, 5])


def test_a_group_too_small_at_a_step_carries_no_rate_there():
    table = step_rates(PEOPLE, ["opened", "called", "paid"], min_n=5).set_index(["step_name", "group"])
    assert np.isnan(table.loc[("paid", "b"), "value"]) and table.loc[("paid", "b"), "denominator"] == 2
    assert np.isnan(table.loc[("paid", "a"), "p"])  # there is nobody to compare with


def test_all_steps_of_all_groups_are_one_family():
    table = step_rates(PEOPLE, ["opened", "called", "paid"], min_n=2)
    np.testing.assert_allclose(table["q"], benjamini_hochberg(table["p"].to_numpy(float)))


def test_the_groups_are_the_funnel_taken_apart(small_study):
    table = funnel_breakdown(small_study, "segment", window="28D")
    whole = journey_funnel(small_study, window="28D")
    inner = table[table["step_name"] != WHOLE_WAY].groupby("step")
    assert inner["numerator"].sum().tolist() == whole["accounts"].iloc[1:].tolist()
    assert inner["denominator"].sum().tolist() == whole["accounts"].iloc[:-1].tolist()
    segment = small_study.accounts.set_index("account_id")["entry_segment"]
    by = funnel(
        small_study.events, funnel_steps(small_study), window="28D", by=segment, timezone=small_study.zone,
        entered=(small_study.bounds(small_study.months[0])[0], small_study.observed_until),
        observed_until=small_study.observed_until,
    )  # fmt: skip
    for group, part in by.groupby("segment"):
        own = table[(table["group"] == group) & (table["step_name"] != WHOLE_WAY)]
        assert own["numerator"].tolist() == part["accounts"].iloc[1:].tolist()


def test_chance_alone_is_named_no_more_often_than_said():
    rng, named = np.random.default_rng(4), 0
    for _ in range(60):
        people = pd.DataFrame({"group": rng.choice(list("abcd"), 400), "level": rng.integers(1, 4, 400)})
        named += bool((step_rates(people, ["x", "y", "z"])["q"] < 0.05).any())
    assert named <= 8  # 5 % of 60 runs, with room for chance


def test_one_group_or_an_unknown_grouping_is_said(small_study, company):
    with pytest.raises(WorkbookError, match='unknown grouping "chanel"; did you mean "channel"?'):
        funnel_breakdown(small_study, "chanel")
    one = small_study.narrowed(segment=small_study.segments[0])
    assert isinstance(funnel_breakdown(one, "segment"), NotMeasurable)
    bare = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-05,100\n"}))
    assert "names no funnel" in str(funnel_breakdown(bare, "segment"))
