"""The page about the workbook file says every setting there is, and no other."""

from pathlib import Path

from apijourney.workbook_reference import MEANINGS, settings, workbook_markdown

ROOT = Path(__file__).resolve().parents[1]


def test_every_setting_has_a_meaning_and_every_meaning_a_setting():
    assert [place for place, _ in settings()] == list(MEANINGS)


def test_the_page_is_made_from_the_settings():
    assert (ROOT / "docs" / "workbook-file.md").read_text(encoding="utf-8") == workbook_markdown()


def test_a_row_says_what_may_stand_there_and_what_stands_there_by_default():
    page = workbook_markdown()
    assert "| `company` | text | needed | whose report it is |" in page
    assert "| `week_starts` | monday, sunday | `monday` | the first day of a week |" in page
    assert "| `journey[].stage` | discover, evaluate, integrate, test, measure, scale, decline | needed |" in page
    assert "| `tables.….columns.….unit` | minor, major | `minor` |" in page
