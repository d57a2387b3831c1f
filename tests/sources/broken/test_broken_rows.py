"""Rows that cannot be used: each is put aside with its reason, and rows in = rows used + rows put aside.

300 good rows stand around them, because more than one unreadable value in a hundred stops the reading.
"""

import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apijourney import WorkbookError, measure, open_study

REQUESTS = "request_id,occurred_at,received_at,account_id,status,latency_ms\n"
INVOICES = "account_id,issued_at,amount_minor,currency,kind,service_start,service_end\n"
GOOD = {
    "requests": "".join(f"good{i},2026-01-10T10:00:00Z,,a,200,5\n" for i in range(300)),
    "invoices": "a,2026-01-10,100,USD,usage,2026-01-01,2026-01-02\n" * 300,
    "accounts": "".join(f"good{i},2026-01-10,\n" for i in range(300)),
    "touchpoints": "".join(f"good{i},v,,,2026-01-10,docs_view\n" for i in range(300)),
}
HEADER = {
    "requests": REQUESTS, "invoices": INVOICES, "accounts": "account_id,created_at,is_internal\n",
    "touchpoints": "event_id,visitor_id,developer_id,account_id,occurred_at,touchpoint\n",
}  # fmt: skip
MAJOR = "tables: {invoices: {columns: {amount_minor: {column: amount_minor, unit: major}}}}"
TEN, NOON = "2026-01-10T10:00:00Z", "2026-01-10T12:00:00Z"

CASES = {
    "no time": ("requests", "1,,,a,200,5\n2,,,a,200,5\n", {"no occurred_at": 2}),
    "a time of no calendar": ("requests", "1,2026-13-01,,a,200,5\n", {"unreadable occurred_at": 1}),
    "a word for a time": ("requests", "1,infinity,,a,200,5\n2,epoch,,a,200,5\n", {"unreadable occurred_at": 2}),
    "the years 1 and 9999": (
        "requests", "1,0001-01-01T00:00:00Z,,a,200,5\n2,9999-12-31T23:59:59Z,,a,200,5\n", {"not between 2000 and 2069": 2},
    ),
    "years far outside": (
        "requests", "1,294247-01-10T04:00:54Z,,a,200,5\n2,-4000-01-10T04:00:54Z,,a,200,5\n", {"not between 2000 and 2069": 2},
    ),
    "a future the receiver did not see": ("requests", f"1,2030-01-01T00:00:00Z,{TEN},a,200,5\n", {"received before it happened": 1}),
    "received before it happened": ("requests", f"1,{NOON},{TEN},a,200,5\n", {"received before it happened": 1}),
    "unknown statuses": ("requests", f"1,{TEN},,a,0,5\n2,{TEN},,a,999,5\n3,{TEN},,a,-1,5\n", {"no HTTP status": 3}),
    "a word for a status": ("requests", f"1,{TEN},,a,OK,5\n", {"unreadable status": 1}),
    "half a status": ("requests", f"1,{TEN},,a,200.5,5\n2,{TEN},,a,200.0,5\n", {"unreadable status": 1}),
    "negative latency": ("requests", f"1,{TEN},,a,200,-0.1\n", {"negative latency": 1}),
    "latency without end": ("requests", f"1,{TEN},,a,200,inf\n2,{TEN},,a,200,NaN\n", {"unreadable latency_ms": 2}),
    "one id three times": (
        "requests", f"1,{TEN},{NOON},a,200,5\n1,{TEN},{TEN},a,200,5\n1,{TEN},,a,200,5\n", {"duplicate request_id": 2},
    ),
    "ids that are none": (
        "requests", f"nan,{TEN},,NaN,200,5\nnan,{TEN},,NULL,200,5\n,{TEN},,None,200,5\n,{TEN},,,200,5\n", {},
    ),
    "touchpoints of nobody": (
        "touchpoints", "1,,,,2026-01-10,docs_view\n2,nan,null,None,2026-01-10,docs_view\n", {"no id of anybody": 2},
    ),
    "no touchpoint": ("touchpoints", "1,v,,,2026-01-10,\n", {"no touchpoint": 1}),
    "an account twice, one without id, one without a day": (
        "accounts", "x,2026-01-10,\nx,2026-01-11,\n,2026-01-10,\nnan,2026-01-10,\ny,,\n",
        {"duplicate account_id": 1, "no account_id": 2, "no created_at": 1},
    ),
    "neither true nor false": ("accounts", "x,2026-01-10,maybe\ny,2026-01-10,yes\n", {"unreadable is_internal": 1}),
    "nobody to pay": ("invoices", ",2026-01-10,100,USD,usage,,\n", {"no account_id": 1}),
    "half a cent": ("invoices", "a,2026-01-10,100.5,USD,usage,,\n", {"unreadable amount_minor": 1}),
    "an amount no book holds": ("invoices", "a,2026-01-10,99999999999999999999,USD,usage,,\n", {"unreadable amount_minor": 1}),
    "amounts no line has": (
        "invoices", "a,2026-01-10,9000000000000000000,USD,usage,,\na,2026-01-10,-1000000000000001,USD,usage,,\na,2026-01-10,1000000000000000,USD,usage,,\n",
        {"an amount beyond 10^15 minor units (is it in another unit?)": 2},
    ),
    "before anybody called an API": ("requests", "1,1999-12-31T23:59:59Z,,a,200,5\n2,2000-01-01T00:00:00Z,,a,200,5\n", {"not between 2000 and 2069": 1}),
    "a currency and a kind nobody knows": (
        "invoices", "a,2026-01-10,100,XXT,usage,,\na,2026-01-10,100,USD,rent,,\n",
        {"unreadable currency": 1, "unreadable kind": 1},
    ),
    "a service that ends before it starts": (
        "invoices", "a,2026-01-10,100,USD,usage,2026-02-01,2026-01-01\n", {"service ends before it starts": 1},
    ),
}  # fmt: skip
"""Each kind of bad row: the table, its rows, and how many are put aside for which reason."""


