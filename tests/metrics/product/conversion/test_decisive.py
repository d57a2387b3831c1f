"""The rows that decide give the funnel that all rows give."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney import Exclude, Step, funnel, funnel_accounts, funnel_trend
from apijourney.facts.event_log import EventLog
from apijourney.metrics.product.conversion import decisive
from apijourney.metrics.product.conversion.decisive import decisive_rows

START = pd.Timestamp("2026-03-27T12:00")
row = st.tuples(st.integers(7, 21), st.sampled_from(["a", "b", "c", "other"]), st.integers(0, 12))
steps_of = st.lists(st.sampled_from("abc"), min_size=1, max_size=4)


def tables(rows, unit: pd.Timedelta) -> tuple[pd.DataFrame, ibis.Table]:
    frame = pd.DataFrame(rows, columns=["account_id", "event", "at"]).astype({"account_id": "int64"})
    frame["occurred_at"] = (START + frame.pop("at") * unit).astype("datetime64[us]")
    return frame, ibis.memtable(frame)


@settings(max_examples=60)
@given(
    st.lists(row, min_size=1, max_size=40), steps_of, st.sampled_from(["1D", "2D", 3600 * 9, None]),
    st.sampled_from(["workbook", "posthog"]), st.sampled_from([None, "2026-03-29T05:00"]),
    st.sampled_from([pd.Timedelta(hours=6), pd.Timedelta(microseconds=1), pd.Timedelta(milliseconds=7)]),
)  # fmt: skip
def test_a_funnel_of_an_engines_table_is_that_of_all_its_rows(rows, steps, window, rules, until, unit):
    frame, table = tables(rows, unit)
    options = {"window": window, "rules": rules, "observed_until": until, "timezone": "Europe/Berlin"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decisive, "_PIECE", 5)  # accounts are cut into many pieces
        seen = frame["event"].isin(steps) & (frame["occurred_at"] < pd.Timestamp(until or "2100-01-01"))
        if seen.any():
            assert isinstance(decisive_rows(table, steps, **options), EventLog)
        pd.testing.assert_frame_equal(funnel(table, steps, **options), funnel(frame, steps, **options))
        pd.testing.assert_frame_equal(funnel_accounts(table, steps, **options), funnel_accounts(frame, steps, **options))
        pd.testing.assert_frame_equal(funnel_trend(table, steps, **options), funnel_trend(frame, steps, **options))


def test_few_rows_are_kept_of_many():
    frame, table = tables([(1, "a", k) for k in range(500)] + [(2, "other", k) for k in range(500)], pd.Timedelta("1h"))
    assert len(decisive_rows(table, ["a", "b"])) == 1


def test_a_table_in_which_nobody_takes_the_first_step_keeps_no_row():
    _, table = tables([(1, "b", 0), (2, "other", 1)], pd.Timedelta("1h"))
    assert len(decisive_rows(table, ["a", "b"])) == 0
    assert funnel(table, ["a", "b"])["accounts"].tolist() == [0, 0]


@pytest.mark.parametrize("window", ["3D", 3 * 86_400])
@pytest.mark.parametrize("zone", ["Pacific/Apia", "America/Sao_Paulo", "Europe/Dublin"])
def test_the_last_instant_of_a_window_is_fetched_also_where_a_day_is_skipped(zone, window):
    # Samoa had no 30 December 2011: three calendar days end after two elapsed ones
    began = pd.Timestamp("2011-12-29T05:00")
    hours = np.arange(40, 100)  # each account takes its only second step at another hour around the window's end
    second = pd.DataFrame({"account_id": hours, "event": "b", "occurred_at": began + pd.to_timedelta(hours, "h")})
    frame = pd.concat([second, second.assign(event="a", occurred_at=began)], ignore_index=True)
    told = {"window": window, "timezone": zone}
    for counted in (funnel, funnel_accounts):
        pd.testing.assert_frame_equal(
            counted(ibis.memtable(frame), ["a", "b"], **told), counted(frame, ["a", "b"], **told)
        )
    assert 0 < funnel(frame, ["a", "b"], **told)["accounts"][1] < len(hours)


@pytest.mark.parametrize(
    ("steps", "options"),
    [
        (["a", "b"], {"order": "strict"}), (["a", "b"], {"exclude": [Exclude("c")]}), (["a", "b"], {"count": "totals"}),
        (["a", "b"], {"rules": "mixpanel"}), ([Step("a", where={"x": 1}), "b"], {}), (["a", "b"], {"by": "x"}),
        (["a", "b", "c"], {"optional": ["b"]}), (["a", "b"], {"hold": ["x"]}),
    ],
)  # fmt: skip
def test_questions_that_read_more_get_all_rows(steps, options):
    _, table = tables([(1, "a", 0)], pd.Timedelta("1h"))
    assert decisive_rows(table, steps, **options) is table


def test_numbers_that_do_not_fit_are_never_cut():
    # accounts 2^31 apart, or centuries in microseconds: 63 bits do not hold them, all rows are read
    wide = pd.DataFrame({"account_id": [0, 2**40], "event": "a", "occurred_at": START})
    long = pd.DataFrame(
        {"account_id": np.array([0, 2**20], "int64"), "event": "a",
         "occurred_at": pd.to_datetime(["1900-01-01T00:00:00.000001", "2069-01-01T00:00:00.0"]).astype("datetime64[us]")}
    )  # fmt: skip
    for frame in (wide, long):
        table = ibis.memtable(frame)
        assert decisive_rows(table, ["a", "b"], window=None) is table
        counts = [funnel(events, ["a", "b"], window=None)["accounts"].tolist() for events in (table, frame)]
        assert counts[0] == counts[1]


def test_ids_that_are_text_are_left_to_the_ordinary_way():
    table = ibis.memtable(pd.DataFrame({"account_id": ["x"], "event": ["a"], "occurred_at": [START]}))
    assert decisive_rows(table, ["a"]) is table
