"""Drivers: behaviour windows by hand, a winner judged where it was not chosen, and chance not taken for one."""

import math

import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable, open_study
from apijourney.metrics.holistic.drivers import BEFORE_USE, USE, behaviours, chosen_driver, compare_drivers, drivers, early_behaviour, left_out, split_by_time
from apijourney.readings.holistic import find_driver

BOOK = """observed_from: 2026-01-01
journey:
  - {touchpoint: quickstart, stage: evaluate, event: quickstart_completed}
  - {touchpoint: dashboard, stage: measure, event: dashboard_view}
  - {touchpoint: never seen, stage: evaluate, event: no_such_event}
  - {touchpoint: production call, stage: scale, event: request}
"""
ACCOUNTS = """account_id,created_at,closed_at
a,2026-01-02T08:00:00,
b,2026-01-02T09:00:00,
c,2026-01-03T08:00:00,2026-01-10T08:00:00
d,2026-02-25T08:00:00,
"""
TOUCHPOINTS = """account_id,occurred_at,touchpoint
a,2026-01-02T08:30:00,quickstart_completed
a,2026-01-02T11:00:00,quickstart_completed
b,2026-01-03T10:00:00,quickstart_completed
a,2026-01-15T23:00:00,dashboard_view
a,2026-01-16T01:00:00,dashboard_view
d,2026-02-26T10:00:00,dashboard_view
"""
REQUESTS = """account_id,occurred_at,status,endpoint,environment
a,2026-01-02T10:00:00,404,/pay,production
a,2026-01-02T12:00:00,200,/refund,production
a,2026-01-16T00:10:00,200,/pay,production
b,2026-01-05T10:00:00,200,/pay,production
b,2026-02-13T10:00:00,200,/pay,production
c,2026-01-03T10:00:00,200,/pay,production
d,2026-03-30T10:00:00,200,/pay,production
"""


@pytest.fixture
def study(company):
    files = {"accounts.csv": ACCOUNTS, "touchpoints.csv": TOUCHPOINTS, "requests.csv": REQUESTS}
    return open_study(company(files, BOOK), month="2026-03")


@pytest.fixture
def table(study):
    return early_behaviour(study).set_index("account_id")


def test_the_behaviours_are_those_of_the_journey_that_occur_and_use_itself(table):
    assert behaviours(table.reset_index()) == ["quickstart", "dashboard", "days with calls", "endpoints used", "first call failed"]


def test_before_use_counts_on_the_first_day_and_before_the_first_call(table):
    # a's second comes after its first call at 10:00; b's comes on the second day
    assert table["quickstart"].to_dict() == {"a": 1, "b": 0, "c": 0, "d": 0}


def test_use_counts_in_the_first_fourteen_local_days(table):
    # a's days are 2 to 15 January: the dashboard at 23:00 of the 15th counts, at 01:00 of the 16th not
    assert table.loc["a", ["dashboard", "days with calls", "endpoints used", "first call failed"]].tolist() == [1, 1, 2, 1]
    assert table.loc["b", ["days with calls", "endpoints used", "first call failed"]].tolist() == [1, 1, 0]
    assert not table.loc["d", "called"] and math.isnan(table.loc["d", "first call failed"])


def test_stayed_is_activity_on_one_of_the_28_days_after(table):
    # a: active on 16 January, day 14. b: on 13 February, day 42, one day too late
    assert (table.loc["a", "stayed"], table.loc["b", "stayed"]) == (1, 0)


def test_who_is_not_compared_is_counted_with_the_reason(study, table):
    # c closes on its eighth day; d's day 41 is 7 April, not yet over at the end of March
    assert table["why_not"].to_dict() == {"a": "", "b": "", "c": "closed in the first 14 days", "d": "not yet followed to day 42"}
    assert math.isnan(table.loc["d", "stayed"])
    assert left_out(early_behaviour(study)).set_index("group")["accounts"].to_dict() == {
        "compared": 2, "closed in the first 14 days": 1, "not yet followed to day 42": 1
    }  # fmt: skip


