"""The sentences about the service, the budget and the versions say what their tables say, and no more."""

import numpy as np
import pandas as pd

from apijourney import NotMeasurable
from apijourney.readings.budget import find_budget_broken, read_budget, read_budget_groups
from apijourney.readings.infrastructure import (
    endpoint_words,
    read_codes,
    read_endpoints,
    read_incidents,
    read_machines,
    read_operations,
    read_percentiles,
    read_releases,
    read_traffic,
    read_up_and_available,
    read_waits,
    reliability_words,
)
from apijourney.readings.versions import find_radar, read_adoption, read_radar

NOTE = NotMeasurable("Latency", "map latency_ms.")
NAN = float("nan")


def test_traffic_names_the_largest_segment_and_the_rejected_keys():
    table = pd.DataFrame(
        {"month": "2026-10", "segment": ["large", "small", "no account"], "calls": [600, 300, 100], "accounts": [2, 9, 0],
         "per_minute": [0.6, 0.3, 0.1], "share": [0.6, 0.3, 0.1]}
    )  # fmt: skip
    assert read_traffic(table) == (
        "In October 2026, production carried **1.00** calls a minute, 1,000 in all, from 11 accounts. The segment “large” brings "
        "most of it, 60 %. 10 % of the calls belong to no account: their key was rejected."
    )
    assert read_traffic(table.assign(calls=0)) == "In October 2026, production had no calls."
    assert "segment" not in read_traffic(table.iloc[:1])


def test_endpoints_name_the_most_called_and_the_slowest():
    table = pd.DataFrame({"endpoint": ["/x", "/y"], "calls": [8, 2], "share": [0.8, 0.2], "p90_ms": [100.0, 300.0]})
    stray = pd.concat([table, table.head(1).assign(endpoint="(unmatched)", share=0.01, p90_ms=NAN)], ignore_index=True)
    assert "2 endpoints had calls" in read_endpoints(stray, month="2026-10")
    assert "1.0 % of the calls fit no template" in read_endpoints(stray, month="2026-10")
    text = read_endpoints(table, month="2026-10")
    assert text == (
        "In October 2026, 2 endpoints had calls; **/x** has 80 % of them. The slowest is /y: nine of ten good calls take at "
        "most 300 ms."
    )
    assert "slowest" not in read_endpoints(table.assign(p90_ms=NAN), month="2026-10")


def test_the_words_of_an_endpoint_say_what_is_too_few_for_a_number():
    table = pd.DataFrame(
        {"endpoint": ["/x", "/y"], "calls": [8000, 20], "share": [0.9975, 0.0025], "accounts": [9, 2], "availability": [0.9987, 1.0],
         "low": [0.998, NAN], "high": [0.9995, NAN], "p50_ms": [88.0, 40.0], "p90_ms": [176.0, NAN], "p99_ms": [372.0, NAN]}
    )  # fmt: skip
    words = endpoint_words(table)
    assert words["95 % interval"].tolist() == ["99.80 % to 99.95 %", "too few failures"]
    assert words["p90 ms"].tolist() == ["176 ms", "too few"] and words["p50 ms"].tolist() == ["88 ms", "40 ms"]
    assert words["answered well"].tolist() == ["99.87 %", "100.00 %"]


def test_half_of_the_good_calls_is_said_in_words():
    table = pd.DataFrame({"month": "2026-10", "quantile": [0.5], "latency_ms": [93.0], "low": [87.0], "high": [102.0], "calls": 36_284})
    slowest = pd.DataFrame({"month": ["2026-10"], "value": [3992.0]})
    assert "of 36,284 good calls, half took at most **93 ms**" in read_percentiles(table, slowest)


def test_machines_say_the_month_and_the_busiest_day():
    load = pd.DataFrame([{"month": "2026-10", "cpu_p95": 0.5, "memory_p95": 0.6, "mean_connections": 20.4, "peak_connections": 99}])
    days = pd.DataFrame({"day": pd.to_datetime(["2026-09-03", "2026-10-02"]), "cpu_max": [0.85, 0.7]})
    text = read_machines(load, days)
    assert "**50 %** in 95 % of the samples" in text and "20 connections were open on average and 99 in" in text
    assert text.endswith("is 2026-09-03, with a processor at 85 %.")
    assert "too few samples" in read_machines(load.assign(cpu_p95=NAN), days)


