"""The producers' metrics: releases one can count, in local months."""

import numpy as np

from apijourney import NotMeasurable, measure, open_study
from apijourney.metrics.product.experience.release_metrics import releases_by_month

RELEASES = """team,version,released_at,announced_at,breaking
API,1,2026-01-31T23:30:00Z,2026-01-21T23:30:00Z,true
API,2,2026-02-10T10:00:00Z,2026-02-08T10:00:00Z,false
SDK,3,2026-02-11T10:00:00Z,,
API,4,2026-03-31T10:00:00Z,2026-03-31T10:00:00Z,true
"""
CALLS = "occurred_at,account_id,status\n2026-01-01T10:00,a,200\n2026-03-31T10:00,a,200\n"


def test_releases_count_in_their_local_month_and_unannounced_ones_have_no_lead(company):
    book = "timezone: Europe/Berlin\nobserved_from: 2026-01-01\n"
    study = open_study(company({"releases.csv": RELEASES, "requests.csv": CALLS}, book), month="2026-03", months_back=3)
    table = releases_by_month(study)
    assert table["releases"].tolist() == [0, 3, 1]
    assert table["breaking"].tolist() == [0, 1, 1]
    assert table["announced"].tolist() == [0, 2, 1]
    np.testing.assert_array_equal(table["lead_days"], [np.nan, 6, 0])
    lead = measure(study, "changelog_lead_time")
    np.testing.assert_array_equal(lead["denominator"], [0, 2, 1])


def test_without_the_table_it_is_said_what_to_add(company):
    study = open_study(company({"requests.csv": CALLS}), month="2026-03")
    assert isinstance(releases_by_month(study), NotMeasurable)
    assert isinstance(measure(study, "release_frequency"), NotMeasurable)
