"""A real access log through the workbook: the published counts come out, and no line is lost.

Elastic's example for Apache logs: four days of semicomplete.com in May 2015, combined format. Its
read-me: 10,000 lines. Counted in the file: 1,753 addresses and the statuses below.
docs/access-log.md tells the same; the numbers it shows are held here.
"""

import re
import shutil

import pytest

from apijourney import NotMeasurable, measure_all, open_study, read_access_log
from apijourney.metrics.product.discovery.touchpoints import touchpoint_map
from apijourney.metrics.product.discovery.visitors import visitor_kinds
from apijourney.workbook import SAMPLE

EXAMPLE = SAMPLE.parents[1] / "examples" / "apache_log" / "workbook.yaml"
WALK = SAMPLE.parents[2] / "docs" / "access-log.md"
STATUSES = {200: 9126, 304: 445, 404: 213, 301: 164, 206: 45, 500: 3, 403: 2, 416: 2}


@pytest.fixture(scope="module")
def file(real_data):
    source = real_data / "elastic_apache" / "apache_logs"
    if not source.is_file():
        pytest.skip(f"the Apache log is not at {source}; set REAL_DATA_DIR to the folder that holds elastic_apache/.")
    return source


@pytest.fixture(scope="module")
def site(file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(file, folder)
    shutil.copy(EXAMPLE, folder)
    return open_study(folder)


@pytest.fixture(scope="module")
def text():
    return WALK.read_text(encoding="utf-8")


def test_all_lines_are_read_and_none_is_rejected(file):
    table = read_access_log(file)
    assert len(table) == 10_000
    assert table["rejected"].isna().all()
    assert table["status"].value_counts().to_dict() == STATUSES
    assert table["host"].nunique() == 1_753
    days = [str(table["occurred_at"].min())[:10], str(table["occurred_at"].max())[:10]]
    assert days == ["2015-05-17", "2015-05-20"]
    assert table[["method", "path", "protocol"]].notna().all(axis=None)
    assert table["bytes"].isna().sum() == 669


def test_the_requests_have_the_counts_of_the_file(site):
    calls = site.requests()
    found = calls.group_by("status").aggregate(calls=calls.count()).execute()
    assert dict(zip(found["status"], found["calls"], strict=True)) == STATUSES


def test_page_views_are_the_lines_that_are_left_and_every_line_is_accounted_for(site):
    quality = site.quality[site.quality["table"] == "touchpoints"].set_index("check")["rows"].to_dict()
    assert quality == {
        "left out by exclude.path": 5_517,
        "left out by where.method": 48,
        "left out by where.status": 416,
        "not a person (crawler, monitor or agent)": 2_167,
    }
    assert len(site.events) == 1_852
    assert len(site.events) + sum(quality.values()) == 10_000


def test_the_journey_and_the_robots_are_counted(site):
    journey = touchpoint_map(site).set_index("touchpoint")
    assert journey.loc["page_view", ["events", "units"]].tolist() == [1_852, 986]
    assert journey.loc["first page of a product", ["events", "units"]].tolist() == [225, 192]
    kinds = visitor_kinds(site).set_index("kind")
    assert kinds["events"].to_dict() == {"people": 1_852, "crawler": 2_167}
    assert kinds["units"].to_dict() == {"people": 986, "crawler": 316}


def test_no_address_is_in_the_facts(file, site):
    hosts = set(read_access_log(file)["host"])
    assert not hosts & set(site.everything.accounts)
    assert all(re.fullmatch("v[0-9a-f]{16}", name) for name in set(site.everything.accounts))


def test_what_four_days_without_accounts_cannot_tell_is_said_and_nothing_is_invented(site):
    answers = measure_all(site)
    measured = {m for m, found in answers.items() if not isinstance(found, NotMeasurable)}
    of_calls = {"availability", "errors_per_minute", "requests_per_minute", "error_budget_left", "fastest_burn"}
    of_failures = {
        "time_uptime", "mean_time_to_repair", "mean_time_to_failure", "mean_time_between_failures",
        "rate_of_occurrence_of_failure", "probability_of_failure_on_demand",
    }  # fmt: skip
    of_visits = {"unique_visitors", "page_views", "pages_per_session", "bounce_rate", "time_on_page", "ai_agent_share"}
    of_endpoints = {"top_endpoints_share", "top_error_code_share"}
    assert measured == of_calls | of_endpoints | of_failures | of_visits
    for metric in measured:  # May was not over
        assert answers[metric]["value"].isna().all() and not answers[metric]["mature"].any(), metric
    assert str(answers["monthly_active_accounts"]) == (
        'Monthly active accounts is not measurable: no row of "requests" fills "account_id"; map what the source has '
        "for it under tables.requests.columns in the workbook file."
    )
    assert str(answers["sign_up_rate"]) == (
        'Sign-up rate is not measurable: no touchpoint "sign_up" was seen; add these events to touchpoints.'
    )


def test_the_walk_shows_these_numbers_and_this_workbook_file(text):
    numbers = set(re.findall(r"(?<![\w.:/-])\d{1,2},\d{3}(?!\w)", text))
    assert numbers == {"10,000", "1,753", "9,126", "5,517", "2,167", "1,852"}
    for phrase in (
        "986 visitors", "316 programs", "48 lines", "416 lines", "9,126 answered 200", "213 answered 404", "3 answered 500",
        "1,753 addresses", "225 views by 192 visitors",
    ):  # fmt: skip
        assert phrase in " ".join(text.split()), phrase
    settings = [line.split("#")[0].rstrip() for line in EXAMPLE.read_text(encoding="utf-8").splitlines()]
    shown = [line.strip() for line in text.splitlines()]
    assert not [line for line in settings if line.strip() and line.strip() not in shown]
