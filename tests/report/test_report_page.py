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
    ("code", "from apijourney.notebook import SIMULATED, say\nsay(SIMULATED)"),
    ("markdown", "## Exercises", "exercise"),
    ("code", "print('the answer')", "exercise"),
    ("markdown", "## Try it", "interactive"),
    ("markdown", "## Method for those who check", "method"),
]  # fmt: skip
SECOND = [
    ("markdown", "## No title here"),
    ("code", "print('<script>alert(3)</script>')"),
    ("code", """
from apijourney.notebook import finding
from apijourney.readings.findings import Finding
finding(Finding("Few accounts.", accounts=3))
finding(Finding("Many accounts.", accounts=900))
finding(Finding("Some revenue.", mrr_minor=100, accounts=1))
finding(Finding("Most revenue.", mrr_minor=20_000, accounts=1))
"""),
]


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


def test_the_page_goes_from_the_cover_by_the_chapters_to_the_accounts_and_the_appendix(soup):
    assert [h.get_text() for h in soup.select("main h2")] == [
        "The month in short", "Scorecard", "Alerts against goals", "Findings",
        "Beside the month before and a year ago", "Contents", "The first", "02_second",
        "Accounts to act on", "Appendix: all other metrics", "Appendix: definitions",
        "Appendix: sources and quality of the data", "Appendix: what cannot be measured yet",
    ]  # fmt: skip
    cover = soup.find("header")
    assert "#accounts" in [a["href"] for a in cover.find_all("a")]


def test_the_month_in_short_is_at_most_five_sentences_each_with_its_topic(soup):
    lines = [li.get_text() for li in soup.select("ul.headline li")]
    assert [line.split(".")[0] for line in lines] == ["Revenue", "Staying", "To watch"]
    # what a notebook recorded is what the page says: one cent
    assert lines[0] == "Revenue. Revenue was USD 0.01 in October 2026."


def test_every_metric_is_on_the_scorecard_or_in_the_appendix(soup):
    from apijourney import CATALOG

    scorecard, others = ([a["href"] for a in t.select("tbody th a")] for t in soup.select("table.scorecard"))
    assert 0 < len(scorecard) <= 12
    assert sorted(scorecard + others) == sorted(f"#metric-{name}" for name in CATALOG)
    heads = [[th.get_text() for th in t.select("thead th")] for t in soup.select("table.scorecard")]
    assert heads[0] == heads[1]


def test_a_reason_that_cannot_be_looked_for_is_said_with_what_to_add(soup):
    text = soup.find("section", attrs={"aria-labelledby": "accounts"}).get_text()
    # this company counts activity by invoices, so silence can be told, and nothing else
    assert "No account calls for action by the reasons below." in text
    assert "Calls a version that ends: not measurable" in text and "requests.parquet" in text
    assert "Unusually silent: 0 accounts" in text


def test_every_link_inside_the_page_leads_somewhere(soup):
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for a in soup.find_all("a", href=True) if a["href"].startswith("#")}
    assert targets and targets <= set(ids)


def test_code_exercises_controls_and_warnings_are_left_out(soup):
    text = soup.get_text()
    for hidden in ("import pandas", "the answer", "Exercises", "Try it", "Method for", "a warning nobody needs", "recorded"):
        assert hidden not in text
    assert "kept" in text


def test_simulated_data_are_called_so_before_anything_else(soup):
    assert soup.body.find("aside", class_="simulated").get_text().startswith("Simulated data.")
    assert soup.get_text().count("No number here describes a real company.") == 1  # and in no chapter again
    assert soup.html["lang"] == "en"


def test_findings_stand_on_the_cover_and_lead_to_their_chapter(soup):
    cover = soup.select("ul.findings li")
    assert cover[-1].get_text().startswith("Sign-ups of") and cover[-1].a["href"] == "#01_first"
    assert len(soup.select(".chapter .finding")) == len(cover) == 5


def test_findings_about_revenue_come_first_then_those_about_most_accounts(soup):
    said = [one.p.get_text() for one in soup.select("ul.findings li")]
    assert said == ["Most revenue.", "Some revenue.", "Many accounts.", "Few accounts.", "Sign-ups of <em>ada</em> fell."]


def test_header_cells_of_every_table_have_a_scope(soup):
    headers = soup.find_all("th")
    assert headers and all(th.get("scope") in ("col", "row") for th in headers)
    assert all(table.find_parent(class_="wide") for table in soup.find_all("table"))


def test_definitions_and_reasons_are_given_for_every_metric(soup):
    from apijourney import CATALOG

    for name, entry in CATALOG.items():
        assert soup.find(id=f"metric-{name}").get_text().replace("\u00a0", " ") == entry.name  # no line ends before a %
    reasons = soup.find("section", attrs={"aria-labelledby": "not-measurable"}).get_text()
    assert "Availability" in reasons and "requests.parquet" in reasons


def test_what_cannot_be_measured_is_gathered_by_what_to_add(soup):
    remedies = [r.get_text() for r in soup.find("section", attrs={"aria-labelledby": "not-measurable"}).find_all("dd")]
    assert remedies and len(remedies) == len(set(remedies))


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


