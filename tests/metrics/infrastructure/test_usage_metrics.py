"""What the traffic is made of: shares of the largest part, on calls one can count."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.infrastructure.usage_metrics import largest_parts

# February: /a 4 calls, /b 3, /c 2, /d 1, one that names none and one that fits no template
ENDPOINTS = ["/a"] * 4 + ["/b"] * 3 + ["/c"] * 2 + ["/d", "", "/else"]
# of them one answered 500, two 429 and three 404; the others well
STATUSES = [404, 404, 404, 429, 429, 500] + [200] * 6
WHO = ["big", "big", "big", "big", "wee", "wee", "", "", "wee", "new", "new", "new"]
ACCOUNTS = "account_id,created_at,segment\nbig,2026-01-01,large\nwee,2026-01-01,small\nnew,2026-01-01,\n"
BOOK = "observed_from: 2026-02-01\nproducts: {all: [/a, /b, /c, /d]}\n"


def files_of(accounts: str = ACCOUNTS) -> dict[str, str]:
    rows = zip(range(17, 29), ENDPOINTS, STATUSES, WHO, strict=True)
    lines = [f"2026-02-{day}T10:00Z,{who},{endpoint},{status}" for day, endpoint, status, who in rows]
    return {"requests.csv": "\n".join(["occurred_at,account_id,endpoint,status", *lines]) + "\n", "accounts.csv": accounts}


@pytest.mark.parametrize(
    ("metric", "numerator", "denominator"),
    [
        ("top_endpoints_share", 4 + 3 + 2, 12),  # calls of no endpoint are among all
        ("top_error_code_share", 3, 6),  # 404
        ("busiest_segment_share", 4, 4 + 3),  # large; "new" has no segment, and two calls belong to nobody
    ],
)
def test_the_largest_part_has_its_share_of_all(company, metric, numerator, denominator):
    row = measure(open_study(company(files_of(), BOOK), month="2026-02"), metric).iloc[-1]
    assert row[["numerator", "denominator"]].tolist() == [numerator, denominator]
    assert row["value"] == numerator / denominator


def test_the_shares_of_the_tables_are_those_of_the_metrics(small_study):
    from apijourney.metrics.infrastructure.usage import endpoints_of_month, error_codes, traffic_by_segment

    last = {m: measure(small_study, m).iloc[-1] for m in ("top_endpoints_share", "top_error_code_share", "busiest_segment_share")}
    endpoints = endpoints_of_month(small_study)
    named = endpoints[endpoints["endpoint"].str.startswith("/")]
    assert last["top_endpoints_share"]["numerator"] == named["calls"].head(3).sum()
    assert last["top_endpoints_share"]["denominator"] == endpoints["calls"].sum()
    assert last["top_error_code_share"]["value"] == pytest.approx(error_codes(small_study)["share_of_errors"].max())
    traffic = traffic_by_segment(small_study)
    known = traffic[(traffic["month"] == small_study.month) & ~traffic["segment"].isin(["no account", "not known"])]
    assert last["busiest_segment_share"]["value"] == known["calls"].max() / known["calls"].sum()


def test_a_month_without_an_error_has_no_most_frequent_one(company):
    files = {"requests.csv": "occurred_at,account_id,status\n2026-02-01,a,200\n2026-02-28,a,204\n"}
    row = measure(open_study(company(files), month="2026-02"), "top_error_code_share").iloc[-1]
    assert np.isnan(row["value"]) and row["denominator"] == 0 and row["mature"]


def test_without_segments_or_in_one_of_them_there_is_no_busiest(company):
    bare = open_study(company(files_of("account_id,created_at\nbig,2026-01-01\n"), BOOK), month="2026-02")
    assert measure(bare, "busiest_segment_share").reason == 'no account that calls has a segment; map "segment" of accounts.'
    one = open_study(company(files_of(), BOOK, "another"), month="2026-02", segment="large")
    assert isinstance(measure(one, "busiest_segment_share"), NotMeasurable)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", "z", None]), st.integers(1, 9)), min_size=1, max_size=12), st.integers(1, 3))
def test_no_other_parts_have_more(rows, most):
    table = pd.DataFrame(rows, columns=["account_id", "part", "calls"])
    low, high, n, of = largest_parts(table, "part", most=most)
    sums = sorted((sum(c for _, p, c in rows if p == part) for part in "xyz"), reverse=True)
    assert (n, of) == (sum(sums[:most]), sum(c for _, _, c in rows))
    assert np.isnan(low) or low <= n / of + 1e-12 and n / of <= high + 1e-12 or n in (0, of)
