"""Are bills for use held against the calls, on bills one can count by hand?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.business.call_prices import read_prices
from apijourney.metrics.business.contract_use import contract_classes
from apijourney.metrics.business.metering import billing_gaps, gaps_of_month, metered_against_billed

M = "2026-10"


def calls(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["month", "account_id", "endpoint", "calls"])


def bills(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["month", "account_id", "currency", "minor"])


def test_a_bill_is_calls_times_price_and_the_rest_is_a_gap():
    # a: 10 × 3 + 2 × 5 = 40, billed 40. b: 10 × 3 = 30, billed 33: a tenth too much. c made no call
    got = metered_against_billed(
        calls((M, "a", "/x", 10), (M, "a", "/y", 2), (M, "b", "/x", 10)),
        bills((M, "a", "EUR", 40), (M, "b", "EUR", 33), (M, "c", "EUR", 7)), prices={"/x": 3, "/y": 5},
    ).set_index("account_id")  # fmt: skip
    assert got["metered_minor"].to_dict() == {"a": 40, "b": 30, "c": 0}
    assert got["gap_minor"].to_dict() == {"a": 0, "b": 3, "c": 7}
    assert got.loc["b", "gap_share"] == pytest.approx(0.1) and np.isnan(got.loc["c", "gap_share"])


def test_gaps_up_to_one_per_cent_are_not_listed_and_the_largest_comes_first():
    table = metered_against_billed(
        calls(*[(M, a, "/x", 100) for a in "abcd"]),
        bills((M, "a", "EUR", 101), (M, "b", "EUR", 102), (M, "c", "EUR", 50), (M, "d", "EUR", 100)), prices={"/x": 1},
    )  # fmt: skip
    assert gaps_of_month(table, month=M)["account_id"].tolist() == ["c", "b"]
    assert gaps_of_month(table, month="2026-11").empty


def test_lines_of_one_account_and_month_are_added_up_and_months_stay_apart():
    got = metered_against_billed(
        calls((M, "a", "/x", 10), ("2026-09", "a", "/x", 5)), bills((M, "a", "EUR", 6), (M, "a", "EUR", 4), ("2026-09", "a", "EUR", 5)),
        prices={"/x": 1},
    )  # fmt: skip
    assert got["gap_minor"].tolist() == [0, 0] and got["billed_minor"].tolist() == [5, 10]


def test_each_currency_has_its_own_prices_and_too_few_bills_have_none():
    euro = [(M, f"e{i}", "/x", i + 1) for i in range(4)]
    dollar = [(M, "d0", "/x", 7)]
    got = metered_against_billed(
        calls(*euro, *dollar), bills(*[(m, a, "EUR", 3 * n) for m, a, _, n in euro], (M, "d0", "USD", 14))
    ).set_index("account_id")
    assert got.loc["e3", "metered_minor"] == 12 and np.isnan(got.loc["d0", "metered_minor"])


def test_endpoints_always_used_alike_have_no_price_of_their_own():
    table = pd.DataFrame({"/x": [1, 2, 3, 4, 5, 6, 7, 8], "/y": [2, 4, 6, 8, 10, 12, 14, 16]})
    assert read_prices(table, 5 * table["/x"]).isna().all()


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 200), min_size=1, max_size=5))
def test_prices_are_read_off_although_a_tenth_of_the_bills_is_wrong(seed, prices):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.poisson(8, (80, len(prices))), columns=[f"/{i}" for i in range(len(prices))])
    billed = table @ np.array(prices)
    billed = pd.Series(np.asarray(billed, float))
    billed[:8] += rng.integers(50, 5000, 8)
    assert read_prices(table, billed).tolist() == prices


def test_calls_are_split_at_the_quota_by_hand():
    # a pays: 80 of 100 are committed. b pays: 100 committed, 50 beyond. c does not: 60 free, 10 beyond. d has no limit
    got = contract_classes(
        pd.Series({"a": 80, "b": 150, "c": 70, "d": 5}), pd.Series({"a": 100, "b": 100, "c": 60, "d": 0}), pd.Series({"a": 80, "b": 300, "d": 10})
    ).set_index("use")
    assert got["calls"].to_dict() == {"free": 60, "free, beyond the quota": 10, "committed": 185, "overage": 50}
    assert got["accounts"].to_dict() == {"free": 1, "free, beyond the quota": 1, "committed": 3, "overage": 1}
    assert got["billed_minor"].to_dict() == {"free": 0, "free, beyond the quota": 0, "committed": 80 + 200 + 10, "overage": 100}
    assert got["share"].sum() == pytest.approx(1)


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 500), min_size=1), st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 300)), st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 900)))
def test_the_classes_of_use_add_up_to_all_calls_and_all_bills(made, quota, usage):
    made = pd.Series(made, dtype="int64")
    got = contract_classes(made, pd.Series(quota, dtype=float), pd.Series(usage, dtype=float))
    assert got["calls"].sum() == made.sum()
    billed = sum(v for a, v in usage.items() if made.get(a, 0) > 0)
    assert got["billed_minor"].sum() == pytest.approx(billed)


REQUESTS = "request_id,occurred_at,account_id,endpoint,status,environment,latency_ms\n"


def test_only_successful_production_calls_are_billable_and_late_bills_make_the_month_unknown(company):
    rows, n = [], 0
    for month in ("2026-01", "2026-02"):
        for account, good in (("a", 2), ("b", 3), ("c", 4), ("d", 5)):
            for _ in range(good):
                n += 1
                rows.append(f"{n},{month}-10T10:00:00Z,{account},/x,200,production,10")
            n += 2
            rows += [f"{n},{month}-10T11:00:00Z,{account},/x,500,production,10", f"{n + 1},{month}-10T11:00:00Z,{account},/x,200,sandbox,10"]
            n += 1
    lines = ["invoice_id,account_id,issued_at,service_start,service_end,amount_minor,kind"]
    lines += [f"{a}1,{a},2026-02-01T10:00:00Z,2026-01-01,2026-02-01,{100 * good},usage" for a, good in (("a", 2), ("b", 3), ("c", 4), ("d", 6))]
    folder = company({"requests.csv": REQUESTS + "\n".join(rows) + "\n", "invoices.csv": "\n".join(lines) + "\n"}, "observed_from: 2026-01-01")
    study = open_study(folder, month="2026-02")
    table = billing_gaps(study).set_index("account_id")
    # d was billed for a call too many
    assert table["metered_minor"].to_dict() == {"a": 200, "b": 300, "c": 400, "d": 500}
    assert table["gap_minor"].to_dict() == {"a": 0, "b": 0, "c": 0, "d": 100}
    gap = measure(study, "metered_billed_gap").set_index("month")
    assert gap.loc["2026-01", "value"] == 100 / 1400
    assert not gap.loc["2026-02", "mature"] and np.isnan(gap.loc["2026-02", "value"])


def test_one_product_cannot_be_held_against_bills_of_several(small_study):
    got = billing_gaps(small_study.narrowed(product="payments"))
    assert isinstance(got, NotMeasurable) and got.reason == (
        "a bill may cover several products; choose all products, or break it down by segment instead."
    )


def months_of_bills(company, price, *, months=("2026-01", "2026-02", "2026-03", "2026-04"), accounts=10, free=0, extra="", skip=()):
    """A company of `accounts`, the i-th with 3 + i calls each month, billed price(month, i) cents for each beyond `free`."""
    rows, lines, n = [], [], 0
    for month in months:
        for i in range(accounts):
            for _ in range(3 + i):
                n += 1
                rows.append(f"{n},{month}-10T10:00:00Z,a{i},/x,200,production,10")
            if (month, i) not in skip:
                lines.append(f"{month}{i},a{i},{month}-28T10:00:00Z,{month}-01,{max(0, 3 + i - free) * price(month, i):.0f},usage")
    rows.append(f"{n + 1},{pd.Period(months[-1]).end_time:%Y-%m-%dT%H:%M:%SZ},a0,/x,200,sandbox,10")  # the month is over
    head = "invoice_id,account_id,issued_at,service_start,amount_minor,kind\n"
    tables = {"requests.csv": REQUESTS + "\n".join(rows) + "\n", "invoices.csv": head + "\n".join(lines) + "\n"}
    folder = company(tables, f"observed_from: {months[0]}-01\n" + extra)
    return open_study(folder, month=months[-1], months_back=len(months))


def test_a_new_price_list_is_read_off_the_bills_of_its_own_month(company):
    # 3 cents until February, 4 from March on: every bill fits
    study = months_of_bills(company, lambda month, i: 3 if month < "2026-03" else 4)
    gaps = billing_gaps(study)
    assert gaps["gap_minor"].tolist() == [0.0] * 40
    assert measure(study, "metered_billed_gap")["value"].tolist() == [0, 0, 0, 0]


def test_calls_that_are_free_up_to_a_quota_hide_the_price_and_the_tariff_is_asked_for(company):
    # 6 calls free, then 2 cents: of 3 to 12 calls each, bills of 0 to 12 cents. No one price a call fits most of them
    study = months_of_bills(company, lambda month, i: 2, free=6)
    for answer in (billing_gaps(study), measure(study, "metered_billed_gap")):
        assert isinstance(answer, NotMeasurable) and 'under "tariff" in the workbook file' in answer.reason


def test_the_tariff_takes_the_free_calls_off(company):
    tariff = 'currency: USD\ntariff: {"*": {price: 2, free_calls: 6}}\n'
    gaps = billing_gaps(months_of_bills(company, lambda month, i: 2 + (i == 9), free=6, extra=tariff))
    last = gaps[gaps["month"] == "2026-04"].set_index("account_id")
    # a9 has 12 calls, 6 of them to pay: 12 cents by the tariff, billed at 3 each
    assert last["metered_minor"].to_dict() == {f"a{i}": 2 * max(0, i - 3) for i in range(10)}
    assert last.loc["a9", ["billed_minor", "gap_minor"]].tolist() == [18, 6] and (last["gap_minor"].drop("a9") == 0).all()


def test_a_tariff_says_nothing_of_the_months_before_it(company):
    tariff = 'currency: USD\ntariff: {/x: {price: 4, since: 2026-03}}\n'
    study = months_of_bills(company, lambda month, i: 3 if month < "2026-03" else 4, extra=tariff)
    np.testing.assert_array_equal(measure(study, "metered_billed_gap")["value"], [np.nan, np.nan, 0, 0])


def test_endpoints_of_one_product_share_its_free_calls_and_their_own_price_goes_first():
    from apijourney.metrics.business.tariff import worth_by_tariff
    from apijourney.workbook import Workbook

    book = Workbook(
        company="T", products={"pay": ["/pay", "/refund"], "id": ["/id/{n}"]},
        tariff={"pay": {"price": 10, "free_calls": 5}, "/refund": {"price": 1}, "*": {"price": 2}},
    )  # fmt: skip
    made = calls((M, "a", "/pay", 8), (M, "a", "/refund", 4), (M, "a", "/id/{n}", 3), (M, "b", "/pay", 5))
    # a: (8 - 5) x 10 + 4 x 1 + 3 x 2. b: all five are free
    assert worth_by_tariff(made, book)["worth_minor"].tolist() == [40, 0]
    alone = Workbook(company="T", products={"pay": ["/pay", "/refund"]}, tariff={"pay": {"price": 10, "free_calls": 5}})
    # 12 calls under one name, 5 of them free; /id/{n} is under no name
    assert worth_by_tariff(made, alone)["worth_minor"].tolist() == [70, 0]


def test_an_account_that_pays_for_use_and_got_no_bill_has_a_row(company):
    # a9, with 12 calls, is billed in January and February and not in March; in April it no longer counts as paying for use
    study = months_of_bills(company, lambda month, i: 3, skip={("2026-03", 9), ("2026-04", 9)})
    gaps = billing_gaps(study)
    (row,) = gaps[~gaps["bill"]].to_dict("records")
    assert (row["month"], row["account_id"], row["calls"], row["billed_minor"]) == ("2026-03", "a9", 12, 0)
    assert (row["metered_minor"], row["gap_minor"], row["gap_share"]) == (36, -36, -1)
    assert gaps_of_month(gaps, month="2026-03")["account_id"].tolist() == ["a9"]
    # the others make 3 to 11 calls, 63 together, billed 189
    value = measure(study, "metered_billed_gap").set_index("month")["value"]
    assert value.to_dict() == {"2026-01": 0, "2026-02": 0, "2026-03": 36 / 225, "2026-04": 0}


def test_who_never_paid_for_use_is_not_asked_for_a_bill(company):
    study = months_of_bills(company, lambda month, i: 3, skip={(f"2026-0{m}", 9) for m in (1, 2, 3, 4)})
    assert billing_gaps(study)["bill"].all()


def test_nobody_lacks_a_bill_while_the_month_goes_on(company):
    folder = months_of_bills(company, lambda month, i: 3, skip={("2026-04", i) for i in range(10)}).workbook.folder
    calls_until_tenth = (folder / "requests.csv").read_text().rsplit("\n", 2)[0]  # without the last day
    (folder / "requests.csv").write_text(calls_until_tenth + "\n")
    assert billing_gaps(open_study(folder, month="2026-04"))["bill"].all()
