"""The page: readable by everyone, self-contained, and nothing in the data can become markup."""

import re

import pytest
from bs4 import BeautifulSoup

from apijourney.report.clean import clean

FIRST = [
    ("markdown", "# The first\n\nA line.\n\n## A question\n\n#### Too deep"),
    ("code", """
import pandas as pd
import matplotlib.pyplot as plt
from apijourney.notebook import finding, record, say, show, table
from apijourney.measurable import NotMeasurable
table(pd.DataFrame({"who": ["<script>alert(1)</script>", "bo"], "n": [1, 2]}))
say("Hello **you** <script>alert(2)</script> ![x](https://example.org/x.png)")
show(plt.figure(), alt='A "figure" <b> of **3** things')
show(NotMeasurable("MRR <i>", "add <b>invoices</b>."), alt="x")
finding("Sign-ups of <em>ada</em> **fell**.")
"""),
    ("code", "import sys\nsys.stderr.write('a warning nobody needs')"),
    ("code", "from IPython.display import HTML\nHTML('<img src=\"https://example.org/a.png\" onerror=\"x()\"><p>kept</p>')"),
    ("code", 'record({"revenue": pd.DataFrame({"month": ["2026-10"], "value": [1.0]})})', "hide"),
    ("markdown", "## Exercises", "exercise"),
    ("code", "print('the answer')", "exercise"),
    ("markdown", "## Try it", "interactive"),
]  # fmt: skip
SECOND = [("markdown", "## No title here"), ("code", "print('<script>alert(3)</script>')")]


@pytest.fixture(scope="module")
def page(facts, make_company, make_notebooks, tmp_path_factory):
    from apijourney.report.command import main

    out = tmp_path_factory.mktemp("out")
    company = make_company(name='"<script>alert(4)</script> Ltd"', simulated=True)
    notebooks = make_notebooks(nb01_first=FIRST, nb02_second=SECOND)
    words = ["--workbook", company, "--month", "2026-10", "--out", out, "--notebooks-dir", notebooks]
    assert main([str(w) for w in words]) == 0
    return (out / "2026-10" / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def soup(page):
    return BeautifulSoup(page, "html.parser")


def test_no_script_and_nothing_loaded_from_elsewhere(page, soup):
    assert not soup.find_all(["script", "link", "iframe", "object", "embed"])
    loaded = [t.get("src") or t.get("data") for t in soup.find_all(src=True) + soup.find_all(data=True)]
    assert loaded and all(address.startswith("data:image/") for address in loaded)
    assert "@import" not in page and not re.search(r"url\(", page)
    assert not [name for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]


def test_names_from_the_data_are_shown_as_they_are_written(soup):
    text = soup.get_text()
    for number in (1, 2, 3, 4):
        assert f"<script>alert({number})</script>" in text
    assert "Sign-ups of <em>ada</em> fell." in text
    assert "MRR <i> is not measurable: add <b>invoices</b>." in text


def test_every_picture_has_alt_text(soup):
    assert [picture["alt"] for picture in soup.find_all("img")] == ['A "figure" <b> of 3 things']


def test_headings_are_in_order_and_the_title_is_the_only_first(soup):
    levels = [int(h.name[1]) for h in soup.find_all(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert [h.get_text() for h in soup.select("main h2")][:5] == [
        "Scorecard", "Findings", "The first", "02_second", "Sources and quality of the data",
    ]  # fmt: skip


def test_every_link_inside_the_page_leads_somewhere(soup):
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for a in soup.find_all("a", href=True) if a["href"].startswith("#")}
    assert targets and targets <= set(ids)


def test_code_exercises_controls_and_warnings_are_left_out(soup):
    text = soup.get_text()
    for hidden in ("import pandas", "the answer", "Exercises", "Try it", "a warning nobody needs", "recorded"):
        assert hidden not in text
    assert "kept" in text


def test_simulated_data_are_called_so_before_anything_else(soup):
    assert soup.body.find("p", class_="simulated").get_text().startswith("Simulated data.")
    assert soup.html["lang"] == "en"


def test_findings_stand_on_the_cover_and_lead_to_their_chapter(soup):
    (cover,) = soup.select("ul.findings li")
    assert cover.get_text().startswith("Sign-ups of") and cover.a["href"] == "#01_first"
    assert len(soup.select(".chapter .finding")) == 1


def test_header_cells_of_every_table_have_a_scope(soup):
    headers = soup.find_all("th")
    assert headers and all(th.get("scope") in ("col", "row") for th in headers)
    assert all(table.find_parent(class_="wide") for table in soup.find_all("table"))


def test_definitions_and_reasons_are_given_for_every_metric(soup):
    from apijourney import CATALOG

    for name, entry in CATALOG.items():
        assert soup.find(id=f"metric-{name}").get_text() == entry.name
    reasons = soup.find("section", attrs={"aria-labelledby": "not-measurable"}).get_text()
    assert "Availability" in reasons and "requests.parquet" in reasons


@pytest.mark.parametrize(
    ("dangerous", "harmless"),
    [
        ("<a href='javascript:x()'>go</a>", "<a>go</a>"),
        ("<p style='position:fixed' id='metric-mrr'>a</p>", "<p>a</p>"),
        ("<svg><script>x()</script></svg>b", "b"),
        ("<form><input name='q'>c</form>", "c"),
        ("<!-- <b> --><td onmouseover=x()>d</td>", "<td>d</td>"),
    ],
)
def test_markup_that_does_more_than_show_is_taken_out(dangerous, harmless):
    assert clean(dangerous) == harmless


def test_a_month_that_is_not_over_is_said_on_the_cover_and_nothing_is_compared(facts, company):
    from apijourney import measure_all, open_study
    from apijourney.report.page import make_page

    text = "occurred_at,status\n2026-03-04T10:00:00Z,200\n"
    study = open_study(company({"requests.csv": text}))
    words = " ".join(BeautifulSoup(make_page(study, measure_all(study), {}), "html.parser").get_text().split())
    assert "Observed 2026-03-04 in UTC." in words
    assert (
        "These data end before March 2026 is over. What is counted over a whole month is not yet known; the chapters "
        "show what there is."
    ) in words
    assert "Nothing could be compared: no metric is known for any month shown." in words


def test_a_whole_month_is_not_called_unfinished(soup):
    words = soup.get_text()
    assert "These data end before" not in words and "Nothing could be compared" not in words
