"""The sentences about the business say what their tables say, and are silent where there is nothing."""

import numpy as np
import pandas as pd

from apijourney import NotMeasurable
from apijourney.readings.business import (
    beside_each_other,
    read_aftermath,
    read_concentration,
    read_costs,
    read_glance,
    read_movements,
    read_promise,
    read_revenue,
    read_without_largest,
)
from apijourney.readings.metric import read_metric

NOTE = NotMeasurable("MRR", "add invoices.")
NAN = float("nan")


def glance(month_lines=3, taken_off=-100):
    rows = [["2026-01-01 to 2026-03-31", 3, 7, 5450, taken_off, 5450 + taken_off], ["2026-03", 2, month_lines, 2200, 0, 2200]]
    columns = ["period", "customers", "lines", "charged_minor", "taken_off_minor", "revenue_minor"]
    return pd.DataFrame(rows, columns=columns)


def test_the_whole_revenue_is_said_to_the_cent():
    assert read_glance(glance(), currency="EUR") == (
        "From 2026-01-01 to 2026-03-31, **3 customers** had 7 revenue lines worth **EUR 53.50**, EUR 1 of credits "
        "and refunds already taken off. In March 2026 it was EUR 22 from 2 customers."
    )


def test_nothing_taken_off_and_nothing_billed_are_said_so():
    text = read_glance(glance(month_lines=0, taken_off=0), currency="EUR")
    assert "refunds" not in text and text.endswith("In March 2026 nothing was billed.")


def test_billed_and_recurring_are_two_numbers():
    table = pd.DataFrame({"month": ["2026-09", "2026-10"], "revenue_minor": [500_000, 300_000]})
    mrr = pd.DataFrame({"value": [1.0, 420_000.0]})
    text = read_revenue(table, mrr, currency="EUR")
    assert "Billed in October 2026: **EUR 3,000**" in text and text.endswith("is EUR 4,200.")
    assert "September 2026 has the most (EUR 5,000) and October 2026 the least" in text
    assert "recurs" not in read_revenue(table, NOTE, currency="EUR")
    assert read_revenue(NOTE, mrr, currency="EUR") is NOTE


def moves(**row):
    parts = dict.fromkeys(["new", "expansion", "reactivation", "contraction", "churn"], 0) | row
    closing = 200_000 + sum(parts.values())
    ratio = sum(v for v in parts.values() if v > 0) / -sum(v for v in parts.values() if v < 0) if min(parts.values()) < 0 else np.inf
    return pd.DataFrame([{"month": "2026-10", "opening_minor": 200_000, "closing_minor": closing, "quick_ratio": ratio}
                         | {f"{k}_minor": v for k, v in parts.items()}])  # fmt: skip


def test_movements_name_what_won_and_what_lost():
    # 700 won, 100 + 500 lost: 1.17 won for each one lost
    text = read_movements(moves(new=70_000, contraction=-10_000, churn=-50_000), currency="EUR")
    assert text == (
        "In October 2026, MRR rose from EUR 2,000 to **EUR 2,100**: EUR 700 were won (new EUR 700) and EUR 600 lost "
        "(churn EUR 500, contraction EUR 100); 1.17 won for each one lost (the quick ratio)."
    )


def test_a_month_without_losses_has_no_ratio_and_one_without_rows_no_sentence():
    assert "quick ratio" not in read_movements(moves(new=100), currency="EUR")
    assert "stayed at **EUR 2,000**" in read_movements(moves(), currency="EUR")
    assert read_movements(moves().iloc[:0], currency="EUR") == ""


def test_retention_is_said_with_interval_and_n():
    table = pd.DataFrame([{"group": "NRR, all accounts", "value": 1.36, "low": 0.61, "high": 1.55, "accounts": 231}])
    assert read_without_largest(table) == "NRR, all accounts: 136 % (95 % interval 61 % to 155 %, n = 231 accounts)."


def test_concentration_is_said_as_so_many_equal_accounts():
    row = {"month": "2026-10", "accounts": 20, "top1_share": 0.25, "top10_share": 0.7, "hhi": 0.1}
    text = read_concentration(pd.DataFrame([row]))
    assert text.startswith("Paying in October 2026: **20 accounts**. The largest") and "**25 %**" in text and "together 70 %" in text
    assert text.endswith("as if 10.0 accounts of equal size paid it.")


