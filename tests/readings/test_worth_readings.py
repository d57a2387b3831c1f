"""Do the sentences of worth say the numbers of their tables, and nothing where there are none?"""

import numpy as np
import pandas as pd

from apijourney import NotMeasurable
from apijourney.readings import worth

NOT = NotMeasurable("MRR", "add invoices.")


def test_a_waterfall_names_what_won_and_what_lost_most():
    steps = pd.DataFrame({"step": ["opening", "new", "expansion", "churn", "closing"], "minor": [100_000, 50_000, 70_000, -30_000, 190_000]})
    months = pd.DataFrame({"month": ["2026-09", "2026-10"]})
    assert worth.read_waterfall(steps, months, currency="EUR") == (
        "From the end of August 2026 to that of October 2026, MRR went from EUR 1,000 to **EUR 1,900**; most was won by expansion "
        "(EUR 700) and most was lost by churn (EUR 300)."
    )
    assert worth.read_waterfall(steps.head(0), months, currency="EUR") == ""


def test_cohorts_are_pooled_over_money_not_averaged():
    table = pd.DataFrame(
        {"cohort": ["2026-01", "2026-02"], "period": [3, 3], "size": [10, 2], "first_minor": [900, 100], "mrr_minor": [450, 150], "mature": True}
    )
    assert worth.read_cohorts(table) == (
        "Together, new payers bring, of the MRR of their first whole month: 3 months after the start **60 %** (n = 12 accounts)."
    )
    assert worth.read_cohorts(table.assign(mature=False)) == ""


def test_causes_say_accounts_and_money_and_nothing_of_nobody():
    table = pd.DataFrame(
        {"cause": ["voluntary", "decay", "neither seen"], "accounts": [3, 1, 0], "share": [0.75, 0.25, 0], "low": [0.3, 0.05, 0],
         "high": [0.95, 0.7, 0.5], "mrr_minor": [400, 1200, 0]}
    )  # fmt: skip
    said = worth.read_causes(table, currency="EUR")
    assert said.startswith("Of the 4 accounts lost in the months shown, **25 %** (95 % interval 5.0 % to 70.0 %; EUR 12 of MRR) had faded away")
    assert worth.read_causes(table.assign(accounts=0), currency="EUR") == ""


VALUE = pd.DataFrame(
    {"month": ["2026-10"], "clv_minor": [90_000.0], "low": [60_000.0], "high": [140_000.0], "churn": [0.05], "margin_minor": [5_000.0], "accounts": [40]}
)


def test_value_is_set_against_cost_where_that_is_known():
    cost = pd.DataFrame({"month": ["2026-10"], "value": [30_000.0]})
    said = worth.read_value(VALUE, cost, currency="EUR")
    assert said == (
        "In October 2026, a paying account was worth **EUR 900** of margin (95 % interval EUR 600 to EUR 1,400; n = 40 accounts): it leaves "
        "EUR 50 a month, and 5.0 % leave in a month. One costs EUR 300 to win, so it brings back **3.0** times that."
    )
    assert worth.read_value(VALUE, NOT, currency="EUR").endswith("5.0 % leave in a month.")
    assert worth.read_value(VALUE.assign(clv_minor=np.nan), cost, currency="EUR") == "What a paying account is worth is not yet known for any month shown."


def test_the_cheapest_and_the_dearest_channel_are_named_with_what_names_none():
    table = pd.DataFrame(
        {"channel": ["ads", "docs", "(no channel)", "together"], "new_paying": [9, 6, 0, 15], "cost_minor": [90_000, 6_000, 96_000, 192_000],
         "cac_minor": [10_000, 1_000, np.nan, 12_800]}
    )  # fmt: skip
    assert worth.read_channels(table, currency="EUR") == (
        "Costs that name a channel: a new payer is cheapest from “docs” (EUR 10, n = 6) and dearest from “ads” (EUR 100, n = 9). 50 % of "
        "marketing and sales names no channel and is in none of them."
    )
    assert worth.read_channels(table.iloc[1:], currency="EUR") == ""


