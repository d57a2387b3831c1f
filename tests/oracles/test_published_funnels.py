"""Funnels and their trends, counted as other tools publish them."""

import numpy as np
import pandas as pd
import pytest

from apijourney.facts.event_log import Exclude
from apijourney.metrics.product.conversion.funnel import (

    funnel,
    funnel_accounts,
    funnel_trend,
)
from apijourney.metrics.product.conversion.windowed_levels import windowed_levels
from published import CASES, step, table

# Whose rules a case is about. Where nothing else is said, PostHog's answer is also the workbook's own.
RULES = {
    "mp_reentry_scenario_1": ["mixpanel"],
    "mp_totals_exclusion_reentry": ["mixpanel"],
    "mp_breakdown_step1": ["mixpanel"],
    "mp_two_second_grace": ["mixpanel", "amplitude", "posthog", "workbook", "clickhouse"],
}
KINDS = {"funnel": ["workbook", "posthog"], "funnel_trend": ["workbook", "posthog"], "funnel_level": ["clickhouse"]}


def funnel_cases():
    return [
        pytest.param(case, rules, id=f"{name} by the rules of {rules} [{case['source'].split('@')[0]}]")
        for name, case in CASES.items()
        if case["kind"] in KINDS
        for rules in RULES.get(name, KINDS[case["kind"]])
    ]


@pytest.mark.parametrize(("case", "rules"), funnel_cases())
def test_funnel_counts_what_the_source_counts(case, rules):
    {"funnel": check_counts, "funnel_trend": check_trend, "funnel_level": check_levels}[case["kind"]](case, rules)


def wanted_by(case, rules) -> dict:
    """What a case expects; where the workbook counts otherwise than the source, its own answer."""
    own = case["expected"].get("workbook_instead", {}) if rules == "workbook" else {}
    return case["expected"] | own


def options_of(params, rules) -> dict:
    """The options of a funnel, as a case gives them."""
    given = ("order", "by", "attribution", "timezone", "entered", "period", "week_starts")
    return {name: params[name] for name in given if name in params} | {
        "window": params.get("window", params.get("window_seconds")),
        "exclude": [
            x if isinstance(x, str) else Exclude(step(x["event"]), x["from_step"], x["to_step"])
            for x in params.get("exclusions", [])
        ],
        "count": params.get("counting", "uniques"),
        "rules": rules,
    }


def check_counts(case, rules):
    params, expected = case["params"], wanted_by(case, rules)
    assert {"counts", "by", "entries", "default_uniques_converted", "clickhouse_default", "shirt"} & set(expected)
    options = options_of(params, rules)
    steps = [step(s) for s in params.get("steps") or ["signup", "paid", "left"]]
    if case["name"] == "mp_breakdown_step1":
        return check_breakdown(case, steps, options)
    found = funnel(table(case), steps, **options)
    accounts = found["accounts"].tolist()
    if "by" in expected:
        assert found.groupby("segment")["accounts"].agg(list).to_dict() == expected["by"]
    if "counts" in expected:
        assert accounts == expected["counts"]
    for column in {"mean_seconds", "median_seconds"} & set(expected):
        seconds = [np.nan if s is None else s for s in expected[column]]
        assert found[column].tolist() == pytest.approx(seconds, rel=1e-9, nan_ok=True)
    if "entries" in expected:
        assert accounts == [expected["entries"], expected["conversions"]]
    if "default_uniques_converted" in expected:
        assert accounts == [1, expected["default_uniques_converted"]]
    if "clickhouse_default" in expected:
        level = {"clickhouse": expected["clickhouse_default"]}
        own = "posthog" if rules == "workbook" else rules
        assert accounts == ([1] * level[rules] + [0] if rules in level else expected[own])
    if "avg_time_step2_s" in expected:
        assert found["mean_seconds"][1] == expected["avg_time_step2_s"]
    if "median_time_step2_s" in expected:
        assert found["median_seconds"][1] == expected["median_time_step2_s"]
    if "avg_time_step2_s_first_conversion" in expected:
        assert found["mean_seconds"][1] == expected["avg_time_step2_s_first_conversion"]
        assert found["mean_seconds"][2] == expected["avg_time_step3_s_first_conversion"]
    if "pct_of_first" in expected:
        assert found["share_of_first"].tolist() == pytest.approx(expected["pct_of_first"])
        assert found["share_of_previous"][1:].tolist() == pytest.approx(expected["pct_of_previous"][1:])
    if "step_rate" in expected:
        assert found["share_of_previous"][1:].tolist() == expected["step_rate"][1:]
    if "step_rate_2_3" in expected:  # the source shows 0 of 0 as 0; it is unknown
        assert found["share_of_previous"][1] == 0 and np.isnan(found["share_of_previous"][2])


