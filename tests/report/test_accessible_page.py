"""The page as a browser's accessibility checker sees it: contrast, names, order, keyboard."""

import importlib.util
import json
import re
import subprocess
from pathlib import Path

import pytest

from apijourney.report.pdf import find_browser

RUN = """
<script>{axe}</script>
<script>
axe.run(document, {{resultTypes: ["violations"]}}).then(found => {{
  const told = found.violations.map(v => [v.id, v.help, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))]);
  const box = document.createElement("script");
  box.type = "application/json"; box.id = "axe-says"; box.textContent = JSON.stringify(told).replaceAll("<", "\\\\u003c");
  document.body.append(box);
}});
</script>
</body>
"""


def axe() -> str:
    """The checker's own text, from the package that brings it."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None:
        pytest.skip("axe-core was not found; install tests/requirements.txt to check the page with it.")
    return Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def violations(page: str, folder: Path, *, width: int = 1280) -> list:
    """What axe-core objects to in a page: (rule, help, examples)."""
    browser = find_browser()
    if browser is None:
        pytest.skip("no Chromium or Chrome was found; install one to check the page with it.")
    file = folder / "page.html"
    file.write_text(page.replace("</body>", RUN.format(axe=axe())), encoding="utf-8")
    words = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900", "--virtual-time-budget=120000",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", file.as_uri(),
    ]  # fmt: skip
    dom = subprocess.run(words, check=True, capture_output=True, timeout=240).stdout.decode("utf-8")
    said = re.search(r'<script type="application/json" id="axe-says">(.*?)</script>', dom, re.S)
    assert said, "the checker did not come to its end"
    return json.loads(said[1])


def test_the_checker_is_a_current_one():
    major, minor = re.search(r"axe v(\d+)\.(\d+)", axe()).groups()
    assert (int(major), int(minor)) >= (4, 12)


def test_the_checker_finds_what_is_wrong(tmp_path):
    bad = '<!DOCTYPE html><html><head><title>x</title></head><body><img src="data:,"><p style="color:#bbb">pale</p></body></html>'
    assert {"image-alt", "color-contrast", "html-has-lang"} <= {rule for rule, _, _ in violations(bad, tmp_path)}


DRAWN = """from IPython.display import display, HTML, Markdown
from matplotlib.figure import Figure
import pandas as pd
figure = Figure(figsize=(5, 3))
figure.subplots().plot([1, 2, 3])
display(figure, metadata={"image/png": {"alt": "A line that rises."}})
display(pd.DataFrame({"account": ["ada", "bo"], "calls": [1, 2]}))
"""


@pytest.fixture(scope="module")
def out(facts, make_company, make_notebooks, tmp_path_factory):
    """A folder with two months: comments, figures, tables, a restated number, nothing measurable in most places."""
    from apijourney.report.command import main

    out = tmp_path_factory.mktemp("out")
    company = make_company(simulated=True, more="goals: {revenue: 4000}\nscorecard: [revenue, mrr]")
    (company.parent / "notes").mkdir()
    (company.parent / "notes" / "2026-10.md").write_text("# A launch\n\n- [x](https://x.io) **new**\n\n|a|b|\n|-|-|\n|1|2|\n")
    cells = [("markdown", "# Money\n\n## One?\n\ntext\n\n### Deeper"), ("code", DRAWN), ("markdown", "## Two?"), ("code", DRAWN)]
    cells += [("markdown", "## Folded?", "further"), ("code", DRAWN + 'display(Markdown("An **answer**."))', "further")]
    notebooks = make_notebooks(nb01_money=cells, nb02_more=[("markdown", "# More"), *cells[1:]])
    words = ["--workbook", company, "--out", out, "--notebooks-dir", notebooks, "--no-pdf"]
    assert main([str(w) for w in [*words, "--month", "2026-09"]]) == 0
    invoices = company.parent / "invoices.csv"
    invoices.write_text(invoices.read_text().replace(",1000,", ",1900,"))
    assert main([str(w) for w in [*words, "--month", "2026-10"]]) == 0
    return out


@pytest.mark.parametrize("width", [1280, 400])
def test_the_report_gives_the_checker_nothing_to_object_to(out, tmp_path, width):
    page = (out / "2026-10" / "index.html").read_text(encoding="utf-8")
    for part in ("Comments", "others today", "Beside the month before", "<details", "1 further question "):
        assert part in page, "the page under test has every part"
    assert violations(page, tmp_path, width=width) == []


def test_the_overview_gives_the_checker_nothing_to_object_to(out, tmp_path):
    assert violations((out / "index.html").read_text(encoding="utf-8"), tmp_path) == []


def test_everything_one_can_scroll_or_follow_is_reached_by_the_keyboard_in_the_order_it_is_read(out):
    from bs4 import BeautifulSoup

    soup = BeautifulSoup((out / "2026-10" / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert soup.body.find(["a", "button", "input"])["href"] == "#content", "the first stop leads past the banner"
    ids = {tag["id"] for tag in soup.find_all(id=True)}
    assert {a["href"][1:] for a in soup.find_all("a") if a["href"].startswith("#")} <= ids
    assert all(box.get("tabindex") == "0" for box in soup.select(".wide"))
    assert not soup.find_all(tabindex=lambda v: v and v not in ("0", "-1")), "no order of its own"
