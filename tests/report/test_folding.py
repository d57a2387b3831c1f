"""What is tagged further is folded: its question and short answer stay, and nothing it found or recorded is lost."""

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from apijourney.report.chapter import METRICS_MIME, read_chapter
from apijourney.report.folding import SHORT, fold, in_short


def said(text: str, **metadata):
    return new_output("display_data", {"text/markdown": text}, metadata=metadata)


def markdown(text: str, *tags: str):
    return new_markdown_cell(text, metadata={"tags": list(tags)})


def code(*outputs, tags=()):
    return new_code_cell("1 + 1", outputs=list(outputs), metadata={"tags": list(tags)})


def chapter(*cells) -> dict:
    return read_chapter(nbformat.from_dict(new_notebook(cells=[markdown("# The title"), *cells])), "x")


FURTHER = ("further",)


@pytest.fixture
def made() -> dict:
    return chapter(
        markdown("## Open?"), code(said("Open answer.")), markdown("**How to read it.** Open prose."),
        markdown("## Folded?", *FURTHER), code(said("Folded **answer**."), said("More."), tags=FURTHER),
        markdown("**How to read it.** Folded prose.", *FURTHER), markdown("### Deeper?", *FURTHER),
        code(said("Deeper answer."), tags=FURTHER), markdown("## Second fold?", *FURTHER), markdown("Prose only.", *FURTHER),
        markdown("## Glossary", *FURTHER), markdown("- **A**: b", *FURTHER),
    )  # fmt: skip


def test_a_further_question_is_folded_with_its_answer_in_the_summary(made):
    soup = BeautifulSoup(made["html"], "html.parser")
    first, second, glossary = soup.select("details")
    assert first.summary.get_text("|") == "Folded?|Folded |answer|."
    assert first.summary.h3 is not None and first.summary.find("p") is None, "a summary holds a heading and phrases"
    assert [p.get_text() for p in first.find_all("p")] == ["More.", "How to read it. Folded prose.", "Deeper answer."]
    assert second.summary.get_text() == "Second fold?" and "Prose only." in second.get_text()
    assert glossary.summary.get_text() == "Glossary"
    assert not first.has_attr("open") and "Open answer." not in first.get_text()
    assert "script" not in made["html"] and "data-further" not in made["html"]


def test_a_deeper_heading_stays_inside_and_all_headings_stay_in_order(made):
    soup = BeautifulSoup(made["html"], "html.parser")
    assert [h.name for h in soup.find_all(["h3", "h4"])] == ["h3", "h3", "h4", "h3", "h3"]
    assert soup.find("h4").find_parent("details").summary.h3.get_text() == "Folded?"


def test_the_list_of_sections_holds_what_is_open_and_further_what_is_folded(made):
    assert [s["title"] for s in made["sections"]] == ["Open?"]
    assert [(q["title"], q["question"]) for q in made["further"]] == [
        ("Folded?", True), ("Second fold?", True), ("Glossary", False),
    ]  # fmt: skip
    ids = {tag["id"] for tag in BeautifulSoup(made["html"], "html.parser").find_all(id=True)}
    assert {one["id"] for one in [*made["sections"], *made["further"]]} <= ids


def test_findings_and_metrics_of_a_folded_question_count_like_any_other():
    verdict = said("**Finding:** It fell.", apijourney={"finding": True, "mrr_minor": None, "accounts": 7})
    recorded = new_output("display_data", {METRICS_MIME: [{"metric": "mrr", "value": 1.0}], "text/plain": "1 metrics recorded."})
    cells = markdown("## Folded?", *FURTHER), code(verdict, said("The answer."), recorded, tags=FURTHER)
    made = chapter(*cells)
    assert made["findings"] == [{"html": "<p>It fell.</p>", "weight": (0.0, 7)}]
    assert made["metrics"] == [{"metric": "mrr", "value": 1.0}]
    details = BeautifulSoup(made["html"], "html.parser").details
    assert details.select_one(".answer").get_text() == "The answer.", "the finding is no answer in short"
    assert details.select_one(".finding") is not None


def test_what_is_missing_in_a_folded_question_is_said_there_and_its_figure_is_not_read():
    lack = '<p class="not-measurable"><strong>MRR</strong> is not measurable: add invoices.</p>'
    html = new_output("display_data", {"text/html": lack, "text/plain": "MRR"})
    cells = markdown("## Folded?", *FURTHER), code(html, html, tags=FURTHER), markdown("**How to read it.** A bar …", *FURTHER)
    text = BeautifulSoup(chapter(*cells)["html"], "html.parser").details.get_text()
    assert text.count("is not measurable") == 1 and "How to read it." not in text


def test_marked_blocks_without_a_heading_stay_open():
    made = chapter(markdown("## Open?"), code(said("Seen."), tags=FURTHER))
    assert "<details" not in made["html"] and "Seen." in made["html"] and made["further"] == []


def test_a_notebook_without_the_tag_is_left_alone():
    soup = BeautifulSoup('<div class="prose"><h3 id="a">Why?</h3></div><div class="said"><p>So.</p></div>', "html.parser")
    before = str(soup)
    assert fold(soup) == [] and str(soup) == before


@pytest.mark.parametrize(
    ("html", "short"),
    [
        ("It fell. It rose. " + "Word " * SHORT + "end.", "It fell. It rose."),
        ("word " * 2 * SHORT + "end. Two.", "word " * 2 * SHORT + "end."),  # the first sentence, however long
        ("Of 9 at Tide Co. Ltd, 2.5 % left. " + "Word " * SHORT, "Of 9 at Tide Co. Ltd, 2.5 % left."),
        ("<strong>One. Two</strong> three. " + "Word " * SHORT, "<strong>One. Two</strong> three."),
        ("Short.", "Short."),
    ],
)
def test_an_answer_in_short_is_whole_sentences_and_nothing_of_the_rest_is_lost(html, short):
    taken, rest = in_short(html)
    assert taken == short
    assert " ".join(part for part in (taken, rest) if part) == html
