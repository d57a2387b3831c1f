"""The whole in words: each sentence says the numbers of its table, and a verdict only where it is carried."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney import NotMeasurable
from apijourney.metrics.holistic.changes import changes
from apijourney.metrics.holistic.mix_and_rate import mix_and_rate, parts_interval
from apijourney.metrics.holistic.scorecard import score
from apijourney.readings.holistic import (
    adding_points,
    find_driver,
    q_value,
    read_chain,
    read_directions,
    read_changes,
    read_drivers,
    read_late,
    read_levers,
    read_mix,
    read_scorecard,
)
from apijourney.readings.holistic_tables import chain_lines, change_lines, driver_lines, late_lines, lever_lines, scorecard_lines

NAN = math.nan
RISING = [float(v) for v in range(1, 13)]
MONTHS = [str(m) for m in pd.period_range("2025-11", periods=12, freq="M")]
NOTE = NotMeasurable("The chain", "add requests.")
WORDS = {"signals": {"e": "errors", "s": "slow"}, "outcomes": {"kept": "kept", "mrr_minor": "MRR"}, "currency": "EUR"}


def by_month(values, low=NAN, high=NAN):
    return pd.DataFrame({"month": MONTHS, "value": values, "low": low, "high": high, "numerator": NAN, "denominator": 50.0, "mature": True})


@pytest.fixture
def card():
    metrics = {
        "average_mrr_per_account": by_month([100.0 * v for v in RISING]), "top_account_share": by_month([v / 50 for v in RISING]),
        "activated_share": by_month([0.4] * 11 + [NAN], 0.35, 0.45), "revenue": NotMeasurable("Revenue", "add invoices."),
    }  # fmt: skip
    return score(metrics, month="2026-10", goals={"activated_share": 0.5, "top_account_share": 0.4}, owners={"product": "Ada"})


def test_the_scorecard_counts_goals_directions_and_what_was_bought_with_the_counter_metric(card):
    text = read_scorecard(card, month="2026-10")
    assert text.startswith("October 2026: 2 of 4 metrics are known, 1 more for a month before it. Of 2 goals with a value: met 1 (Largest account's share of MRR), missed 1 (Activated share), unclear 0.")
    assert "A clear direction, of 3 metrics judged: better 1 (Average MRR per paying account), worse 1 (Largest account's share of MRR)." in text
    assert text.endswith("**Average MRR per paying account** went to the better while its counter-metric, Largest account's share of MRR, went to the worse.")


def test_the_scorecard_without_goals_or_directions_claims_none():
    flat = score({"mrr": by_month([5.0] * 12)}, month="2026-10", goals={}, owners={})
    assert read_scorecard(flat, month="2026-10") == "October 2026: 1 of 1 metrics are known. A clear direction, of 1 metric judged: better 0, worse 0."
    short = score({"mrr": by_month([NAN] * 6 + [5.0] * 6)}, month="2026-10", goals={}, owners={})
    assert "direction" not in read_scorecard(short, month="2026-10")


def test_scorecard_lines_write_units_owners_and_the_month_where_it_is_an_older_one(card):
    lines = scorecard_lines(card, currency="EUR").set_index("metric")
    assert lines.loc["Activated share", ["value", "of", "interval", "n", "goal", "verdict", "trend", "owner"]].tolist() == [
        "40 %", "September 2026", "35 % to 45 %", "50 accounts", "at least 50 %", "missed", "no clear direction", "Ada"]  # fmt: skip
    assert lines.loc["Average MRR per paying account", ["value", "watch", "which went"]].tolist() == ["EUR 12", "Largest account's share of MRR", "worse"]
    assert lines.loc["Revenue", ["value", "goal"]].tolist() == ["not measurable", ""]
    assert lines.loc["Activated share", "which went"] == "not measured here"  # its counter-metric is not in this table


def test_of_a_metric_not_judged_only_the_last_three_months_and_those_before_are_written():
    table = score({"average_mrr_per_account": by_month([100.0 * v for v in RISING])}, month="2026-10", goals={}, owners={}, judged=[])
    assert scorecard_lines(table, currency="EUR")["trend"].tolist() == ["not judged: EUR 11 after EUR 5"]
    assert read_directions(table) == ""


def link(signal="e", outcome="kept", adjusted=-0.10, low=-0.18, high=-0.02, q=0.03, **more):
    row = {"signal": signal, "outcome": outcome, "n": 400, "exposed": 200, "with_exposed": 0.3, "with_others": 0.4, "crude": -0.12, "crude_low": -0.2,
           "crude_high": -0.03, "adjusted": adjusted, "low": low, "high": high, "p": q / 2 if q == q else NAN, "q": q, "note": ""}  # fmt: skip
    return row | more


FEW = dict(crude=NAN, crude_low=NAN, crude_high=NAN, adjusted=NAN, low=NAN, high=NAN, q=NAN, note="too few to say", with_exposed=NAN, with_others=NAN)


def test_a_link_is_said_with_interval_n_and_q():
    text = read_chain(pd.DataFrame([link(), link("s", q=0.5, low=-0.2, high=0.1), link("s", "mrr_minor", **FEW)]), **WORDS)
    assert text.startswith("1 of the 2 links that can be judged are beyond chance: “errors” and “kept”: accounts above the median differ by **-10.0 points** adjusted")
    assert "(95 % interval -18.0 points to -2.0 points; crude -12.0 points; n = 400, q = 0.030)" in text
    assert "1 of the 3 links has too few accounts to say anything." in text
    assert text.endswith("for “slow” and “kept” the crude difference of -12.0 points becomes -10.0 points.")


def test_where_no_link_holds_the_nearest_is_named_and_none_claimed():
    money = link("s", "mrr_minor", adjusted=-4000, low=-9000, high=1000, crude=-5000, crude_low=-9000, crude_high=-1000, q=0.2)
    text = read_chain(pd.DataFrame([money, link(q=0.4, crude_low=-0.3, crude_high=0.1)]), **WORDS)
    assert text.startswith("None of the 2 links that can be judged is beyond chance once all of them are allowed for. Nearest comes “slow” and “MRR”")
    assert "**EUR -40** adjusted (95 % interval EUR -90 to EUR 10" in text and "Comparing" not in text
    assert read_chain(pd.DataFrame([link(**FEW)] * 2), **WORDS) == "None of the 2 links has enough accounts to say anything."


def test_chain_lines_say_too_few_instead_of_a_number():
    lines = chain_lines(pd.DataFrame([link(), link("s", **FEW)]), **WORDS)
    assert lines["adjusted"].tolist() == ["-10.0 points", "too few to say"] and lines["q"].tolist() == ["0.030", ""]
    assert lines["of these"].tolist() == ["30 %", ""]


def driver(**more):
    row = {"behaviour": "quickstart", "cut": 1, "kind": "before use", "earlier": 0.12, "earlier_q": 0.01, "n": 600, "exposed": 200, "with_exposed": 0.4,
           "with_others": 0.3, "crude": 0.1, "adjusted": 0.1, "low": 0.03, "high": 0.17, "p": 0.004, "q": 0.02, "note": ""}  # fmt: skip
    return row | more


def test_a_driver_is_claimed_with_its_numbers():
    text = find_driver(pd.DataFrame([driver()]))
    assert "of those that signed up later, 40 % of the 200 with it stayed, against 30 % of the 400 others: adjusted **+10.0 points**" in text
    assert text.endswith("This is an association, not yet a cause.")


@pytest.mark.parametrize(
    "less",
    [{"earlier_q": 0.06}, {"p": 0.011}, {"p": NAN}, {"earlier": -0.12}, {"adjusted": 0.049}, {"adjusted": -0.1}, {"exposed": 19}, {"exposed": 581}, {"adjusted": NAN}],
)
def test_a_driver_is_not_claimed_when_one_condition_fails(less):
    assert find_driver(pd.DataFrame([driver(**less)])) == ""


def test_drivers_are_read_by_kind_and_what_faded_is_named():
    rows = [driver(behaviour="days", cut=3, kind="use", earlier=0.4, adjusted=0.35), driver(behaviour="search", earlier=-0.09, adjusted=-0.01, q=0.7), driver()]
    text = read_drivers(pd.DataFrame(rows))
    assert "Of use itself, “days, 3 times or more” separates the earlier accounts most surely (+40.0 points" in text
    assert "Of what comes before use, “quickstart” separates" in text and "**+10.0 points**" in text
    assert text.endswith("not sure on the later: “search” (-9.0 points, then -1.0 points).")
    assert driver_lines(pd.DataFrame(rows))["behaviour"].tolist() == ["days, 3 times or more", "search", "quickstart"]


def test_levers_name_the_first_and_the_driver_and_what_they_suppose():
    columns = ["lever", "kind", "now", "moved_to", "entering", "paying", "low", "high", "mrr_minor", "mrr_low", "mrr_high", "n"]
    table = pd.DataFrame([("a → b", "step", 0.5, 0.51, 80, 0.5, 0.4, 0.6, 12345, 10000, 20000, 100), ("b → c", "step", 0.6, 0.61, 40, 0.3, 0.2, 0.4, 9, 8, 10, 100),
                          ("quickstart", "driver", 0.4, 0.41, 80, 0.07, -0.001, 0.14, NAN, NAN, NAN, 90)], columns=columns)  # fmt: skip
    text = read_levers(table, points_moved=1.0, currency="EUR")
    assert text == (
        "If the associations were causal, 1 point more would bring, a month: “a → b” **0.50** further paying accounts (0.40 to 0.60, n = 100) and EUR 123.45 of MRR "
        "(EUR 100 to EUR 200); “quickstart” **0.07** further paying accounts (0.00 to 0.14, n = 90)."
    )
    assert "1.5 points more" in read_levers(table, points_moved=1.5, currency="EUR")
    assert read_levers(table.assign(paying=NAN), points_moved=1.0, currency="EUR") == ""
    assert lever_lines(table, currency="EUR")["further MRR"].tolist() == ["EUR 123.45", "EUR 0.09", ""]


def share(before, now, half=0.03):
    return pd.DataFrame({"month": MONTHS[-2:], "value": [before, now], "low": [before - half, now - half], "high": [before + half, now + half]})


def test_changes_beyond_chance_are_named_and_totals_counted_apart():
    table = changes({"activated_share": share(0.4, 0.6), "stickiness": share(0.5, 0.51), "mrr": share(1000.0, 2000.0).assign(low=NAN, high=NAN)})
    text = read_changes(table, currency="EUR")
    assert text.startswith("1 of the 2 metrics that can be judged changed beyond chance: **Activated share** of October 2026: 40 % to 60 % (q < 0.001).")
    assert "1 more is a total" in text
    lines = change_lines(table, currency="EUR").set_index("metric")
    assert lines.loc["Activated share", ["change", "beyond chance"]].tolist() == ["+20 points", "better"]
    assert lines.loc["Monthly recurring revenue", ["change", "beyond chance", "95 % interval"]].tolist() == ["EUR +10", "not judged", ""]


def test_where_nothing_changed_the_nearest_is_named():
    two = changes({"activated_share": share(0.4, 0.41), "stickiness": share(0.5, 0.53)})
    assert read_changes(two, currency="EUR").startswith("None of the 2 metrics that can be judged changed beyond chance. Nearest comes **Stickiness")
    assert read_changes(two[two["metric"] == "activated_share"], currency="EUR").startswith("Not even the one metric that can be judged changed beyond")
    assert read_changes(two.assign(q=NAN), currency="EUR") == ""


def test_a_split_is_read_with_the_parts_that_add_up():
    before = pd.DataFrame({"group": ["ads", "docs"], "numerator": [1, 8], "denominator": [10, 10]})
    now = pd.DataFrame({"group": ["ads", "docs"], "numerator": [2, 9], "denominator": [15, 10]})
    text = read_mix((mix_and_rate(before, now), parts_interval(before, now), "2026-10"), by="channel")
    # 45 % to 44 %: weights 50:50 to 60:40 at mean rates 11.7 % and 85 %: mix -7.3; rates +3.3 × 0.55 and +10 × 0.45: +6.3
    assert "44 % were activated, after 45 % the month before: **-1.0 points**" in text
    assert "By channel: -7.3 points from the mix" in text and "+6.3 points from the rates" in text
    one = before.head(1), now.head(1)
    assert read_mix((mix_and_rate(*one), parts_interval(*one), "2026-10"), by="segment") == ""


def test_late_data_are_said_with_the_largest_difference():
    table = pd.DataFrame([("mrr", "MRR", "money", "2026-09", 1000.0, 1100.0, 100.0, 0.1), ("x", "X", "count", "2026-09", 5.0, 5.0, 0.0, 0.0)],
                         columns=["metric", "name", "unit", "month", "then", "now", "change", "change_share"])  # fmt: skip
    assert read_late(table, currency="EUR") == (
        "1 of the 2 metrics known a month ago read differently today. The largest difference is in **MRR** of September 2026, by 10.00 % of its value, "
        "EUR 10 then and EUR 11 now."
    )
    assert late_lines(table, currency="EUR")["changed by"].tolist() == ["+10.00 %"]
    same = table.assign(now=[1000.4, 5.0], change=[0.4, 0.0])  # less than half a cent does not show
    assert read_late(same, currency="EUR") == "None of the 2 metrics known a month ago reads differently today."
    assert late_lines(same, currency="EUR")["changed by"].tolist() == ["nothing that shows", "nothing that shows"]


def test_a_share_near_zero_is_said_in_points_and_not_in_per_cent_of_itself():
    table = pd.DataFrame([("error_budget_left", "Error budget left", "share", "2026-09", -0.011, -0.016, -0.005, 0.4545)],
                         columns=["metric", "name", "unit", "month", "then", "now", "change", "change_share"])  # fmt: skip
    assert late_lines(table, currency="EUR")["changed by"].tolist() == ["-0.5 points"]
    assert read_late(table, currency="EUR").endswith("**Error budget left** of September 2026, by -0.5 points, -1.1 % then and -1.6 % now.")


@given(st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=5))
def test_the_parts_as_shown_add_up_to_the_whole_as_shown(parts):
    texts = adding_points(sum(parts), parts)
    whole, *shown = (float(t.removesuffix(" points")) for t in texts)
    assert sum(shown) == pytest.approx(whole, abs=1e-9)
    assert all(abs(s - 100 * p) <= 0.1 + 1e-9 for s, p in zip(shown, parts, strict=True))


def test_a_metric_not_measurable_has_no_direction_and_gives_none_as_a_counter_metric():
    rising = pd.DataFrame({"month": MONTHS, "value": 1.0, "low": NAN, "high": NAN, "denominator": 1.0})
    metrics = {"average_mrr_per_account": rising, "top_account_share": NotMeasurable("Largest account", "add invoices.")}
    lines = scorecard_lines(score(metrics, month="2026-10", goals={}, owners={}), currency="EUR")
    assert lines["trend"].tolist() == ["no clear direction", "not measurable"]
    assert lines["which went"].iloc[0] == "not measurable"


def test_q_is_never_written_as_nothing():
    assert q_value(0.0000001) == "q < 0.001" and q_value(0.05) == "q = 0.050"


def test_what_is_not_measurable_is_handed_on():
    assert read_chain(NOTE, **WORDS) is read_drivers(NOTE) is find_driver(NOTE) is read_changes(NOTE, currency="EUR") is NOTE
    assert read_mix(NOTE, by="channel") is read_late(NOTE, currency="EUR") is read_levers(NOTE, points_moved=1, currency="EUR") is NOTE
    assert chain_lines(NOTE, **WORDS) is driver_lines(NOTE) is lever_lines(NOTE, currency="EUR") is NOTE
