"""The events that decide a funnel give the answers of all events, in any window."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.facts.event_log import event_log
from apijourney.facts.steps import Step
from apijourney.metrics.product.conversion.deciding import deciding_events
from apijourney.metrics.product.conversion.funnel import funnel, funnel_accounts, funnel_trend

OPENED, CALL, GOOD, PAID = Step("opened"), Step("call"), Step("call", where={"status": "good"}), Step("paid")
DAYS = pd.Timestamp("2026-10-01") + pd.to_timedelta(np.arange(70), unit="D")

events = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.sampled_from(["opened", "call", "call", "call", "paid", "view"]),
        st.sampled_from(["good", "bad"]), st.integers(0, 69),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


def log_of(rows):
    table = pd.DataFrame(rows, columns=["account_id", "event", "status", "day"])
    return event_log(table.assign(occurred_at=DAYS[table.pop("day")]), observed_until="2026-12-15")


@settings(max_examples=300, deadline=None)
@given(events, st.sampled_from(["1D", "7D", "30D"]), st.sampled_from([[OPENED, CALL, GOOD, PAID], [CALL, GOOD, CALL, PAID], [OPENED, GOOD, GOOD]]))
def test_any_window_and_any_first_steps_answer_as_from_all_events(rows, window, steps):
    log = log_of(rows)
    less = deciding_events(log, steps)
    for asked in (steps, steps[:2]):
        how = {"window": window, "entered": ("2026-10-03", "2026-12-01")}
        for question in (funnel, funnel_accounts, funnel_trend):
            pd.testing.assert_frame_equal(question(less, asked, **how), question(log, asked, **how))


def test_calls_after_the_last_step_decide_nothing():
    log = log_of([("a", "opened", "good", 0), ("a", "call", "good", 1), ("a", "call", "good", 2), ("a", "paid", "good", 3)] + [("a", "call", "good", d) for d in range(4, 60)])
    assert len(deciding_events(log, [OPENED, CALL, GOOD, PAID])) == 4


def test_a_call_after_a_new_beginning_decides_again():
    log = log_of([("a", "opened", "good", 0), ("a", "call", "good", 1), ("a", "call", "bad", 2), ("a", "opened", "good", 3), ("a", "call", "bad", 4)])
    assert deciding_events(log, [OPENED, CALL]).to_frame()["event"].tolist() == ["opened", "call", "opened", "call"]


def test_an_unknown_property_of_a_step_is_the_funnels_own_error():
    with pytest.raises(Exception, match="property"):
        deciding_events(log_of([("a", "opened", "good", 0)]), [OPENED, Step("call", where={"colour": "red"})])
