"""Sessions: where one visit ends and the next begins, what bounces, and how long a page was open."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from apijourney import event_log
from apijourney.metrics.product.discovery.sessions import reading_times, session_numbers, sessions


def log(*rows):
    """log(("a", 0, "/docs"), …): unit, minutes since nine, page (None = none)."""
    start = pd.Timestamp("2026-10-01T09:00")
    frame = pd.DataFrame(
        {
            "account_id": [unit for unit, _, _ in rows],
            "event": "seen",
            "occurred_at": [start + pd.Timedelta(minutes=m) for _, m, _ in rows],
            "page": pd.Series([page for _, _, page in rows], dtype="str"),
        }
    )
    return event_log(frame)


def test_half_an_hour_without_a_touchpoint_ends_a_session():
    assert session_numbers(log(("a", 0, "/"), ("a", 29.5, "/"), ("a", 59.5, "/"))).tolist() == [0, 0, 1]


def test_a_session_belongs_to_one_unit():
    assert session_numbers(log(("a", 0, "/"), ("b", 1, "/"), ("a", 2, "/"))).tolist() == [0, 0, 1]


def test_a_visit_of_one_page_bounces_but_not_when_something_was_done_on_it():
    # a: one page; b: a page and a touchpoint without a page; c: two pages; d: no page at all
    found = sessions(log(("a", 0, "/"), ("b", 0, "/"), ("b", 1, None), ("c", 0, "/"), ("c", 1, "/docs"), ("d", 0, None)))
    assert found["views"].tolist() == [1, 1, 2, 0]
    assert found["touchpoints"].tolist() == [1, 2, 2, 1]
    assert found["bounced"].tolist() == [True, False, False, False]


def test_the_last_page_of_a_visit_has_no_time_and_what_is_no_page_does_not_cut_it():
    # a page for 10 minutes, with a click in between; then another, whose end nobody saw; then a new visit
    found = reading_times(log(("a", 0, "/"), ("a", 4, None), ("a", 10, "/docs"), ("a", 90, "/")))
    assert found[["page", "seconds"]].values.tolist() == [["/", 600]]


def test_a_log_without_rows_has_no_session():
    empty = log(("a", 0, "/")).select(pd.Series([False]).to_numpy())
    assert sessions(empty).empty and reading_times(empty).empty


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 300), st.sampled_from([None, "/", "/docs"])), min_size=1))
def test_sessions_equal_a_walk_through_each_units_rows(rows):
    expected = []
    for unit in sorted({r[0] for r in rows}):
        visit, last = [], None
        for _, minute, page in sorted((r for r in rows if r[0] == unit), key=lambda r: r[1]):
            if last is not None and minute - last >= 30:
                expected.append(visit)
                visit = []
            visit.append(page)
            last = minute
        expected.append(visit)
    found = sessions(log(*rows))
    assert found["touchpoints"].tolist() == [len(v) for v in expected]
    assert found["views"].tolist() == [sum(p is not None for p in v) for v in expected]
