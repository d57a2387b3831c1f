"""Numbered actors say what their ids say: the stored form of the event log equals the log of the ids."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from apijourney import event_log
from apijourney.facts.actors import with_accounts
from apijourney.facts.event_log import coded_event_log

IDS = ["visitor_id", "developer_id", "account_id"]
some = lambda letter: st.one_of(st.none(), st.sampled_from([f"{letter}1", f"{letter}2", "shared"]))  # noqa: E731
actor = st.tuples(some("v"), some("d"), some("a")).filter(any)
event = st.tuples(actor, st.sampled_from(["docs_view", "sign_up", "request"]), st.integers(0, 3), st.integers(0, 4))
link = st.tuples(some("v"), some("d"), some("a"), st.integers(0, 4))
DAY = pd.Timestamp("2026-10-01")


def table_of(rows) -> pd.DataFrame:
    """Events in one order for one instant: by name, then by the ids as they came."""
    rows = sorted(rows, key=lambda row: (row[2], row[1], tuple(i or "" for i in row[0])))
    ids = pd.DataFrame([row[0] for row in rows], columns=IDS, dtype="object")
    days = {name: [DAY + pd.Timedelta(days=row[i]) for row in rows] for name, i in (("occurred_at", 2), ("received_at", 3))}
    return ids.assign(event=[row[1] for row in rows], **days)


def coded(table: pd.DataFrame, numbers: list) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give each actor a number, in the order of `numbers`."""
    of = {ids: number for number, ids in enumerate(numbers)}
    triples = list(table[IDS].where(table[IDS].notna(), None).itertuples(index=False, name=None))
    return table.drop(columns=IDS).assign(actor=[of[t] for t in triples]), pd.DataFrame(numbers, columns=IDS, dtype="object")


@given(st.lists(event, min_size=1, max_size=12), st.lists(link, max_size=4), st.integers(0, 5), st.randoms())
def test_the_log_of_numbered_actors_is_the_log_of_their_ids(rows, links, until, random):
    table = table_of(rows)
    identities = pd.DataFrame(links, columns=[*IDS, "day"]).astype({i: "object" for i in IDS})
    identities["linked_at"] = [DAY + pd.Timedelta(days=day) for day in identities.pop("day")]
    numbers = list(dict.fromkeys(row[0] for row in rows)) + [("never seen", None, None)]
    random.shuffle(numbers)
    events, actors = coded(table, numbers)
    events = events.sample(frac=1, random_state=random.randint(0, 99))  # as in month files: not by time
    known = {"identities": identities, "observed_until": DAY + pd.Timedelta(days=until)}
    expected = event_log(table, **known).to_frame()
    found = coded_event_log(events, actors, **known).to_frame()
    pd.testing.assert_frame_equal(found.astype("object"), expected.astype("object"))


def test_events_of_one_instant_do_not_depend_on_the_numbers_of_their_actors():
    # v and d belong to account a; both act at noon, so the names of the events decide, then the ids
    at = pd.Timestamp("2026-10-01T12:00")
    rows = [(("v", None, None), "sign_up"), (("v", None, None), "docs_view"), ((None, "d", None), "docs_view")]
    links = pd.DataFrame({"visitor_id": ["v", None], "developer_id": [None, "d"], "account_id": "a", "linked_at": at})
    for numbers in ([("v", None, None), (None, "d", None)], [(None, "d", None), ("v", None, None)]):
        actors = pd.DataFrame(numbers, columns=IDS, dtype="object")
        events = pd.DataFrame({
            "actor": [numbers.index(ids) for ids, _ in rows], "event": [name for _, name in rows],
            "occurred_at": at, "page": ["3", "2", "1"],
        })  # fmt: skip
        log = coded_event_log(events, actors, identities=links)
        assert log.to_frame()["page"].tolist() == ["1", "2", "3"], numbers


def test_accounts_of_ledgers_are_numbered_after_the_actors():
    actors = pd.DataFrame([("v", None, None)], columns=IDS, dtype="object")
    longer, codes = with_accounts(actors, pd.Series(["b", "a", "b"]))
    assert codes.tolist() == [1, 2, 1]
    assert longer["account_id"].tolist()[1:] == ["b", "a"]
    assert np.isnan(longer["visitor_id"].iloc[1]) or longer["visitor_id"].iloc[1] is None