@pytest.fixture(scope="module")
def small_page(small_study):
    """The small company's page without chapters; an account to act on has markup for a name, and nobody owns it."""
    from apijourney import measure_all
    from apijourney.report.cover import make_cover
    from apijourney.report.page import make_page

    metrics = measure_all(small_study)
    cover = make_cover(small_study, metrics)
    cover.accounts.loc[0, ["name", "owner"]] = ["<script>alert(1)</script>", "<b>Ada</b>"]
    cover.headline[0]["text"] = "Five <b> stars."
    return cover, BeautifulSoup(make_page(small_study, metrics, {}, cover), "html.parser")


def test_accounts_to_act_on_stand_in_their_order_with_reason_evidence_stake_and_owner(small_page):
    cover, soup = small_page
    rows = [[cell.get_text(" ") for cell in tr.find_all(["th", "td"])] for tr in soup.select("table.accounts tbody tr")]
    assert 1 <= len(rows) == len(cover.accounts) <= 10
    for shown, row in zip(rows, cover.accounts.itertuples(), strict=True):
        assert shown[0].startswith(row.name) and row.account_id in shown[0]
        assert shown[1] == row.reason and shown[2] == row.advice != "" and shown[3].replace("\u00a0", " ") == row.evidence
        assert shown[5] == row.owner and shown[4].startswith("EUR") and shown[6] == f"{row.since:%Y-%m-%d}"


def test_no_name_of_an_account_or_owner_becomes_markup(small_page):
    _, soup = small_page
    assert not soup.find("script") and not soup.select("table.accounts b, ul.headline b")
    assert "<script>alert(1)</script>" in soup.find("table", class_="accounts").get_text()


def test_goals_are_listed_missed_first_with_what_is_met_in_one_line(small_page):
    cover, soup = small_page
    verdicts = [li.find(class_="verdict").get_text() for li in soup.select("ul.alerts li")]
    open_goals = [a["verdict"] or "not judged" for a in cover.alerts if a["verdict"] != "met"]
    assert verdicts == open_goals and verdicts
    assert len(cover.alerts) == 8


def test_the_first_three_accounts_stand_on_the_cover_with_a_link_to_all(small_page):
    cover, soup = small_page
    line = soup.select_one(".sheet p.first")
    assert [s.get_text() for s in line.find_all("strong")] == cover.accounts["name"].tolist()[:3]
    assert [a["href"] for a in line.find_all("a")] == ["#accounts"]


def test_a_metric_is_shown_in_the_chapter_of_its_dimension_else_in_the_first_that_has_it():
    from apijourney.report.page import _shown_in

    rows = [{"metric": name} for name in ("availability", "mrr", "sign_ups")]
    chapters = {name: {"metrics": rows} for name in ("01_touchpoints", "04_business", "05_infrastructure")}
    assert _shown_in(chapters) == {"availability": "05_infrastructure", "mrr": "04_business", "sign_ups": "01_touchpoints"}


def test_the_contents_are_numbered_once(soup):
    assert not soup.select("nav ol") and soup.select("nav ul.contents a")


def test_the_record_keeps_the_headline_and_the_accounts(small_study, small_page):
    import json

    from apijourney import measure_all
    from apijourney.report.record import make_record

    cover, _ = small_page
    record = json.loads(json.dumps(make_record(small_study, measure_all(small_study), {}, cover), allow_nan=False))
    assert record["headline"] == cover.headline
    assert [row["account_id"] for row in record["accounts"]] == cover.accounts["account_id"].tolist()
    assert set(record["accounts"][0]) == {"account_id", "name", "reason", "advice", "evidence", "mrr_minor", "owner", "since"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", record["accounts"][0]["since"])


def test_a_month_that_is_not_over_is_said_on_the_cover_and_nothing_is_compared(facts, company):
    from apijourney import measure_all, open_study
    from apijourney.report.cover import make_cover
    from apijourney.report.page import make_page

    text = "occurred_at,status\n2026-03-04T10:00:00Z,200\n"
    study = open_study(company({"requests.csv": text}))
    metrics = measure_all(study)
    page = make_page(study, metrics, {}, make_cover(study, metrics))
    words = " ".join(BeautifulSoup(page, "html.parser").get_text().split())
    assert "Observed 2026-03-04 in UTC." in words
    assert (
        "These data end before March 2026 is over. What is counted over a whole month is not yet known; the chapters "
        "show what there is."
    ) in words
    assert "Nothing could be compared: no metric is known for any month shown." in words


def test_a_whole_month_is_not_called_unfinished(soup):
    words = soup.get_text()
    assert "These data end before" not in words and "Nothing could be compared" not in words


def test_goals_of_the_whole_company_are_not_judged_on_one_product(facts, make_company):
    from apijourney import measure_all, open_study
    from apijourney.report.cover import make_cover
    from apijourney.report.page import make_page

    book = make_company(more="goals: {revenue: 1000000}")
    study = open_study(book, month="2026-10")
    metrics = measure_all(study)
    for product, judged in (("all", True), ("calls", False)):
        study.product = product  # only what is said of goals depends on it from here on
        cover = make_cover(study, metrics)
        soup = BeautifulSoup(make_page(study, metrics, {}, cover), "html.parser")
        section = soup.find("section", attrs={"aria-labelledby": "alerts"}).get_text()
        assert bool(cover.alerts) == judged
        assert ("none of them is judged here" in section) == (not judged)
        goals = [cell.get_text().strip() for cell in soup.select("table.scorecard td[data-label=Goal]")]
        assert any(goals) == judged
        assert "sets no goals" not in section
