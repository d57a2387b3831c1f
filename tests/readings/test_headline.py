"""The month in short: good, bad, first and half-known months, each from a made-up table of metrics."""

import math
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney.measurable import NotMeasurable
from apijourney.readings.headline import headline
from apijourney.workbook import Workbook

NAN, INF = math.nan, math.inf
COLUMNS = ["month", "value", "low", "high", "numerator", "denominator", "mature"]
BOOK = Workbook(company="Acme", currency="EUR")


def table(*rows):
    """Rows of (month, value, low, high, numerator, denominator)."""
    return pd.DataFrame([(*row, not pd.isna(row[1])) for row in rows], columns=COLUMNS)


def total(september, october, n=NAN):
    return table(("2026-09", september, NAN, NAN, september, n), ("2026-10", october, NAN, NAN, october, n))


GOOD = {
    "mrr": total(100_000_00, 110_000_00, 50),
    "net_revenue_retention_12m": table(("2026-10", 1.12, 1.02, 1.25, 56_000_00, 50_000_00)),
    "sign_ups": total(80, 100),
    "activated_share": table(("2026-09", 0.5, 0.4, 0.6, 40, 80), ("2026-10", NAN, NAN, NAN, NAN, NAN)),
    "monthly_active_accounts": total(200, 230),
    "month_1_retention": table(("2026-10", 0.85, 0.75, 0.88, 34, 40)),
    "availability": table(("2026-10", 0.9999, 0.9995, 1.0, 99_990, 100_000)),
    "latency_p95": table(("2026-10", 210.0, 190.0, 230.0, NAN, 99_990)),
}
BAD = {
    "mrr": total(100_000_00, 80_000_00, 40),
    "sign_ups": total(80, 1),
    "monthly_active_accounts": total(200, 150),
    "month_1_retention": table(("2026-10", 0.25, 0.07, 0.59, 1, 4)),
    "availability": table(("2026-10", 0.97, 0.96, 0.98, 97_000, 100_000)),
    "latency_p95": table(("2026-10", 900.0, NAN, NAN, NAN, 97_000)),
    "top_account_share": table(("2026-10", 0.4, NAN, NAN, 32_000_00, 80_000_00)),
}


def goal(metric, name, value, goal, verdict, of=""):
    return {"id": metric, "name": name, "value": value, "of": of, "goal": goal, "verdict": verdict}


def accounts(*rows):
    return pd.DataFrame(rows, columns=["name", "reason", "mrr_minor"])


def said(metrics, **more) -> dict[str, str]:
    return {s["topic"]: s["text"] for s in headline(more.pop("book", BOOK), more.pop("month", "2026-10"), metrics, **more)}


def test_a_good_month_is_five_sentences():
    met = [goal("stickiness", "Stickiness", "50 %", "at least 45 %", "met")]
    assert said(GOOD, alerts=met, accounts=accounts()) == {
        "Revenue": "Monthly recurring revenue was EUR 110,000 from 50 paying accounts in October 2026, 10 % more than "
        "the EUR 100,000 of September 2026; accounts that paid a year before brought 112 % of what they did then (95 % "
        "interval 102 % to 125 %, of EUR 50,000).",
        "New accounts": "100 accounts were opened in October 2026, after 80 in September 2026; of those opened in "
        "September 2026, 50 % became activated within 14 days (95 % interval 40 % to 60 %, n = 80 accounts).",
        "Staying": "230 accounts were active in October 2026, after 200 in September 2026; of the accounts first seen "
        "active in September 2026, 85 % were active again (95 % interval 75 % to 88 %, n = 40 accounts).",
        "The API": "99.99 % of 100,000 valid production calls in October 2026 were answered well (95 % interval 99.95 % "
        "to 100 %), which keeps the promise of 99.9 %; 95 % of the good calls took at most 210 ms (95 % interval 190 ms "
        "to 230 ms).",
        "To watch": "The goal that can be judged is met, and nothing else stands out.",
    }


