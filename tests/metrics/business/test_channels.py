"""What does winning a payer cost by channel, and do the channels add up to the books?"""

import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable, open_study
from apijourney.metrics.business.channels import acquisition, acquisition_by_channel

M = "2026-10"
ACCOUNTS = pd.DataFrame(
    {"account_id": list("abcdef"), "channel": ["ads", "ads", "docs", "docs", None, "fair"], "month": [M, "2026-09", M, M, M, M]}
)
NEW = pd.DataFrame({"account_id": ["a", "b", "c"], "month": M})
COSTS = pd.DataFrame({"month": M, "channel": ["ads", "docs", None, "fair"], "minor": [900, 100, 500, 70]})
MARGINS = pd.DataFrame({"account_id": ["a", "b", "c"], "mrr_minor": [500, 100, 40], "margin_minor": [300, 0, -10]})


def test_cost_payback_and_value_by_hand():
    got = acquisition(ACCOUNTS, NEW, COSTS, MARGINS, months=[M], clv_minor=900, min_n=1).set_index("channel")
    # ads: 900 for two who leave 150 each on average; docs: 100 for one who costs more than it pays
    assert got.loc["ads", ["sign_ups", "new_paying", "cac_minor", "payback_months", "ltv_to_cac"]].tolist() == [1, 2, 450, 3, 2]
    assert got.loc["docs", "cac_minor"] == 100 and np.isinf(got.loc["docs", "payback_months"])
    # fair was paid for and brought nobody who pays
    assert np.isnan(got.loc["fair", "cac_minor"]) and got.loc["fair", "cost_minor"] == 70


def test_channels_add_up_and_costs_without_one_stand_in_a_row_of_their_own():
    got = acquisition(ACCOUNTS, NEW, COSTS, None, months=[M], min_n=1)
    assert got["channel"].tolist() == ["ads", "docs", "fair", "(no channel)", "together"]
    parts, total = got.iloc[:-1], got.iloc[-1]
    for column in ("sign_ups", "new_paying", "cost_minor"):
        assert parts[column].sum() == total[column]
    assert total["cost_minor"] == 1570 and total["cac_minor"] == pytest.approx(1570 / 3)
    assert np.isnan(total["payback_months"])


def test_a_channel_that_brought_too_few_says_no_cost_for_one():
    got = acquisition(ACCOUNTS, NEW, COSTS, MARGINS, months=[M], min_n=3).set_index("channel")
    assert got["cac_minor"].notna().to_dict() == {"ads": False, "docs": False, "fair": False, "(no channel)": False, "together": True}


def test_without_costs_of_winning_it_says_what_to_add(company):
    files = {
        "invoices.csv": "account_id,issued_at,amount_minor,kind\na,2026-01-10,1,subscription\na,2026-02-10,1,subscription\n",
        "accounts.csv": "account_id,created_at,channel\na,2026-01-01T10:00:00Z,ads\n",
        "costs.csv": "month,category,amount_minor\n2026-02,support,5\n",
    }
    got = acquisition_by_channel(open_study(company(files), month="2026-02"))
    assert isinstance(got, NotMeasurable)
    assert got.reason == 'no cost line has the category "marketing" or "sales"; add such lines to costs.'
