"""Accounts to act on: each reason on a company one can count, the order, the ties, the reserved places."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney import WorkbookError, open_study
from apijourney.measurable import NotMeasurable
from apijourney.metrics.holistic.named_accounts import choose, named_accounts, rank, reasons_found

BOOK = "timezone: UTC\ncurrency: EUR\nobserved_from: 2026-01-01\nslo: {availability: 0.9}\n"
SINCE = pd.Timestamp("2026-06-03")
SPANS = [
    # account, first day, last day, calls a day, status
    ("broken", "2026-06-29", "2026-06-29", 12, 200), ("broken", "2026-06-30", "2026-06-30", 8, 503),
    ("once", "2026-06-29", "2026-06-29", 5, 200), ("once", "2026-06-30", "2026-06-30", 1, 503),
    ("fallen", "2026-04-08", "2026-06-02", 4, 200), ("fallen", "2026-06-03", "2026-06-30", 1, 200),
    ("full", "2026-06-01", "2026-06-30", 1, 200),
    ("both", "2026-04-08", "2026-06-02", 4, 200), ("both", "2026-06-29", "2026-06-29", 3, 503),
    ("steady", "2026-03-11", "2026-06-30", 2, 200),
]  # fmt: skip
ACCOUNTS = """account_id,name,owner,created_at,quota_per_month
broken,<script>alert(1)</script>,Ada,2026-01-05T00:00:00,
once,Once,Ada,2026-01-05T00:00:00,
fallen,,Bo,2026-01-05T00:00:00,
full,Full House, ,2026-01-05T00:00:00,32
both,Both,,2026-01-05T00:00:00,
steady,Steady,Ada,2026-01-05T00:00:00,1000
waiting,Waiting,,2026-05-01T00:00:00,
"""
INVOICES = """invoice_id,account_id,issued_at,amount_minor,currency,kind
1,fallen,2026-06-01T00:00:00,5000,EUR,subscription
2,full,2026-06-01T00:00:00,9000,EUR,subscription
3,steady,2026-06-01T00:00:00,99000,EUR,subscription
"""


def calls(spans=SPANS) -> str:
    lines, number = ["request_id,occurred_at,account_id,endpoint,status,environment"], 0
    for account, first, last, a_day, status in spans:
        days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
        for day in (date.fromisoformat(first) + timedelta(days=i) for i in range(days)):
            for _ in range(a_day):
                number += 1
                lines.append(f"{number},{day}T12:00:00,{account},/x,{status},production")
    return "\n".join(lines) + "\n"


def study_of(company, month="2026-06", **files):
    tables = {"requests.csv": calls(), "accounts.csv": ACCOUNTS, "invoices.csv": INVOICES} | {
        f"{name}.csv": text for name, text in files.items()
    }
    return open_study(company({n: t for n, t in tables.items() if t}, BOOK), month=month)


def test_every_reason_is_named_once_an_account_with_its_numbers(company):
    table = named_accounts(study_of(company))
    assert list(table.columns) == ["account_id", "name", "reason", "advice", "evidence", "mrr_minor", "owner", "since"]
    rows = table.assign(since=table["since"].dt.strftime("%Y-%m-%d")).to_dict("records")
    assert [list(row.values()) for row in rows] == [
        # by MRR: 90, 50, 0, 0, 0 euros; of those without, the one with two reasons; then in the order of reasons
        ["full", "Full House", "near its quota", "offer a larger plan before calls are refused",
         "30 calls in June 2026, 94 % of its quota of 32, and at its pace 31 (97 %) in the month after",
         9000.0, "no owner named", "2026-06-01"],
        ["fallen", "fallen", "declining", "ask what changed",
         "28 successful production calls in 28 days, after 112 in an average 28 days before (75 % fewer)",
         5000.0, "Bo", "2026-06-03"],
        ["both", "Both", "burnt error budget; unusually silent; declining",
         "explain the failures, and ask whether it calls less because of them",
         "3 of 3 valid calls failed in 28 days (availability 0 %), and the promise of 90 % allows 0.30; "
         "silent for 28 days, and usually for at most 0 days (56 active days); last call of any kind on 2026-06-29; "
         "no successful production call in 28 days, after 112 in an average 28 days before",
         0.0, "no owner named", "2026-06-03"],
        ["broken", "<script>alert(1)</script>", "burnt error budget", "explain the failures before it asks",
         "8 of 20 valid calls failed in 28 days (availability 60 %), and the promise of 90 % allows 2.00",
         0.0, "Ada", "2026-06-03"],
        ["waiting", "Waiting", "stuck before the first success", "offer help with the first call", "opened 61 days ago, no call yet",
         0.0, "no owner named", "2026-05-01"],
    ]  # fmt: skip


def test_each_reason_keeps_a_place_even_where_nobody_pays_for_it(company):
    study = study_of(company)
    assert named_accounts(study, most=4)["account_id"].tolist() == ["full", "fallen", "both", "waiting"]
    assert named_accounts(study, most=1)["account_id"].tolist() == ["full"]


def test_how_many_have_a_reason_is_counted_beside_those_named(company):
    table = reasons_found(study_of(company)).set_index("reason").drop(index="calls a version that ends")
    assert table["accounts"].to_dict() == {
        "burnt error budget": 2, "unusually silent": 1, "declining": 2, "near its quota": 1,
        "stuck before the first success": 1,
    }  # fmt: skip
    assert table["mrr_minor"].tolist() == [0, 0, 5000, 9000, 0]
    assert set(table["why_not"]) == {""}


def test_failures_that_chance_may_bring_are_no_reason(company):
    # 2 of 14 where one in ten may fail: so many or more come by chance in 41 of 100 such accounts
    spans = [("broken", "2026-06-29", "2026-06-29", 12, 200), ("broken", "2026-06-30", "2026-06-30", 2, 503)]
    found = reasons_found(study_of(company, requests=calls(spans))).set_index("reason")
    assert found.loc["burnt error budget", "accounts"] == 0


VERSIONED = """request_id,occurred_at,account_id,endpoint,status,environment,api_version
1,2026-06-02T10:00:00,fallen,/x,200,production,v1
2,2026-06-03T10:00:00,fallen,/x,200,production,v2
3,2026-06-03T11:00:00,fallen,/x,200,production,
4,2026-05-03T10:00:00,full,/x,200,production,v1
5,2026-06-03T10:00:00,full,/x,500,production,v1
6,2026-06-03T10:00:00,steady,/x,200,production,v2
7,2026-06-03T10:00:00,steady,/x,200,production,v1
8,2026-06-04T10:00:00,steady,/x,200,production,v1
9,2026-06-30T10:00:00,steady,/x,500,production,v1
"""


@pytest.mark.parametrize(("ends", "expected"), [("2026-09-29", "ends"), ("2026-06-20", "ended"), ("2026-09-30", "")])
def test_whoever_calls_a_version_whose_announced_end_is_near_or_over_is_named(company, ends, expected):
    # July 1 and 90 days are September 29
    notes = f"date,text\n2026-05-20,end of API v1 announced for {ends}\n"
    table = named_accounts(study_of(company, requests=VERSIONED, annotations=notes))
    table = table[table["reason"].str.contains("version")]
    made = [
        ("steady", f"2 of its 3 successful production calls in June 2026 were made with v1, which {expected} on {ends}", "2026-05-20"),
        ("fallen", f"1 of its 2 successful production calls in June 2026 was made with v1, which {expected} on {ends}", "2026-05-20"),
    ]  # fmt: skip
    found = zip(table["account_id"], table["evidence"], table["since"].dt.strftime("%Y-%m-%d"), strict=True)
    assert list(found) == (made if expected else [])


def test_without_a_named_end_of_a_version_the_reason_says_what_to_add(company):
    missing = reasons_found(study_of(company, requests=VERSIONED)).set_index("reason")["why_not"]
    assert "add rows to releases" in missing["calls a version that ends"]


def test_without_invoices_the_stake_is_unknown_and_urgency_decides(company):
    table = named_accounts(study_of(company, invoices=""))
    assert table["mrr_minor"].isna().all()
    assert table["account_id"].tolist() == ["both", "broken", "fallen", "full", "waiting"]


def test_without_an_accounts_table_accounts_are_known_by_their_id(company):
    study = study_of(company, accounts="")
    table = named_accounts(study)
    assert table["name"].tolist() == table["account_id"].tolist() == ["fallen", "both", "broken"]
    assert set(table["owner"]) == {"no owner named"}
    missing = reasons_found(study).set_index("reason")["why_not"]
    assert missing["declining"] == "" and "add accounts.parquet" in missing["near its quota"]


def test_without_calls_it_is_not_measurable(company):
    answer = named_accounts(study_of(company, requests=""))
    assert isinstance(answer, NotMeasurable) and 'the table "requests" is not there' in answer.reason


def test_budgets_wait_for_28_observed_days(company):
    study = study_of(company, month="2026-01", requests=calls([("broken", "2026-01-20", "2026-01-31", 3, 503)]))
    assert reasons_found(study).set_index("reason").loc["burnt error budget", "accounts"] == 1
    late = "timezone: UTC\nobserved_from: 2026-01-20\nslo: {availability: 0.9}\n"
    files = {"requests.csv": calls([("broken", "2026-01-20", "2026-01-31", 3, 503)])}
    found = reasons_found(open_study(company(files, late, name="late"), month="2026-01")).set_index("reason")
    assert "fewer than 28 days have been observed" in found.loc["burnt error budget", "why_not"]


def test_one_product_names_neither_quotas_nor_first_successes_which_are_those_of_all(small_study):
    study = small_study.narrowed(product=small_study.products[0])
    missing = reasons_found(study).set_index("reason")["why_not"]
    assert missing["near its quota"] == "a quota counts the calls of all products; choose all products."
    assert missing["stuck before the first success"] == "a success with any product counts; choose all products."
    assert missing["declining"] == missing["burnt error budget"] == ""


@pytest.mark.parametrize("most", [0, -1, 2.5, True, "10"])
def test_a_list_of_no_length_is_refused(small_study, most):
    with pytest.raises(WorkbookError, match=r"named_accounts\(most\): expected a whole number from 1 on"):
        named_accounts(small_study, most=most)


def found(**reasons: list[str]) -> dict[str, pd.DataFrame]:
    return {
        name: pd.DataFrame({"account_id": ids, "evidence": [f"{name} of {i}" for i in ids], "since": SINCE})
        for name, ids in reasons.items()
    }


def test_ties_go_to_more_reasons_then_the_order_of_reasons_then_urgency_then_the_id():
    table = rank(found(x=["c", "b"], y=["d", "a"], z=["a"]), pd.Series({"e": 1}))
    assert table["account_id"].tolist() == ["a", "c", "b", "d"]
    assert table.loc[0, "reasons"] == ("y", "z") and table.loc[0, "evidence"] == "y of a; z of a"


def test_an_account_that_owes_money_stands_after_those_that_pay_nothing():
    assert rank(found(x=["a", "b"]), pd.Series({"a": -5}))["account_id"].tolist() == ["b", "a"]


lists = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)


@given(st.fixed_dictionaries({"x": lists, "y": lists, "z": lists}), st.integers(1, 6), st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3)))
def test_the_list_is_short_in_order_and_leaves_no_reason_out(ids, most, mrr):
    ranked = rank(found(**ids), pd.Series(mrr, dtype="float64"))
    chosen = choose(ranked, most)
    everyone = set().union(*map(set, ids.values()))
    assert len(ranked) == len(everyone) and len(chosen) == min(most, len(everyone))
    order = {a: i for i, a in enumerate(ranked["account_id"])}
    places = [order[a] for a in chosen["account_id"]]
    assert places == sorted(set(places))
    occurring = {name for name, rows in ids.items() if rows}
    named = {reason for reasons in chosen["reasons"] for reason in reasons}
    if most >= len(occurring):
        assert named == occurring
    # who is left out although somebody below is named gave way to a reason that is named nowhere above
    for account in everyone - set(chosen["account_id"]):
        below = [a for a in chosen["account_id"] if order[a] > order[account]]
        for other in below:
            above = chosen.loc[chosen["account_id"].map(order) < order[other], "reasons"]
            reasons = set(ranked.set_index("account_id").loc[other, "reasons"])
            assert reasons - {r for rs in above for r in rs}