def test_margins_name_who_does_not_pay_for_it():
    groups = pd.DataFrame(
        {"group": ["pay less than they cost", "pay nothing", "together"], "accounts": [1, 2, 3], "mrr_minor": [1000, 0, 1000], "cost_minor": [1500, 300, 1800],
         "margin_minor": [-500, -300, -800]}
    )  # fmt: skip
    said = worth.read_margins(groups, month="2026-10", currency="EUR")
    assert "a gross margin of **-80 %**" in said and "**1 paying account** cost more than they pay, EUR 5 together" in said
    assert said.endswith("2 accounts that pay nothing cost EUR 3.")
    assert worth.read_margins(groups.head(0), month="2026-10", currency="EUR").endswith("is not yet known.")


def test_errors_name_the_dearest_month_and_are_silent_where_unknown():
    parts = pd.DataFrame({"month": ["2026-09", "2026-10"], "serving_minor": [500.0, 100.0], "support_minor": [np.nan, 200.0]})
    assert worth.read_errors(parts, month="2026-10", currency="EUR") == (
        "Errors cost about EUR 3 in October 2026, EUR 2 of it for tickets about them; the dearest month so far was September 2026 with EUR 5."
    )
    assert worth.read_errors(parts, month="2026-11", currency="EUR") == ""


def test_bills_that_do_not_fit_are_counted():
    gaps = pd.DataFrame(
        {"month": "2026-10", "bill": True, "calls": 9, "metered_minor": [100.0, 100.0, np.nan], "gap_minor": [-2.0, 1.0, np.nan],
         "currency": "EUR"}
    )  # fmt: skip
    assert worth.read_gaps(gaps, month="2026-10") == (
        "Of 2 bills for use in October 2026, **1** is off by more than 1 %, by EUR 0.02 together; 1 more could not be compared."
    )
    assert worth.read_gaps(gaps, month="2026-11") == "Nobody was billed for use in November 2026."
    assert "too few of them fit one price a call" in worth.read_gaps(gaps.assign(metered_minor=np.nan), month="2026-10")


def test_use_without_a_bill_is_counted_beside_the_bills():
    gaps = pd.DataFrame(
        {"month": "2026-10", "bill": [True, False, False, False], "calls": [9, 5, 7, 3], "metered_minor": [100.0, 50.0, 70.0, 0.0],
         "gap_minor": [0.0, -50.0, -70.0, 0.0], "currency": "EUR"}
    )  # fmt: skip
    assert worth.read_gaps(gaps, month="2026-10") == (
        "Of 1 bill for use in October 2026, **0** are off by more than 1 %. **2 accounts** that pay for use got no bill for 12 calls."
    )
    assert worth.read_gaps(gaps[~gaps["bill"]], month="2026-10").startswith("Nobody was billed for use in October 2026. **2 accounts**")


def test_use_is_said_in_three_shares_and_none_of_no_calls():
    table = pd.DataFrame({"use": ["free", "free, beyond the quota", "committed", "overage"], "calls": [10, 10, 60, 20], "share": [0.1, 0.1, 0.6, 0.2]})
    assert worth.read_use(table) == (
        "Of 100 successful production calls, 60 % lie within the quotas of accounts that pay, 20 % beyond them, and 20 % belong to accounts that pay nothing."
    )
    assert worth.read_use(table.assign(calls=0)) == ""


def test_risk_is_money_of_named_accounts_or_said_to_be_none():
    risk, share = pd.DataFrame({"mrr_minor": [1000, 500]}), pd.DataFrame({"month": ["2026-10"], "value": [0.15]})
    assert "**2 paying accounts** with EUR 15 of MRR (15 %)" in worth.read_risk(risk, share, currency="EUR")
    assert worth.read_risk(risk.head(0), share.assign(value=0.0), currency="EUR").startswith("At the end of October 2026, no paying account")
    assert worth.read_risk(risk, share.assign(value=np.nan), currency="EUR").endswith("is not yet known.")
    assert worth.read_risk(NOT, share, currency="EUR") is NOT


