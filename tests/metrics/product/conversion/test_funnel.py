"""The funnel: order, windows, re-entry, exclusions, maturity, segments."""

import numpy as np
import pandas as pd
import pytest

from apijourney.errors import WorkbookError
from apijourney.facts.event_log import Exclude, Step
from apijourney.metrics.product.conversion.funnel import funnel, funnel_accounts, funnel_trend

BASE = pd.Timestamp("2026-10-01")


def log(**accounts) -> pd.DataFrame:
    """log(a="A0 B5") is account a with A at second 0 and B at second 5."""
    rows = [
        (name, item[0], BASE + pd.Timedelta(int(item[1:]), "s"))
        for name, items in accounts.items()
        for item in items.split()
    ]
    return pd.DataFrame(rows, columns=["account_id", "event", "occurred_at"])


def counts(*args, **kwargs) -> list[int]:
    return funnel(*args, **kwargs)["accounts"].tolist()


def test_account_converts_only_when_steps_happen_in_order():
    # a: A then B. b: B before A. c: A only.
    assert counts(log(a="A0 B5", b="B0 A5", c="A0"), ["A", "B"]) == [3, 1]


def test_shares_carry_their_denominator_and_interval():
    # 4 enter, 2 take B, 1 takes C: 2/4 and 1/4 of the first, 2/4 and 1/2 of the previous.
    # Wilson interval of 2 in 4: 0.1500 to 0.8500.
    found = funnel(log(a="A0 B1 C2", b="A0 B1", c="A0", d="A0"), ["A", "B", "C"])
    assert found["share_of_first"].tolist() == [1.0, 0.5, 0.25]
    assert np.isnan(found["share_of_previous"][0])
    assert found["share_of_previous"][1:].tolist() == [0.5, 0.5]
    assert (found["low"][1].round(4), found["high"][1].round(4)) == (0.15, 0.85)
    assert found["denominator"].tolist() == [4, 4, 4]


def test_window_runs_from_the_first_step_and_includes_its_end():
    # Ten seconds: b's C comes 10 s after A (in), c's 11 s (out), though each step was quick.
    found = counts(log(b="A0 B6 C10", c="A0 B6 C11"), ["A", "B", "C"], window=10)
    assert found == [2, 2, 1]


def test_a_later_first_step_opens_a_new_attempt():
    assert counts(log(a="A0 A20 B25"), ["A", "B"], window=10) == [1, 1]


def test_of_the_longest_attempts_the_earliest_counts():
    # Attempts from 0 and from 3 both reach B (5); the one from 0 counts: 5 s, not 2 s.
    found = funnel_accounts(log(a="A0 A3 B5"), ["A", "B"])
    assert found["time_0"][0] == BASE and found["level"][0] == 2
    assert funnel(log(a="A0 A3 B5"), ["A", "B"])["median_seconds"][1] == 5


def test_a_longer_later_attempt_beats_an_earlier_one():
    found = funnel_accounts(log(a="A0 A20 B25"), ["A", "B"], window=10)
    assert found["time_0"][0] == BASE + pd.Timedelta(20, "s")


def test_one_event_fills_at_most_one_step():
    assert counts(log(a="A0", b="A0 A1"), ["A", "A"]) == [2, 1]


def test_events_of_one_instant_may_fill_steps_in_step_order():
    # Written B first, then A, at the same instant: converted. One second apart: not.
    assert counts(log(a="B5 A5", b="B4 A5"), ["A", "B"]) == [2, 1]


def test_rows_of_one_instant_are_shared_out_so_that_most_steps_are_filled():
    # Step 1 is any call, step 2 a failed call. The failed call is written first; it must be left
    # for step 2, and the good call must fill step 1.
    table = log(a="R0 R0").assign(status=["500", "200"])
    assert counts(table, ["R", Step("R", where={"status": "500"})]) == [1, 1]


def test_strict_order_breaks_at_any_other_event():
    # b has X between, c has a second A between: the second A opens a new attempt that converts.
    table = log(a="A0 B2", b="A0 X1 B2", c="A0 A1 B2")
    assert counts(table, ["A", "B"], order="strict") == [3, 2]


def test_strict_order_lets_events_of_one_instant_stand_in_step_order():
    # a: X and A share an instant, X may stand first. b: X shares the instant of B, after it.
    # c: X shares B's instant and C follows later: X must stand before B or C, so C is not next.
    table = log(a="A0 X0 B1 C2", b="A0 B1 C2 X2", c="A0 B1 X1 C2")
    assert counts(table, ["A", "B", "C"], order="strict") == [3, 3, 2]


