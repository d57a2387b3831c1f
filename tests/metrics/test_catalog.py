"""The catalogue as a whole: complete entries, and nothing in it that is not shown or documented."""

from pathlib import Path

import pytest

from apijourney import CATALOG, WorkbookError, load_workbook, measure
from apijourney.metrics.glossary import catalogue_markdown
from apijourney.sources.contracts import CONTRACTS
from apijourney.workbook import STAGES

ROOT = Path(__file__).resolve().parents[2]


def test_there_are_at_least_fifteen_metrics_in_all_three_dimensions():
    assert len(CATALOG) >= 15
    assert {m.dimension for m in CATALOG.values()} == {"infrastructure", "product", "business"}


@pytest.mark.parametrize("metric", sorted(CATALOG))
def test_entry_is_complete(metric):
    entry = CATALOG[metric]
    assert entry.id == metric
    assert entry.stage in STAGES
    assert entry.question.endswith("?")
    assert set(entry.tables) <= {*CONTRACTS, "active", "transaction", "outages"}
    for text in (entry.name, entry.formula, entry.gameable_by, entry.counter_metric, entry.source):
        assert text.strip()


def test_counter_metrics_are_catalogued_or_plain_words():
    for entry in CATALOG.values():
        if "_" in entry.counter_metric:
            assert entry.counter_metric in CATALOG, entry.id


def test_the_documentation_is_the_catalogue():
    assert (ROOT / "docs" / "metrics.md").read_text() == catalogue_markdown()


def test_an_unknown_metric_is_answered_with_a_suggestion():
    with pytest.raises(WorkbookError, match='unknown metric "availabilty"; did you mean "availability"?'):
        measure(None, "availabilty")


def test_the_sample_asks_only_for_catalogued_metrics():
    book = load_workbook("sample")
    assert set(book.goals) <= set(CATALOG)
    assert set(book.scorecard) <= set(CATALOG)
    assert len(book.scorecard) <= 12


def test_every_catalogued_metric_is_shown_somewhere():
    notebooks = "".join(f.read_text() for f in (ROOT / "notebooks").glob("*.ipynb"))
    assert not [metric for metric in CATALOG if f'\\"{metric}\\"' not in notebooks]