def test_percentiles_say_only_what_enough_calls_carry():
    table = pd.DataFrame({"month": "2026-10", "quantile": [0.9, 0.99], "latency_ms": [258.0, NAN], "low": [234.0, NAN], "high": [280.0, NAN], "calls": 200})
    slowest = pd.DataFrame({"month": ["2026-10"], "value": [3992.0]})
    assert read_percentiles(table, slowest) == (
        "In October 2026, of 200 good calls, 90 % took at most **258 ms** (95 % interval 234 ms to 280 ms). The slowest "
        "took 3,992 ms."
    )
    assert read_percentiles(table.iloc[1:], slowest) == "" and read_percentiles(table, NOTE) is NOTE


WAITS = pd.DataFrame(
    {"account_id": list("abc"), "latency_ms": [400.0, 200.0, NAN], "low": [350.0, 150.0, NAN], "high": [500.0, 260.0, NAN], "calls": [120, 200, 9]}
)


def test_the_longest_wait_is_said_with_its_n_and_who_is_too_small_to_say():
    assert read_waits(WAITS, month="2026-10", overall=250.0) == (
        "In October 2026, **a** waits longest: 90 % of its good calls take at most **400 ms** (95 % interval 350 ms to 500 ms, "
        "n = 120 calls), where all calls together have 250 ms. The whole interval lies above that for 1 of the 2 accounts with "
        "enough calls. Too few calls to say: 1 account."
    )
    assert "no account has enough good calls" in read_waits(WAITS.iloc[2:], month="2026-10")


def test_codes_are_said_with_the_accounts_that_met_them():
    table = pd.DataFrame({"status": [429, 500], "numerator": [8, 2], "denominator": [100, 100], "accounts": [0, 1]})
    text = read_codes(table, month="2026-10")
    assert "**10 %** of 100 production calls" in text and "429 with 8 calls, of calls that belong to no account" in text
    assert text.endswith("Server errors (500 and above) are 2, 2.0 % of the calls.")
    assert "no production call ended in an error" in read_codes(table.iloc[:0], month="2026-10")


def test_what_retries_hide_is_the_difference_of_the_two_counts():
    attempts = pd.DataFrame({"month": ["2026-10"], "value": [0.1], "denominator": [110.0]})
    operations = pd.DataFrame({"month": ["2026-10"], "value": [0.05], "low": [0.02], "high": [0.09], "denominator": [100.0]})
    text = read_operations(attempts, operations)
    assert "10.0 % of the attempts" in text and "**5.0 %** of the operations" in text and text.endswith("10 calls repeated a failed one within a minute.")
    assert read_operations(attempts.assign(value=NAN), operations) == "" and read_operations(NOTE, operations) is NOTE


def test_calls_and_minutes_of_the_last_and_the_lowest_month():
    available = pd.DataFrame({"month": ["2026-09", "2026-10"], "value": [0.98, 0.999], "low": [0.97, 0.998], "high": [0.99, 1.0]})
    up = pd.DataFrame({"value": [0.985, 1.0]})
    text = read_up_and_available(available, up)
    assert text.startswith("In October 2026, **99.90 %** of the valid calls") and "100 % of the minutes" in text
    assert text.endswith("The lowest month shown is September 2026: 98.0 % of the calls, 98.5 % of the minutes.")
    assert read_up_and_available(available.iloc[:1], up.iloc[:1]).endswith("without an incident: the lowest month shown.")
    assert read_up_and_available(available.assign(value=NAN), up) == ""


def incidents(**changes) -> pd.DataFrame:
    row = {"started": "2026-02-10 09:00", "hours": 5.5, "scope": "all", "calls": 500.0, "failed": 240.0, "failed_share": 0.48}
    return pd.DataFrame([row | changes])


def test_incidents_are_counted_and_the_worst_is_named():
    two = pd.concat([incidents(), incidents(started="2026-02-19 13:00", failed=10.0)], ignore_index=True)
    text = read_incidents(two, span="May 2025 to June 2026")
    assert text == (
        "From May 2025 to June 2026, 2 incidents (recorded) lasted 11.0 hours together. In the one that began on 2026-02-10 "
        "09:00, **240** of 500 production calls failed (48 %)."
    )


