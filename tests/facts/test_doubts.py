"""Rows that look as if something had gone wrong where they were written are said, with count, example and remedy."""

import pytest

from apijourney import measure, open_study
from apijourney.facts.span import data_span, foreseen_span
from apijourney.facts.company_log import SOURCE_OF
from apijourney.sources.contracts import OWN_EVENTS
from apijourney.sources.tables import Sources

ACCOUNTS = "account_id,created_at,segment\na,2026-01-05,small\nb,2026-01-05,small\n"
HEADER = "request_id,account_id,occurred_at,status,environment\n"
CALLS = "".join(f"r{day}{who},{who},2026-0{1 + day // 28}-{1 + day % 28:02}T10:00:00Z,200,production\n" for day in range(150) for who in "ab")
INVOICES = "invoice_id,account_id,issued_at,amount_minor,currency,kind,service_start,service_end\n"
BILLED = "".join(f"{m}{who},{who},2026-0{m}-01T10:00:00Z,1000,USD,subscription,2026-0{m}-01,2026-0{m + 1}-01\n" for m in range(1, 7) for who in "ab")
GOOD = {"accounts.csv": ACCOUNTS, "requests.csv": HEADER + CALLS, "invoices.csv": INVOICES + BILLED}


def said(study, table: str, word: str = "") -> list[tuple]:
    rows = study.quality
    rows = rows[(rows["table"] == table) & rows["check"].str.contains(word, regex=False)]
    return list(rows[["check", "column", "rows", "example", "severity"]].itertuples(index=False, name=None))


def test_of_good_data_nothing_is_said(company):
    assert open_study(company(GOOD, "currency: USD")).quality.empty


def test_lines_pasted_twice_are_counted_once_and_said(company):
    twice = company(GOOD | {"invoices.csv": INVOICES + BILLED + BILLED}, "currency: USD", name="twice")
    study = open_study(twice, month="2026-05")
    assert measure(study, "mrr")["value"].iloc[-1] == 2000  # a and b pay 10 dollars each; with the copies it was 40
    expected = "exact copy of another line of the same invoice (if both are owed, tell them apart)"
    assert said(study, "invoices") == [(expected, "invoice_id", 12, "1a", "put aside")]


def test_lines_of_one_invoice_that_differ_and_equal_lines_without_an_id_stay(company):
    lines = BILLED + "1a,a,2026-01-01T10:00:00Z,1001,USD,subscription,2026-01-01,2026-02-01\n" + ",a,2026-01-09,5,USD,one_off,,\n" * 2
    study = open_study(company(GOOD | {"invoices.csv": INVOICES + lines}, "currency: USD"))
    assert len(study.store.ledger("invoices")) == 15 and study.quality.empty


def test_touchpoints_named_like_the_workbooks_own_events_are_told_apart(company):
    # both accounts call for the first time on January 5, the day they are opened; as touchpoints named like our
    # events, an opening in March and calls on the 3rd would move both
    touchpoints = "event_id,account_id,touchpoint,occurred_at\n" + "".join(
        f"{who}{name},{who},{name},{day}T01:00:00Z\n" for who in "ab"
        for name, day in (("account_created", "2026-03-10"), ("request", "2026-01-03"), ("docs_view", "2026-01-01"))
    )  # fmt: skip
    ours = {"observed_from": "2026-01-01", "currency": "USD"}
    book = "\n".join(f"{k}: {v}" for k, v in ours.items())
    good, named = (open_study(company(files, book, name=name), month="2026-01") for name, files in
                   {"good": GOOD, "named": GOOD | {"touchpoints.csv": touchpoints}}.items())  # fmt: skip
    for metric in ("first_call_success_rate", "activated_share", "first_hello_world_days"):
        old, new = measure(good, metric)["value"].tolist(), measure(named, metric)["value"].tolist()
        assert old == new or (old != old and new != new), metric
    check = (
        "named “account_created”, “request”, as the workbook calls the rows of other tables: read with “(touchpoint)” behind "
        "the name; rename it in the source"
    )
    later = open_study(company(GOOD | {"touchpoints.csv": touchpoints}, book, name="later"), month="2026-03")
    assert said(later, "touchpoints") == [(check, "touchpoint", 4, "account_created (touchpoint)", "kept, renamed")]
    assert later.everything.mask("request (touchpoint)").sum() == 2


def test_the_names_told_apart_are_those_the_event_log_gives_to_other_tables():
    assert set(OWN_EVENTS) == set(SOURCE_OF)


def test_blanks_around_an_id_are_not_part_of_it(company):
    blanks = BILLED.replace(",a,", ',"a\t",').replace(",b,", ", b ,")
    study = open_study(company(GOOD | {"invoices.csv": INVOICES + blanks}, "currency: USD"))
    assert set(study.store.ledger("invoices")["account_id"]) == {"a", "b"} and study.quality.empty


