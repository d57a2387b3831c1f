"""What does a chapter say where nothing could be measured: once a section what is missing, and no reading of figures not there.

Unit: a section of a chapter, from one heading to the next. A notebook says under each figure what it
lacks, and how the figure would be read; on a page that goes out, the first is said once a section, and the
second only where there is something to read. What is measured is left as it is.
"""

from bs4 import BeautifulSoup, Tag

READINGS = ("How to read it.", "What it does not say.", "What to do about it.")
"""How prose begins that speaks about what was shown before it."""


def tidy_unmeasured(soup: BeautifulSoup) -> None:
    """Gather the notes of each section into its first one, and drop the reading of what is not there; in place.

    >>> box = '<div class="shown"><p class="not-measurable"><b>MRR</b> is not measurable: add invoices.</p></div>'
    >>> soup = BeautifulSoup(
    ...     '<div class="prose"><h3>MRR?</h3></div>' + box * 2 + '<div class="prose"><p>How to read it. A bar …</p></div>',
    ...     "html.parser",
    ... )
    >>> tidy_unmeasured(soup)
    >>> soup.get_text("|")
    'MRR?|MRR| is not measurable: add invoices.'
    """
    note, said, lacking, read = None, set(), False, False
    for block in [b for b in soup.find_all(recursive=False) if isinstance(b, Tag)]:
        if "prose" in block.get("class", []):
            if block.find(["h1", "h2", "h3", "h4", "h5", "h6"]):
                note, said, lacking = None, set(), False
            elif lacking and block.get_text().strip().startswith(READINGS):
                block.decompose()
            read = True
            continue
        box = block.find(class_="not-measurable")
        if box is None:
            lacking, read = False, False
            continue
        lacking, read = lacking or read, False
        text = " ".join(box.get_text().split())
        if text in said:
            block.decompose()
        elif note is None:
            note = box
        else:
            note.append(soup.new_tag("br"))
            note.extend(list(box.contents))
            block.decompose()
        said.add(text)