def test_incidents_without_calls_and_derived_ones_are_said_so():
    assert read_incidents(incidents(calls=0.0, failed=0.0, failed_share=NAN), span="x").endswith("1 incident (recorded) lasted 5.5 hours together.")
    assert read_incidents(incidents(calls=NAN, failed=NAN, failed_share=NAN), span="x").endswith("hours together.")
    assert "derived from the calls" in read_incidents(incidents(scope="derived from calls"), span="x")
    assert read_incidents(incidents().iloc[:0], span="x") == "No incident is known from x."


def test_reliability_without_failures_says_so_and_few_repairs_are_too_few():
    parts = pd.DataFrame(
        {"measure": ["MTTR", "MTBF"], "value": [300.0, NAN], "low": NAN, "high": NAN, "unit": ["minutes", "days"], "n": [2, 0], "of": ["repairs", "failures"]}
    )
    words = reliability_words(parts)
    assert words["value"].tolist() == ["300 min", "no failure yet"]
    assert words["95 % interval"].tolist() == ["too few", "too few"]
    assert words["from"].tolist() == ["2 repairs", "0 failures"]


def test_releases_are_counted_with_the_last_known_lead_and_who_followed():
    table = pd.DataFrame({"month": ["2026-09", "2026-10"], "releases": [1, 0], "breaking": [1, 0], "lead_days": [5.0, NAN]})
    newest = pd.DataFrame({"month": ["2026-10"], "value": [0.6], "low": [0.5], "high": [0.7], "denominator": [90.0]})
    assert read_releases(table, newest, span="September 2026 to October 2026") == (
        "From September 2026 to October 2026: 1 release, 1 of them breaking; those of September 2026 were announced 5.0 days ahead "
        "(median). At the end of October 2026 **60 %** of the accounts that call through an SDK are on its newest version (95 % "
        "interval 50 % to 70 %, n = 90)."
    )
    assert read_releases(table.assign(lead_days=NAN), NOTE, span="x") == "From x: 1 release, 1 of them breaking."
    assert read_releases(NOTE, newest, span="x") is NOTE


def budget(left, bad=30) -> pd.DataFrame:
    day = pd.date_range("2026-02-27", periods=len(left))
    return pd.DataFrame({"day": day, "budget_left": left, "bad": bad, "valid": 10_000, "allowed": 10.0})


def test_the_budget_of_the_last_known_day_is_said():
    assert read_budget(budget([-0.5, 0.25], bad=[15, 7])) == (
        "In the 28 days up to 2026-02-28, 7 of 10,000 valid calls failed where 10.0 may: **75 %** of the budget was used. It was "
        "overspent on 1 of the 2 days shown."
    )
    assert "No stretch of 28 days" in read_budget(budget([NAN]))


GROUPS = pd.DataFrame({"group": ["no failed call", "within the budget", "beyond the budget"], "accounts": [7, 1, 2], "accounts_share": [0.7, 0.1, 0.2],
                       "mrr_minor": [0.0, 5000.0, 5000.0], "mrr_share": [0.0, 0.5, 0.5]})  # fmt: skip
HIT = pd.DataFrame({"failed": [9, 1], "q": [0.001, 0.9]})


def test_chance_is_told_from_more_than_chance():
    text = read_budget_groups(GROUPS, HIT, currency="EUR", until="2026-10-31")
    assert text == (
        "In the 28 days up to 2026-10-31, **2** of 10 accounts (20 %) met more failures than their own calls allow; they pay EUR 50 a "
        "month, **50 %** of the MRR of all that called. For 1 of them a single failed call was enough. After looking at all "
        "accounts it is more than chance for **1** of them (q below 0.05)."
    )
    assert "for **none** of them" in read_budget_groups(GROUPS, HIT.iloc[1:], currency="EUR", until="x")
    assert "pay" not in read_budget_groups(GROUPS.assign(mrr_share=NAN), HIT, currency="EUR", until="x")
    nobody = GROUPS.assign(accounts=[3, 0, 0], accounts_share=[1.0, 0.0, 0.0])
    assert read_budget_groups(nobody, HIT.iloc[:0], currency="EUR", until="x").endswith("(0 %) met more failures than their own calls allow.")


ACCOUNTS = pd.DataFrame({"month": ["2026-02", "2026-03"], "value": [0.37, 0.02], "numerator": [135.0, 8.0], "denominator": [364.0, 370.0]})
MRR = pd.DataFrame({"month": ["2026-02", "2026-03"], "value": [0.68, 0.05], "numerator": [6800.0, 500.0]})