def test_costs_of_a_month_without_lines_are_not_yet_known():
    table = pd.DataFrame({"category": ["support", "together"], "cost_minor": [400, 400], "share": [1.0, 1.0], "per_thousand_minor": [NAN, NAN]})
    assert read_costs(table, month="2026-10", currency="EUR") == "October 2026 cost **EUR 4**; the largest part is “support” with 100 %."
    assert read_costs(table.iloc[:0], month="2026-10", currency="EUR") == "The costs of October 2026 are not yet known."


def test_a_month_whose_interval_includes_the_promise_is_undecided():
    # January clearly kept, February clearly missed, March either, April without calls
    table = pd.DataFrame(
        {"month": ["2026-01", "2026-02", "2026-03", "2026-04"], "value": [0.9999, 0.98, 0.9991, NAN],
         "low": [0.9995, 0.97, 0.998, NAN], "high": [1.0, 0.985, 0.9996, NAN], "failed": [1, 200, 9, 0],
         "allowed": [10.0, 10.0, 10.0, 0.0], "allowance_used": [0.1, 20.0, 0.9, NAN]}
    )  # fmt: skip
    text = read_promise(table, slo=0.999)
    assert "clearly missed it: 1 of 3; that clearly kept it: 1; undecided, because" in text
    assert text.endswith("The lowest month is February 2026 with **98.0 %**: 200 calls failed where 10 may.")
    assert read_promise(table.iloc[3:], slo=0.999) == "Availability is not yet known for any month shown."


def months(failed):
    return pd.DataFrame(
        {"month": [f"2026-0{i + 1}" for i in range(5)], "failed_share": failed,
         "given_back_minor": [100, 0, 90_000, 300, 200], "churn": [0.15, 0.14, 0.18, 0.16, 0.17]}
    )  # fmt: skip


def test_the_worst_month_and_the_next_stand_beside_the_others():
    # worst: February, then March; the others give back 100, 300, 200, the median 200, and lose 15, 16, 17 %
    text = read_aftermath(months([0.001, 0.02, 0.001, 0.001, 0.001]), slo=0.999, currency="EUR")
    assert "February 2026, with 2.0 % of the valid calls" in text
    assert "EUR 0 in February 2026" in text and "EUR 900 in March 2026 (18 % of the paying accounts lost)" in text
    assert text.endswith("The median of the other 3 months is EUR 2 (16 % lost).")


def test_without_an_outage_nothing_is_said_to_follow_one():
    assert read_aftermath(months([0.001] * 5), slo=0.999, currency="EUR") == ""
    assert read_aftermath(months([NAN] * 5), slo=0.999, currency="EUR") == ""
    assert read_aftermath(months([0.02, 0.001, NAN, NAN, 0.001]), slo=0.999, currency="EUR") == ""


def test_each_metric_stands_beside_its_counter_metric():
    net = pd.DataFrame({"value": [1.0, 1.36]})
    gross = pd.DataFrame({"value": [0.58, 0.57]})
    table = beside_each_other({"net_revenue_retention_12m": net, "gross_revenue_retention": gross, "mrr": NOTE}, currency="EUR")
    assert table[["metric", "now", "month before", "watch beside it", "which is"]].to_numpy().tolist() == [
        ["Net revenue retention", "136 %", "100 %", "Gross revenue retention", "57 %"],
        ["Gross revenue retention", "57 %", "58 %", "Monthly recurring revenue", ""],
    ]
    assert isinstance(beside_each_other({"mrr": NOTE}, currency="EUR"), NotMeasurable)


def test_what_is_not_measurable_is_handed_on():
    assert read_glance(NOTE, currency="EUR") is NOTE
    assert read_movements(NOTE, currency="EUR") is NOTE
    assert read_promise(NOTE, slo=0.999) is NOTE


def test_retention_of_a_young_company_cannot_look_back_and_is_not_just_late():
    young = pd.DataFrame({"month": ["2026-10"], "value": [NAN], "low": NAN, "high": NAN, "denominator": NAN, "mature": [False]})
    assert read_metric(young, "net_revenue_retention_12m") == "Net revenue retention: no month shown can look back a year."
    known = young.assign(value=1.06, low=0.61, high=1.55, denominator=8_978_200, mature=True)
    assert "of EUR 89,782 a year ago" in read_metric(known, "net_revenue_retention_12m", currency="EUR")
