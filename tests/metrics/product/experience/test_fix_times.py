"""Fixes: a release that raises only the last of three numbers mends the one before."""

import pandas as pd

from apijourney.metrics.product.experience.fix_times import fixes


def found(*rows: tuple[str, str]) -> list[tuple]:
    table = pd.DataFrame(rows, columns=["version", "released_at"]).astype({"released_at": "datetime64[us]"})
    return [(r.fixed, r.version, r.days) for r in fixes(table).itertuples()]


def test_a_fix_is_counted_from_the_release_it_mends():
    assert found(("py 2.3.0", "2026-04-01"), ("py 2.3.1", "2026-04-11"), ("py 2.3.2", "2026-04-12")) == [
        ("py 2.3.0", "py 2.3.1", 10), ("py 2.3.1", "py 2.3.2", 1),
    ]  # fmt: skip


def test_features_other_lines_and_names_without_three_numbers_are_no_fixes():
    assert found(("py 2.3.0", "2026-04-01"), ("node 2.3.1", "2026-04-11"), ("py 2.4.0", "2026-05-01"), ("py 2.4", "2026-05-02")) == []
    assert found(("usage alerts", "2026-04-01"), ("v2", "2026-04-02"), ("2026.02.10", "2026-02-15"), ("2026.03.11", "2026-03-20")) == []


def test_a_fix_is_of_the_highest_version_below_it_that_came_out_earlier():
    assert found(("1.0.2", "2026-06-01"), ("1.0.1", "2026-05-01"), ("1.0.9", "2026-07-01")) == [("1.0.1", "1.0.2", 31), ("1.0.2", "1.0.9", 30)]
    assert found(("1.0.3", "2026-05-01"), ("1.0.1", "2026-06-01")) == []
