"""Four averages of the same cohorts, counted by hand."""

import pandas as pd

from apijourney import NotMeasurable
from apijourney.metrics.product.retention.retention_averages import WAYS, average_ways

CELLS = pd.DataFrame(
    [("2026-07", 0, 90, 90, True), ("2026-07", 1, 90, 45, True), ("2026-07", 2, 90, 30, True),
     ("2026-08", 0, 10, 10, True), ("2026-08", 1, 10, 9, True), ("2026-08", 2, 10, 4, False),
     ("2026-09", 0, 100, 100, True), ("2026-09", 1, 100, 20, False), ("2026-10", 0, 0, 0, True)],
    columns=["cohort", "period", "size", "retained", "mature"],
).assign(cohort=lambda t: pd.to_datetime(t["cohort"]))  # fmt: skip


def test_each_way_averages_as_its_name_says():
    table = average_ways(CELLS, (1,))
    # 54 of 100; (0.5 + 0.9) / 2; August's 9 of 10; 54 of the 200 of three cohorts
    assert table["way"].tolist() == list(WAYS)
    assert table["share"].tolist() == [0.54, 0.7, 0.9, 0.27]
    assert table["cohorts"].tolist() == [2, 2, 1, 3] and table["size"].tolist() == [100, 100, 10, 200]


def test_periods_nobody_is_known_for_are_left_out():
    assert average_ways(CELLS, (2, 3))["period"].unique().tolist() == [2]
    assert average_ways(CELLS.head(0), (1,)).empty
    nothing = NotMeasurable("Cohort retention", "add requests.")
    assert average_ways(nothing) is nothing
