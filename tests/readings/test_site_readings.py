"""The sentences about the site say what their tables hold, and claim nothing chance explains."""

import numpy as np
import pandas as pd

from apijourney.metrics.product.discovery.first_steps import SEARCH_FIRST
from apijourney.readings import site

SPAN = "May 2026 to June 2026"
DOCS = pd.DataFrame(
    {
        "page": ["/a", "/b", "/c", "/d"],
        "readers": [90, 60, 30, 0],
        "endpoints": ["any", "/pay", "/geo", "any"],
        "broken_links": [0.0, 3.0, 1.0, np.nan],
        "denominator": [80, 50, 20, 0],
        "value": [0.1, 0.4, 0.2, np.nan],
        "low": [0.05, 0.3, 0.1, np.nan],
        "high": [0.2, 0.5, 0.4, np.nan],
    }
)
SILENT = pd.DataFrame(
    {
        "group": ["ads", "docs"], "value": [0.6, 0.2], "low": [0.5, 0.1], "high": [0.7, 0.3], "numerator": [60, 20],
        "denominator": [100, 100], "others": [0.2, 0.6], "others_n": [100, 100], "q": [0.0001, 0.0001],
    }
)  # fmt: skip


def test_pages_are_compared_only_with_pages_of_their_kind():
    text = site.read_docs_pages(DOCS, span=SPAN)
    assert "“/a” had the most readers: **90**" in text
    assert "that name an endpoint, a first success with it followed within 7 days most often on “/b” (**40 %**" in text
    assert "least often on “/c”" in text and "that name none" not in text
    assert site.read_docs_pages(DOCS.assign(readers=0), span=SPAN) == f"Nobody read a page of the docs in {SPAN}."


def test_broken_links_name_their_pages_and_are_silent_where_nobody_knows():
    assert site.read_links(DOCS, month="2026-06") == (
        "In the pages as they stand in the report on June 2026, 4 links lead nowhere; the pages with most of them: "
        "“/b” (3; 60 readers), “/c” (1; 30 readers)."
    )
    assert site.read_links(DOCS.assign(broken_links=0), month="2026-06").endswith("0 links lead nowhere, among 4 pages.")
    assert site.read_links(DOCS.assign(broken_links=np.nan), month="2026-06") == ""


def test_searches_stand_apart_only_when_their_interval_does():
    table = pd.DataFrame(
        {"page": [SEARCH_FIRST, "/a", "/b"], "value": [0.1, 0.1, 0.5], "low": [0.08, 0.05, 0.3], "high": [0.2, 0.2, 0.7],
         "numerator": [10, 5, 10], "denominator": [100, 50, 20]}
    )  # fmt: skip
    text = site.read_searches(table, span=SPAN)
    assert "**15 %** of 170 searches found nothing. 59 % of the searches came before any page of the visit." in text
    assert "“/a” sends most people to the search (50 times)" in text
    assert "in vain from “/b” (50 % of 20); with so many pages" in text
    assert "in vain" not in site.read_searches(table.assign(low=0.0), span=SPAN)


def test_a_silent_channel_is_a_finding_only_when_it_is_large_sure_and_silent():
    assert "**60 %** of the accounts that came through “ads”" in site.find_silent_channel(SILENT, span=SPAN)
    assert "docs" not in site.find_silent_channel(SILENT, span=SPAN)  # it is the better one
    for weaker in (SILENT.assign(q=0.01), SILENT.assign(others=0.55), SILENT.assign(denominator=19)):
        assert site.find_silent_channel(weaker, span=SPAN) == ""


def test_channels_are_read_with_the_caution_their_q_values_ask_for():
    text = site.read_silent(SILENT, span=SPAN)
    assert text.startswith("**40 %** of the 200 accounts opened from May 2026 to June 2026 made no call within 28 days.")
    assert "Chance alone hardly explains how “ads”, “docs”" in text
    assert "No channel differs" in site.read_silent(SILENT.assign(q=0.5), span=SPAN)


def test_newcomers_are_counted_with_where_they_begin_and_stop():
    matrix = pd.DataFrame({1: [0.75, 0.25, 0.0], 2: [0.0, 0.5, 0.5]}, index=["landing", "docs", "(end)"])
    matrix.attrs["units"] = 8
    assert site.read_first_steps(matrix, month="2026-06") == (
        "**8** accounts and visitors were first seen in June 2026; **75 %** of them began at “landing”. 50 % did one thing "
        "and no more that month; 50 % got as far as a touchpoint number 2."
    )


def test_the_most_frequent_step_stands_with_its_way_back():
    steps = pd.DataFrame(
        {"from_touchpoint": ["docs", "prices"], "to_touchpoint": ["prices", "docs"], "count": [40, 20]}
    )
    assert site.read_path_steps(steps, month="2026-06").endswith("40 times. The way back is taken 20 times.")
    assert "way back" not in site.read_path_steps(steps.iloc[:1], month="2026-06")
