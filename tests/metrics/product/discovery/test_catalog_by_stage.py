"""The catalogue on one page leaves no metric out."""

import pandas as pd

from apijourney import CATALOG
from apijourney.metrics.product.discovery.blind_spots import catalog_by_stage, catalog_map, metrics_by_stage
from apijourney.metrics.product.discovery.touchpoints import touchpoint_map


def test_metrics_stand_with_their_counter_metric_in_the_row_of_their_stage_and_dimension():
    metrics = pd.DataFrame(
        {
            "stage": ["discover", "discover", "scale"], "dimension": ["product", "product", "business"],
            "metric": ["Views", "Visits", "MRR"], "timing": ["leading", "leading", "lagging"],
            "counter_metric": ["Visits", "Views", "Churn"], "measured": [True, False, True],
        }
    )  # fmt: skip
    found = catalog_by_stage(metrics)
    assert found.values.tolist() == [
        ["discover", "product", "Views [Visits] · Visits [Views]", "", "Visits"],
        ["scale", "business", "", "MRR [Churn]", ""],
    ]


def test_every_catalogued_metric_stands_on_the_page_once(small_study):
    page = catalog_by_stage(catalog_map(small_study))
    names = [entry.split(" [")[0] for cell in [*page["leading"], *page["lagging"]] for entry in cell.split(" · ") if entry]
    assert sorted(names) == sorted(m.name for m in CATALOG.values())


def test_a_stage_counts_its_metrics_by_dimension_and_names_the_touchpoints_nobody_sees():
    columns = ["stage", "dimension", "measured"]
    metrics = pd.DataFrame(
        [("scale", "product", True), ("discover", "product", True), ("discover", "product", False), ("scale", "business", True),
         ("scale", "product", True)], columns=columns,
    )  # fmt: skip
    steps = [("discover", "landing page", True), ("discover", "listing", False), ("discover", "forum", False), ("test", "ticket", True)]
    counted = metrics_by_stage(metrics, pd.DataFrame(steps, columns=["stage", "touchpoint", "measured"]))
    assert counted.to_numpy().tolist() == [
        ["discover", 0, 1, 0, 1, "listing · forum"], ["test", 0, 0, 0, 0, ""], ["scale", 0, 2, 1, 0, ""],
    ]  # fmt: skip
    assert list(counted) == ["stage", "infrastructure", "product", "business", "not_measured", "blind_touchpoints"]


def test_the_counts_of_all_stages_are_the_whole_catalogue(small_study):
    metrics = catalog_map(small_study)
    counted = metrics_by_stage(metrics, touchpoint_map(small_study))
    assert counted[["infrastructure", "product", "business", "not_measured"]].to_numpy().sum() == len(metrics)
