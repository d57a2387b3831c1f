"""The catalogue on one page leaves no metric out."""

import pandas as pd

from apijourney import CATALOG
from apijourney.metrics.product.blind_spots import catalog_by_stage, catalog_map


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
