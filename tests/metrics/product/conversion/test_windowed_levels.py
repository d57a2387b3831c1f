"""The rules of ClickHouse's windowFunnel, beside those of the workbook."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apijourney.errors import WorkbookError
from apijourney.facts.event_log import Step
from apijourney.metrics.product.conversion.windowed_levels import windowed_levels

BASE = pd.Timestamp("2026-10-01")


def log(letters: str, account: str = "a") -> pd.DataFrame:
    """log("A0 B5"): A at second 0, B at second 5."""
    rows = [(account, x[0], BASE + pd.Timedelta(int(x[1:]), "s")) for x in letters.split()]
    return pd.DataFrame(rows, columns=["account_id", "event", "occurred_at"])


def level(letters, steps="ABC", window=100, **options):
    return windowed_levels(log(letters), list(steps), window=window, **options)["level"].tolist()


def test_the_end_of_the_window_is_inside():
    assert level("A0 B5 C10", window=10) == [3] and level("A0 B5 C11", window=10) == [2]


def test_one_event_fills_equal_steps_unless_told_once():
    assert level("A0", "AAA") == [3]
    assert level("A0", "AAA", modes="strict_once") == [1]


def test_strict_increase_refuses_events_of_one_instant():
    assert level("A0 B0", "AB") == [2]
    assert level("A0 B0", "AB", modes=["strict_increase"]) == [1]


def test_strict_order_ends_at_another_event():
    assert level("A0 X1 B2", modes=["strict_order"]) == [1]
    assert level("A0 C1 B2", modes=["strict_order"]) == [1]


@pytest.mark.parametrize(
    ("letters", "steps", "plain", "reentry"),
    [
        ("A1 B2 A3 C4", "ABC", 2, 3), ("A1 B2 A3 B4 C5", "ABC", 2, 3), ("A1 B2 C3 B4 D5", "ABC", 3, 3),
        ("A1 C2 B3", "ABC", 1, 1), ("A1 B2 A3 C4", "ABCD", 2, 3), ("A1 B2 C3 B4 D5", "ABCD", 4, 4),
        ("A1 B2 C3 A4 B5 C6 D7", "ABCD", 3, 4), ("A1 B2 A3 C4", "ABAC", 1, 1),
    ],
)  # fmt: skip
def test_the_first_step_may_come_again_only_if_allowed(letters, steps, plain, reentry):
    # Published values: ClickHouse, test 00632_aggregation_window_funnel, part "allow_reentry".
    options = {"window": 86400}
    assert level(letters, steps, **options, modes=["strict_order"]) == [plain]
    assert level(letters, steps, **options, modes=["strict_order", "allow_reentry"]) == [reentry]


def test_strict_deduplication_ends_at_a_repeated_step():
    assert level("A0 B1 B2 C3", modes=["strict_deduplication"]) == [2]
    assert level("A0 A1 B2 C3", modes=["strict_deduplication"]) == [3]  # the first step may repeat


def test_every_account_with_an_event_has_a_level():
    table = pd.concat([log("A0 B1", "x"), log("B0", "y")])
    for modes in ((), "strict_once"):
        found = windowed_levels(table, ["A", "B"], window=10, modes=modes)
        assert found.values.tolist() == [["x", 2], ["y", 0]]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"modes": ["strict"]}, 'unknown mode "strict"; did you mean "strict_o'),
        ({"modes": ["strict_once", "strict_order"]}, '"strict_once" stands alone'),
        ({"window": "14D"}, "window: give elapsed time"),
        ({"steps": "A"}, "steps: give a list of 1 to 32"),
    ],
)
def test_bad_arguments_end_in_one_sentence(options, sentence):
    with pytest.raises(WorkbookError, match=sentence):
        windowed_levels(log("A0"), **{"steps": ["A"], "window": 10} | options)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 8)), min_size=1, max_size=10),
    st.lists(st.sampled_from(["A", "B", "C", "AB"]), min_size=1, max_size=4), st.integers(0, 8),
)  # fmt: skip
def test_default_level_equals_its_definition(rows, steps, window):
    """The longest chain with times that do not fall, all within a window from its first event.

    One event may fill several steps, if they follow each other.
    """
    table = pd.DataFrame(rows, columns=["letter", "t"])
    table = table.assign(account_id="a", event="E", occurred_at=BASE + pd.to_timedelta(table["t"], unit="s"))
    wanted = 0
    for start in {t for x, t in rows if x in steps[0]}:
        now, k = start, 0
        while k < len(steps):
            times = [t for x, t in rows if x in steps[k] and now <= t <= start + window]
            if not times:
                break
            now, k = min(times), k + 1
        wanted = max(wanted, k)
    specs = [Step("E", {"letter": list(s)}) for s in steps]
    assert windowed_levels(table, specs, window=window)["level"].tolist() == [wanted]