def test_too_few_accounts_are_said(study):
    assert "no behaviour was shown by enough of the accounts" in str(drivers(study))
    assert isinstance(chosen_driver(drivers(study)), NotMeasurable)


def drawn(seed, *, n=320, effects=(0.0,) * 5):
    """Accounts of 160 days with independent behaviours that each add its effect to the chance of staying."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"opened_day": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 160, n)), unit="D")})
    did = rng.random((n, len(effects))) < 0.4
    table[[f"b{i}" for i in range(len(effects))]] = did.astype(float)
    table["stayed"] = (rng.random(n) < 0.35 + did @ np.array(effects)).astype(float)
    return table.assign(segment=rng.choice(["startup", "enterprise"], n), channel="docs", month="2026-01")


def compared(table):
    names = [c for c in table.columns if c.startswith("b")]
    return compare_drivers(table, names).assign(kind=BEFORE_USE)


def test_accounts_are_parted_by_time_and_those_of_one_day_stay_together():
    days = pd.to_datetime(["2026-01-03", "2026-01-01", "2026-01-02", "2026-01-02", "2026-01-02", "2026-01-05"])
    earlier, later = split_by_time(pd.DataFrame({"opened_day": days}))
    assert earlier["opened_day"].dt.day.tolist() == [1] and later["opened_day"].dt.day.tolist() == [3, 2, 2, 2, 5]


def test_the_choice_never_sees_the_later_accounts():
    table = drawn(1, effects=(0.3, 0, 0, 0, 0))
    earlier, later = split_by_time(table)
    found = compared(table).set_index("behaviour")
    scrambled = compared(pd.concat([earlier, later.assign(stayed=1 - later["stayed"])])).set_index("behaviour")
    assert found["earlier"].to_dict() == scrambled["earlier"].to_dict() and list(found.index) == list(scrambled.index)
    assert found.loc["b0", "adjusted"] == pytest.approx(-scrambled.loc["b0", "adjusted"], abs=1e-6)


def test_a_planted_driver_is_chosen_confirmed_and_not_flattered():
    found = [compared(drawn(s, n=600, effects=(0.3, 0, 0, 0, 0))) for s in range(12)]
    winners = [chosen_driver(t) for t in found]
    assert [w["behaviour"].iloc[0] for w in winners] == ["b0"] * 12
    assert np.mean([w["adjusted"].iloc[0] for w in winners]) == pytest.approx(0.3, abs=0.04)
    assert sum(bool(find_driver(w)) for w in winners) >= 11


def test_of_behaviours_that_do_nothing_the_winner_shrinks_to_nothing_and_none_is_claimed():
    tables = [compared(drawn(100 + s)) for s in range(30)]
    winners = [t.iloc[0] for t in tables]
    way = np.sign([w["earlier"] for w in winners])
    assert np.mean(way * [w["earlier"] for w in winners]) > 0.10  # flattered: the surest of five by chance
    assert np.mean(way * [w["adjusted"] for w in winners]) == pytest.approx(0, abs=0.04)
    assert sum(w["p"] < 0.05 for w in winners) <= 5  # 1.5 expected of 30
    chosen = [chosen_driver(t) for t in tables]
    assert [c for c in chosen if not isinstance(c, NotMeasurable) and find_driver(c)] == []


def test_use_itself_is_no_driver_to_act_on_and_neither_is_what_goes_with_leaving():
    table = compared(drawn(1, effects=(0.3, -0.3, 0.1, 0, 0))).set_index("behaviour")
    table.loc["b0", "kind"] = USE
    assert chosen_driver(table.reset_index())["behaviour"].iloc[0] not in ("b0", "b1")
    nothing = chosen_driver(table.assign(kind=USE).reset_index())
    assert "no behaviour before the first call" in str(nothing)


def test_a_cut_is_chosen_where_it_separates():
    table = drawn(2, n=600)
    rng = np.random.default_rng(3)
    table["b0"] = rng.integers(0, 7, len(table)).astype(float)
    table["stayed"] = (rng.random(len(table)) < np.where(table["b0"] >= 3, 0.7, 0.2)).astype(float)
    assert compare_drivers(table, ["b0"])["cut"].tolist() == [3]
