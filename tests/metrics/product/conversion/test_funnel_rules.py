"""The rules of other tools, on logs one can count, with the sentence they publish; and what is refused."""

import numpy as np
import pandas as pd
import pytest

from apijourney.errors import WorkbookError
from apijourney.facts.event_log import Exclude, Step
from apijourney.metrics.product.conversion.funnel import funnel, funnel_accounts, funnel_trend
from apijourney.metrics.product.conversion.rules import RULES
from apijourney.metrics.product.conversion.windowed_levels import windowed_levels

BASE = pd.Timestamp("2026-10-01")


def log(**accounts) -> pd.DataFrame:
    """log(a="A0 B5") is account a with A at second 0 and B at second 5; "A0:x" has the property item=x."""
    rows = []
    for name, items in accounts.items():
        for one in items.split():
            what, _, item = one.partition(":")
            rows.append((name, what[0], BASE + pd.Timedelta(float(what[1:]), "s"), item or None))
    return pd.DataFrame(rows, columns=["account_id", "event", "occurred_at", "item"])


def counts(table, steps="AB", **options) -> list[int]:
    return funnel(table, list(steps), **options)["accounts"].tolist()


# Mixpanel


def test_mixpanel_window_is_not_restarted_by_a_repeat_of_step_1():
    # Published: A 1:00 pm, A 1:30, B 1:45, C 2:15, one hour: converts to B, not to C.
    table = log(a="A0 A1800 B2700 C4500")
    assert counts(table, "ABC", window="1h", rules="mixpanel") == [1, 1, 0]
    assert counts(table, "ABC", window="1h") == [1, 1, 1]


def test_mixpanel_enters_once_the_first_time():
    # Published, re-entry scenario 2: A, A^, the window of A ends, B: not converted.
    table = log(a="A0 A3000 B4000")
    assert counts(table, window="1h", rules="mixpanel") == [1, 0] and counts(table, window="1h") == [1, 1]


def test_mixpanel_takes_the_first_instance_after_the_step_before():
    # Published: A B D C D E converts fully; A B C E drops off after C.
    assert counts(log(a="A0 B60 D120 C180 D240 E300"), "ABCDE", rules="mixpanel") == [1] * 5
    assert counts(log(a="A0 B60 C120 E180"), "ABCDE", rules="mixpanel") == [1, 1, 1, 0, 0]


def test_mixpanel_steps_within_two_seconds_are_interchangeable():
    # Published: B first, then A within two seconds, is a conversion.
    assert counts(log(a="B0 A2", b="B0 A2.001"), rules="mixpanel") == [2, 1]


def test_mixpanel_keeps_the_steps_reached_before_an_excluded_event():
    # Published: a user qualifies for each step until the exclusion step.
    table = log(a="A0 B60 X120 C180", b="A0 B60 C120")
    options = {"exclude": ["X"], "steps": "ABC"}
    assert counts(table, **options, rules="mixpanel") == [2, 2, 1]
    assert counts(table, **options) == [1, 1, 1]  # the workbook leaves the account out


def test_mixpanel_totals_enter_again_after_the_exclusion():
    # Published: A A A B without A between A and B: two entries, one conversion.
    assert counts(log(a="A0 A60 A120 B180"), exclude=["A"], count="totals", rules="mixpanel") == [2, 1]


def test_mixpanel_totals_enter_again_after_conversion_and_timeout_only():
    # A0 converts at 60; A120 and A150 are one entry that runs out; A4000 enters.
    table = log(a="A0 B60 A120 A150 A4000")
    assert counts(table, window="1h", count="totals", rules="mixpanel") == [3, 1]


def test_mixpanel_events_of_an_ended_attempt_are_used_up():
    # B1 converts A0. A2 is within two seconds of B1, but B1 is taken.
    assert counts(log(a="A0 B1 A2"), count="totals", rules="mixpanel") == [2, 1]


def test_mixpanel_uniques_enter_once_a_segment_when_the_last_attempt_has_ended():
    # Published: shirt, jeans, add, shoes: entries shirt and shoes, conversion shirt. A later shirt: no more.
    table = log(a="A0:s A60:j B120 A180:h A9999:s")
    found = funnel(table, ["A", "B"], by="item", window="1h", rules="mixpanel")
    assert found.groupby("segment")["accounts"].agg(list).to_dict() == {"s": [1, 1], "h": [1, 0]}