def accounted(study, table: str) -> tuple[dict, int, int]:
    """Rows put aside by reason, rows used, and rows in."""
    store = study.store
    files = sorted((store.folder / table).glob("*.parquet"))
    used = sum(len(pd.read_parquet(f)) for f in files)
    aside = store.quarantine()
    aside = aside[aside["table"] == table].set_index("check")["rows"].to_dict()
    rows = int(study.coverage.set_index("table").loc[table, "rows"])
    return aside, used, rows


@pytest.mark.parametrize(("table", "rows", "expected"), CASES.values(), ids=CASES)
def test_every_row_is_used_or_put_aside_with_its_reason(broken, table, rows, expected):
    study = open_study(broken({f"{table}.csv": HEADER[table] + GOOD[table] + rows}))
    aside, used, count = accounted(study, table)
    assert aside == expected
    assert count == 300 + rows.count("\n") == used + sum(aside.values())


def test_half_cents_of_amounts_in_major_units_are_put_aside(broken):
    rows = "a,2026-01-10,11.77,USD,usage,,\n" * 300 + "a,2026-01-10,11.775,USD,usage,,\na,2026-01-10,11,JPY,usage,,\n"
    files = {"invoices.csv": INVOICES + rows + "a,2026-01-10,11.5,JPY,usage,,\n"}
    study = open_study(broken(files | {"fx_rates.csv": "date,currency,rate\n2026-01-10,JPY,0.007\n"}, MAJOR))
    aside, used, count = accounted(study, "invoices")
    assert aside == {"unreadable amount_minor": 2} and (used, count) == (301, 303)
    assert sorted(set(study.store.ledger("invoices")["amount_minor"])) == [11, 1177]


def test_a_german_export_is_read_to_the_cent(broken):
    text = "Kunde;Datum;Betrag\nK1;31.12.2025 23:30;1.234,50\nK1;01.01.2026 00:30;-0,5\n"
    book = (
        "timezone: Europe/Berlin\ncurrency: EUR\ntables:\n  invoices:\n    timezone: Europe/Berlin\n    columns:\n"
        "      account_id: Kunde\n      issued_at: {column: Datum, format: '%d.%m.%Y %H:%M'}\n"
        "      amount_minor: {column: Betrag, decimal: ',', unit: major}"
    )
    study = open_study(broken({"invoices.csv": text}, book), month="2026-01")
    rows = study.store.ledger("invoices")
    assert rows["amount_minor"].tolist() == [123450, -50]
    assert rows["issued_at"].tolist() == [pd.Timestamp("2025-12-31 22:30"), pd.Timestamp("2025-12-31 23:30")]
    assert study.data_months == ["2025-12", "2026-01"] and study.quality.empty


def test_ids_that_one_program_kept_as_floats_and_another_as_text_are_the_same(broken):
    files = {
        "accounts.csv": "account_id,created_at\n7.0,2026-01-01\n 8 ,2026-01-01\n",
        "requests.jsonl": "".join(f'{{"occurred_at": "{TEN}", "account_id": {i}, "status": 200}}\n' for i in (7, '"8"')),
    }
    study = open_study(broken(files))
    assert set(study.accounts["account_id"]) == set(study.requests().execute()["account_id"]) == {"7", "8"}
    assert study.quality.empty


