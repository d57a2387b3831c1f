"""The page about the workbook file says every setting there is, and no other."""

from pathlib import Path

from apijourney import load_workbook
from apijourney.workbook_reference import MEANINGS, settings, workbook_markdown

ROOT = Path(__file__).resolve().parents[1]


def test_every_setting_has_a_meaning_and_every_meaning_a_setting():
    assert [place for place, _ in settings()] == list(MEANINGS)


def test_the_page_shows_the_journey_that_is_used_without_one(tmp_path):
    (tmp_path / "workbook.yaml").write_text("company: T\n")
    rows = [line.split(" | ")[0].removeprefix("| ") for line in workbook_markdown().split("only those where |")[1].splitlines()[2:]]
    assert rows == [t.touchpoint for t in load_workbook(tmp_path).journey] and "account opened" in rows


def test_the_page_is_made_from_the_settings():
    assert (ROOT / "docs" / "workbook-file.md").read_text(encoding="utf-8") == workbook_markdown()


def test_a_row_says_what_may_stand_there_and_what_stands_there_by_default():
    page = workbook_markdown()
    assert "| `company` | text | needed | whose report it is |" in page
    assert "| `week_starts` | monday, sunday | `monday` | the first day of a week |" in page
    assert "| `journey[].stage` | discover, evaluate, integrate, test, measure, scale, decline | needed |" in page
    assert "| `tables.….columns.….unit` | minor, major | `minor` |" in page