def test_mixpanel_segment_is_the_first_value_that_is_known():
    # Published: "First Step Defined" is the first non-null value, "Last Step Defined" the last.
    table = log(a="A0 B60:x C120:y")
    by = {k: funnel(table, list("ABC"), by="item", attribution=k, rules="mixpanel")["segment"][0]
          for k in ("first", "last", 0)}  # fmt: skip
    assert by == {"first": "x", "last": "y", 0: "(none)"}
    assert funnel(table, list("ABC"), by="item")["segment"][0] == "(none)"


def test_mixpanel_uniques_hold_the_value_of_the_first_step_1():
    table = log(a="A0:x A60:y B120:y")
    assert counts(table, hold="item", rules="mixpanel") == [1, 0]
    assert counts(table, hold="item", rules="mixpanel", count="totals") == [2, 1]


def test_mixpanel_and_amplitude_trends_are_a_funnel_a_period():
    # Published by both: step 1 on the 1st, 5th and 20th, step 2 on the 2nd and 6th. In Amplitude's words:
    # converted on the 1st and the 5th, not on the 20th. The workbook credits one attempt.
    day = 86400
    table = log(a=f"A0 B{day} A{4 * day} B{5 * day} A{19 * day}")
    for rules in ("mixpanel", "amplitude"):
        found = funnel_trend(table, ["A", "B"], period="D", window="14D", rules=rules)
        assert found["period"].dt.day.tolist() == [1, 5, 20]
        assert found["numerator"].tolist() == [1, 1, 0] and found["denominator"].tolist() == [1, 1, 1]
    assert funnel_trend(table, ["A", "B"], period="D", window="14D")["period"].dt.day.tolist() == [1]


# Amplitude


def test_amplitude_counts_either_order_within_a_second():
    # Published: B first, then A within one second, is a conversion.
    assert counts(log(a="B0 A0.4", b="B0 A1", c="B0 A2"), rules="amplitude") == [3, 2]


def test_amplitude_counts_equal_events_of_one_second_once():
    # Published: two of the same event type within the same second count as one.
    table = log(a="A0 A0.2", b="A0 A1")
    assert counts(table, "AA", rules="amplitude") == [2, 1] and counts(table, "AA") == [2, 2]


def test_amplitude_counts_the_earliest_of_the_longest_paths():
    # The path from A5000 reaches C; of its equals it is the earliest.
    table = log(a="A0 A5000 B5060 C5120 A9000 B9060 C9120")
    found = funnel_accounts(table, list("ABC"), window="1h", rules="amplitude")
    assert found["time_0"][0] == BASE + pd.Timedelta(5000, "s") and found["level"][0] == 3


def test_amplitude_counts_an_account_once_for_each_held_value():
    # Published: X times through the funnel with Y values counts Y times; the property must be on every event.
    table = log(a="A0:x B60:x A120:x B180:x A240:y B300:y A360 B420")
    assert counts(table, hold="item", rules="amplitude") == [2, 2]
    assert counts(table, hold="item") == [1, 1]


# ClickHouse


def test_clickhouse_lets_one_event_fill_equal_steps():
    assert counts(log(a="A0 B5"), "AAB", rules="clickhouse") == [1, 1, 1]
    assert counts(log(a="A0 B5"), "AAB") == [1, 0, 0]


def test_clickhouse_levels_are_those_of_windowed_levels():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {"account_id": rng.integers(0, 300, 3000).astype(str), "event": rng.choice(list("ABC"), 3000),
         "occurred_at": BASE + pd.to_timedelta(rng.integers(0, 40, 3000), unit="s")}
    )  # fmt: skip
    for steps in ("ABC", "AAB", "ABA"):
        wanted = windowed_levels(table, list(steps), window=5)
        found = funnel_accounts(table, list(steps), window=5, rules="clickhouse")
        wanted = wanted[wanted["level"] > 0].reset_index(drop=True)
        pd.testing.assert_frame_equal(found[["account_id", "level"]], wanted)


# All of them


