"""The event log: sorted, coded, cut at the observed moment, one unit a row."""

import warnings
from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from apijourney.errors import WorkbookError
from apijourney.facts.event_log import Exclude, Step, event_log, zone_of

ROWS = pd.DataFrame(
    [
        ("b", "sign_up", "2026-10-01T10:00", "web"),
        ("a", "request", "2026-10-02T09:00", None),
        ("a", "sign_up", "2026-10-01T12:00", "docs"),
        ("a", "key_created", "2026-10-02T09:00", None),
        (None, "request", "2026-10-02T09:30", None),
    ],
    columns=["account_id", "event", "occurred_at", "channel"],
).assign(occurred_at=lambda t: pd.to_datetime(t["occurred_at"]))


def rows(log):
    return [tuple(row) for row in log.to_frame()[["account_id", "event"]].itertuples(index=False)]


EXPECTED = [("a", "sign_up"), ("a", "request"), ("a", "key_created"), ("b", "sign_up")]


def test_rows_are_sorted_by_account_then_time_then_input_order():
    # a's request and key_created share 09:00: the request was written first and stays first.
    # The row without an account belongs to nobody.
    assert rows(event_log(ROWS)) == EXPECTED


@pytest.mark.parametrize(
    "table",
    [
        pa.Table.from_pandas(ROWS, preserve_index=False),
        ibis.memtable(ROWS),
        ROWS.assign(event=ROWS["event"].astype("category")),
        ROWS.assign(occurred_at=ROWS["occurred_at"].dt.strftime("%Y-%m-%dT%H:%M:%S")),
        ROWS.assign(occurred_at=ROWS["occurred_at"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")),
    ],
    ids=["arrow", "ibis", "categorical", "text", "zoned"],
)
def test_every_kind_of_table_gives_the_same_log(table):
    log = event_log(table)
    assert rows(log) == EXPECTED
    assert log.time.tolist() == event_log(ROWS).time.tolist()
    assert log.properties["channel"].tolist()[0] == "docs"
    assert log.properties["channel"].codes.tolist()[1] == -1


def test_parts_of_a_microsecond_are_refused_and_never_cut():
    finer = ROWS.assign(occurred_at=ROWS["occurred_at"].astype("datetime64[ns]") + pd.Timedelta(1500, "ns"))
    with pytest.raises(WorkbookError, match='column "occurred_at" has parts of a microsecond in 5 rows; round it'):
        event_log(finer)
    whole = ROWS.assign(occurred_at=ROWS["occurred_at"].astype("datetime64[ns]"))
    assert rows(event_log(whole)) == EXPECTED


def test_an_event_log_is_returned_as_it_is():
    log = event_log(ROWS)
    assert event_log(log) is log


def test_arrays_have_the_promised_types():
    log = event_log(ROWS)
    assert (log.account.dtype, log.time.dtype, log.event.dtype) == ("int32", "int64", "int32")
    assert log.bounds().tolist() == [0, 3, 4]


def test_a_step_may_ask_for_property_values():
    log = event_log(ROWS)
    assert log.mask("sign_up").tolist() == [True, False, False, True]
    assert log.mask(Step("sign_up", where={"channel": "docs"})).tolist() == [True, False, False, False]
    either = Step("sign_up", where={"channel": ["docs", "web"]})
    assert log.mask(either).tolist() == [True, False, False, True]


def test_an_unknown_value_is_no_match_and_null_matches_nothing():
    log = event_log(ROWS)
    assert not log.mask(Step("request", where={"channel": "web"})).any()
    assert not log.mask(Step("sign_up", where={"channel": "radio"})).any()


def test_numbers_match_as_people_write_them():
    table = ROWS.assign(status=[200, 404, 200, 500, 200])
    log = event_log(table)
    assert log.mask(Step("request", where={"status": 404})).sum() == 1
    assert log.mask(Step("request", where={"status": "404"})).sum() == 1


def test_selecting_keeps_the_codes_of_all_units():
    log = event_log(ROWS)
    only_b = log.select(log.account == 1)
    assert rows(only_b) == [("b", "sign_up")] and list(only_b.accounts) == ["a", "b"]
    assert only_b.properties["channel"].tolist() == ["web"]


def test_rows_at_or_after_the_observed_moment_are_hidden():
    log = event_log(ROWS, observed_until="2026-10-02T09:00")
    assert rows(log) == [("a", "sign_up"), ("b", "sign_up")]
    assert log.observed_until == pd.Timestamp("2026-10-02T09:00").value // 1000


def test_rows_that_arrived_too_late_are_hidden():
    late = ROWS.assign(received_at=ROWS["occurred_at"] + pd.Timedelta("2D"))
    assert rows(event_log(late, observed_until="2026-10-03T11:00")) == [("b", "sign_up")]


def test_cutting_a_log_equals_building_it_with_the_earlier_moment():
    late = ROWS.assign(received_at=ROWS["occurred_at"] + pd.Timedelta("2D"))
    log = event_log(late)
    for until in ["2026-10-02", "2026-10-03T11:00", "2026-10-05"]:
        assert rows(event_log(log, observed_until=until)) == rows(event_log(late, observed_until=until))


def test_a_log_cannot_answer_for_a_later_moment_than_it_saw():
    log = event_log(ROWS, observed_until="2026-10-02")
    with pytest.raises(WorkbookError, match="build it again with the later instant"):
        event_log(log, observed_until="2026-10-03")


PEOPLE = pd.DataFrame(
    [
        ("v1", None, None, "docs_view", "2026-10-01"),
        ("v1", "d1", None, "sign_up", "2026-10-02"),
        (None, "d1", "acme", "request", "2026-10-03"),
        ("v2", None, None, "docs_view", "2026-10-01"),
        ("v3", None, None, "docs_view", "2026-10-01"),
    ],
    columns=["visitor_id", "developer_id", "account_id", "event", "occurred_at"],
)
LINKS = pd.DataFrame(
    [
        ("v1", "d1", None, "2026-10-02"),
        (None, "d1", "acme", "2026-10-03"),
        ("v2", "d2", None, "2026-10-05"),
    ],
    columns=["visitor_id", "developer_id", "account_id", "linked_at"],
).assign(linked_at=lambda t: pd.to_datetime(t["linked_at"]))


def units(log):
    return log.to_frame().groupby("account_id").size().to_dict()


def test_unit_is_the_account_if_linked_else_the_developer_else_the_visitor():
    # v1 → d1 → acme: three rows of acme. v2 → d2, who has no account. v3 is nobody's visitor.
    assert units(event_log(PEOPLE, identities=LINKS)) == {"acme": 3, "d2": 1, "v3": 1}


def test_links_not_yet_known_do_not_count():
    # Before 3 October d1 has no account yet, and v2 is not yet known to be d2.
    log = event_log(PEOPLE, identities=LINKS, observed_until="2026-10-03")
    assert units(log) == {"d1": 2, "v2": 1, "v3": 1}


def test_without_links_each_row_counts_for_its_best_own_id():
    assert units(event_log(PEOPLE)) == {"v1": 1, "d1": 1, "acme": 1, "v2": 1, "v3": 1}


def test_of_several_links_the_earliest_holds():
    second = pd.DataFrame(
        {"visitor_id": ["v1"], "developer_id": [None], "account_id": ["zeta"],
         "linked_at": pd.to_datetime(["2026-09-01"])}
    )
    log = event_log(PEOPLE, identities=pd.concat([LINKS, second]))
    # v1's own link to zeta; the row of d1 (also v1's) goes to d1's account acme.
    assert units(log) == {"acme": 2, "zeta": 1, "d2": 1, "v3": 1}


def test_ids_are_prefixed_only_where_kinds_share_one():
    table = pd.DataFrame(
        {"visitor_id": [None, "7", "8"], "account_id": ["7", None, None],
         "event": "docs_view", "occurred_at": "2026-10-01"}
    )
    assert units(event_log(table)) == {"7": 1, "visitor:7": 1, "visitor:8": 1}


def test_an_empty_table_gives_an_empty_log():
    log = event_log(ROWS.iloc[:0])
    assert len(log) == 0 and len(log.accounts) == 0 and log.to_frame().empty


def test_random_rows_come_out_in_the_order_of_a_stable_sort():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {"account_id": rng.integers(0, 20, 500).astype(str), "event": rng.integers(0, 4, 500).astype(str),
         "occurred_at": pd.to_datetime(rng.integers(0, 30, 500), unit="s"), "n": np.arange(500)}
    )
    expected = table.sort_values(["account_id", "occurred_at"], kind="stable")["n"].tolist()
    assert event_log(table).properties["n"].tolist() == expected
    # Instants so far apart that account and time do not fit one integer take the other way.
    table["occurred_at"] = pd.to_datetime(rng.choice([-(2**60), 0, 2**60], 500) // 10**6, unit="ms")
    assert event_log(table).properties["n"].tolist() == table.sort_values(
        ["account_id", "occurred_at"], kind="stable"
    )["n"].tolist()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: event_log(ROWS.drop(columns="event")), 'events: no column "event"; it has account_id'),
        (lambda: event_log(ROWS.drop(columns="account_id")), 'events: no column "account_id"'),
        (lambda: event_log([1, 2]), "expected a pandas, Arrow or Ibis table, not list"),
        (lambda: event_log(ROWS.assign(occurred_at="soon")), 'column "occurred_at" holds a value that is no'),
        (lambda: event_log(ROWS.assign(occurred_at=pd.NaT)), 'column "occurred_at" is empty in 5 rows'),
        (lambda: event_log(ROWS.assign(event=None)), 'column "event" is empty in some rows'),
        (lambda: event_log(ROWS.assign(channel=[[1]] * 5)), 'column "channel" holds nested values'),
        (lambda: event_log(ROWS, observed_until="someday"), '"someday" is no instant'),
        (lambda: event_log(ROWS, observed_until=pd.NaT), '"NaT" is no instant'),
        (lambda: event_log(ROWS).mask(Step("sign_up", {"chanel": "x"})), 'did you mean "channel"'),
        (lambda: event_log(ROWS).mask(3), "a step is an event name or Step"),
    ],
)
def test_bad_input_ends_in_one_sentence(make, sentence):
    with pytest.raises(WorkbookError, match=sentence):
        make()


