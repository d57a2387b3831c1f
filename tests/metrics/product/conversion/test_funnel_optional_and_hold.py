"""Steps that may be missing, and properties that must stay what they were."""

import numpy as np
import pandas as pd
import pytest

from apijourney.errors import WorkbookError
from apijourney.facts.event_log import Exclude, Step
from apijourney.metrics.product.conversion.funnel import funnel, funnel_accounts, funnel_trend

BASE = pd.Timestamp("2026-10-01")


def log(**accounts) -> pd.DataFrame:
    """log(a="A0:x B5:x") is account a with A at second 0 and B at second 5, both with item=x."""
    rows = []
    for name, items in accounts.items():
        for one in items.split():
            what, _, item = one.partition(":")
            rows.append((name, what[0], BASE + pd.Timedelta(int(what[1:]), "s"), item or None))
    return pd.DataFrame(rows, columns=["account_id", "event", "occurred_at", "item"])


def counts(table, steps="AOB", **options) -> list[int]:
    return funnel(table, list(steps), **options)["accounts"].tolist()


def test_an_account_that_skips_an_optional_step_goes_on():
    # a takes O, b skips it, c takes it and stops, d has O before A: not in its place.
    table = log(a="A0 O5 B9", b="A0 B9", c="A0 O5", d="O0 A5 B9")
    found = funnel(table, list("AOB"), optional=["O"])
    assert found["accounts"].tolist() == [4, 2, 3]
    assert found["share_of_first"].tolist() == [1, 0.5, 0.75]


def test_shares_and_times_are_from_the_last_required_step():
    # Of 4 at A, 2 took O and 3 took B: 2/4 and 3/4. Seconds since A: O 5 and 5; B 9, 9 and 4.
    found = funnel(log(a="A0 O5 B9", b="A0 B9", c="A0 O5", d="O0 A5 B9"), list("AOB"), optional=[1])
    assert found["share_of_previous"][1:].tolist() == [0.5, 0.75]
    assert found["median_seconds"][1:].tolist() == [5, 9]


def test_level_is_the_number_of_required_steps():
    found = funnel_accounts(log(a="A0 O5 B9", b="A0 B9", c="A0 O5"), list("AOB"), optional="O")
    assert found["level"].tolist() == [2, 2, 1]
    assert found["time_1"].isna().tolist() == [False, True, False]


def test_an_optional_step_passed_over_is_not_taken_later():
    # O comes after B: out of place. P was passed over when Q was taken.
    assert counts(log(a="A0 B5 O9"), optional=[1]) == [1, 0, 1]
    assert counts(log(a="A0 Q1 P2 B3"), "APQB", optional=[1, 2]) == [1, 0, 1, 1]


def test_an_optional_last_step_may_come_until_the_window_closes():
    assert counts(log(a="A0 B5 O10", b="A0 B5 O11"), "ABO", optional=[2], window=10) == [2, 2, 1]


def test_an_event_that_could_take_either_takes_the_required_step():
    # Step 2 is a call that may be missing, step 3 a successful call: one successful call is step 3.
    steps = ["A", "R", Step("R", {"item": "ok"})]
    assert counts(log(a="A0 R5:ok"), steps, optional=[1]) == [1, 0, 1]
    # At one instant the failed call is free for step 2, whichever is written first.
    for order in ("A0 R5:no R5:ok", "A0 R5:ok R5:no"):
        assert counts(log(a=order), steps, optional=[1]) == [1, 1, 1]


def test_a_trend_counts_who_took_every_required_step():
    found = funnel_trend(log(a="A0 B9", b="A0 O5"), list("AOB"), optional=[1])
    assert found[["numerator", "denominator"]].values.tolist() == [[1, 2]]


def test_exclusions_count_their_steps_with_the_optional_ones():
    # Steps A O B C: X between B (2) and C (3).
    table = log(a="A0 X1 B2 C3", b="A0 B1 X2 C3")
    assert counts(table, "AOBC", optional=[1], exclude=[Exclude("X", 2, 3)]) == [1, 0, 1, 1]


def test_a_later_step_must_have_the_value_of_the_first():
    # a buys what it looked at, b something else, c looked at two things and buys the second.
    table = log(a="A0:x B5:x", b="A0:x B5:y", c="A0:x A3:y B5:y")
    assert counts(table, "AB", hold="item") == [3, 2]
    assert counts(table, "AB") == [3, 3]


