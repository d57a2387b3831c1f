"""Early warning: an account's own rhythm sets the limit, and the past says how good that limit was."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.product.decline.early_warning import (
    LAST_SILENCES, _usual, early_warnings, silences, warned_accounts, warned_by_month,
)  # fmt: skip
from apijourney.metrics.product.decline.warning_backtest import EITHER, OWN, PLAIN, backtest, judge_rules, trade_off
from apijourney.readings.warning import read_backtest, read_warnings, rules_table

BY_INVOICE = "definitions:\n  active: {event: invoice}"


def invoices(days: dict) -> str:
    rows = [f"{who},{d:%Y-%m-%d}T10:00:00Z" for who, dates in days.items() for d in dates]
    return "invoice_id,account_id,issued_at,amount_minor\n" + "\n".join(f"{i},{r},1" for i, r in enumerate(rows)) + "\n"


def every(step: int, last: str, times: int) -> pd.DatetimeIndex:
    return pd.date_range(end=last, periods=times, freq=f"{step}D")


@pytest.fixture
def shop(company):
    """On 31 March: daily is 4 days silent, weekly 20; short has no rhythm; gone stopped in January; shut is closed."""
    days = {
        "daily": every(1, "2026-03-27", 40), "weekly": every(4, "2026-03-11", 25), "calm": every(2, "2026-03-30", 30),
        "short": every(1, "2026-02-20", 15), "gone": every(1, "2026-01-30", 30), "shut": every(1, "2026-03-10", 30),
    }  # fmt: skip
    accounts = "account_id,name,owner,created_at,closed_at\n" + "".join(
        f"{who},{who.title()},{'Elif' if who == 'daily' else ''},2025-01-01T00:00:00Z,{'2026-03-20T10:00:00Z' if who == 'shut' else ''}\n"
        for who in days
    )
    return open_study(company({"invoices.csv": invoices(days), "accounts.csv": accounts}, BY_INVOICE), month="2026-03")


def test_the_limit_is_three_times_the_usual_silence_and_at_least_three_days(shop):
    table = early_warnings(shop).set_index("account_id")
    assert table["usual_days"].to_dict() == {"daily": 0, "weekly": 3, "calm": 1}
    assert table["limit_days"].to_dict() == {"daily": 3, "weekly": 9, "calm": 3}
    assert table["silent_days"].to_dict() == {"daily": 4, "weekly": 20, "calm": 1}
    assert table["warned"].to_dict() == {"daily": True, "weekly": True, "calm": False}
    assert table.index.tolist() == ["daily", "weekly", "calm"]  # those warned of first, the most used first
    assert table.loc["daily", ["name", "owner"]].tolist() == ["Daily", "Elif"]
    assert table.loc["daily", "last_active_on"] == pd.Timestamp("2026-03-27")
    assert warned_accounts(early_warnings(shop))["account_id"].tolist() == ["daily", "weekly"]
    assert read_warnings(early_warnings(shop)) == (
        "Of the 3 accounts whose rhythm is known, **2** are silent for longer than their rhythm explains. The most active "
        "of them: Daily (daily, owner Elif), silent for 4 days; its limit is 3 days."
    )


def test_one_long_silence_in_twenty_does_not_stretch_the_limit(company):
    # 20 silences of one day, but for one of 30: it is the one in twenty that is left out. With 19 none is known.
    days = [*every(2, "2026-01-20", 10), *every(2, "2026-03-11", 11)]
    text = invoices({"a": days, "b": days[1:]})
    study = open_study(company({"invoices.csv": text}, BY_INVOICE), month="2026-03")
    table = early_warnings(study)
    assert table[["account_id", "usual_days", "limit_days"]].values.tolist() == [["a", 1, 3]]


@settings(max_examples=60)
@given(st.lists(st.integers(0, 40), min_size=0, max_size=90))
def test_the_usual_silence_is_the_longest_after_one_in_twenty_is_left_out(lengths):
    got = _usual(np.array(lengths), np.arange(len(lengths)))
    for i in range(len(lengths)):
        last = sorted(lengths[max(0, i - LAST_SILENCES) : i], reverse=True)
        assert np.isnan(got[i]) if i < 20 else got[i] == last[len(last) // 20]


def test_a_limit_knows_only_what_was_before_the_silence(shop):
    table = silences(shop)
    daily = table[table["account_id"] == "daily"]
    assert daily["limit_days"].isna().sum() == 20  # of the 40 silences the first 20 have too few before them
    assert daily["goes_on"].tolist() == [False] * 39 + [True]
    assert table.loc[table["account_id"] == "shut", "closed_after"].iloc[-1] == 10


def test_months_look_back_from_their_own_end(shop):
    table = warned_by_month(shop).set_index("month")
    # End of January: gone was active until the 30th, with 29 silences; daily and the others have too few as yet
    assert table.loc["2026-01", ["watched", "warned"]].tolist() == [1, 0]
    # End of February: gone is 29 days silent with a limit of 3; weekly has 22 active days; calm has begun on January 31
    assert table.loc["2026-02", ["watched", "warned"]].tolist() == [2, 1]
    assert table.loc["2026-03", ["watched", "warned"]].tolist() == [3, 2]
    share = measure(shop, "early_warning_share").set_index("month")
    assert share.loc["2026-03", ["value", "numerator", "denominator"]].tolist() == [2 / 3, 2, 3]


RULES = pd.DataFrame(
    [
        ("a", 40, 3, np.inf), ("a", 5, 3, np.inf), ("a", 2, 3, np.inf),  # right on day 4, wrong, not warned
        ("b", 20, 60, np.inf), ("b", 28, 60, np.inf),  # the plain rule is wrong, then right; the own limit never warns
        ("c", 99, 3, 10),  # closed on the tenth day: warned 6 days ahead, too early for the plain rule
    ],
    columns=["account_id", "silent_days", "limit_days", "closed_after"],
)  # fmt: skip


def test_rules_are_judged_by_the_silences_that_came_of_them():
    plain = np.full(len(RULES), 13.0)
    rules = {OWN: RULES["limit_days"].to_numpy(), PLAIN: plain, EITHER: np.minimum(RULES["limit_days"], plain)}
    table = judge_rules(RULES, rules, gone_days=28).set_index("rule")
    own, plain, either = table.loc[OWN], table.loc[PLAIN], table.loc[EITHER]
    assert own[["alarms", "right", "gone"]].tolist() == [3, 2, 3]
    assert own["precision"] == 2 / 3 and own["recall"] == 2 / 3 and own["lead_days"] == (24 + 6) / 2
    assert plain[["alarms", "right"]].tolist() == [3, 2] and plain["lead_days"] == 14
    assert either[["alarms", "right"]].tolist() == [5, 3] and either["lead_days"] == (24 + 14 + 6) / 3
    assert own["precision_low"] <= own["precision"] <= own["precision_high"]


def test_a_warning_on_the_day_itself_is_none():
    late = pd.DataFrame({"account_id": ["a"], "silent_days": [40], "closed_after": [np.inf]})
    row = judge_rules(late, {OWN: np.array([27.0])}, gone_days=28).iloc[0]
    assert row["alarms"] == 0 and row["recall"] == 0 and np.isnan(row["precision"]) and np.isnan(row["lead_days"])


def test_the_backtest_leaves_out_silences_whose_end_is_not_known(company):
    # The last long silence begins 20 days before the end: nobody knows yet. The one before ended in a return.
    days = {"a": [*every(1, "2026-01-31", 30), *every(1, "2026-03-11", 5)]}  # silent from February 1 to March 6
    study = open_study(company({"invoices.csv": invoices(days)}, BY_INVOICE), month="2026-03")
    table = backtest(study).set_index("rule")
    assert table.loc[OWN, ["alarms", "right", "gone", "lead_days"]].tolist() == [1, 1, 1, 24]
    assert table.loc[PLAIN, ["alarms", "right", "lead_days"]].tolist() == [1, 1, 14]


def test_without_a_long_silence_there_is_nothing_to_judge_and_it_says_so(company):
    study = open_study(company({"invoices.csv": invoices({"a": every(1, "2026-03-31", 80)})}, BY_INVOICE), month="2026-03")
    assert backtest(study).reason == (
        "no account with a known rhythm fell silent for 28 days in the months shown; choose more months_back."
    )
    assert read_warnings(early_warnings(study)) == "Of the one account whose rhythm is known, none is silent for longer than its rhythm explains."
    empty = early_warnings(study).head(0)
    assert read_warnings(empty) == "No open account has 20 silences behind it yet, so nobody's rhythm is known."


def test_on_short_histories_not_nearly_everybody_is_named(small_company):
    table = early_warnings(open_study(small_company, month="2025-08"))
    assert len(table) >= 10 and table["warned"].mean() < 0.2


def test_the_own_limit_warns_earlier_than_the_plain_rule_on_the_simulated_company(small_study):
    table = backtest(small_study).set_index("rule")
    assert table.loc[OWN, "lead_days"] > table.loc[PLAIN, "lead_days"]
    assert table.loc[EITHER, "recall"] >= table[["recall"]].max().item() - 1e-12
    text = read_backtest(table.reset_index(), gone_days=28)
    assert "nan" not in text.lower() and "not yet known" not in text
    assert rules_table(table.reset_index()).shape == (3, 7)


def test_a_higher_multiple_warns_of_fewer_and_later(small_study):
    table = trade_off(small_study)
    assert table["rule"].tolist() == [f"{t} times its usual silence" for t in (2, 3, 4, 6)]
    assert (table["alarms"].diff().dropna() <= 0).all() and (table["recall"].diff().dropna() <= 0).all()
    own = backtest(small_study).set_index("rule").loc[OWN]
    pd.testing.assert_series_equal(table.iloc[1].drop("rule").astype("float64"), own, check_names=False)


def test_another_multiple_and_other_days_are_judged_the_same_way(small_study):
    table = backtest(small_study, times=6, plain_days=20).set_index("rule")
    assert table.index.tolist() == [OWN, "silent for 20 days", EITHER]
    six = trade_off(small_study).set_index("rule").loc["6 times its usual silence"]
    pd.testing.assert_series_equal(table.loc[OWN], six.astype("float64"), check_names=False)
    assert table.loc["silent for 20 days", "alarms"] <= backtest(small_study).set_index("rule").loc[PLAIN, "alarms"]
    few, many = early_warnings(small_study, times=6), early_warnings(small_study, times=1)
    assert set(few.loc[few["warned"], "account_id"]) < set(many.loc[many["warned"], "account_id"])
    assert (few["warned"] == (few["silent_days"] > np.maximum(6 * few["usual_days"], 3))).all()


def test_no_activity_at_all_is_handed_on(company):
    study = open_study(company({"invoices.csv": invoices({"a": every(1, "2026-03-31", 3)})}), month="2026-03")
    for answer in (silences(study), early_warnings(study), warned_by_month(study), backtest(study), warned_accounts(early_warnings(study))):
        assert isinstance(answer, NotMeasurable)
