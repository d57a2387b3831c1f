"""Burn rates: spent and left add up to the budget, and alarms ring when both windows burn."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney import WorkbookError, open_study
from apijourney.metrics.infrastructure.burn_rate import RULES, BurnRule, alarms, alarms_of_study, burn_rates, call_blocks, fastest_burn
from apijourney.metrics.infrastructure.budget_by_account import BUDGET_DAYS, budget_window, error_budget_by_account
from apijourney.metrics.infrastructure.budget_metrics import budget_over_time
from apijourney.metrics.infrastructure.outcomes import outcomes
from apijourney.metrics.infrastructure.service_metrics import daily_calls, dated_quotas

START = pd.Timestamp("2026-02-01")


def blocks(bad, good=90):
    return pd.DataFrame({"block": pd.date_range(START, periods=len(bad), freq="5min"), "good": good, "bad": bad})


def test_a_burn_of_one_spends_the_budget_exactly():
    table = burn_rates(blocks([10, 10, 10]), 10, slo=0.9)
    assert table["burn"].round(9).tolist()[1:] == [1.0, 1.0] and np.isnan(table["burn"][0])


def test_a_window_without_a_call_has_no_burn():
    assert burn_rates(blocks([0, 0], good=0), 5, slo=0.9)["burn"].isna().all()


def test_a_window_that_is_no_multiple_of_five_minutes_is_refused():
    with pytest.raises(WorkbookError, match="must be a multiple of 5, found 7"):
        burn_rates(blocks([0]), 7, slo=0.9)


def test_an_alarm_needs_both_windows_and_enough_failed_calls():
    # 10 of 100 fail in the third block: 10 times as fast as 99 % allows in five minutes, 5 times in ten
    rule = BurnRule("", 10, 5, 5.0)
    assert alarms(blocks([0, 0, 10, 0]), rule, slo=0.99)["raised_at"].tolist() == [START + pd.Timedelta(minutes=15)]
    assert alarms(blocks([0, 0, 10, 0]), rule, slo=0.99, least_failed=11).empty
    assert alarms(blocks([0, 0, 10, 0]), BurnRule("", 10, 5, 5.3), slo=0.99).empty  # the long window burns 5.26 times
    goes_on = alarms(blocks([0, 0, 10]), rule, slo=0.99)
    assert goes_on["cleared_at"].isna().tolist() == [True]


@settings(max_examples=60, deadline=None)
@given(bad=st.lists(st.integers(0, 20), min_size=3, max_size=40), times=st.floats(0.5, 30), width=st.sampled_from([1, 2, 4]))
def test_alarms_equal_a_walk_over_the_blocks(bad, times, width):
    rule, expected, on = BurnRule("", 5 * 2 * width, 5 * width, times), [], False
    for i in range(len(bad)):
        rates = []
        for w in (2 * width, width):
            part = bad[i + 1 - w : i + 1] if i + 1 >= w else []
            rates.append(sum(part) / (90 * w + sum(part)) / 0.01 if part else -1)
        enough = i + 1 >= 2 * width and sum(bad[i + 1 - 2 * width : i + 1]) >= 5
        now = enough and min(rates) >= times
        if now and not on:
            expected.append(START + pd.Timedelta(minutes=5 * (i + 1)))
        on = now
    assert alarms(blocks(bad), rule, slo=0.99)["raised_at"].tolist() == expected


@pytest.fixture(scope="module")
def study():
    return open_study("sample", month="2026-02", months_back=3)


def test_blocks_hold_the_valid_calls_of_the_budget_and_no_others(study):
    table, counted = call_blocks(study), outcomes(daily_calls(study), quotas=dated_quotas(study))
    assert table["good"].sum() == counted["good"].sum()
    assert table["bad"].sum() == counted["bad"].sum() > 0
    assert (table["block"].diff().dropna() == pd.Timedelta(minutes=5)).all()


def test_spent_and_left_are_the_budget_for_all_and_for_each_account_and_the_parts_add_up(study):
    last = budget_over_time(study).iloc[-1]
    assert last["bad"] + last["budget_left"] * last["allowed"] == pytest.approx(last["allowed"])
    each = error_budget_by_account(study)
    known = each[each["valid"] > 0]
    left = (1 - known["budget_spent_share"]) * known["allowed"]
    np.testing.assert_allclose(known["failed"] + left, known["allowed"], atol=1e-9)
    counted = outcomes(daily_calls(study, before=1), quotas=dated_quotas(study))
    days, _ = budget_window(study)
    nobody = counted[counted["account_id"].isna() & np.isin(counted["day"].to_numpy("datetime64[D]"), days)]
    assert len(days) == BUDGET_DAYS
    assert each["failed"].sum() + nobody["bad"].sum() == last["bad"]
    assert each["valid"].sum() + nobody[["good", "bad"]].to_numpy().sum() == last["valid"]


def test_the_burn_of_the_whole_window_is_what_was_spent_of_the_budget(study):
    day = BUDGET_DAYS * 1440
    burn = burn_rates(call_blocks(study), day, slo=study.workbook.slo.availability).iloc[-1]
    last = budget_over_time(study).iloc[-1]
    assert (burn["valid"], burn["bad"]) == (last["valid"], last["bad"])
    assert burn["burn"] == pytest.approx(1 - last["budget_left"])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), min_size=2, max_size=60), st.integers(1, 6))
def test_windows_that_tile_the_time_spend_all_that_failed(rows, width):
    table = blocks([bad for _, bad in rows], [good for good, _ in rows])
    whole = len(rows) // width * width
    ends = burn_rates(table, 5 * width, slo=0.99).iloc[width - 1 : whole : width]
    spent = (ends["burn"].fillna(0) * ends["valid"]).sum() * (1 - 0.99)
    assert spent == pytest.approx(table["bad"][:whole].sum())


def test_on_the_sample_the_quick_alarms_notice_both_outages_and_never_ring_without_one(study):
    table = alarms_of_study(study).set_index("rule")
    quick = table.loc[[r.name for r in RULES[:2]]]
    assert (quick["noticed"] == 2).all() and (quick["without"] == 0).all() and (quick["would_fire"] > 0).all()
    assert (quick["minutes"] < 30).all()


def calls_of_february(good: dict[int, int], bad: dict[int, int]) -> str:
    """So many calls on these days, one a minute from ten o'clock on, the good ones first."""
    rows = ["occurred_at,account_id,status", "2026-02-01T00:00Z,a,200", "2026-02-28T23:59Z,a,200"]
    for day in sorted(good | bad):
        statuses = [200] * good.get(day, 0) + [503] * bad.get(day, 0)
        rows += [f"2026-02-{day:02}T10:{minute:02}Z,a,{status}" for minute, status in enumerate(statuses)]
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        # five fail on the 10th, after 15 good calls on the 9th and before 15 on the 11th: at best 20 calls lie in three
        # days with all five, 1 in 4 where 1 in 100 may. The four of the 20th are alone in their days, and too few
        ({9: 15, 11: 15}, {10: 5, 20: 4}, 5 / 20 / 0.01),
        # ten fail in the month, never more than four within three days: too few to say, which is not "none"
        ({9: 15}, {3: 4, 10: 4, 20: 2}, np.nan),
        ({9: 15}, {}, 0.0),
    ],
)
def test_fastest_burn_is_that_of_the_worst_three_days_unknown_with_too_few_failures_and_0_without_one(company, good, bad, expected):
    book = "observed_from: 2026-02-01\nslo: {availability: 0.99}\n"
    study = open_study(company({"requests.csv": calls_of_february(good, bad)}, book), month="2026-02")
    assert fastest_burn(study)["value"].tolist() == pytest.approx([expected], nan_ok=True)


def test_three_days_reach_over_no_end_of_a_month(company):
    # three fail in the last hours of January and two in the first of February: never five in one month
    rows = [f"2026-{at},a,503" for at in ("01-31T22:00", "01-31T22:10", "01-31T22:20", "02-01T01:00", "02-01T01:10")]
    calls = "\n".join(["occurred_at,account_id,status", "2026-01-01T00:00,a,200", *rows, "2026-02-28T23:00,a,200"]) + "\n"
    study = open_study(company({"requests.csv": calls}, "observed_from: 2026-01-01\n"), month="2026-02", months_back=2)
    assert fastest_burn(study)["value"].isna().all()


def test_the_sample_says_of_every_month_how_fast_its_budget_burnt():
    year = fastest_burn(open_study("sample", month="2026-10")).set_index("month")["value"]
    assert year.notna().all() and year.idxmax() == "2026-02" and year["2026-02"] > 50