def test_an_account_counts_once_for_uniques_and_once_an_attempt_for_totals():
    table = log(a="A0:x B5:x A6:y B7:y")
    assert counts(table, "AB", hold="item") == [1, 1]
    assert counts(table, "AB", hold="item", count="totals") == [2, 2]
    found = funnel_accounts(table, list("AB"), hold="item", count="totals")
    assert found["account_id"].tolist() == ["a", "a"]


def test_attempts_of_different_values_run_side_by_side():
    # The attempt for y begins while that for x still runs.
    assert counts(log(a="A0:x A1:y B2:y B3:x"), "AB", hold="item", count="totals") == [2, 2]
    assert counts(log(a="A0:x A1:y B2:y B3:x"), "AB", count="totals") == [1, 1]


def test_an_event_without_the_held_property_takes_no_step():
    assert counts(log(a="A0 B5", b="A0:x B5 B6:x"), "AB", hold="item") == [1, 1]


def test_only_events_of_the_same_value_exclude_and_interrupt():
    table = log(a="A0:x X1:y B2:x", b="A0:x X1:x B2:x")
    assert counts(table, "AB", hold="item", exclude=["X"]) == [1, 1]
    assert counts(table, "AB", hold="item", order="strict") == [2, 1]


def test_several_properties_are_held_together():
    table = log(a="A0:x B5:x").assign(region=["eu", "us"], plan="free")
    assert counts(table, "AB", hold=["item", "plan"]) == [1, 1]
    assert counts(table, "AB", hold=["item", "plan", "region"]) == [1, 0]


def test_held_value_that_matures_counts_before_one_that_does_not():
    # Window 10 s, observed until 30: the attempt for x is closed, that for y (25 s) is not.
    found = funnel_accounts(log(a="A0:x A25:y B26:y"), list("AB"), hold="item", window=10,
                            observed_until=BASE + pd.Timedelta(30, "s"))  # fmt: skip
    assert found[["level", "immature"]].values.tolist() == [[1, False]]


def test_hold_and_segment_by_the_same_property_agree_with_all():
    # Attempts within one value, and all attempts of a held value, are the same attempts.
    rng = np.random.default_rng(4)
    table = pd.DataFrame(
        {"account_id": rng.integers(0, 60, 900).astype(str), "event": rng.choice(list("ABC"), 900),
         "occurred_at": BASE + pd.to_timedelta(rng.integers(0, 90, 900), unit="s"),
         "item": rng.choice(list("xyz"), 900)}
    )  # fmt: skip
    options = {"count": "totals", "window": 20, "by": "item"}
    held = funnel(table, list("ABC"), hold="item", **options)
    within = funnel(table, list("ABC"), attribution="all", **options)
    pd.testing.assert_frame_equal(held, within)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"optional": [0]}, "optional: the first step begins an attempt"),
        ({"optional": ["A"]}, "optional: the first step begins an attempt"),
        ({"optional": 3}, "optional: 3 is not the index of a step, 0 to 2."),
        ({"optional": "Bb"}, 'optional: unknown step "Bb"'),
        ({"optional": "O", "steps": ["A", "O", "O"]}, 'optional: "O" is more than one step; give its index.'),
        ({"optional": [1], "order": "strict"}, 'optional: a "strict" attempt ends'),
        ({"optional": [1], "order": "unordered"}, "optional: in an unordered funnel"),
        ({"optional": [1], "exclude": [Exclude("X", 0, 1)]}, "exclude: before=1 is an optional step"),
        ({"optional": [1], "exclude": [Exclude("X", 1, 2)]}, "exclude: after=1 is an optional step"),
        ({"hold": "itme"}, 'hold: unknown property "itme"; did you mean "item"'),
        ({"hold": ["item", "item"]}, "hold: name at most 3 properties, each once."),
        ({"hold": list("abcd")}, "hold: name at most 3 properties, each once."),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(options, sentence):
    with pytest.raises(WorkbookError, match=sentence):
        funnel(log(a="A0:x B1:x"), **{"steps": ["A", "O", "B"]} | options)


def test_a_trend_has_no_segments():
    with pytest.raises(WorkbookError, match="by: a trend has no segments"):
        funnel_trend(log(a="A0"), ["A"], by="item")