def test_a_budget_overspent_more_than_three_times_is_a_finding_with_whom_it_hit():
    # the worst day, March 1, is in the next month: whom it hit is read where it hit most
    text = find_budget_broken(budget([0.2, -2.5, -2.6], bad=[8, 35, 36]), ACCOUNTS, MRR)
    assert text == (
        "Between February 2026 and March 2026, the promised availability was broken: in the 28 days up to 2026-03-01, **36** of 10,000 calls failed "
        "where 10 may. Looking back 28 days, more than 3 times what may fail had failed on 2 days, the first 2026-02-28. By the end of February 2026 the error budget was used up for **37 %** of the accounts (n = 364), "
        "who bring **68 %** of the MRR."
    )
    assert (text.mrr_minor, text.accounts) == (6800, 135)
    unpaid = find_budget_broken(budget([-2.5]), ACCOUNTS, NOTE)
    assert unpaid.endswith("(n = 364).") and np.isnan(unpaid.mrr_minor)


def test_a_budget_overspent_a_little_or_by_few_calls_is_no_finding():
    assert find_budget_broken(budget([-1.9]), ACCOUNTS, MRR) == ""
    assert find_budget_broken(budget([-9.0], bad=19), ACCOUNTS, MRR) == ""
    assert find_budget_broken(NOTE, ACCOUNTS, MRR) is NOTE


def test_adoption_says_the_highest_version_of_each():
    table = pd.DataFrame(
        {"of": ["API"] * 2 + ["python"], "month": "2026-10", "version": ["v1", "v2", "2.3"], "value": [0.1, 0.88, NAN], "denominator": [493, 493, 0]}
    )
    assert read_adoption(table) == "Accounts on the highest version in October 2026: API v2: **88 %** (n = 493)."


RADAR = pd.DataFrame([{"api_version": "v1", "successor": "v2", "ends_on": "2026-12-01", "days_left": 30.0, "accounts": 43, "share": 0.087, "low": 0.065,
                       "high": 0.115, "calls": 7150, "mrr_minor": 5_860_447.0}])  # fmt: skip
STILL = pd.DataFrame({"account_id": ["acc"], "mrr_minor": [3_941_478.0]})


def test_the_radar_says_who_pays_what_on_a_version_that_ends():
    assert read_radar(RADAR, month="2026-10", currency="EUR") == (
        "In October 2026, 43 accounts (8.7 %, 95 % interval 6.5 % to 11.5 %) still made 7,150 calls with v1, which ends on 2026-12-01; "
        "they pay **EUR 58,604** a month."
    )
    assert find_radar(RADAR, STILL, month="2026-10", currency="EUR") == (
        "v1 ends on **2026-12-01** (30 days after the end of October 2026), and **43 accounts** still call it, paying **EUR 58,604** a "
        "month. The largest of them is acc with EUR 39,415."
    )
    assert "is Acme (acc) with" in find_radar(RADAR, STILL, month="2026-10", currency="EUR", names={"acc": "Acme"})


def test_without_an_announced_end_or_callers_there_is_no_finding():
    open_end = RADAR.assign(days_left=NAN, ends_on="")
    assert find_radar(open_end, STILL, month="2026-10", currency="EUR") == ""
    assert "whose end is not announced" in read_radar(open_end, month="2026-10", currency="EUR")
    assert find_radar(RADAR.assign(accounts=0), STILL.iloc[:0], month="2026-10", currency="EUR") == ""
    assert "already over" in find_radar(RADAR.assign(days_left=-5.0), STILL, month="2026-10", currency="EUR")
    unpaid = find_radar(RADAR.assign(mrr_minor=np.nan), STILL.assign(mrr_minor=np.nan), month="2026-10", currency="EUR")
    assert "paying" not in unpaid and "largest" not in unpaid


def test_what_is_not_measurable_is_handed_on():
    assert read_traffic(NOTE) is NOTE and read_waits(NOTE, month="x") is NOTE and read_incidents(NOTE, span="x") is NOTE
    assert read_budget(NOTE) is NOTE and read_adoption(NOTE) is NOTE and find_radar(RADAR, NOTE, month="x", currency="EUR") is NOTE
