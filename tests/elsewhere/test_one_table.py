"""One table is enough for a report: every notebook runs to its end, and what it cannot say it calls not measurable."""

import json

import pytest

from apijourney import NotMeasurable, open_study
from apijourney.metrics.holistic.account_table import account_table
from apijourney.metrics.holistic.drivers import drivers, early_behaviour
from apijourney.metrics.holistic.named_accounts import named_accounts
from apijourney.metrics.holistic.reasons_to_act import unusual_silences
from apijourney.report.command import main

DAYS = [f"2026-{month:02}-{day:02}" for month in range(1, 7) for day in (3, 10, 17, 24)]
ACCOUNTS = [f"a{i}" for i in range(12)]
TABLES = {
    "invoices": "invoice_id,account_id,issued_at,amount_minor,currency,kind\n"
    + "".join(f"{a}{d},{a},{d}T10:00:00Z,{1000 + 7 * i},USD,subscription\n" for d in DAYS[::4] for i, a in enumerate(ACCOUNTS)),
    "accounts": "account_id,created_at,segment,channel\n"
    + "".join(f"a{i},{d}T09:00:00Z,{'large' if i % 3 else 'small'},search\n" for i, d in enumerate(DAYS)),
    "requests": "request_id,account_id,occurred_at,status,environment,endpoint,latency_ms\n"
    + "".join(
        f"{a}{d},{a},{d}T{8 + i % 9:02}:00:00Z,{500 if (i + j) % 9 == 0 else 200},production,/v1/x,{20 + i}\n"
        for j, d in enumerate(DAYS) for i, a in enumerate(ACCOUNTS)
    ),
    "touchpoints": "event_id,visitor_id,touchpoint,page,occurred_at\n"
    + "".join(f"{a}{d},{a},docs_view,/docs,{d}T11:00:00Z\n" for d in DAYS for a in ACCOUNTS),
}  # fmt: skip

INTERNAL = TABLES["accounts"].replace("channel\n", "channel,is_internal\n").replace("search\n", "search,true\n")
HARD = {
    "calls without ids, beside invoices that make active": (
        {"requests": TABLES["requests"].replace("account_id", "some_id", 1), "invoices": TABLES["invoices"],
         "accounts": TABLES["accounts"]}, "definitions: {active: {event: invoice}}\n", {f"a{i}" for i in range(len(DAYS))},
    ),
    "every account is internal": (TABLES | {"accounts": INTERNAL}, "", set()),
}  # fmt: skip


@pytest.mark.parametrize("case", HARD)
def test_nobody_left_to_count_is_no_reason_to_stop(case, company):
    tables, settings, counted = HARD[case]
    study = open_study(company({f"{name}.csv": text for name, text in tables.items()}, settings), month="2026-06")
    for question in (unusual_silences, early_behaviour, drivers, account_table, named_accounts):
        answer = question(study)
        named = set() if isinstance(answer, NotMeasurable) else set(answer.get("account_id", ()))
        assert named <= counted, question


@pytest.mark.parametrize("table", TABLES)
def test_a_company_with_one_table_has_a_report(table, tmp_path, capsys):
    (tmp_path / f"{table}.csv").write_text(TABLES[table])
    (tmp_path / "workbook.yaml").write_text("company: One\n")
    code = main(["--workbook", str(tmp_path), "--out", str(tmp_path / "out"), "--month", "2026-06"])
    said = capsys.readouterr()
    assert code == 0, said.err
    page = (tmp_path / "out" / "2026-06" / "index.html").read_text()
    assert "not measurable" in page and "Traceback" not in page
    record = json.loads((tmp_path / "out" / "2026-06" / "metrics.json").read_text())
    assert record["metrics"], "something is measured"
