"""Answers that other tools publish for hand-made logs. Each case names its source.

The facts stand in `published_cases.json` and `more_cases.json`. Where a source counts by a rule of its
own that the workbook does not share, the case says so and the workbook's answer is asserted beside it.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from apijourney.facts.event_log import Exclude, Step
from apijourney.metrics.business.movements import mrr_movements
from apijourney.metrics.business.net_revenue_retention import net_revenue_retention
from apijourney.metrics.business.revenue import concentration
from apijourney.metrics.infrastructure.answer_times import apdex_of
from apijourney.metrics.infrastructure.availability import budget_of
from apijourney.metrics.infrastructure.burn_rate import burn_rates
from apijourney.metrics.infrastructure.reliability import reliability
from apijourney.metrics.product.engagement.activity import stickiness
from apijourney.metrics.product.association import association
from apijourney.metrics.product.conversion.funnel import funnel, funnel_accounts, funnel_trend
from apijourney.metrics.product.conversion.time_to import time_to, time_to_summary
from apijourney.metrics.product.engagement.lifecycle import lifecycle
from apijourney.metrics.product.conversion.paths import END, START, step_matrix, transitions
from apijourney.metrics.product.retention.frequency_recency import frequency_recency
from apijourney.metrics.product.retention.retention import retention, retention_average
from apijourney.metrics.product.conversion.windowed_levels import windowed_levels

CASES = {
    case["name"]: case
    for file in ("published_cases.json", "more_cases.json")
    for case in json.loads((Path(__file__).parent / file).read_text("utf-8"))
}


def cases(kind: str, *, stated: bool = False):
    """The cases of a kind; stated: only those whose parameters say how they are asked."""
    return [
        pytest.param(case, id=f"{name} [{case['source'].split('@')[0]}]")
        for name, case in CASES.items()
        if case["kind"] == kind and (case.get("params") or not stated)
    ]


def table(case) -> pd.DataFrame:
    rows = [row[:3] for row in case["events"]]
    frame = pd.DataFrame(rows, columns=["account_id", "event", "occurred_at"])
    frame["event"] = frame["event"].astype(str)
    frame = frame.join(pd.DataFrame([dict(*row[3:]) for row in case["events"]], index=frame.index))
    if pd.api.types.is_integer_dtype(frame["occurred_at"]):
        return frame.assign(occurred_at=pd.to_datetime(frame["occurred_at"], unit="s"))
    return frame.assign(occurred_at=pd.to_datetime(frame["occurred_at"], utc=True, format="ISO8601"))


def step(given):
    """A step as the library takes it, narrowed if the case says by which properties."""
    return Step(given["event"], given["where"]) if isinstance(given, dict) else given


def letters(case) -> pd.DataFrame:
    """A log whose events are single letters, all of one instant, in the order of the rows."""
    rows = [(who, letter, "2020-01-01") for who, path in case["events"].items() for letter in path]
    return pd.DataFrame(rows, columns=["account_id", "event", "occurred_at"])


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


def triangle(found, cohorts) -> list[list[int]]:
    """The retained of the wanted cohorts, as far as the published rows reach."""
    by = {str(day)[:10]: cells["retained"].tolist() for day, cells in found.groupby("cohort")}
    return [by[str(day)[:10]] for day in cohorts]


@pytest.mark.parametrize(
    ("name", "options", "first"),
    [
        ("ph_retention_recurring_day", {}, "2020-06-10"),
        ("ph_retention_min_occurrences_2", {"minimum": 2}, "2020-06-10"),
        ("ph_retention_rolling_5", {"kind": "on_or_after", "silence": 0}, "2020-06-11"),
    ],
)
def test_retention_triangle_is_that_of_the_source(name, options, first):
    case = CASES[name]
    expected = case["expected"]["triangle"]
    cohorts = pd.date_range(first, periods=len(expected))
    until = cohorts[-1] + pd.Timedelta(1, "D")
    found = retention(table(case), entered=(first, until), observed_until=until, **options)
    assert triangle(found, cohorts) == expected
    assert found["mature"].all()


@pytest.mark.parametrize("case", cases("retention", stated=True))
def test_retention_is_that_of_the_source(case):
    """From period 1 on where the source writes the size of the cohort into period 0."""
    params, expected = dict(case["params"]), case["expected"]["triangle"]
    first = params.pop("from_period", 0)
    asked = {name: step(value) for name, value in params.items()}
    found = retention(table(case), **asked)
    by = [cells["retained"].tolist() for _, cells in found.groupby("cohort")]
    assert [row[first : len(wanted)] for row, wanted in zip(by, expected, strict=True)] == [row[first:] for row in expected]
    assert found.loc[found["period"] == 0, "size"].tolist() == [row[0] for row in expected]


def test_first_ever_retention_is_that_of_the_source_from_period_1_on():
    # The source writes the size of the cohort into period 0 although the events differ.
    case = CASES["ph_retention_first_ever_occurrence"]
    expected = case["expected"]["matrix"]
    cohorts = pd.date_range("2020-06-10", periods=len(expected))
    found = retention(
        table(case), start="$user_signed_up", back="$pageview", cohort="first_ever",
        entered=(cohorts[0], cohorts[-1] + pd.Timedelta(1, "D")), observed_until="2020-06-24",
    )  # fmt: skip
    rows = triangle(found, cohorts)
    assert [row[1:7] for row in rows] == [row[1:] for row in expected]
    sizes = found[found["period"] == 0]["size"].tolist()
    assert sizes == [row[0] for row in expected]


def test_unbounded_retention_is_the_corrected_answer_of_the_source():
    # Published by days since the first completed order; the data end with the month.
    case = CASES["dbt_retention_jaffle_AS_SHIPPED_BUGGY"]
    expected = case["expected"]["correct_first_action_completed"]
    found = retention(
        table(case), start="completed", back="completed", cohort="first_time",
        kind="on_or_after", clock="rolling", silence=0, observed_until="2018-02-28",
    )  # fmt: skip
    retained = found.groupby("period")["retained"].sum()
    assert found.loc[found["period"] == 0, "size"].sum() == expected["denominator"]
    assert {k: retained[int(k)] for k in expected["counts"]} == expected["counts"]


def test_lifecycle_is_that_of_the_source():
    case = CASES["ph_lifecycle_day"]
    expected = case["expected"]
    found = lifecycle(table(case))
    for column in ("new", "returning", "resurrecting"):
        assert found[column].tolist() == expected[column]
    assert (-found["dormant"]).tolist() == expected["dormant"]


@pytest.mark.parametrize("case", cases("lifecycle", stated=True))
def test_lifecycle_between_two_periods_is_that_of_the_source(case):
    params = dict(case["params"])
    first, last = params.pop("first"), params.pop("last")
    found = lifecycle(table(case), **params | {"step": step(params.get("step"))}).set_index("period").loc[first:last]
    for column in ("new", "returning", "resurrecting"):
        assert found[column].tolist() == case["expected"][column]
    assert (-found["dormant"]).tolist() == case["expected"]["dormant"]


@pytest.mark.parametrize("case", cases("stickiness", stated=True))
def test_stickiness_within_an_interval_is_that_of_the_source(case):
    found = stickiness(table(case), **case["params"] | {"step": step(case["params"].get("step"))})
    assert found["accounts"].tolist() == case["expected"]["accounts"]


@pytest.mark.parametrize(
    ("name", "key", "options"),
    [
        ("ph_stickiness_day", "k=1..10", {"within": ("2020-01-11", "2020-01-21")}),
        ("ph_stickiness_week", "k=1..3", {"period": "W", "week_starts": "sunday",
                                          "within": ("2020-01-05", "2020-01-21")}),
    ],
)  # fmt: skip
def test_stickiness_is_that_of_the_source(name, key, options):
    found = stickiness(table(CASES[name]), **options)
    assert found["accounts"].tolist() == CASES[name]["expected"][key]


ENDS = {"path_start": START, "path_end": END}


def square(found, column, names) -> list[list[float]]:
    """One column of the transitions as a matrix, from the rows to the columns."""
    matrix = found.pivot(index="from_event", columns="to_event", values=column)
    return matrix.reindex(index=names, columns=names).fillna(0).to_numpy().tolist()


@pytest.mark.parametrize("case", cases("transition_matrix"))
def test_transitions_are_those_of_the_source(case):
    found, expected = transitions(letters(case)), case["expected"]
    if "pairs" in expected:
        inside = found[(found["from_event"] != START) & (found["to_event"] != END)]
        assert sorted(inside[["from_event", "to_event", "count"]].to_numpy().tolist()) == sorted(expected["pairs"])
        return
    names = [ENDS.get(n, n) for n in expected["index"]]
    assert square(found, "count", names) == expected["counts"]
    assert found["count"].sum() == expected.get("total_transitions", found["count"].sum())
    for column, name in (("accounts", "accounts"), ("share", "proba_out")):
        if name in expected:
            assert square(found, column, names) == expected[name]


@pytest.mark.parametrize("case", cases("step_matrix"))
def test_step_matrix_is_that_of_the_source(case):
    found = step_matrix(letters(case), case["params"]["n"])
    shares = found.pivot(index="event", columns="position", values="share").fillna(0)
    wanted = {ENDS.get(n, n): pytest.approx(row) for n, row in case["expected"]["share"].items()}
    assert {event: row.tolist() for event, row in shares.iterrows()} == wanted


def test_transition_counts_are_those_of_the_source():
    case = CASES["rete_transition_counts"]
    found = transitions(letters(case))
    names = [ENDS.get(n, n) for n in case["expected"]["index"]]
    assert square(found, "count", names) == case["expected"]["counts"]
    share = found.pivot(index="from_event", columns="to_event", values="share").fillna(0)
    assert share.reindex(columns=names, fill_value=0).loc["B"].tolist() == case["expected"]["proba_out_B"]
    assert found["count"].sum() == case["expected"]["total_transitions"]


def test_average_retention_leaves_the_incomplete_cohort_out():
    expected = CASES["mp_retention_average_row"]["expected"]
    cells = pd.DataFrame(
        {"period": 1, "size": [1000, 500, 700], "retained": [500, 400, 10], "mature": [True, True, False]}
    )
    assert retention_average(cells)["share"][0] * 100 == expected["pooled_percent_amplitude_style"]
    assert retention_average(cells, "mean")["share"][0] * 100 == expected["simple_mean_percent"]


@pytest.mark.parametrize("case", cases("correlation"))
def test_odds_ratio_with_a_prior_of_one_is_that_of_the_source(case):
    n = case["events"]
    reached = [True] * n["success_total"] + [False] * n["failure_total"]
    did = [i < n["success_count"] for i in range(n["success_total"])]
    did += [i < n["failure_count"] for i in range(n["failure_total"])]
    found = association(pd.DataFrame({"did": did}), reached, prior=1)
    assert found["odds_ratio"][0] == pytest.approx(case["expected"]["odds_ratio"])


@pytest.mark.parametrize("case", cases("survival"))
def test_survival_is_that_of_the_source(case):
    until = case["params"]["observed_until"]
    curve = time_to(table(case), "start", "end", observed_until=until).set_index("days")["reached"]
    for days, waiting in case["expected"]["waiting"].items():
        assert 1 - curve[float(days)] == pytest.approx(waiting, abs=0.001)
    if case["expected"]["median_days"] is not None:
        summary = time_to_summary(table(case), "start", "end", observed_until=until)
        assert summary["median"][0] == pd.Timedelta(case["expected"]["median_days"], "D")


def revenue(case) -> pd.DataFrame:
    return pd.DataFrame(case["events"], columns=["account_id", "month", "mrr_minor"])


@pytest.mark.parametrize("case", cases("mrr_movements"))
def test_mrr_movements_are_those_of_the_source(case):
    found = mrr_movements(revenue(case), months=case["params"]["months"]).set_index("month")
    for month, wanted in case["expected"].items():
        assert found.loc[month, list(wanted)].to_dict() == wanted
        if "opening_minor" not in wanted:
            others = found.loc[month].drop([*wanted, "opening_minor", "closing_minor", "quick_ratio"], errors="ignore")
            assert not others.any()


@pytest.mark.parametrize("case", cases("revenue_retention"))
def test_revenue_retention_is_that_of_the_source(case):
    found = net_revenue_retention(revenue(case), **case["params"])
    for column, share in case["expected"].items():
        assert found[column][0] == pytest.approx(share)


@pytest.mark.parametrize("case", cases("concentration"))
def test_concentration_is_that_of_the_source(case):
    found = concentration(revenue(case), **case["params"])
    for column, value in case["expected"].items():
        assert found[column][0] == pytest.approx(value)


@pytest.mark.parametrize("case", cases("frequency_recency"))
def test_frequency_and_recency_are_those_of_the_source(case):
    found = frequency_recency(table(case), **case["params"]).set_index("account_id")
    assert {who: row.tolist() for who, row in found.iterrows()} == case["expected"]


@pytest.mark.parametrize("case", cases("apdex"))
def test_apdex_is_that_of_the_source(case):
    satisfaction, answers = apdex_of(pd.DataFrame([case["events"]]))
    assert satisfaction / answers == case["expected"]["apdex"]


@pytest.mark.parametrize("case", cases("burn_rate"))
def test_burn_rate_is_that_of_the_source(case):
    minutes = case["params"]["minutes"]
    blocks = pd.DataFrame({"block": pd.date_range("2026-01-01", periods=minutes // 5, freq="5min"), **case["events"]})
    found = burn_rates(blocks, minutes, slo=case["params"]["slo"])
    assert found["burn"].iloc[-1] == pytest.approx(case["expected"]["burn"])


@pytest.mark.parametrize("case", cases("reliability"))
def test_reliability_is_that_of_the_source(case):
    incidents = pd.DataFrame(case["events"], columns=["started_at", "ended_at"]).apply(pd.to_datetime)
    since, until = (pd.Timestamp(case["params"][name]) for name in ("since", "until"))
    row, expected = reliability(incidents, since=since, until=until).iloc[0], case["expected"]
    assert row["failures"] == expected["failures"]
    assert row["mtbf_days"] * 24 == pytest.approx(expected["mtbf_hours"])
    assert row["mttr_minutes"] / 60 == pytest.approx(expected["mttr_hours"])
    assert row["per_30_days"] / 30 * 365 == pytest.approx(expected["per_year"])


@pytest.mark.parametrize("case", cases("error_budget"))
def test_error_budget_is_that_of_the_source(case):
    days = pd.DataFrame(case["events"], index=pd.date_range("2026-01-01", periods=case["params"]["days"]))
    found = budget_of(days, **case["params"]).iloc[-1]
    assert found["allowed"] == pytest.approx(case["expected"]["allowed"])
    assert found["budget_left"] == pytest.approx(case["expected"]["budget_left"], abs=0.0005)


def test_every_case_belongs_to_a_kind_that_is_tested():
    tested = {"funnel", "funnel_trend", "funnel_level", "retention", "retention_average", "lifecycle", "stickiness",
              "transition_matrix", "step_matrix", "correlation", "survival", "mrr_movements", "revenue_retention",
              "frequency_recency", "apdex", "burn_rate", "error_budget", "concentration", "reliability"}  # fmt: skip
    assert {case["kind"] for case in CASES.values()} == tested


def test_every_case_of_cohorts_and_activity_that_does_not_say_how_is_asked_for_by_its_name():
    source = Path(__file__).read_text(encoding="utf-8")
    kinds = {"retention", "retention_average", "lifecycle", "stickiness"}
    names = [name for name, case in CASES.items() if case["kind"] in kinds and not case["params"]]
    assert len(names) == 9 and [name for name in names if f'"{name}"' not in source] == []
