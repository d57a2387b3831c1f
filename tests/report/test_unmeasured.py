"""A chapter says what is missing once a section, and reads no figure that is not there."""

import pytest
from bs4 import BeautifulSoup

from apijourney.report.unmeasured import tidy_unmeasured


def heading(text):
    return f'<div class="prose"><h3>{text}</h3></div>'


def prose(text):
    return f'<div class="prose"><p><strong>{text.split(".")[0]}.</strong>{text.partition(".")[2]}</p></div>'


def box(what, remedy="add invoices."):
    return f'<div class="shown"><p class="not-measurable"><strong>{what}</strong> is not measurable: {remedy}</p></div>'


FIGURE = '<figure><img alt="a bar"></figure>'
HOW = prose("How to read it. A bar is a month.")
DO = prose("What to do about it. Call them.")


@pytest.fixture
def tidied():
    def make(*blocks):
        soup = BeautifulSoup("".join(blocks), "html.parser")
        tidy_unmeasured(soup)
        return soup

    return make


def test_one_note_a_section_says_each_lack_once(tidied):
    soup = tidied(heading("A?"), box("MRR"), box("MRR"), box("NRR"), heading("B?"), box("MRR"))
    boxes = soup.select(".not-measurable")
    assert [b.get_text("|") for b in boxes] == [
        "MRR| is not measurable: add invoices.|NRR| is not measurable: add invoices.", "MRR| is not measurable: add invoices.",
    ]  # fmt: skip
    assert len(boxes[0].find_all("br")) == 1
    assert len(soup.select(".shown")) == 2  # no empty block is left


def test_the_reading_of_a_figure_that_is_not_there_is_left_out(tidied):
    soup = tidied(heading("A?"), box("MRR"), HOW, DO, heading("B?"), FIGURE, HOW, DO)
    assert soup.get_text().count("How to read it.") == 1
    assert soup.get_text().count("What to do about it.") == 1
    assert soup.find("figure").find_next_sibling().get_text().startswith("How to read it.")


def test_a_reading_stays_where_anything_was_shown_since_the_last_one(tidied):
    for shown in ((box("MRR"), FIGURE), (FIGURE, box("MRR"))):
        assert "How to read it." in tidied(heading("A?"), *shown, HOW).get_text()
    soup = tidied(heading("A?"), FIGURE, HOW, box("MRR"), DO)  # the second group showed nothing
    assert "How to read it." in soup.get_text() and "What to do about it." not in soup.get_text()


def test_prose_that_reads_no_figure_stays(tidied):
    soup = tidied(heading("A?"), box("MRR"), prose("Did failing have a price. The months stand below."))
    assert "The months stand below." in soup.get_text()


def test_a_chapter_in_which_all_is_measured_is_left_alone(tidied):
    blocks = (heading("A?"), FIGURE, HOW, DO)
    assert str(tidied(*blocks)) == str(BeautifulSoup("".join(blocks), "html.parser"))