def check_breakdown(case, steps, options):
    events = table(case).assign(item=[row[3].get("item") for row in case["events"]])
    wanted = {name: counts for name, counts in case["expected"].items() if counts != "no entry"}
    for count in ("uniques", "totals"):
        found = funnel(events, steps, **options | {"count": count}, by="item")
        assert found.groupby("segment")["accounts"].agg(list).to_dict() == wanted


def check_trend(case, rules):
    expected = wanted_by(case, rules)
    params = {"steps": ["step one", "step two", "step three"], "window": "7D"} | (case["params"] or {})
    zones = [zone for zone in ("UTC", "US/Pacific") if zone in expected]
    assert zones
    for zone in zones:
        found = funnel_trend(table(case), params["steps"], **options_of(params, rules) | {"timezone": zone})
        columns = found[["period", "denominator", "numerator"]]
        entered = {str(day)[:10]: [d, n] for day, d, n in columns.itertuples(index=False)}
        assert entered == {k: v[:2] for k, v in expected[zone].items() if k != "all_other_months"}
        assert found["share"].tolist() == [n / d for d, n in entered.values()]


def check_levels(case, rules):
    params, expected = case["params"], case["expected"]["level"]
    frame = table(case).assign(account_id=[str(row[0]) for row in case["events"]])
    steps = [step(s) if isinstance(s, dict) else str(s) for s in params["steps"]]
    found = windowed_levels(frame, steps, window=params["window"], modes=params["modes"])
    assert dict(zip(found["account_id"], found["level"], strict=True)) == expected
    if not params["modes"]:
        found = funnel_accounts(frame, steps, window=params["window"], rules=rules)
        assert dict(zip(found["account_id"], found["level"], strict=True)) == {k: v for k, v in expected.items() if v}


def test_strict_funnel_by_browser_counts_what_the_source_counts():
    case = CASES["ph_strict_any_gap_event_breaks"]
    browser = pd.Series({"p1": "Chrome", "p2": "Safari"})
    found = funnel(table(case), case["params"]["steps"], order="strict", window="7D", by=browser)
    by = found.groupby("segment")["accounts"].agg(list).to_dict()
    assert by == case["expected"]["by_browser"]


def test_a_repeated_first_step_opens_a_new_attempt():
    case = CASES["mp_reentry_scenario_1"]
    found = funnel(table(case), ["A", "B"], window=case["params"]["window_seconds"])
    assert found["accounts"][1] == case["expected"]["optimized_converted"]


def test_totals_take_the_segment_of_the_first_step():
    case = CASES["mp_breakdown_step1"]
    item = [row[3].get("item") for row in case["events"]]
    found = funnel(table(case).assign(item=item), ["Browse", "Add"], count="totals", by="item")
    by = found.groupby("segment")["accounts"].agg(list).to_dict()
    assert by == {name: counts for name, counts in case["expected"].items() if name != "jeans"}


def test_a_spoiled_attempt_counts_nowhere_in_totals_either():
    # The source keeps the entry of the spoiled attempt (2 entries, 1 conversion). Here an attempt
    # spoiled by an exclusion is in no step: only the last A enters, and converts.
    case = CASES["mp_totals_exclusion_reentry"]
    found = funnel(table(case), ["A", "B"], count="totals", exclude=["A"])
    assert found["accounts"].tolist() == [1, case["expected"]["conversions"]]