def test_a_bad_month_says_so_without_rates_of_too_few():
    missed = [
        goal("month_1_retention", "Month-1 retention", "25 %", "at least 80 %", "missed"),
        goal("sign_up_rate", "Sign-up rate", "5.8 %", "at least 8 %", "missed", "September 2026"),
        goal("latency_p95", "95th percentile of latency", "900 ms", "at most 400 ms", "missed"),
        goal("stickiness", "Stickiness", "44 %", "at least 45 %", "unclear"),
        goal("mrr", "Monthly recurring revenue", "not yet known", "", ""),
    ]
    named = accounts(("Umbra", "declining; near its quota", 500_00.0), ("Fjord", "declining", 0.0))
    text = said(BAD, alerts=missed, accounts=named)
    assert text["Revenue"] == (
        "Monthly recurring revenue was EUR 80,000 from 40 paying accounts in October 2026, 20 % less than the EUR "
        "100,000 of September 2026."
    )
    assert text["New accounts"] == "1 account was opened in October 2026, after 80 in September 2026."
    assert text["Staying"].endswith("active in September 2026, too few for a rate (1 of 4 were active again).")
    assert "which breaks the promise of 99.9 %; 95 % of the good calls took at most 900 ms." in text["The API"]
    assert text["To watch"] == (
        "3 of 4 goals are missed: month-1 retention (25 %, goal at least 80 %) and sign-up rate (5.8 % in September "
        "2026, goal at least 8 %) and 1 more; the promised availability was broken; 2 accounts with EUR 500 of MRR call "
        "for action, first Umbra (declining and near its quota)."
    )


def test_the_largest_amount_at_stake_is_named_and_the_account_to_act_on_first():
    reasons = pd.DataFrame({"reason": ["calls a version that ends", "declining"], "accounts": [43.0, 2.0], "mrr_minor": [58_604_00.0, 7_00.0]})
    named = accounts(("Pebble", "calls a version that ends", 39_000_00.0), ("Umbra", "declining", 500_00.0))
    assert said({}, accounts=named, reasons=reasons)["To watch"] == (
        "Most revenue is at stake for “calls a version that ends”: 43 accounts with EUR 58,604 of MRR; the account to act on first is Pebble."
    )
    other = said({}, accounts=named.iloc[1:], reasons=reasons)["To watch"]
    assert other.endswith("the account to act on first is Umbra (declining).")
    unknown = reasons.assign(mrr_minor=NAN)
    assert said({}, accounts=named, reasons=unknown)["To watch"].startswith("2 accounts with EUR 39,500 of MRR call for action, first Pebble")


def test_metrics_that_clearly_go_to_the_worse_are_no_nothing_else():
    text = said({}, worse=["Revenue", "MRR", "Stickiness (DAU/MAU)"])["To watch"]
    assert text == "3 metrics clearly go to the worse over the months shown: revenue and MRR and 1 more."
    assert said({}, worse=["Revenue"])["To watch"] == "1 metric clearly goes to the worse over the months shown: revenue."


def test_where_little_else_is_to_watch_falls_come_before_money_that_hangs_on_one_account():
    quiet = {k: v for k, v in BAD.items() if k != "availability"}
    assert said(quiet)["To watch"] == "MRR fell by 20 % in October 2026."
    steady = quiet | {"mrr": total(100_00, 96_00, 3)}
    assert said(steady)["To watch"] == "The number of active accounts fell by 25 % in October 2026."
    steady["monthly_active_accounts"] = total(200, 181)
    assert said(steady)["To watch"] == "One account brings 40 % of MRR."
    assert said({"mrr": steady["mrr"]})["To watch"] == "The workbook file sets no goals, and nothing else stands out."


def test_a_first_month_compares_with_nothing():
    first = {name: t[t["month"] == "2026-10"].reset_index(drop=True) for name, t in GOOD.items() if "12m" not in name}
    first["month_1_retention"] = table(("2026-10", NAN, NAN, NAN, NAN, NAN))
    text = said(first)
    assert text["Revenue"] == "Monthly recurring revenue was EUR 110,000 from 50 paying accounts in October 2026."
    assert text["New accounts"] == "100 accounts were opened in October 2026."
    assert text["Staying"] == "230 accounts were active in October 2026."
    assert not re.search("September|before|after", " ".join(text.values()))


def test_a_month_not_known_yet_is_named_and_the_latest_known_one_beside_it():
    late = GOOD | {"mrr": total(100_000_00, NAN, 50)}
    assert said(late)["Revenue"] == (
        "Monthly recurring revenue of October 2026 is not known yet; it was EUR 100,000 from 50 paying accounts in "
        "September 2026."
    )


def test_an_infinite_ratio_is_not_written_as_a_share():
    text = said({"mrr": total(0, 5_00, 1), "net_revenue_retention_12m": table(("2026-10", INF, NAN, NAN, 5_00, 0))})
    assert text["Revenue"] == "Monthly recurring revenue was EUR 5 from 1 paying account in October 2026, after EUR 0 in September 2026."