def test_unordered_counts_different_steps_in_any_order():
    # a: B, A, C = three; b: twice A = one; c: C and A = two, 4 s apart.
    found = funnel(log(a="B0 A1 C2", b="A0 A1", c="C0 A4"), ["A", "B", "C"], order="unordered")
    assert found["accounts"].tolist() == [3, 2, 1]
    assert found["event"].tolist() == ["any 1 of 3", "any 2 of 3", "any 3 of 3"]
    assert found["mean_seconds"][1] == 2.5  # a 1 s, c 4 s


def test_exclusion_spoils_the_attempt_it_falls_into():
    # a: X between → in no row. b: X before A, c: X after B → counted. d: X after A, no B → out.
    table = log(a="A0 X1 B2", b="X0 A1 B2", c="A0 B1 X2", d="A0 X1")
    assert counts(table, ["A", "B"], exclude=["X"]) == [2, 2]


def test_exclusion_holds_only_between_its_steps():
    # X between A and B is allowed, X between B and C is not.
    table = log(a="A0 X1 B2 C3", b="A0 B1 X2 C3")
    assert counts(table, ["A", "B", "C"], exclude=[Exclude("X", 1, 2)]) == [1, 1, 1]


def test_an_event_at_the_instant_of_a_step_is_not_between():
    assert counts(log(a="A0 X0 B2", b="A0 X2 B2"), ["A", "B"], exclude=["X"]) == [2, 2]


def test_a_step_may_be_taken_again_after_an_exclusion():
    # Between B and C no X: the second B, after X, leads to C cleanly.
    assert counts(log(a="A0 B1 X2 B3 C4"), ["A", "B", "C"], exclude=[Exclude("X", 1, 2)]) == [1, 1, 1]


def test_unordered_exclusion_keeps_the_first_step_only_under_the_rules_of_posthog():
    # a: the attempt from B is spoiled, the one from A after X is clean and has one step.
    # b: its only attempt is spoiled.
    table, options = log(a="B0 X1 A2", b="B0 X1"), {"order": "unordered", "exclude": ["X"]}
    assert counts(table, ["A", "B"], **options) == [1, 0]
    assert counts(table, ["A", "B"], **options, rules="posthog") == [2, 0]


def test_only_attempts_whose_window_has_closed_count():
    # Window 10 s, observed until second 30: attempts begun by second 20 are closed. b (25) has
    # already converted and still does not count; c is at the edge and counts.
    until = BASE + pd.Timedelta(30, "s")
    table = log(a="A0", b="A25 B26", c="A20 B21")
    found = funnel(table, ["A", "B"], window=10, observed_until=until)
    assert found["accounts"].tolist() == [2, 1]
    assert found["immature"].tolist() == [1, 1] and not found["mature"].any()
    assert funnel(table, ["A", "B"], window=10)["immature"].tolist() == [0, 0]


def test_a_closed_attempt_counts_even_if_a_later_open_one_gets_further():
    until = BASE + pd.Timedelta(30, "s")
    found = funnel_accounts(log(a="A0 A25 B26"), ["A", "B"], window=10, observed_until=until)
    assert found[["level", "immature"]].values.tolist() == [[1, False]]


def test_other_tools_do_not_mask_and_neither_do_their_rules():
    until = BASE + pd.Timedelta(30, "s")
    table = log(a="A25 B26")
    assert counts(table, ["A", "B"], window=10, observed_until=until, rules="posthog") == [1, 1]


def test_nobody_is_observed_after_the_observed_moment():
    until = BASE + pd.Timedelta(30, "s")
    assert counts(log(a="A0 B30"), ["A", "B"], window=30, observed_until=until) == [1, 0]


def test_only_attempts_begun_within_entered_count():
    # From second 10 (in) to second 20 (out); b's earlier A is no attempt, its B still counts.
    span = (BASE + pd.Timedelta(10, "s"), BASE + pd.Timedelta(20, "s"))
    table = log(a="A0 B15", b="A5 A10 B30", c="A20 B21")
    assert counts(table, ["A", "B"], entered=span) == [1, 1]


def test_entered_month_is_a_month_of_the_zone():
    # 30 September 22:30 UTC is 1 October in Berlin.
    table = pd.DataFrame({"account_id": ["a"], "event": ["A"], "occurred_at": ["2026-09-30T22:30"]})
    assert counts(table, ["A"], entered="2026-10", timezone="Europe/Berlin") == [1]
    assert counts(table, ["A"], entered="2026-10") == [0]


def test_a_window_of_days_follows_the_wall_clock_across_a_clock_change():
    # Berlin, 24 October noon to 25 October noon has 25 hours in 2026.
    table = pd.DataFrame(
        {"account_id": "a", "event": ["A", "B"],
         "occurred_at": pd.to_datetime(["2026-10-24T10:00", "2026-10-25T10:30"])}
    )
    assert counts(table, ["A", "B"], window="1D", timezone="Europe/Berlin") == [1, 1]
    assert counts(table, ["A", "B"], window="24h", timezone="Europe/Berlin") == [1, 0]
    assert counts(table, ["A", "B"], window="1D", timezone="Europe/Berlin", rules="posthog") == [1, 0]


