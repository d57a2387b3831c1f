"""What follows what, and what goes with what, as other tools publish it."""

import pandas as pd
import pytest

from apijourney.metrics.product.association import association
from apijourney.metrics.product.conversion.paths import (

    END,
    START,
    step_matrix,
    transitions,
)
from published import CASES, cases, letters

ENDS = {"path_start": START, "path_end": END}


def square(found, column, names) -> list[list[float]]:
    """One column of the transitions as a matrix, from the rows to the columns."""
    matrix = found.pivot(index="from_event", columns="to_event", values=column)
    return matrix.reindex(index=names, columns=names).fillna(0).to_numpy().tolist()


@pytest.mark.parametrize("case", cases("transition_matrix"))
def test_transitions_are_those_of_the_source(case):
    found, expected = transitions(letters(case)), case["expected"]
    if "pairs" in expected:
        inside = found[(found["from_event"] != START) & (found["to_event"] != END)]
        assert sorted(inside[["from_event", "to_event", "count"]].to_numpy().tolist()) == sorted(expected["pairs"])
        return
    names = [ENDS.get(n, n) for n in expected["index"]]
    assert square(found, "count", names) == expected["counts"]
    if "total_transitions" in expected:
        assert found["count"].sum() == expected["total_transitions"]
    for column, name in (("accounts", "accounts"), ("share", "proba_out")):
        if name in expected:
            assert square(found, column, names) == expected[name]


@pytest.mark.parametrize("case", cases("step_matrix"))
def test_step_matrix_is_that_of_the_source(case):
    found = step_matrix(letters(case), case["params"]["n"])
    shares = found.pivot(index="event", columns="position", values="share").fillna(0)
    wanted = {ENDS.get(n, n): pytest.approx(row) for n, row in case["expected"]["share"].items()}
    assert {event: row.tolist() for event, row in shares.iterrows()} == wanted


def test_the_shares_of_one_event_are_those_of_the_source():
    case = CASES["rete_transition_counts"]
    names = [ENDS.get(n, n) for n in case["expected"]["index"]]
    share = transitions(letters(case)).pivot(index="from_event", columns="to_event", values="share").fillna(0)
    assert share.reindex(columns=names, fill_value=0).loc["B"].tolist() == case["expected"]["proba_out_B"]


@pytest.mark.parametrize("case", cases("correlation"))
def test_odds_ratio_with_a_prior_of_one_is_that_of_the_source(case):
    n = case["events"]
    reached = [True] * n["success_total"] + [False] * n["failure_total"]
    did = [i < n["success_count"] for i in range(n["success_total"])]
    did += [i < n["failure_count"] for i in range(n["failure_total"])]
    found = association(pd.DataFrame({"did": did}), reached, prior=1)
    assert found["odds_ratio"][0] == pytest.approx(case["expected"]["odds_ratio"])
