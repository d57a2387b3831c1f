"""Traffic by segment, endpoints and error codes: calls one can count."""

import numpy as np
import pytest

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.infrastructure.usage import endpoints_of_month, error_codes, traffic_by_segment

CALLS = """request_id,occurred_at,account_id,endpoint,status,latency_ms,environment
1,2026-02-10T10:00,a,/x,200,10,production
2,2026-03-04T10:00,a,/x,200,10,production
3,2026-03-05T10:00,a,/x,500,10,production
4,2026-03-06T10:00,b,/y,404,10,production
5,2026-03-07T10:00,b,/x,200,10,production
6,2026-03-08T10:00,c,/x,404,10,production
7,2026-03-09T10:00,,/x,401,10,production
8,2026-03-31T10:00,a,/x,200,10,sandbox
"""
ACCOUNTS = """account_id,created_at,segment
a,2026-01-01,large
b,2026-01-01,small
"""


@pytest.fixture
def study(company):
    files = {"requests.csv": CALLS, "accounts.csv": ACCOUNTS}
    return open_study(company(files, "timezone: UTC\nobserved_from: 2026-02-01\n"), month="2026-03", months_back=2)


def test_each_call_belongs_to_one_segment(study):
    table = traffic_by_segment(study)
    march = table[table["month"] == "2026-03"].set_index("segment")
    assert march["calls"].to_dict() == {"large": 2, "small": 2, "no account": 1, "not known": 1}
    assert march["accounts"].to_dict() == {"large": 1, "small": 1, "no account": 0, "not known": 1}
    assert march["share"].to_dict() == {"large": 2 / 6, "small": 2 / 6, "no account": 1 / 6, "not known": 1 / 6}
    assert march.loc["large", "per_minute"] == 2 / (31 * 1440)


def test_segments_add_up_to_the_requests_per_minute(small_study):
    table = traffic_by_segment(small_study)
    total = table.groupby("month")["per_minute"].sum()
    np.testing.assert_allclose(total, measure(small_study, "requests_per_minute")["value"])


def test_a_segment_without_calls_in_a_month_has_zero(study):
    table = traffic_by_segment(study)
    february = table[(table["month"] == "2026-02") & (table["segment"] == "small")]
    assert february["calls"].tolist() == [0]


def test_endpoints_come_with_their_own_availability(study):
    table = endpoints_of_month(study).set_index("endpoint")
    assert table.index.tolist() == ["/x", "/y"]
    assert table["calls"].tolist() == [5, 1] and table["accounts"].tolist() == [3, 1]
    assert table["share"].tolist() == [5 / 6, 1 / 6]
    assert table["availability"].tolist() == [4 / 5, 1]
    assert table["p50_ms"].isna().all()  # too few


def test_endpoints_add_up_to_the_month(small_study):
    table = endpoints_of_month(small_study)
    per_minute = measure(small_study, "requests_per_minute").iloc[-1]
    assert table["calls"].sum() == per_minute["numerator"]
    assert table["share"].sum() == pytest.approx(1)


def test_codes_say_how_many_accounts_met_them(study):
    table = error_codes(study)
    found = table[["status", "numerator", "denominator", "accounts"]].to_numpy().tolist()
    assert found == [[404, 2, 6, 2], [401, 1, 6, 0], [500, 1, 6, 1]]
    assert table["share_of_errors"].sum() == 1


def test_a_company_without_calls_is_told_what_to_add(company):
    study = open_study(company({"invoices.csv": "account_id,issued_at,amount_minor\na,2026-01-10,100\n"}))
    for answer in (traffic_by_segment(study), endpoints_of_month(study), error_codes(study)):
        assert isinstance(answer, NotMeasurable) and '"requests" is not there' in str(answer)