def test_times_are_from_the_previous_step_and_of_those_who_took_it():
    # B after 10 and 20 s (median 15), C one second after B.
    found = funnel(log(a="A0 B10 C11", b="A0 B20", c="A0"), ["A", "B", "C"])
    assert np.isnan(found["median_seconds"][0])
    assert found["median_seconds"][1:].tolist() == [15, 1] and found["mean_seconds"][1] == 15


def test_segment_is_that_of_the_first_step_not_of_today():
    table = log(a="A0 B5", b="A0").assign(plan=["free", "pro", None])
    found = funnel(table, ["A", "B"], by="plan")
    assert found[["segment", "accounts"]].values.tolist() == [
        ["free", 1], ["free", 1], ["(none)", 1], ["(none)", 0],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("attribution", "expected"),
    [("first", {"x": [1, 1]}), ("last", {"y": [1, 1]}), (1, {"y": [1, 1]}), ("all", {"x": [1, 0]})],
)
def test_attribution_says_whose_value_is_the_segment(attribution, expected):
    table = log(a="A0 B5").assign(plan=["x", "y"])
    found = funnel(table, ["A", "B"], by="plan", attribution=attribution)
    by = {k: v for k, v in found.groupby("segment")["accounts"].agg(list).items() if v[0]}
    assert by == expected


def test_totals_count_attempts_that_do_not_overlap():
    # A0 converts at 5; A3 lies within that attempt; A6 runs out (window 10); A20 converts.
    found = funnel(log(a="A0 A3 B5 A6 A20 B21"), ["A", "B"], window=10, count="totals")
    assert found["accounts"].tolist() == [3, 2] and found["low"].isna().all()


def test_trend_credits_the_period_of_entry_and_hides_what_is_not_mature():
    # Days of October: a enters on the 1st and converts on the 2nd; b enters on the 2nd.
    # Observed until the 3rd with a window of one day: b is at the edge and closed; c (2nd, 12:00) is not.
    table = pd.DataFrame(
        [("a", "A", "2026-10-01T09:00"), ("a", "B", "2026-10-02T08:00"),
         ("b", "A", "2026-10-02T00:00"), ("c", "A", "2026-10-02T12:00")],
        columns=["account_id", "event", "occurred_at"],
    )
    found = funnel_trend(table, ["A", "B"], period="D", window="1D", observed_until="2026-10-03")
    assert found["period"].dt.strftime("%m-%d").tolist() == ["10-01", "10-02"]
    assert found["numerator"].tolist() == [1, 0] and found["denominator"].tolist() == [1, 1]
    assert found["immature"].tolist() == [0, 1]
    assert found["share"][0] == 1 and np.isnan(found["share"][1])


def test_an_empty_log_gives_a_table_of_zeros_and_unknowns():
    found = funnel(log(a="A0").iloc[:0], ["A", "B"])
    assert found["accounts"].tolist() == [0, 0] and found["share_of_first"].isna().all()
    assert funnel(log(a="X0").assign(p="q"), ["A"], by="p").empty


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"order": "orderd"}, 'unknown order "orderd"; did you mean "ordered"'),
        ({"rules": "mixpanle"}, 'unknown rules "mixpanle"; did you mean "mixpanel"'),
        ({"count": "all"}, 'unknown count "all"; known are: totals, uniques'),
        ({"steps": []}, "steps: give a list of 1 to 62"),
        ({"steps": "A"}, "steps: give a list of 1 to 62"),
        ({"window": "14 moons"}, 'window: "14 moons" is no length of time'),
        ({"window": -1}, 'window: "-1" is no length of time'),
        ({"exclude": [Exclude("X", 1, 1)]}, "exclude: after=1 and before=1 are not the indexes"),
        ({"exclude": ["X"], "order": "strict"}, "leave exclude out"),
        ({"by": "plann"}, 'by: unknown property "plann"; did you mean "plan"'),
        ({"by": "plan", "attribution": 2}, "attribution: use"),
        ({"entered": "October"}, 'entered: "October" is no interval'),
        ({"timezone": "Mars/Base"}, 'unknown time zone "Mars/Base"'),
    ],
)
def test_bad_arguments_end_in_one_sentence(options, sentence):
    table = log(a="A0 B1").assign(plan="x")
    with pytest.raises(WorkbookError, match=sentence):
        funnel(table, **{"steps": ["A", "B"]} | options)