def test_the_first_to_run_out_is_named_with_its_interval():
    table = pd.DataFrame({"account_id": ["a", "b"], "runway_days": [5.0, np.nan], "low_days": [3.0, 20.0], "high_days": [np.nan, np.nan]})
    assert worth.read_runway(table, month="2026-10") == (
        "At their pace at the end of October 2026, **1 account** will use up the monthly quota; a is first, after 5 days (80 % interval 3 to never)."
    )
    assert "a has already done so" in worth.read_runway(table.assign(runway_days=0.0), month="2026-10")
    assert "no account uses up its quota" in worth.read_runway(table.iloc[1:], month="2026-10")


def test_a_forecast_says_its_method_and_one_that_is_not_known_says_so():
    table = pd.DataFrame({"month": ["2027-01"], "value": [120_000.0], "low95": [100_000.0], "high95": [140_000.0], "method": "smoothing", "skill": [0.25]})
    assert worth.read_forecast(table, what="MRR", currency="EUR") == (
        "MRR in January 2027: **EUR 1,200** (95 % interval EUR 1,000 to EUR 1,400); in the past, smoothing missed by 25 % less than a guess without a trend."
    )
    plain = worth.read_forecast(table.assign(skill=-0.1, method="as last month"), what="Calls a day")
    assert plain.endswith("was no better in the past, so the plain guess stands.") and "EUR" not in plain
    assert "not known; a forecast needs twelve whole months" in worth.read_forecast(table.assign(value=np.nan), what="MRR", currency="EUR")


def test_time_to_paid_is_said_only_as_far_as_it_is_watched():
    curve = pd.DataFrame({"days": [0.0, 20.0, 100.0], "reached": [0, 0.2, 0.4], "low": [0, 0.1, 0.3], "high": [0, 0.3, 0.5]})
    assert worth.read_paid(curve) == (
        "After sign-up, accounts are charged for the first time: within 30 days **20 %** (10 % to 30 %); within 90 days **20 %** (10 % to 30 %) (95 % intervals)."
    )
    assert worth.read_paid(curve.head(0)) == ""


def test_two_rules_name_who_loses_by_both():
    margins = pd.DataFrame({"month": "2026-10", "account_id": list("abc"), "mrr_minor": [5, 5, 0], "margin_minor": [-1, -1, -9]})
    other = margins.assign(margin_minor=[-1, 2, -9])
    assert worth.read_rules(margins, other, month="2026-10") == (
        "Infrastructure split by calls, 2 paying accounts cost more than they pay in October 2026; split by milliseconds, 1; 1 by both rules."
    )


def test_unit_economics_leave_out_what_is_not_measurable_and_say_why_a_number_is_missing():
    table = pd.DataFrame({"month": ["2026-09", "2026-10"], "value": [100.0, np.nan], "low": np.nan, "high": np.nan, "numerator": np.nan, "denominator": np.nan, "mature": [True, False]})
    got = worth.unit_economics({"customer_acquisition_cost": table, "mrr": NOT}, currency="EUR")
    assert got.values.tolist() == [["Customer acquisition cost", "not yet known", "", "EUR 1"]]
    assert worth.unit_economics({"mrr": NOT}, currency="EUR").empty


def test_bills_that_are_off_are_written_in_their_own_currency():
    table = pd.DataFrame(
        {"account_id": ["a", "b"], "currency": ["EUR", "JPY"], "calls": [25, 3], "bill": [True, True], "billed_minor": [2385, 300], "metered_minor": [2265, 330],
         "gap_minor": [120, -30], "gap_share": [120 / 2265, -30 / 330]}
    )  # fmt: skip
    assert worth.gap_lines(table).to_dict("list") == {
        "account": ["a", "b"], "calls": [25, 3], "billed": ["EUR 23.85", "JPY 300"], "metered": ["EUR 22.65", "JPY 330"],
        "gap": ["EUR 1.20", "JPY -30"], "gap, of metered": ["5.3 %", "-9.1 %"],
    }  # fmt: skip
    assert worth.gap_lines(table.assign(bill=[True, False]))["billed"].tolist() == ["EUR 23.85", "no bill"]
    assert worth.gap_lines(NOT) is NOT