def test_a_name_outside_a_declared_vocabulary_is_a_mistake():
    log = event_log(ROWS.assign(event=ROWS["event"].astype("category")))
    with pytest.raises(WorkbookError, match='unknown step "sign_upp"; did you mean "sign_up"'):
        log.mask("sign_upp")


def test_a_name_that_no_row_of_a_table_has_is_warned_of_with_the_one_that_was_meant():
    with pytest.warns(UserWarning) as told:
        assert not event_log(ROWS).mask("sign_upp").any()
    assert [str(w.message) for w in told] == ['no event is called "sign_upp", so nobody took it; did you mean "sign_up"?']
    assert told[0].filename == __file__


def test_a_log_that_says_which_events_exist_counts_none_and_refuses_others():
    log = replace(event_log(ROWS), known=frozenset({"key_revoked"}), journey=frozenset({"first call"}))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not log.mask("key_revoked").any()
    with pytest.raises(WorkbookError, match='^unknown step "key_revokd"; did you mean "key_revoked"[?]$'):
        log.mask("key_revokd")
    with pytest.raises(WorkbookError, match='^"first call" is a touchpoint of the journey and no event; give study.step'):
        log.mask("first call")


def test_an_empty_table_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not event_log(ROWS.iloc[:0]).mask("sign_up").any()


def test_the_zone_is_the_one_asked_for_else_that_of_the_log_else_utc():
    log = event_log(ROWS)
    here = replace(log, zone="Asia/Tokyo")
    assert [zone_of(log, None), zone_of(ROWS, None), zone_of(here, None), zone_of(here, "UTC")] == ["UTC", "UTC", "Asia/Tokyo", "UTC"]
    assert here.select(np.ones(len(here), dtype=bool)).zone == event_log(here, observed_until="2030-01-01").zone == "Asia/Tokyo"


def test_a_step_says_what_it_counts():
    step = Step("request", {"status_class": ["2xx", "3xx"], "environment": "sandbox"})
    assert step.label == "request (status_class=2xx|3xx, environment=sandbox)"
    assert Exclude("key_revoked").before is None


def test_rows_of_one_instant_know_their_first():
    # a: sign_up, then request and key_created at 09:00; b: sign_up.
    assert event_log(ROWS).instant_starts().tolist() == [0, 1, 1, 3]
