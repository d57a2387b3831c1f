"""What the funnel says in words is what its table holds."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from apijourney.metrics.product.conversion.journey_funnel import without_small_shares
from apijourney.readings.funnel import read_funnel, read_time_to, read_worst_step
from apijourney.readings.metric import read_metric
from apijourney.workbook import Touchpoint

FUNNEL = pd.DataFrame(
    {
        "step": [0, 1, 2], "step_name": ["sign-up", "call", "invoice"], "accounts": [200, 100, 20],
        "share_of_first": [1.0, 0.5, 0.1], "share_of_previous": [np.nan, 0.5, 0.2],
        "low": [0.98, 0.43, 0.07], "high": [1.0, 0.57, 0.15], "immature": [7, 7, 7],
    }
)  # fmt: skip


def test_the_funnel_sentence_names_start_end_open_windows_and_the_leakiest_step():
    text = read_funnel(FUNNEL, window="28D")
    assert "Of **200** accounts that reached “sign-up”" in text
    assert "reached “invoice” within 28 days" in text and "20 accounts" in text
    assert "Another 7 began too late" in text
    assert "between “call” and “invoice”: 80 % of those who got that far stop there (80 of 100)" in text


def test_an_empty_funnel_says_that_nobody_began():
    empty = FUNNEL.assign(accounts=0, share_of_first=np.nan, share_of_previous=np.nan)
    assert read_funnel(empty, window="28D").startswith("Nobody has taken the first step")


def test_the_owner_of_the_leakiest_step_is_named_or_asked_for():
    def book(owner):
        return SimpleNamespace(workbook=SimpleNamespace(touchpoint=lambda name: Touchpoint(touchpoint=name, stage="scale", **owner)))

    text = read_worst_step(FUNNEL, book({"owner": "Finance"}))
    assert "“invoice”, is owned by **Finance**" in text and "about 8 more accounts" in text  # a tenth of 80
    assert "“invoice”, has no owner in the workbook file: name one." in read_worst_step(FUNNEL, book({}))
    small = FUNNEL.assign(accounts=[30, 12, 1])  # a tenth of 11 is one account: nothing to promise
    assert read_worst_step(small, book({"owner": "Finance"})).endswith("“invoice”, is owned by **Finance**.")


def test_a_funnel_of_too_few_gives_counts_and_no_share():
    few = without_small_shares(FUNNEL.assign(accounts=[3, 2, 1]), 5)
    assert few[["share_of_first", "share_of_previous", "low", "high"]].isna().all(axis=None)
    assert read_funnel(few, window="28D") == (
        "Too few accounts to speak of shares: 3 reached “sign-up” with a window that has closed, and 1 of them "
        "“invoice”. Another 7 began too late to be counted: their window is still open."
    )
    assert read_worst_step(few, None) == ""


def test_a_step_after_too_few_is_never_called_the_leakiest():
    table = without_small_shares(FUNNEL.assign(accounts=[9, 4, 0], share_of_previous=[np.nan, 4 / 9, 0]), 5)
    assert table["too_few"].tolist() == [False, False, True]  # 4 accounts could take the third step
    assert table["share_of_first"].notna().all()  # 9 entered
    assert "between “sign-up” and “call”: 56 % " in read_funnel(table, window="28D")


def test_a_median_that_was_not_reached_is_said_so():
    row = {"n": 10, "reached": 3, "censored": 7, "median": pd.NaT, "median_low": pd.NaT, "median_high": pd.NaT, "steady": False}
    text = read_time_to(pd.DataFrame([row]), what="a call")
    assert text == "Half of the accounts have **not reached** a call; 7 of 10 accounts have not got there yet."


def test_an_interval_that_is_open_above_says_so():
    days = {k: pd.Timedelta(days=v) for k, v in (("median", 9), ("median_low", 4))}
    row = {"n": 10, "reached": 6, "censored": 4, **days, "median_high": pd.NaT, "steady": True}
    assert read_time_to(pd.DataFrame([row]), what="a call") == (
        "Half of the accounts reach a call within **9.0 days** (95 % interval from 4.0 days on; its upper end is not reached yet); "
        "4 of 10 accounts have not got there yet."
    )


def test_a_median_on_a_handful_is_not_said():
    row = {"n": 10, "reached": 3, "censored": 7, "median": pd.Timedelta(days=9), "median_low": pd.NaT, "median_high": pd.NaT, "steady": False}
    assert read_time_to(pd.DataFrame([row]), what="a call") == (
        "When half of the accounts reach a call is **not known**: too few were watched for long enough; "
        "7 of 10 accounts have not got there yet."
    )


def metric(*rows) -> pd.DataFrame:
    columns = ["month", "value", "low", "high", "numerator", "denominator", "mature"]
    return pd.DataFrame(rows, columns=columns)


def test_an_open_month_is_not_yet_known_and_the_latest_known_one_is_named():
    table = metric(
        ("2026-09", 0.4, 0.3, 0.5, 40, 100, True), ("2026-10", np.nan, np.nan, np.nan, np.nan, np.nan, False)
    )
    text = read_metric(table, "activated_share")
    assert text.startswith("Activated share of October 2026 is not yet known: its windows are still open.")
    assert "September 2026: **40 %** (95 % interval 30 % to 50 %; n = 100 accounts)" in text


def test_intervals_that_overlap_are_taken_for_no_test_of_a_change():
    table = metric(("2026-09", 0.4, 0.3, 0.5, 40, 100, True), ("2026-10", 0.45, 0.35, 0.55, 45, 100, True))
    assert read_metric(table, "activated_share").endswith("after 40 % in September 2026.")
