"""A version in a path is held against the version of the call, and said to be no version only where they differ."""

import pandas as pd

from apijourney import NotMeasurable, open_study
from apijourney.metrics.infrastructure.path_versions import COLUMNS, named_and_used, path_versions
from apijourney.readings.versions import read_path_versions

REQUESTS = """request_id,occurred_at,account_id,endpoint,status,environment,api_version
1,2026-02-05T10:00:00Z,a,/v1/pay,200,production,v1
2,2026-02-06T10:00:00Z,a,/v1/pay,500,production,v2
3,2026-02-07T10:00:00Z,b,/v1/refund,200,production,v2
4,2026-02-07T11:00:00Z,b,/v2/pay,200,production,v2
5,2026-02-07T12:00:00Z,b,/status,200,production,v1
6,2026-02-08T12:00:00Z,b,/v1/pay,200,production,
7,2026-02-08T13:00:00Z,b,/v1/pay,200,sandbox,v2
8,2026-01-08T13:00:00Z,b,/v1/pay,200,production,v2
"""


def test_calls_are_counted_by_the_version_their_path_names(company):
    # /v1/…: calls 1, 2, 3 of February; two of them with v2. /v2/…: call 4. 6 tells no version, 7 is no production, 8 is January
    found = path_versions(open_study(company({"requests.csv": REQUESTS}, "timezone: UTC"), month="2026-02"))
    assert found[COLUMNS].values.tolist() == [["v1", 3, 2, 2], ["v2", 1, 0, 1]]


def test_a_part_that_is_no_version_in_use_names_none():
    calls = pd.DataFrame({"endpoint": ["/v3/pay", "/pay-v1", "/V1"], "api_version": "v1", "calls": 5})
    assert named_and_used(calls).empty


def test_the_sentence_speaks_only_where_path_and_call_differ():
    table = pd.DataFrame({"named": ["v1", "v2"], "calls": [10, 4], "others": [8, 0], "endpoints": [2, 1]})
    assert read_path_versions(table, month="2026-10") == (
        "The “v1” in a path is part of its name: of 10 calls to such paths in October 2026, **80 %** were made with another version."
    )
    assert read_path_versions(table.assign(others=0), month="2026-10") == ""


def test_without_versions_it_says_what_to_add(company):
    without = "\n".join(line.rpartition(",")[0] for line in REQUESTS.splitlines()) + "\n"
    found = path_versions(open_study(company({"requests.csv": without}, "timezone: UTC"), month="2026-02"))
    assert isinstance(found, NotMeasurable) and "api_version" in found.reason
