"""Feature adoption: accounts and endpoints one can pair by hand."""

import numpy as np
import pytest

from apijourney import measure, open_study

# a uses /x and /y, b uses /x; c's call of /z fails, so nobody uses /z; d's sandbox call and /else count nowhere
CALLS = """occurred_at,account_id,endpoint,status,environment
2026-02-01T10:00Z,a,/x,200,production
2026-02-02T10:00Z,a,/x,200,production
2026-02-03T10:00Z,a,/y,201,production
2026-02-04T10:00Z,b,/x,200,production
2026-02-05T10:00Z,c,/z,500,production
2026-02-06T10:00Z,d,/z,200,sandbox
2026-02-07T10:00Z,b,/else,200,production
2026-02-28T10:00Z,,/y,200,production
"""


def test_adoption_is_the_mean_over_the_endpoints_of_the_share_that_uses_each(company):
    study = open_study(company({"requests.csv": CALLS}, "observed_from: 2026-02-01\nproducts: {p: [/x, /y, /z]}"), month="2026-02")
    row = measure(study, "feature_adoption").iloc[-1]
    assert row[["numerator", "denominator"]].tolist() == [3, 2 * 2]
    assert row["value"] == pytest.approx(np.mean([2 / 2, 1 / 2]))  # /x: a and b; /y: a


def test_everybody_on_every_endpoint_is_full_adoption_and_nobody_is_not_known(company):
    calls = "occurred_at,account_id,endpoint,status\n2026-01-01,a,/x,500\n2026-01-31,a,/x,500\n2026-02-01,a,/x,200\n2026-02-28,b,/x,200\n"
    study = open_study(company({"requests.csv": calls}), month="2026-02", months_back=2)
    assert measure(study, "feature_adoption")["value"].tolist() == pytest.approx([np.nan, 1.0], nan_ok=True)
