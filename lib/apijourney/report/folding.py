"""Which questions of a chapter are folded: those its notebook calls further.

Unit: a question, from its heading to the next one. What is folded shows the question and its answer in short, the
first sentences of the first computed paragraph; the rest opens with the keyboard or a click, without a script. On paper it is left out. It does not
choose: the tag `further` on the cells of a notebook does.
"""

import re

from bs4 import BeautifulSoup, Tag

MARK = "data-further"
HEADINGS = re.compile(r"^h[1-6]$")
SHORT = 30
"""Words an answer in short may have, where its first sentence alone has no more."""
_SENTENCE_ENDS = re.compile(r"(?<=\.)(?<![A-Z][a-z]\.)(?<![A-Z][a-z]{2}\.) (?=[A-Z“<])")
"""A full stop, but not that of “Co.” or “Inc.”."""


def mark_further(soup: BeautifulSoup) -> None:
    """Take the wrappers of further cells away and mark what was in them, so that all blocks stand side by side; in place."""
    for wrapper in soup.select("div.further"):
        for block in wrapper.find_all(recursive=False):
            block[MARK] = ""
        wrapper.unwrap()


def fold(soup: BeautifulSoup) -> list[dict]:
    """Fold each marked question; in place. Marked blocks that follow no marked heading stay as they are.

    Returns of each that is folded its id, its title and whether that is a question (a glossary is none), in order.

    >>> marked = '<div class="prose" data-further=""><h3 id="a">Why?</h3></div><div class="said" data-further=""><p>So.</p></div>'
    >>> soup = BeautifulSoup(marked, "html.parser")
    >>> fold(soup)
    [{'id': 'a', 'title': 'Why?', 'question': True}]
    >>> print(soup)
    <details class="further"><summary><h3 id="a">Why?</h3><span class="answer">So.</span></summary></details>
    """
    folded, box, level = [], None, 0
    for block in [b for b in soup.find_all(recursive=False) if isinstance(b, Tag)]:
        if block.attrs.pop(MARK, None) is None:
            box = None
            continue
        heading = block.find(HEADINGS, recursive=False)
        if heading is not None and (box is None or int(heading.name[1]) <= level):
            box, level = soup.new_tag("details", attrs={"class": "further"}), int(heading.name[1])
            block.insert_before(box)
            summary = soup.new_tag("summary")
            summary.append(heading.extract())
            box.append(summary)
            title = heading.get_text().strip()
            folded.append({"id": heading.get("id", ""), "title": title, "question": title.endswith("?")})
        if box is not None:
            box.append(block.extract())
    for box in soup.select("details.further"):
        _answer(soup, box)
    return folded


def in_short(html: str) -> tuple[str, str]:
    """Part the first sentences of a paragraph from the rest: one at least, others while they stay within `SHORT` words.

    >>> in_short("Of <strong>9</strong> at Tide Co. Ltd, 2.5 % left. " + "Why " * 30 + "is not known.")[0]
    'Of <strong>9</strong> at Tide Co. Ltd, 2.5 % left.'
    """
    sentences = _SENTENCE_ENDS.split(html)
    for taken in range(len(sentences), 0, -1):
        short = " ".join(sentences[:taken])
        if short.count("<") != 2 * short.count("</"):
            continue  # cut through what is set in bold
        if taken == 1 or len(short.split()) <= SHORT:
            return short, " ".join(sentences[taken:])
    return html, ""


def _answer(soup: BeautifulSoup, box: Tag) -> None:
    """Move the answer in short beneath the question, and drop blocks that are empty by now."""
    said = box.select_one(".said > p")
    if said is not None:
        short, rest = in_short(said.decode_contents())
        box.summary.append(BeautifulSoup(f'<span class="answer">{short}</span>', "html.parser"))  # it may hold no paragraph
        said.clear()
        said.append(BeautifulSoup(rest, "html.parser"))
        if not rest:
            said.decompose()
    for block in box.find_all("div", class_=["prose", "said"], recursive=False):
        if not block.find(True) and not block.get_text().strip():
            block.decompose()