def test_first_calls_stand_in_where_no_activation_is_known():
    metrics = {
        "sign_ups": total(5, 5), "activated_share": table(("2026-06", 0.5, 0.4, 0.6, 40, 80)),
        "first_call_success_rate": table(("2026-10", 0.8, 0.7, 0.89, 40, 50)),
    }  # fmt: skip
    assert said(metrics)["New accounts"] == (
        "5 accounts were opened in October 2026, as in September 2026; of those that made their first call, 80 % "
        "succeeded at once (95 % interval 70 % to 89 %, n = 50 accounts)."
    )


def test_a_company_with_only_invoices_hears_of_comings_and_goings_and_not_of_the_api():
    metrics = {
        "revenue": total(900_00, 1000_00, 30), "mrr": NotMeasurable("MRR", "one-off purchases only."),
        "sign_ups": NotMeasurable("Sign-ups", "add accounts."), "availability": NotMeasurable("Availability", "add requests."),
        "account_quick_ratio": table(("2026-10", 1.5, NAN, NAN, 30, 20)),
        "monthly_active_accounts": total(40, 50),
    }  # fmt: skip
    text = said(metrics, accounts=NotMeasurable("Accounts to act on", "add requests."))
    assert list(text) == ["Revenue", "Coming and going", "Staying", "To watch"]
    assert text["Revenue"].startswith("Revenue was EUR 1,000 from 30 accounts in October 2026, 11 % more than")
    assert text["Coming and going"] == "30 accounts became active or came back in October 2026, and 20 active before were not."
    assert text["Staying"] == "50 accounts were active in October 2026, after 40 in September 2026."
    nobody_left = metrics | {"account_quick_ratio": table(("2026-10", INF, NAN, NAN, 30, 0))}
    assert said(nobody_left)["Coming and going"].endswith("and nobody active before was missing.")


def test_nothing_measurable_leaves_one_honest_sentence():
    assert list(said({})) == ["To watch"]


@pytest.mark.parametrize(
    ("low", "high", "ending"),
    [
        (0.9991, 0.9999, "which keeps the promise of 99.9 %."), (0.99, 0.9989, "which breaks the promise of 99.9 %."),
        (0.99, 0.9995, "too close to the promise of 99.9 % to call it kept or broken."),
    ],
)  # fmt: skip
def test_the_promise_is_judged_by_the_whole_interval(low, high, ending):
    assert said({"availability": table(("2026-10", 0.9989, low, high, 1, 1000))})["The API"].endswith(ending)


def test_a_broken_promise_with_a_goal_of_its_own_is_told_once():
    missed = [goal("availability", "Availability", "97 %", "at least 99.9 %", "missed")]
    assert said({"availability": BAD["availability"]}, alerts=missed)["To watch"] == (
        "The one goal that can be judged is missed: availability (97 %, goal at least 99.9 %)."
    )


def test_goals_too_close_to_call_are_counted_where_none_is_missed():
    goals = [goal("a", "A", "1", "2", "unclear"), goal("b", "B", "1", "1", "met")]
    assert said({}, alerts=goals)["To watch"] == "No goal is missed, 1 of 2 goals is too close to call, and nothing else stands out."
    assert said({}, alerts=goals[1:] * 2)["To watch"] == "All 2 goals that can be judged are met, and nothing else stands out."
    assert said({}, alerts=[goal("c", "C", "not yet known", "", "")])["To watch"].startswith("No goal can be judged yet")


def test_sentences_change_with_the_month():
    assert not set(said(GOOD).values()) & set(said(GOOD, month="2026-09").values()) - {said({})["To watch"]}


numbers = st.sampled_from([NAN, INF, -5.0, 0.0, 0.5, 1.0, 12.0, 123_456.0])
names = st.sampled_from(sorted(set(GOOD) | set(BAD) | {"revenue", "account_quick_ratio", "first_call_success_rate"}))
months = st.sampled_from(["2026-08", "2026-09", "2026-10", "2026-11"])
rows = st.dictionaries(months, st.tuples(numbers, numbers, numbers, numbers, numbers), max_size=4)


@given(st.dictionaries(names, rows))
def test_whatever_the_numbers_there_are_at_most_five_single_sentences_without_holes(made_up):
    metrics = {name: table(*[(month, *made_up[name][month]) for month in sorted(made_up[name])]) for name in made_up}
    sentences = headline(BOOK, "2026-10", metrics)
    assert 1 <= len(sentences) <= 5 and sentences[-1]["topic"] == "To watch"
    for sentence in sentences:
        text = sentence["text"]
        assert text.endswith(".") and ". " not in text and text[0] == text[0].upper()
        assert not re.search(r"nan|None|NaT|November", text)
    worry = sentences[-1]["text"]
    broken = any("breaks the promise" in s["text"] for s in sentences)
    assert not (broken and "nothing else stands out" in worry)