@pytest.mark.parametrize("rules", sorted(set(RULES) - {"workbook"}))
def test_days_of_other_tools_have_24_hours_and_nothing_is_immature(rules):
    # Berlin, 24 October noon to 25 October noon has 25 hours in 2026.
    table = pd.DataFrame(
        {"account_id": "a", "event": ["A", "B"],
         "occurred_at": pd.to_datetime(["2026-10-24T10:00", "2026-10-25T10:30"])}
    )  # fmt: skip
    options = {"window": "1D", "timezone": "Europe/Berlin", "observed_until": "2026-10-25T11:00"}
    found = funnel(table, ["A", "B"], **options, rules=rules)
    assert found["accounts"].tolist() == [1, 0] and found["immature"].tolist() == [0, 0]
    own = funnel(table, ["A", "B"], **options)
    assert own["accounts"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("rules", "options", "sentence"),
    [
        ("posthog", {"hold": "item"}, "hold: PostHog holds no property"),
        ("mixpanel", {"order": "strict"}, "order: Mixpanel has no strict order"),
        ("mixpanel", {"order": "unordered"}, "order: Mixpanel does not publish"),
        ("mixpanel", {"optional": [1]}, "optional: Mixpanel has no optional steps"),
        ("mixpanel", {"exclude": ["X"], "hold": "item"}, "exclude: Mixpanel does not publish exclusions together"),
        ("mixpanel", {"by": "item", "attribution": "all"}, "attribution: Mixpanel reads"),
        ("mixpanel", {"steps": [Step("A"), Step("A", {"item": "x"})]}, "steps: these rules do not say which"),
        ("amplitude", {"order": "strict"}, "order: Amplitude does not publish"),
        ("amplitude", {"order": "unordered"}, "order: Amplitude does not publish"),
        ("amplitude", {"count": "totals"}, "count: Amplitude does not publish"),
        ("amplitude", {"exclude": ["X"]}, "exclude: Amplitude does not publish"),
        ("amplitude", {"optional": [1]}, "optional: Amplitude has no optional steps"),
        ("amplitude", {"by": "item", "attribution": "last"}, "attribution: Amplitude reads"),
        ("amplitude", {"by": "item", "attribution": "all"}, "attribution: Amplitude reads"),
        ("clickhouse", {"order": "strict"}, "windowed_levels"),
        ("clickhouse", {"order": "unordered"}, "order: windowFunnel knows no other order"),
        ("clickhouse", {"count": "totals"}, "count: windowFunnel gives one level"),
        ("clickhouse", {"exclude": ["X"]}, "exclude: windowFunnel has no exclusions"),
        ("clickhouse", {"optional": [1]}, "optional: windowFunnel has no optional steps"),
        ("clickhouse", {"hold": "item"}, "hold: windowFunnel holds no property"),
        ("clickhouse", {"by": "item"}, "attribution: windowFunnel does not say"),
        ("clickhouse", {"by": "item", "attribution": "last"}, "attribution: windowFunnel does not say"),
        ("clickhouse", {"by": "item", "attribution": 1}, "attribution: windowFunnel does not say"),
        ("clickhouse", {"steps": ["A"] * 33}, "steps: give a list of 1 to 32"),
    ],
)
def test_what_a_tool_does_not_publish_is_refused_in_one_sentence(rules, options, sentence):
    with pytest.raises(WorkbookError, match=sentence) as caught:
        funnel(log(a="A0:x A1:y B2"), **{"steps": ["A", "B"], "rules": rules} | options)
    assert str(caught.value).count(".") == 1 and str(caught.value).endswith(".")


def test_every_refusal_is_met_in_the_test_above():
    (mark,) = test_what_a_tool_does_not_publish_is_refused_in_one_sentence.pytestmark
    met = {}
    for rules, _options, sentence in mark.args[1]:
        met.setdefault(rules, []).append(sentence)
    for rules, those in RULES.items():
        for refusal in those.refuses.values():
            assert any(sentence in refusal for sentence in met[rules]), refusal


def test_an_exclusion_between_given_steps_keeps_its_steps_under_every_rule_that_has_it():
    # X between B and C only: allowed between A and B.
    table = log(a="A0 X60 B120 C180", b="A0 B60 X120 C180")
    for rules, wanted in (("workbook", [1, 1, 1]), ("posthog", [1, 1, 1]), ("mixpanel", [2, 2, 1])):
        assert counts(table, "ABC", exclude=[Exclude("X", 1, 2)], rules=rules) == wanted