@pytest.mark.parametrize(
    ("ids", "more", "rows", "example"),
    [
        ("AB", " (they all differ only in capitals: “A” is “a” there)", 10, "A"),
        ("aB", " (they all differ only in capitals: “B” is “b” there)", 5, "B"),
        ("Ax", " (50 % differ only in capitals: “A” is “a” there)", 10, "A"),
        ("ax", "", 5, "x"),
    ],
)
def test_accounts_that_are_not_in_accounts_are_counted_with_an_example(company, ids, more, rows, example):
    lines = BILLED.replace(",a,", f",{ids[0]},").replace(",b,", f",{ids[1]},")
    study = open_study(company(GOOD | {"invoices.csv": INVOICES + lines}, "currency: USD"))
    check = f"an account that is not in accounts; add it there, or write its id as it stands there{more}"
    assert said(study, "invoices") == [(check, "account_id", rows, example, "kept, belongs to no known account")]


def test_calls_and_touchpoints_of_unknown_accounts_are_counted_too(company):
    files = GOOD | {
        "requests.csv": HEADER + CALLS + "x,x,2026-01-05,200,production\n" * 2,
        "touchpoints.csv": "account_id,touchpoint,occurred_at\nA,docs_view,2026-01-01\n,docs_view,2026-01-01\n".replace("\n,", "\nb,"),
    }
    study = open_study(company(files, "currency: USD\nobserved_from: 2026-01-01"))
    assert [(rows, example) for _, _, rows, example, _ in said(study, "requests", "not in accounts")] == [(1, "x")]  # x twice is one call
    assert [(rows, example) for _, _, rows, example, _ in said(study, "touchpoints", "not in accounts")] == [(1, "A")]


def test_negative_costs_are_kept_and_said(company):
    costs = "month,category,amount_minor,currency\n2026-01,infrastructure,-700,USD\n2026-01,support,-50,USD\n2026-01,sales,9,USD\n"
    study = open_study(company(GOOD | {"costs.csv": costs}, "currency: USD"))
    check = "negative costs, taken off the others as a supplier's credit; if they were spent, write them without the sign"
    assert said(study, "costs") == [(check, "amount_minor", 2, "-700", "kept, as credits")]


def test_a_currency_nobody_gave_is_said_to_be_assumed(company):
    bare = (INVOICES + BILLED).replace(",currency", "").replace(",USD", "")
    check = "no currency is given, neither in the table nor as currency in workbook.yaml: taken for USD, the usual one"
    study = open_study(company(GOOD | {"invoices.csv": bare}, name="bare"))
    assert said(study, "invoices") == [(check, "currency", 10, "USD", "kept, assumed")]
    assert open_study(company(GOOD | {"invoices.csv": bare}, "currency: USD", name="told")).quality.empty


@pytest.mark.parametrize(
    ("stray", "check", "example"),
    [
        ("1999-12-31", "not between 2000 and 2069", "old"),
        ("2024-06-03", "more than a year before all others, which begin in 2026-01; correct the time, or take the row away", "2024-06-03"),
    ],
)
def test_one_call_far_before_the_rest_is_no_begin(company, stray, check, example):
    files = GOOD | {"requests.csv": HEADER + CALLS + f"old,a,{stray}T10:00:00Z,200,production\n"}
    study = open_study(company(files, "currency: USD"), month="2026-05")
    assert (study.months[0], study.observed_from) == ("2026-01", 1_767_225_600_000_000)  # January 1
    assert said(study, "requests") == [(check, "occurred_at", 1, example, "put aside")]
    assert foreseen_span(Sources(study.workbook), study.workbook) == data_span(study.store, study.workbook)
    assert int(study.fact("activity").calls.sum().execute()) == 280 and study.everything.mask("request").sum() == 280


def test_an_old_begin_that_goes_on_or_is_more_than_a_few_rows_is_a_begin(company):
    old = "".join(f"o{i},a,2024-06-{1 + i:02}T10:00:00Z,200,production\n" for i in range(4))  # 4 of 304 rows
    assert open_study(company(GOOD | {"requests.csv": HEADER + CALLS + old}, name="four")).data_months[0] == "2024-06"
    near = "old,a,2024-12-31T10:00:00Z,200,production\n"  # 366 days before
    assert open_study(company(GOOD | {"requests.csv": HEADER + CALLS + near}, name="near")).data_months[0] == "2024-12"


def test_a_younger_stream_leaves_earlier_months_alone_and_later_ones_are_told_what_is_not_used(company):
    files = GOOD | {"touchpoints.csv": "account_id,touchpoint,occurred_at\na,docs_view,2026-04-09\n"}
    folder = company(files, "currency: USD")
    march = open_study(folder, month="2026-03")  # the touchpoints had not begun: nothing is known of them
    assert march.months == ["2026-01", "2026-02", "2026-03"] and march.lacks("touchpoints") == ["touchpoints"]
    may = open_study(folder, month="2026-05")
    assert may.months == ["2026-04", "2026-05"] and not may.lacks("touchpoints")
    check = (
        "recorded before touchpoints begin on 2026-04-09; to use them, set observed_from in workbook.yaml to an earlier day "
        "(what needs touchpoints is then unknown for months before them)"
    )
    # a and b call on each of 28 days a month from January to March, and on April 1 to 8
    assert said(may, "requests") == [(check, "occurred_at", 2 * (3 * 28 + 8), "2026-01-01", "not used")]
    whole = open_study(company(files, "currency: USD\nobserved_from: 2026-01-01", name="whole"), month="2026-05")
    assert whole.months[0] == "2026-01" and whole.quality.empty
