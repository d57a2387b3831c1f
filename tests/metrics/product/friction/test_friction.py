"""Friction after a step: hand-counted accounts, a planted trouble that is found, and chance at its rate."""

import numpy as np
import pandas as pd
import pytest

from apijourney import NotMeasurable, WorkbookError, open_study
from apijourney.metrics.product.friction.friction import BEHAVIOURS, behaviour_after, compare_friction, friction, friction_cohort

T = "2026-10-01T00:00"


def log_of(*rows) -> pd.DataFrame:
    """Rows of (account, event, "day hour:minute" of October 2026, page or status)."""
    table = pd.DataFrame(rows, columns=["account_id", "event", "at", "detail"])
    call = table["event"] == "request"
    return pd.DataFrame(
        {
            "account_id": table["account_id"], "event": table["event"],
            "occurred_at": "2026-10-" + table["at"].str.replace(" ", "T"),
            "page": table["detail"].where(~call), "status": table["detail"].where(call),
        }
    )  # fmt: skip


def met(events: pd.DataFrame, **more) -> dict[str, set[str]]:
    """Which behaviours does each account show in the first 24 hours of October 1?"""
    ids = sorted(set(events["account_id"]))
    found = behaviour_after(events, pd.Series(pd.Timestamp(T), index=ids), **more)
    return {i: set(found.columns[found.loc[i]]) - {"long_pause"} for i in ids}


def test_errors_are_told_apart_and_429_is_no_client_error():
    events = log_of(
        ("a", "request", "01 01:00", "404"), ("b", "request", "01 01:00", "503"),
        ("c", "request", "01 01:00", "429"), ("d", "request", "01 01:00", "200"),
    )  # fmt: skip
    assert met(events) == {
        "a": {"called", "client_error"}, "b": {"called", "server_error"}, "c": {"called", "throttled"}, "d": {"called"}
    }  # fmt: skip


def test_only_what_happens_after_the_instant_and_within_the_hours_counts():
    events = log_of(
        ("at", "request", "01 00:00", "404"), ("last", "request", "02 00:00", "404"), ("late", "request", "02 00:01", "404")
    )
    assert met(events) == {"at": set(), "last": {"called", "client_error"}, "late": set()}
    assert met(events, hours=24.1)["late"] == {"called", "client_error"}


def test_a_page_opened_again_is_repeated_and_two_in_turn_are_a_loop():
    pages = [("a", p) for p in "xyxy"] + [("b", p) for p in "xyx"] + [("c", p) for p in "xxyy"] + [("d", p) for p in "xyz"]
    events = log_of(*((who, "docs_view", f"01 01:{i:02d}", page) for i, (who, page) in enumerate(pages)))
    both = {"browsed", "repeated_page"}
    # b never comes back to y; c only reloads
    assert met(events) == {"a": both | {"loop"}, "b": both, "c": both, "d": {"browsed"}}


def test_a_loop_does_not_run_from_one_account_into_the_next():
    events = log_of(
        ("a", "docs_view", "01 01:00", "x"), ("a", "docs_view", "01 01:01", "y"),
        ("b", "docs_view", "01 01:02", "x"), ("b", "docs_view", "01 01:03", "y"),
    )  # fmt: skip
    assert met(events) == {"a": {"browsed"}, "b": {"browsed"}}


def test_calls_are_no_pages_and_a_touchpoint_without_a_page_is_a_place():
    events = log_of(*(("a", e, f"01 01:0{i}", d) for i, (e, d) in enumerate([("dash", None), ("docs_view", "x")] * 2)),
                    ("a", "request", "01 02:00", "200"), ("a", "ticket", "01 03:00", None))  # fmt: skip
    assert met(events)["a"] == {"browsed", "repeated_page", "loop", "called", "ticket"}


def test_silence_for_half_of_the_hours_is_a_long_pause_from_the_instant_to_the_end():
    events = log_of(
        ("noon", "dash", "01 12:00", None), ("busy", "dash", "01 11:00", None), ("busy", "dash", "01 20:00", None),
        ("early", "dash", "01 11:59", None),
    )  # fmt: skip
    reached = pd.Series(pd.Timestamp(T), index=["noon", "busy", "early", "unseen"])
    found = behaviour_after(events, reached)["long_pause"]
    assert found.to_dict() == {"noon": True, "busy": False, "early": True, "unseen": True}


