"""Printed, the month in short and the scorecard stand on one A4 page, whatever the month."""

import shutil
import subprocess
from datetime import date

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from apijourney import load_workbook, measure_all, open_study
from apijourney.report.chapter import read_chapter
from apijourney.report.close import Closing
from apijourney.report.cover import make_cover
from apijourney.report.memory import Memory
from apijourney.report.page import make_page

TOOLS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"), "pdftotext": ("pdftotext",), "pdfinfo": ("pdfinfo",),
}  # fmt: skip


@pytest.fixture(scope="module")
def tools() -> dict[str, str]:
    found = {name: next(filter(None, map(shutil.which, names)), None) for name, names in TOOLS.items()}
    lacking = [name for name, path in found.items() if path is None]
    if lacking:
        pytest.skip(f"{' and '.join(lacking)} not found; install chromium and poppler-utils to try the printed page.")
    return found


def printed(page: str, folder, tools) -> list[str]:
    """Print a page to PDF; answers the text of each of its sheets."""
    (folder / "index.html").write_text(page, encoding="utf-8")
    pdf = folder / "page.pdf"
    words = [
        tools["chromium"], "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-pdf-header-footer", f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={pdf}",
        (folder / "index.html").as_uri(),
    ]  # fmt: skip
    subprocess.run(words, check=True, capture_output=True, timeout=120)
    text = subprocess.run([tools["pdftotext"], "-layout", pdf, "-"], check=True, capture_output=True, timeout=60)
    size = subprocess.run([tools["pdfinfo"], pdf], check=True, capture_output=True, text=True, timeout=60).stdout
    assert "(A4)" in size
    return text.stdout.decode("utf-8").split("\f")


def sheets_of(book, month, folder, tools) -> list[str]:
    study = open_study(book, month=month)
    metrics = measure_all(study)
    memory = Memory(closing=Closing("provisional", date(2026, 11, 6)))  # the longest that can stand in the header
    return printed(make_page(study, metrics, {}, make_cover(study, metrics), memory), folder, tools)


def assert_the_cover_is_one_sheet(sheets: list[str], last_metric: str) -> None:
    first, second = sheets[0], sheets[1]
    for text in ("The month in short", "To watch.", "Scorecard", last_metric, "otherwise it is “unclear”"):
        assert text in first, text
    assert "Alerts against goals" in second and "Alerts against goals" not in first


@pytest.mark.parametrize("month", ["2026-10", "2025-06"])
def test_headline_and_scorecard_are_the_first_sheet_and_fill_no_second(month, tools, tmp_path, measured_once):
    book = load_workbook("sample")
    assert len(book.scorecard) == 12
    assert_the_cover_is_one_sheet(sheets_of(book, month, tmp_path, tools), "Infrastructure cost")


def test_so_they_are_with_a_long_name_and_twelve_crowded_rows(tools, tmp_path, measured_once):
    crowded = [
        "activated_share", "conversion_to_production", "sign_up_rate", "first_hello_world_days", "availability",
        "tickets_per_active_account", "latency_p95", "net_revenue_retention_12m", "top_account_share",
        "average_mrr_per_account", "cost_per_thousand_calls", "first_call_success_rate",
    ]  # fmt: skip
    long = "The International Company for Programmable Payments and Identities GmbH & Co. KG"
    changes = {"company": long, "scorecard": crowded, "goals": dict.fromkeys(crowded, 0.9)}
    book = load_workbook("sample").model_copy(update=changes)
    assert_the_cover_is_one_sheet(sheets_of(book, "2026-10", tmp_path, tools), "First-call success")


def test_on_paper_what_is_folded_is_left_out_and_a_line_says_how_much(tools, tmp_path):
    further = {"tags": ["further"]}
    cells = [
        new_markdown_cell("# Money\n\n## Open?\n\nSeen on paper."),
        new_markdown_cell("## Folded?\n\nSeen on screen.", metadata=further),
        new_markdown_cell("## Folded too?", metadata=further),
        new_markdown_cell("## Glossary", metadata=further),
    ]
    chapter = read_chapter(new_notebook(cells=cells), "04_money")
    study = open_study(load_workbook("sample"), month="2026-10")
    page = make_page(study, {}, {"04_money": chapter}, make_cover(study, {}))
    assert "Seen on screen." in page and "2 further questions stand folded" in page
    text = "".join(printed(page, tmp_path, tools))
    assert "Seen on paper." in text and "The page on screen answers 2 further questions of this chapter." in text
    assert "Seen on screen." not in text and "Folded" not in text and "stand folded" not in text
