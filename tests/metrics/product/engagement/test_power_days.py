"""L7 and L28 on a company whose days one can count."""

import numpy as np
import pandas as pd

from apijourney import NotMeasurable, open_study
from apijourney.metrics.product.engagement.power_days import power_days
from apijourney.readings.scale import read_power_days

BY_INVOICE = "observed_from: 2026-03-18\ndefinitions:\n  active: {event: invoice}"


def invoices(days: dict) -> str:
    rows = [f"{who},2026-03-{d:02}T10:00:00Z,1" for who, numbers in days.items() for d in numbers]
    return "invoice_id,account_id,issued_at,amount_minor\n" + "\n".join(f"{i},{r}" for i, r in enumerate(rows)) + "\n"


def test_the_last_week_and_the_one_before_count_days_not_events(company):
    # March 25 to 31 is the last week, 18 to 24 the one before
    days = {"daily": range(18, 32), "twice": [31, 31, 30], "once": [25], "before": [18, 24]}
    study = open_study(company({"invoices.csv": invoices(days)}, BY_INVOICE), month="2026-03")
    table = power_days(study, days=7).set_index("periods_active")
    assert table["accounts"].tolist() == [1, 1, 0, 0, 0, 0, 1]  # once, twice, daily
    assert table["before"].tolist() == [0, 1, 0, 0, 0, 0, 1]  # before, daily
    assert table.loc[7, "share"] == 1 / 3 and table.loc[7, "before_share"] == 1 / 2
    assert read_power_days(table.reset_index()) == (
        "Of the 3 accounts active in the last 7 days, **33 %** were on every one of them, 33 % on one only; in the 7 days before, 50 % and 0 %."
    )
    fortnight = power_days(study, days=14)
    assert fortnight["before"].isna().all() and fortnight["accounts"].sum() == 4
    assert read_power_days(fortnight).endswith("25 % on one only.")
    assert read_power_days(fortnight.assign(accounts=0)) == "No account was active in the last 14 days."


def test_a_window_that_was_not_observed_is_not_measurable(company):
    study = open_study(company({"invoices.csv": invoices({"a": [18, 31]})}, BY_INVOICE), month="2026-03")
    answer = power_days(study)
    assert answer == NotMeasurable("L7 and L28", "fewer than 28 days have been observed; choose a later month.")
    assert read_power_days(answer) is answer


def test_l28_agrees_with_the_days_of_each_account(small_study):
    from apijourney.metrics.product.engagement.engagement_metrics import active_days

    days = active_days(small_study)
    last = days[days["day"] >= pd.Timestamp(small_study.until_day) - pd.Timedelta(days=28)]
    counts = last.groupby("account_id").size().value_counts()
    table = power_days(small_study).set_index("periods_active")["accounts"]
    np.testing.assert_array_equal(table, counts.reindex(range(1, 29), fill_value=0))