def test_words_of_the_file_may_be_given_their_meaning(broken):
    files = {"requests.csv": f"occurred_at,account_id,status,env,ms\n{TEN},a,200, prod ,5\n{TEN},a,200,test,n/a\n"}
    book = (
        "tables:\n  requests:\n    columns:\n      environment: {column: env, values: {prod: production, test: sandbox}}\n"
        '      latency_ms: {column: ms, values: {n/a: ""}}'
    )
    study = open_study(broken(files, book))
    assert sorted(study.requests().execute()["environment"]) == ["production", "sandbox"] and study.quality.empty


def test_a_value_inside_a_nested_one_may_be_named(broken):
    line = f'{{"time": "{TEN}", "customer": {{"id": 7, "plan": {{"name": "pro"}}}}, "http": {{"status": 200}}}}\n'
    book = "tables: {requests: {columns: {occurred_at: time, account_id: customer.id, sdk: customer.plan.name, status: http.status}}}"
    row = open_study(broken({"requests.jsonl": line}, book)).requests().execute().iloc[0]
    assert (row["account_id"], row["sdk"], row["status"]) == ("7", "pro", 200)


@pytest.mark.parametrize(
    ("files", "row"),
    [
        ({"invoices.csv": INVOICES + "007,2026-01-31,100,USD,usage,,\n", "accounts.csv": "account_id,created_at\n7,2026-01-01\n"},
         ["invoices", "an account that is not in accounts; add it there, or write its id as it stands there", "account_id", 1, "007"]),
        ({"requests.csv": f"occurred_at,account_id\n{TEN},A\n{TEN},A\n{TEN},\n", "accounts.csv": "account_id,created_at\na,2026-01-01\n"},
         ["requests", "an account that is not in accounts; add it there, or write its id as it stands there (they all differ only in "
          "capitals: “A” is “a” there)", "account_id", 2, "A"]),
        ({"requests.csv": f"occurred_at,account_id,environment\n{TEN},a,prod\n"},
         ["requests", "environment that is none of production, sandbox; tables.requests.columns.environment.values says what it "
          "means", "environment", 1, "prod"]),
        ({"invoices.csv": INVOICES + "a,2026-01-31,100,USD,usage,,\n", "surveys.csv": f"account_id,answered_at,kind,score\na,{TEN},NSP,9\n"},
         ["surveys", "kind that is none of nps, csat, ces; tables.surveys.columns.kind.values says what it means", "kind", 1, "NSP"]),
    ],
)  # fmt: skip
def test_what_joins_nothing_or_is_read_by_no_metric_is_told(broken, files, row):
    told = open_study(broken(files)).quality[["table", "check", "column", "rows", "example"]].values.tolist()
    assert row in told


def test_of_several_deliveries_the_first_counts(broken):
    files = {"accounts.csv": "account_id,created_at,plan\nx,2026-01-11,later\nx,2026-01-10,first\n"}
    assert open_study(broken(files)).store.ledger("accounts")["plan"].tolist() == ["first"]


def test_ids_are_text_with_their_zeros_and_all_their_digits(broken):
    big = 2**60 + 1
    text = f"007,{TEN},,00042,200,5\n7,{TEN},,42,200,5\n123456789012345678901234567890,{TEN},,{big},200,5\n1e5,{TEN},,1E5,200,5\n"
    study = open_study(broken({"requests.csv": REQUESTS + text}))
    rows = study.requests().execute()
    assert set(rows["request_id"]) == {"007", "7", "123456789012345678901234567890", "1e5"}
    assert set(rows["account_id"]) == {"00042", "42", str(big), "1E5"}
    json = "".join(f'{{"request_id": {i}, "occurred_at": "{TEN}", "account_id": {i}, "status": 200}}\n' for i in (big, 7))
    study = open_study(broken({"requests.jsonl": json}, name="json"))
    assert set(study.requests().execute()["account_id"]) == {str(big), "7"}


def test_numbers_with_gaps_are_the_same_ids(broken):
    file = io.BytesIO()  # as pandas writes whole numbers of which some are missing
    rows = {"request_id": [1.0, 2.0], "account_id": [7.0, float("nan")], "occurred_at": [TEN, TEN], "status": [200.0, 500.0]}
    pq.write_table(pa.table(rows), file)
    rows = open_study(broken({"requests.parquet": file.getvalue()})).requests().execute().set_index("request_id")
    assert rows.loc["1", "account_id"] == "7" and pd.isna(rows.loc["2", "account_id"])
    assert rows["status"].to_dict() == {"1": 200, "2": 500}