def test_a_search_counts_within_the_hours_and_only_one_without_results_is_in_vain():
    events = log_of(("a", "dash", "01 01:00", None), ("b", "dash", "01 01:00", None), ("c", "dash", "01 01:00", None))
    hour = int(np.datetime64(T, "us").astype("int64")) + 3_600_000_000
    found = pd.DataFrame({"account_id": ["a", "b", "c"], "time": [hour, hour, hour + 86_400_000_000], "results": [0, 3, 0]})
    told = met(events, found=found)
    assert {i: told[i] - {"browsed"} for i in told} == {"a": {"searched", "search_without_result"}, "b": {"searched"}, "c": set()}


def behaviours(n: int, **columns) -> pd.DataFrame:
    table = pd.DataFrame(False, index=[f"a{i:03d}" for i in range(n)], columns=["called", "browsed", "searched", *BEHAVIOURS])
    return table.assign(**columns)


def test_errors_are_compared_among_those_who_called():
    # ten called, five of them met an error and four of these stopped; of the other five one did. Two never called.
    table = behaviours(12, called=[True] * 10 + [False] * 2, client_error=[True] * 5 + [False] * 7)
    stopped = pd.Series([True] * 4 + [False] + [True] + [False] * 4 + [True, True], index=table.index)
    row = compare_friction(table, stopped).set_index("id").loc["client_error"]
    assert row[["exposed", "exposed_stopped", "others", "others_stopped"]].tolist() == [5, 4, 5, 1]
    assert row["difference"] == pytest.approx(0.8 - 0.2) and row["low"] < 0.6 < row["high"]
    assert row["p"] == pytest.approx(row["q"])  # nothing else could be compared


def test_too_few_are_not_compared_and_what_is_not_known_says_why():
    table = behaviours(12, called=True, client_error=[True] * 4 + [False] * 8, ticket=[True] * 6 + [False] * 6)
    stopped = pd.Series([True, False] * 6, index=table.index)
    found = compare_friction(table, stopped, min_n=5, why_not={"ticket": "not known"}).set_index("id")
    assert found["note"].to_dict() == dict.fromkeys(BEHAVIOURS, "too few") | {"ticket": "not known"}
    assert found[["difference", "p", "q", "share"]].isna().all(axis=None)
    assert found.loc["ticket", ["exposed", "others"]].tolist() == [0, 0]


def drawn(rng: np.random.Generator, effect: float) -> pd.DataFrame:
    """200 accounts that called; half of them may meet each error; a client error adds `effect` to stopping."""
    n = 200
    hit = {b: rng.random(n) < 0.4 for b in ("client_error", "server_error", "throttled", "ticket", "long_pause")}
    table = behaviours(n, called=True, **hit)
    stopped = pd.Series(rng.random(n) < 0.3 + effect * hit["client_error"], index=table.index)
    return compare_friction(table, stopped).set_index("id")


def test_a_planted_trouble_is_found_and_its_interval_holds_the_truth():
    runs = [drawn(np.random.default_rng(i), effect=0.35) for i in range(40)]
    assert sum(r.loc["client_error", "q"] < 0.05 for r in runs) >= 36
    assert sum(r.loc["client_error", "low"] <= 0.35 <= r.loc["client_error", "high"] for r in runs) >= 35


def test_without_a_trouble_something_is_named_no_more_often_than_said():
    # with nothing planted, any q below 0.05 is false: at most 5 % of the runs, with room for chance in 200 runs
    runs = [drawn(np.random.default_rng(i), effect=0.0) for i in range(200)]
    assert sum((r["q"] < 0.05).any() for r in runs) <= 18


def test_longer_looking_at_those_who_stay_would_be_biased_and_the_fair_window_is_not():
    # everybody meets errors at one a day and goes on after an exponential time that has nothing to do with them
    rng = np.random.default_rng(5)
    n = 400
    wait = rng.exponential(6.0, n)  # days until going on
    errors = [np.cumsum(rng.exponential(2.0, 60)) for _ in range(n)]
    went = wait <= 10
    unfair_met = np.array([(e < min(w, 10)).any() for e, w in zip(errors, wait, strict=True)])
    fair = wait > 1
    fair_met = np.array([(e < 1).any() for e in errors])
    gap = lambda met, stop: stop[met].mean() - stop[~met].mean()  # noqa: E731
    assert gap(unfair_met, ~went) > 0.15
    assert abs(gap(fair_met[fair], ~went[fair])) < 0.1


