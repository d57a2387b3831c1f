"""Accounts that never call, by channel: who counts as silent, and whose window is over."""

from apijourney import NotMeasurable, open_study
from apijourney.metrics.product.discovery.silent_channels import silent_by_channel

BOOK = "observed_from: 2026-01-01\ndefinitions: {min_n: 1}\n"
ACCOUNTS = """account_id,created_at,channel
a,2026-01-05T10:00:00Z,ads
b,2026-01-05T10:00:00Z,ads
c,2026-01-05T10:00:00Z,docs
d,2026-02-20T10:00:00Z,docs
e,2025-12-01T10:00:00Z,ads
"""
# a's call fails, and is a call all the same; b calls after 28 days and an hour; c in time to the second
CALLS = """request_id,occurred_at,account_id,status,environment
1,2026-01-06T10:00:00Z,a,401,sandbox
2,2026-02-02T11:00:00Z,b,200,production
3,2026-02-02T10:00:00Z,c,200,production
4,2026-02-21T10:00:00Z,d,200,production
"""


def test_any_call_within_28_days_breaks_the_silence(company):
    study = open_study(company({"accounts.csv": ACCOUNTS, "requests.csv": CALLS}, BOOK), month="2026-02")
    found = silent_by_channel(study)
    # d's 28 days are not over; what e did before January is not known
    assert found[["group", "numerator", "denominator", "value"]].values.tolist() == [["ads", 1, 2, 0.5], ["docs", 0, 1, 0.0]]
    assert found["others"].tolist() == [0.0, 0.5]


def test_without_channels_or_without_closed_windows_it_is_not_measurable(company):
    nameless = ACCOUNTS.replace(",ads", ",").replace(",docs", ",")
    study = open_study(company({"accounts.csv": nameless, "requests.csv": CALLS}, BOOK), month="2026-02")
    assert "fill accounts.channel" in str(silent_by_channel(study))
    early = open_study(company({"accounts.csv": ACCOUNTS, "requests.csv": CALLS}, BOOK, name="early"), month="2026-01")
    assert isinstance(silent_by_channel(early), NotMeasurable)
    assert "has had its 28 days yet" in str(silent_by_channel(early))
