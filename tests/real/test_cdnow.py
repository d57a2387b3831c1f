"""Real purchases of a shop through the workbook: the published figures come out, the rest says what to add.

CDNOW (Fader & Hardie 2001): customers who first bought in early 1997, their purchases to June 1998.
Published: the master file has 23,570 customers, 69,659 purchases and $2,500,315.63; in the sample
file, by the end of September 1997, 2,457 repeat purchase days and 1,411 customers without one
(Fader, Hardie & Lee 2005).
"""

import shutil

import numpy as np
import pandas as pd
import pytest

import apijourney.workbook
from apijourney import CATALOG, NotMeasurable, frequency_recency, load_workbook, measure_all, open_study
from apijourney.workbook import SAMPLE

EXAMPLE = SAMPLE.parents[1] / "examples" / "cdnow" / "workbook.yaml"
MASTER = r"^\s*(?P<customer>\d{5})\s+(?P<day>\d{8})"
PART = r"^\s*\d{5}\s+(?P<customer>\d{4})\s+(?P<day>\d{8})"
RECURRING = {
    "mrr", "net_revenue_retention_12m", "gross_revenue_retention", "revenue_quick_ratio",
    "average_mrr_per_account", "paying_account_churn", "top_account_share", "usage_revenue_share",
    "revenue_concentration", "revenue_at_risk", "revenue_churn", "month_over_month_growth", "new_paying_accounts",
    "annual_recurring_revenue", "net_new_mrr",
}  # fmt: skip
MEASURED = {
    "revenue", "daily_active_accounts", "weekly_active_accounts", "monthly_active_accounts", "stickiness",
    "month_1_retention", "account_quick_ratio", "day_30_retention", "rolling_retention", "usage_retention",
    "recurring_usage", "power_user_share",
    "usage_growth_by_account", "decline_index", "early_warning_share",
}  # fmt: skip


@pytest.fixture(scope="module")
def no_sample(tmp_path_factory):
    """The simulated company is not there: whoever opens it fails."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apijourney.workbook, "SAMPLE", tmp_path_factory.mktemp("no") / "workbook.yaml")
        yield


def opened(folder, source, text, **options):
    if not source.is_file():
        pytest.skip(f"the CDNOW purchases are not at {source}; set REAL_DATA_DIR to the folder that holds cdnow/.")
    shutil.copy(source, folder)
    (folder / "workbook.yaml").write_text(text, encoding="utf-8")
    return open_study(folder, **options)


@pytest.fixture(scope="module")
def shop(real_data, no_sample, tmp_path_factory):
    """The master file, with the workbook file of the walk-through as it stands."""
    text = EXAMPLE.read_text(encoding="utf-8")
    return opened(tmp_path_factory.mktemp("shop"), real_data / "cdnow" / "CDNOW_master.txt", text, months_back=18)


@pytest.fixture(scope="module")
def answers(shop):
    return measure_all(shop)


def test_customers_purchases_and_revenue_are_the_published_ones(shop):
    lines = shop.table("invoices")
    assert lines["account_id"].nunique() == 23_570
    assert len(lines) == 69_659
    assert lines["amount_minor"].sum() == 250_031_563  # cents: $2,500,315.63
    assert (shop.months[0], shop.month) == ("1997-01", "1998-06")


def test_only_the_heading_of_the_file_is_put_aside(shop):
    quality = shop.quality
    assert quality[["table", "check", "rows"]].values.tolist() == [["invoices", "no account_id", 1]]


def test_the_months_of_revenue_add_up_to_all_of_it(answers):
    assert answers["revenue"]["value"].sum() == 250_031_563


def test_what_purchases_can_tell_is_measured(answers):
    measured = {m for m, found in answers.items() if not isinstance(found, NotMeasurable)}
    assert measured == MEASURED
    active = answers["monthly_active_accounts"].set_index("month")["value"]
    assert active["1997-01"] == 7_846  # buyers of January 1997, counted in the file itself
    assert answers["month_1_retention"]["value"].notna().any()


def test_recurring_revenue_is_not_measurable_and_says_how_it_would_be(answers):
    for metric in RECURRING:
        assert str(answers[metric]) == (
            "Recurring revenue (MRR) is not measurable: the invoices hold one-off purchases only; give "
            "subscription and usage lines their kind."
        )


def test_no_silence_of_a_shop_tells_that_a_customer_is_gone(answers):
    # 1 of 7 customers who bought nothing for nine months came back: no life can be said to have ended.
    assert str(answers["account_survival_6m"]).startswith(
        "How long accounts stay is not measurable: of the silences longer than 272 days, the longest that can be "
        "judged, 14 % still ended in a return"
    )


def test_all_else_is_not_measurable_and_names_the_table_to_add(answers):
    for metric in set(CATALOG) - MEASURED - RECURRING - {"account_survival_6m"}:
        found = answers[metric]
        assert isinstance(found, NotMeasurable), metric
        lacking = ["incidents" if t == "outages" else t for t in CATALOG[metric].tables if t != "active"]
        assert any(f'"{t}"' in found.reason for t in lacking), metric
        assert "add " in found.reason and "in the workbook file." in found.reason


def test_the_sample_is_not_opened(shop, no_sample):
    with pytest.raises(ValueError, match='workbook "sample" was not found'):
        load_workbook("sample")
    assert set(shop.tables) == {"invoices"}


def test_repeats_of_the_sample_file_by_september_1997_are_the_published_ones(real_data, no_sample, tmp_path):
    text = EXAMPLE.read_text(encoding="utf-8")
    assert MASTER in text
    text = text.replace(MASTER, PART).replace("CDNOW_master.txt", "CDNOW_sample.txt")
    study = opened(tmp_path, real_data / "cdnow" / "CDNOW_sample.txt", text, month="1997-09")
    table = frequency_recency(study.active_log, timezone=study.zone)
    assert len(table) == 2_357
    assert table["frequency"].sum() == 2_457
    assert (table["frequency"] == 0).sum() == 1_411


def test_frequency_recency_and_age_of_every_customer_equal_the_shipped_summary(real_data, no_sample, tmp_path):
    """The summary tells weeks, rounded to hundredths, over the 39 weeks to the end of September 1997."""
    summary = real_data / "cdnow" / "cdnow_customers_summary.csv"
    if not summary.is_file():
        pytest.skip(f"the summary of the CDNOW sample is not at {summary}; set REAL_DATA_DIR to the folder that holds cdnow/.")
    text = EXAMPLE.read_text(encoding="utf-8").replace(MASTER, PART).replace("CDNOW_master.txt", "CDNOW_sample.txt")
    study = opened(tmp_path, real_data / "cdnow" / "CDNOW_sample.txt", text, month="1997-09")
    found = frequency_recency(study.active_log, timezone=study.zone)
    found.index = found["account_id"].astype(int)
    wanted = pd.read_csv(summary).set_index("ID")
    assert found.index.sort_values().tolist() == wanted.index.tolist() and len(wanted) == 2_357
    found = found.reindex(wanted.index)
    assert (found["frequency"] == wanted["frequency"]).all()
    # The summary counts to the last day, the workbook to the first one after it.
    np.testing.assert_allclose(found["recency_days"] / 7, wanted["recency"], atol=0.00501)
    np.testing.assert_allclose((found["age_days"] - 1) / 7, wanted["T"], atol=0.00501)
