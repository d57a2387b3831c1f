"""Each chapter of the sample company is read in five minutes, and each notebook says how long it takes."""

import re
from functools import cache
from pathlib import Path

import nbformat
import pytest

from apijourney.report.chapter import read_chapter
from apijourney.report.reading_time import reading_minutes, reading_seconds

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("[0-9][0-9]_*.ipynb"))
OPENED = {"further", "learn", "method"}
"""Cells with these tags are in the notebook, and not in the open part of its chapter."""
of_each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@cache
def chapter_of(path: Path, opened: bool = False) -> dict:
    """The chapter of a notebook's stored outputs; opened: with all that is folded or left out of it, but the exercises."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells if opened else []:
        cell.metadata["tags"] = [tag for tag in cell.metadata.get("tags", []) if tag not in OPENED]
    return read_chapter(notebook, path.stem)


@of_each_notebook
def test_a_chapter_is_read_in_five_minutes(path):
    assert chapter_of(path)["minutes"] <= 5


@of_each_notebook
def test_a_notebook_opens_with_the_minutes_it_takes(path):
    opening = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells[:2])
    message, whole = map(int, re.search(r"\*\*Reading time:\*\* (\d+) minutes for the message, (\d+) with", opening).groups())
    assert message == chapter_of(path)["minutes"]
    assert whole == chapter_of(path, opened=True)["minutes"]


@of_each_notebook
def test_a_chapter_opens_with_its_message_of_five_to_eight_questions(path):
    chapter = chapter_of(path)
    assert 5 <= len(chapter["sections"]) <= 8
    assert all(section["title"].endswith("?") for section in chapter["sections"])
    html = chapter["html"]
    last = max(html.index(f'id="{section["id"]}"') for section in chapter["sections"])
    assert all(html.index(f'id="{one["id"]}"') > last for one in chapter["further"])


def test_words_take_time_by_their_number_and_figures_and_tables_ten_seconds_each():
    prose = "<h3>Why, 5 %?</h3><p>" + "word " * 236 + "– · </p>"  # "%", "–" and "·" are no words
    assert reading_seconds(prose) == pytest.approx(60)
    assert reading_seconds(prose + '<figure><img alt="not read"></figure>') == pytest.approx(70)
    assert reading_seconds(prose + "<table><tr><td>not read</td></tr></table>") == pytest.approx(70)


def test_what_is_folded_takes_no_time_but_its_question_and_answer():
    folded = "<details><summary><h3>Why?</h3><span>So.</span></summary><p>not read</p><img><table></table></details>"
    assert reading_seconds(folded) == pytest.approx(2 * 60 / 238)


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (238, 1), (239, 2), (5 * 238, 5), (5 * 238 + 1, 6)])
def test_a_minute_that_has_begun_counts(words, minutes):
    assert reading_minutes("<p>" + "word " * words + "</p>") == minutes
