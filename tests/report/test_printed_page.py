"""Printed, the month in short and the scorecard stand on one A4 page, whatever the month."""

import shutil
import subprocess

import pytest

from apijourney import measure_all, open_study
from apijourney.report.cover import make_cover
from apijourney.report.page import make_page
from apijourney.workbook import SAMPLE

TOOLS = {"chromium": ("chromium", "chromium-browser", "google-chrome"), "pdftotext": ("pdftotext",)}


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
    size = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True, timeout=60).stdout
    assert "(A4)" in size
    return text.stdout.decode("utf-8").split("\f")


@pytest.mark.parametrize("month", ["2026-10", "2025-06"])
def test_headline_and_scorecard_are_the_first_sheet_and_fill_no_second(month, tools, tmp_path):
    study = open_study(SAMPLE, month=month)
    metrics = measure_all(study)
    sheets = printed(make_page(study, metrics, {}, make_cover(study, metrics)), tmp_path, tools)
    first, second = sheets[0], sheets[1]
    assert len(study.workbook.scorecard) == 12
    for begins in ("The month in short", "To watch.", "Scorecard", "Cost per 1,000", "otherwise it is “unclear”"):
        assert begins in first, begins
    assert "Alerts against goals" in second and "Alerts against goals" not in first