def test_an_hour_that_comes_twice_is_told_apart_by_its_offset_and_read_as_utc_without_one(broken):
    rows = "".join(
        f"{name},{at},,a,200,5\n"
        for name, at in {
            "summer": "2026-10-25T02:30:00+02:00", "winter": "2026-10-25T02:30:00+01:00",
            "zone": "2026-10-25 02:30:00 Europe/Berlin", "bare": "2026-10-25T02:30:00",
        }.items()
    )  # fmt: skip
    study = open_study(broken({"requests.csv": REQUESTS + rows}, "timezone: Europe/Berlin"))
    at = study.requests().execute().set_index("request_id")["occurred_at"].dt.strftime("%H:%M").to_dict()
    assert at == {"summer": "00:30", "winter": "01:30", "zone": "01:30", "bare": "02:30"}


def test_a_currency_may_be_in_small_letters(broken):
    study = open_study(broken({"invoices.csv": INVOICES + "a,2026-01-31,100,usd,Usage,,\n"}))
    assert study.table("invoices")[["currency", "kind"]].values.tolist() == [["USD", "usage"]]
    assert measure(study, "revenue")["value"].tolist() == [100]


@pytest.mark.parametrize("rate", ["", "2026-01-10,EUR,\n", "2026-01-10,EUR,-1\n", "2026-01-11,EUR,1.1\n"])
def test_a_currency_without_a_rate_of_its_day_is_one_sentence(broken, rate):
    files = {"invoices.csv": INVOICES + "a,2026-01-10,100,EUR,usage,,\na,2026-01-31,100,USD,usage,,\n"}
    if rate:
        files["fx_rates.csv"] = f"date,currency,rate\n2026-01-31,EUR,1.2\n{rate}"
    with pytest.raises(WorkbookError) as caught:
        open_study(broken(files))
    where = "fx_rates.csv: rates into USD are missing" if rate else "fx_rates: there is no table of rates into USD"
    add = "add a line for each" if rate else 'add fx_rates.csv with the first line "date,currency,rate" and a line for each'
    assert str(caught.value) == (
        f'{where}: EUR on 1 day of 2026-01 (needed by invoices.csv); {add}, such as "2026-01-10,EUR,1.25" where one EUR was '
        "worth 1.25 USD that day."
    )


def test_all_rates_that_are_missing_are_told_at_once(broken):
    days = [("2026-01-10", "EUR"), ("2026-01-31", "EUR"), ("2026-02-10", "EUR"), ("2026-04-10", "EUR"), ("2026-01-10", "CHF")]
    files = {
        "invoices.csv": INVOICES + "".join(f"a,{day},100,{code},usage,,\n" for day, code in days) + "a,2026-01-31,1,USD,usage,,\n",
        "costs.csv": "month,category,amount_minor,currency\n2026-03,support,5,GBP\n",
        "fx_rates.csv": "date,currency,rate\n2026-01-31,EUR,1.2\n",
    }
    with pytest.raises(WorkbookError) as caught:
        open_study(broken(files))
    assert str(caught.value) == (
        "fx_rates.csv: rates into USD are missing: CHF on 1 day of 2026-01; EUR on 3 days of 2026-01 to 2026-02, 2026-04; "
        'GBP on 1 day of 2026-03 (needed by invoices.csv and costs.csv); add a line for each, such as "2026-01-10,CHF,1.25" '
        "where one CHF was worth 1.25 USD that day."
    )


def test_small_tables_lose_no_row_either(broken):
    files = {
        "invoices.csv": INVOICES + "a,2026-01-31,100,USD,usage,,\n",
        "surveys.csv": "account_id,answered_at,kind,score\na,,nps,5\na,2026-01-01,,5\na,2026-01-01,nps,\na,2026-01-01,nps,5\n",
        "hosts.csv": "sampled_at,host,cpu_share\n,h,0.1\n2026-01-01,,0.2\n2026-01-01,h,0.7\n",
        "incidents.csv": "started_at,ended_at\n2026-01-02,2026-01-01\n2026-01-02,\n,2026-01-02\n",
        "annotations.csv": "date,text\n,x\n2026-01-01,\n2026-01-01,y\n",
        "fx_rates.csv": "date,currency,rate\n,EUR,1\n2026-01-01,,1\n2026-01-01,EUR,\n2026-01-01,EUR,0\n2026-01-01,EUR,1\n",
    }
    study = open_study(broken(files))
    found = {name.removesuffix(".csv"): accounted(study, name.removesuffix(".csv")) for name in files}
    assert {name: (sum(aside.values()), used, rows) for name, (aside, used, rows) in found.items()} == {
        "invoices": (0, 1, 1), "surveys": (3, 1, 4), "hosts": (2, 1, 3), "incidents": (2, 1, 3), "annotations": (2, 1, 3),
        "fx_rates": (4, 1, 5),
    }  # fmt: skip
    assert found["incidents"][0] == {"no started_at": 1, "ends before it starts": 1}
