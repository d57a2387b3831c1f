"""The first touchpoints of newcomers, the steps drawn as a graph, and the pages people search from."""

import pandas as pd
import pytest

from apijourney import NotMeasurable, open_study
from apijourney.metrics.product.discovery.first_steps import SEARCH_FIRST, first_steps, path_steps, searches_by_page_before
from apijourney.metrics.product.conversion.paths import END, START
from apijourney.workbook import Touchpoint

HEAD = "event_id,occurred_at,visitor_id,touchpoint,page,properties\n"
BOOK = "observed_from: 2026-01-01\ndefinitions: {min_n: 2}\n"


def touchpoints(*rows):
    lines = [f'{i},2026-{at}:00Z,{who},{name},{page},"{extra}"' for i, (who, at, name, page, extra) in enumerate(rows)]
    return HEAD + "\n".join(lines) + "\n"


def test_newcomers_are_first_seen_in_the_month_and_their_columns_add_up(company):
    # old was seen in January; a reads the docs and signs up, b lands and leaves
    rows = [("old", "01-05T10:00", "docs_view", "/d", ""), ("old", "02-05T10:00", "docs_view", "/d", "")]
    rows += [("a", "02-06T10:00", "docs_view", "/d", ""), ("a", "02-07T10:00", "sign_up", "", ""), ("b", "02-06T10:00", "landing_view", "/", "")]
    found = first_steps(open_study(company({"touchpoints.csv": touchpoints(*rows)}, BOOK), month="2026-02"), n=3)
    assert found.attrs["units"] == 2
    assert found.index.tolist() == ["landing_view", "docs_view", "sign_up", END]
    assert found.values.tolist() == [[0.5, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0, 0.5, 1]]
    assert found.sum().tolist() == pytest.approx([1, 1, 1])


def test_a_single_newcomer_is_too_few(company):
    study = open_study(company({"touchpoints.csv": touchpoints(("a", "01-05T10:00", "docs_view", "/d", ""))}, BOOK), month="2026-01")
    assert "too few were first seen on the site in January 2026" in str(first_steps(study))


def test_the_page_before_a_search_is_of_the_same_visit_and_no_search_itself(company):
    found = '{""results"": 3}'
    nothing = '{""results"": 0}'
    rows = []
    for k in range(20):
        hour = f"01-{k + 1:02d}T10"
        rows.append((f"v{k}", f"{hour}:00", "docs_view", "/d", ""))
        rows.append((f"v{k}", f"{hour}:05", "docs_search", "/s", nothing if k < 5 else found))
        rows.append((f"v{k}", f"{hour}:06", "docs_search", "/s", found))  # still from /d
        rows.append((f"v{k}", f"01-{k + 1:02d}T12:00", "docs_search", "/s", nothing))  # another visit
    table = searches_by_page_before(open_study(company({"touchpoints.csv": touchpoints(*rows)}, BOOK), month="2026-01"))
    assert table[["page", "numerator", "denominator"]].values.tolist() == [["/d", 5, 40], [SEARCH_FIRST, 20, 20]]


def test_a_step_of_the_graph_leads_to_another_touchpoint():
    journey = [Touchpoint(touchpoint=n, stage=s, event=n) for n, s in (("docs", "discover"), ("pricing", "evaluate"))]
    counts = pd.DataFrame(
        {"docs": [9, 5, 2], "pricing": [1, 3, 4], END: [0, 7, 7]}, index=[START, "docs", "pricing"]
    )
    found = path_steps(counts, journey)
    assert found.values.tolist() == [["docs", "discover", "pricing", "evaluate", 3], ["pricing", "evaluate", "docs", "discover", 2]]
    assert len(path_steps(counts, journey, most=1)) == 1
    assert isinstance(path_steps(counts.loc[[START]], journey), NotMeasurable)
