"""Real invoices of a shop through the workbook: its published totals come out, cancellations stand apart.

UCI Online Retail, invoice level (Chen 2015, CC BY 4.0), cleaned: 18,532 invoices of 4,338 customers from December
2010 to December 9, 2011, £8,911,407.90, cancellations already removed. Four amounts have a tenth of a penny: they are no
money, and are put aside and counted. Two cancellations of the uncleaned file are laid beside it, to be told apart.
"""

import shutil

import pytest

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.business.study_tables import revenue_at_a_glance, revenue_by_kind

WORKBOOK = """company: Online Retail
timezone: Europe/London
currency: GBP
tables:
  invoices:
    path: '*-*.csv'
    columns:
      invoice_id: InvoiceNo
      account_id: CustomerID
      issued_at: {column: InvoiceDate, format: '%Y-%m-%d'}
      amount_minor: {column: TotalPrice, unit: major}
      kind: {file: '(\\w+)-\\w+\\.csv'}
definitions:
  active: {event: invoice}
"""
CANCELLED = "InvoiceNo,InvoiceDate,CustomerID,TotalPrice\nC536379,2010-12-01,14527,-27.50\nC536383,2010-12-01,15311,-4.65\n"
PUT_ASIDE = {"550193": 204_276, "561226": 22_283, "568200": 40_068, "568375": 1_500}  # whole pence; 0.1 p more each


@pytest.fixture(scope="module")
def shop(real_data, tmp_path_factory):
    source = real_data / "online_retail" / "online_retail_invoices.csv"
    if not source.is_file():
        pytest.skip(f"the Online Retail invoices are not at {source}; set REAL_DATA_DIR to the folder that holds online_retail/.")
    folder = tmp_path_factory.mktemp("retail")
    shutil.copy(source, folder / "one_off-all.csv")
    (folder / "credit-first.csv").write_text(CANCELLED)
    (folder / "workbook.yaml").write_text(WORKBOOK, encoding="utf-8")
    return open_study(folder, month="2011-12", months_back=24)


def test_invoices_customers_and_total_are_the_published_ones_less_what_is_no_money(shop):
    lines = shop.table("invoices")
    sold = lines[lines["kind"] == "one_off"]
    assert len(sold) + len(PUT_ASIDE) == 18_532
    assert sold["account_id"].nunique() == 4_338 - 1  # one customer has but one invoice, and that is put aside
    assert sold["amount_minor"].sum() + sum(PUT_ASIDE.values()) == 891_140_790  # pence: £8,911,407.90
    assert shop.quality[["check", "rows"]].values.tolist() == [["unreadable amount_minor", len(PUT_ASIDE)]]


def test_cancellations_are_taken_off_and_stand_apart(shop):
    glance, kinds = revenue_at_a_glance(shop), revenue_by_kind(shop)
    charged = 891_140_790 - sum(PUT_ASIDE.values())
    assert glance["taken_off_minor"].tolist() == [-3_215, 0] and glance["charged_minor"].iloc[0] == charged
    assert kinds["taken_off_minor"].sum() == -3_215 and kinds.set_index("month").loc["2010-12", "taken_off_minor"] == -3_215
    assert kinds["revenue_minor"].sum() == glance["revenue_minor"].iloc[0] == charged - 3_215


def test_the_months_of_revenue_add_up_to_all_of_it_and_nothing_recurs(shop):
    by_month = measure(shop, "revenue").set_index("month")["value"]
    assert len(by_month) == 13 and by_month[:"2011-11"].sum() == revenue_by_kind(shop)["revenue_minor"].iloc[:-1].sum()
    for metric in ("mrr", "new_paying_accounts", "month_over_month_growth"):
        assert isinstance(measure(shop, metric), NotMeasurable)