ACCOUNTS = "account_id,created_at,is_internal\n" + "".join(f"a{i:02d},2026-01-05T10:00:00,false\n" for i in range(24))
# 20 accounts call (the step before); a00-a09 meet a 404 two hours later; a00-a07 and a10-a11 stop, the others succeed
# on the third day. a20 succeeds within the 24 hours. a21 calls too late to be followed. a22, a23 never call.
CALLS = [(f"a{i:02d}", "2026-01-06T10:00", 500) for i in range(21)] + [("a21", "2026-03-30T10:00", 500)]
CALLS += [(f"a{i:02d}", "2026-01-06T12:00", 404) for i in range(10)]
CALLS += [(f"a{i:02d}", "2026-01-08T10:00", 200) for i in (8, 9, *range(12, 20))] + [("a20", "2026-01-07T10:00", 200)]
REQUESTS = "request_id,occurred_at,account_id,endpoint,status,environment,key_id\n" + "".join(
    f"{i},{at}:00,{who},/x,{status},production,k\n" for i, (who, at, status) in enumerate(CALLS)
)
BOOK = """observed_from: 2026-01-01
funnel: [opened, called, succeeded]
journey:
  - {touchpoint: opened, stage: evaluate, event: account_created}
  - {touchpoint: called, stage: integrate, event: request}
  - {touchpoint: succeeded, stage: integrate, event: request, where: {status_class: 2xx}}
"""


@pytest.fixture
def study(company):
    return open_study(company({"accounts.csv": ACCOUNTS, "requests.csv": REQUESTS}, BOOK), month="2026-03")


def test_friction_of_a_company_counted_by_hand(study):
    # compared: a00-a19. Of the ten that met a 404 eight stopped, but only those who called in the 24 hours can be
    # compared: the other ten made no call in them. So nothing can be said of errors, and it says so.
    table = friction(study, step="succeeded", window="14D").set_index("id")
    first = table.iloc[0]
    assert first[["accounts", "stopped", "left_early", "left_open"]].tolist() == [20, 10, 1, 0]
    assert (first["before"], first["step_name"], first["hours"]) == ("called", "succeeded", 24)
    assert table.loc["client_error", ["exposed", "exposed_stopped", "others"]].tolist() == [10, 8, 0]
    assert table.loc["client_error", "note"] == "too few"
    assert table.loc["ticket", "note"] == 'not known: needs "tickets"'


def test_everybody_is_followed_for_the_same_time_or_left_out_and_counted(study):
    # the call of a21 on March 30 belongs to no attempt within 14 days of opening; with 90 days it does
    cohort = friction_cohort(study, "succeeded", "90D").set_index("account_id")
    assert set(cohort["kept"]) == {"not followed long enough"}  # 90 days after January 6 are not over on March 31
    cohort = friction_cohort(study, "succeeded", "80D").set_index("account_id")
    assert cohort.loc["a20", "kept"] == "went on at once" and len(cohort) == 21
    assert cohort["went_on"].notna().sum() == 11


def test_a_company_of_which_too_few_went_on_says_so(study):
    assert "too few accounts" in str(friction(study, step="called", window="14D"))


def test_the_worst_step_is_the_default(study):
    assert friction(study, window="14D")["step_name"].iloc[0] == "succeeded"


def test_mistakes_end_in_a_sentence(study):
    with pytest.raises(WorkbookError, match='unknown step "suceeded"; did you mean "succeeded"?'):
        friction(study, step="suceeded")
    with pytest.raises(WorkbookError, match="look for more than 0 and at most 8,784 hours, not 0"):
        behaviour_after(log_of(("a", "dash", "01 01:00", None)), pd.Series(pd.Timestamp(T), index=["a"]), hours=0)


def test_without_a_funnel_nothing_is_compared(company):
    bare = open_study(company({"accounts.csv": ACCOUNTS, "requests.csv": REQUESTS}, "observed_from: 2026-01-01", "bare"), month="2026-03")
    assert isinstance(friction(bare), NotMeasurable)
