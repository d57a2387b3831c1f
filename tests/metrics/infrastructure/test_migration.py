"""Moving off a version: who moved, who left, who stayed, and the curve of Kaplan and Meier."""

import pandas as pd
import pytest

from apijourney import open_study
from apijourney.metrics.infrastructure.migration import deprecated_calls_share, deprecated_mrr_share, migration, migration_curve, migration_of_study
from apijourney.metrics.product.experience.version_metrics import deprecation_radar

USE = pd.DataFrame(
    [
        ("moved", True, True, "2026-05-20"), ("moved", False, False, "2026-08-30"),
        ("left", True, True, "2026-05-30"), ("left", False, False, "2026-05-01"),
        ("still", True, True, "2026-08-20"),
        ("never near", True, False, "2026-01-20"), ("new only", False, False, "2026-08-01"),
        ("before", True, True, "2026-05-08"), ("before", False, False, "2026-06-01"),
    ],
    columns=["account_id", "old", "near", "last_day"],
).astype({"last_day": "datetime64[us]"})  # fmt: skip


def test_an_account_moved_left_or_is_still_there():
    table = migration(USE, announced=pd.Timestamp("2026-05-10"), until=pd.Timestamp("2026-09-01")).set_index("account_id")
    assert table["state"].to_dict() == {"moved": "moved", "left": "left", "still": "still there", "before": "moved"}
    assert table["days"].to_dict() == {"moved": 10, "left": 20, "still": 114, "before": 0}


def test_silence_shorter_than_the_limit_is_no_moving():
    short = USE.assign(last_day=USE["last_day"].where(USE["account_id"] != "moved", pd.Timestamp("2026-08-10")))
    table = migration(short, announced=pd.Timestamp("2026-05-10"), until=pd.Timestamp("2026-09-01")).set_index("account_id")
    assert table["state"]["moved"] == "still there"


def test_the_curve_is_the_product_of_those_who_stayed():
    # of 4 one moves on day 10 (3/4); one leaves on day 20; of 2 one moves on day 30 (3/4 × 1/2)
    table = pd.DataFrame({"days": [10, 20, 30, 40], "state": ["moved", "left", "moved", "still there"]})
    curve = migration_curve(table).set_index("days")
    assert curve["value"].to_dict() == pytest.approx({0: 1, 10: 0.75, 20: 0.75, 30: 0.375, 40: 0.375})
    assert curve["at_risk"].to_dict() == {0: 4, 10: 4, 20: 3, 30: 2, 40: 1}
    assert (curve["low"].dropna() <= curve["value"][curve["low"].notna()] + 1e-9).all()


def test_what_the_radar_counts_is_what_the_metrics_count():
    study = open_study("sample")
    radar = deprecation_radar(study).iloc[0]
    calls, mrr = deprecated_calls_share(study).iloc[-1], deprecated_mrr_share(study).iloc[-1]
    assert radar["calls"] == calls["numerator"] and radar["mrr_minor"] == mrr["numerator"]
    table = migration_of_study(study)
    assert (table["state"] == "still there").sum() <= radar["accounts"]
    assert table["api_version"].unique().tolist() == ["v1"]
