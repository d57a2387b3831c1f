"""An executed notebook as a chapter: its prose, figures, tables and findings, without its code.

Unit: one notebook. Controls, exercises, toy examples, cells on method, code and warnings are left out; questions tagged
`further` are folded. What comes from data is escaped or cleaned, so that no name in a table can become markup. It loads
nothing from elsewhere.
"""

import copy
from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from traitlets.config import Config

from apijourney.report.clean import clean
from apijourney.report.folding import HEADINGS, fold, mark_further
from apijourney.report.pictures import slim
from apijourney.report.reading_time import reading_minutes
from apijourney.report.unmeasured import tidy_unmeasured

BANNER = "*All data are simulated. No number here describes a real company.*"
"""As `apijourney.notebook` says it. Not imported from there: every worker would hold all libraries for it, 200 MB."""
METRICS_MIME = "application/vnd.apijourney.metrics+json"
LEFT_OUT = {"exercise", "interactive", "learn", "method", "parameters", "injected-parameters", "hide"}
TEMPLATE = Path(__file__).with_name("templates") / "chapter.html.j2"
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def read_chapter(notebook, name: str) -> dict:
    """Turn an executed notebook into a chapter of the report.

    Returns name, title, minutes (what it takes to read), sections and further (id and title of what is open and of what
    is folded), html, findings (html, and weight: the larger, the earlier on the cover) and the metrics it recorded, folded or not.
    """
    shown = copy.deepcopy(notebook)
    shown.cells = [_visible(c) for c in shown.cells if not LEFT_OUT & set(c.metadata.get("tags", []))]
    html, _ = _exporter().from_notebook_node(shown)
    soup = BeautifulSoup(html, "html.parser")
    mark_further(soup)
    title, sections = _arrange(soup, name)
    tidy_unmeasured(soup)
    further = fold(soup)
    folded = {question["id"] for question in further}
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    return {
        "name": name,
        "title": title,
        "minutes": reading_minutes(str(soup)),
        "sections": [s for s in sections if s["id"] not in folded],
        "further": further,
        "html": str(soup),
        "findings": [{"html": _verdict(o), "weight": _weight(o)} for o in outputs if _is_finding(o)],
        "metrics": [row for o in outputs for row in o.get("data", {}).get(METRICS_MIME, [])],
    }


def to_html(text: str, first_heading: int = 1) -> str:
    """Turn a computed sentence into HTML; markup inside it is shown as it is written.

    first_heading : the level that the highest possible heading, "# …", gets; others follow without a gap.

    >>> to_html("**5 %** of <script>")
    '<p><strong>5 %</strong> of &lt;script&gt;</p>'
    >>> to_html("# One\\n### Two", first_heading=3).replace("\\n", "")
    '<h3>One</h3><h4>Two</h4>'
    """
    html = _markdown.render(text).strip()
    if first_heading == 1 or "<h" not in html:
        return html
    soup, level = BeautifulSoup(html, "html.parser"), first_heading - 1
    for heading in soup.find_all(HEADINGS):
        level = max(first_heading, min(int(heading.name[1]) + first_heading - 1, level + 1, 6))
        heading.name = f"h{level}"
    return str(soup)


@cache
def _exporter():
    from nbconvert.exporters.html import HTMLExporter  # slow to load, and the page needs only `to_html` from here

    order = ["text/html", "text/markdown", "image/png", "image/jpeg", "text/plain"]
    exporter = HTMLExporter(
        config=Config({"NbConvertBase": {"display_data_priority": order}}),
        template_name="basic", template_file=str(TEMPLATE), exclude_input=True,
        exclude_input_prompt=True, exclude_output_prompt=True,
    )  # fmt: skip
    exporter.register_filter("computed_prose", to_html)
    exporter.register_filter("cleaned", clean)
    return exporter


def _visible(cell):
    if cell.cell_type == "code":
        cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr" and not _is_banner(o)]
    return cell


def _is_banner(output) -> bool:
    """The page has a banner of its own that the data are simulated: no chapter repeats it."""
    return "".join(output.get("data", {}).get("text/markdown", "")) == BANNER


def _is_finding(output) -> bool:
    return bool(output.get("metadata", {}).get("apijourney", {}).get("finding"))


def _verdict(output) -> str:
    return to_html("".join(output["data"]["text/markdown"]).removeprefix("**Finding:** "))


def _weight(output) -> tuple[float, float]:
    """What hangs on a finding: the revenue, then the accounts; one that concerns no revenue stands after all that do."""
    said = output["metadata"]["apijourney"]
    return said.get("mrr_minor") or 0.0, said.get("accounts") or 0


def _arrange(soup: BeautifulSoup, name: str) -> tuple[str, list[dict]]:
    """Move headings one level down without gaps, name them, and make tables readable and scrollable."""
    title, sections, level = name, [], 2
    first = soup.find(HEADINGS)
    if first is not None and first.name == "h1":
        title = first.get_text().strip()
        first.decompose()
    for number, heading in enumerate(soup.find_all(HEADINGS), start=1):
        level = max(3, min(int(heading.name[1]) + 1, level + 1, 6))
        heading.name, heading["id"] = f"h{level}", f"{name}-{number}"
        if level == 3:
            sections.append({"id": heading["id"], "title": heading.get_text().strip()})
    for count, table in enumerate(soup.find_all("table"), start=1):
        for th in table.find_all("th"):
            if not th.get_text(strip=True):
                th.name = "td"  # a corner that heads nothing
                continue
            th["scope"] = "col" if th.find_parent("thead") else "row"
        around = {"class": "wide", "tabindex": "0", "role": "region", "aria-label": f"Table {count} of “{title}”"}
        table.wrap(soup.new_tag("div", attrs=around))
    for picture in soup.find_all("img"):
        picture["alt"] = picture.get("alt", "").replace("**", "")
        picture["src"] = slim(picture.get("src", ""))
    return title, sections
