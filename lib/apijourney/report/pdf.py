"""The page as a PDF for paper and screen readers, where a browser is installed.

Unit: one page. Chromium prints it: tagged, with an outline, and without asking the network for anything. Where there
is none, the report is whole without it, and the run says so.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
LONGEST_SECONDS = 60


def find_browser() -> str | None:
    """The program that prints: the one in APIJOURNEY_BROWSER, else the first there is; None where there is none."""
    named = os.environ.get("APIJOURNEY_BROWSER")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)


def make_pdf(page: str) -> tuple[bytes, str]:
    """Print a page. Returns the PDF and an empty text, or nothing and the sentence that says why."""
    browser = find_browser()
    if browser is None:
        return b"", "No PDF: no Chromium or Chrome was found; install one, or name it in APIJOURNEY_BROWSER."
    with tempfile.TemporaryDirectory(prefix="aj-pdf-", ignore_cleanup_errors=True) as folder:
        html, pdf = Path(folder, "page.html"), Path(folder, "page.pdf")
        html.write_text(page, encoding="utf-8")
        words = [
            browser, "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            f"--user-data-dir={folder}/profile", "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer",
            "--generate-pdf-document-outline", f"--print-to-pdf={pdf}", html.as_uri(),
        ]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            words.insert(2, "--no-sandbox")  # Chromium refuses to run for the superuser otherwise
        try:
            subprocess.run(words, check=True, capture_output=True, timeout=LONGEST_SECONDS, env=_quiet())
            return pdf.read_bytes(), ""
        except subprocess.TimeoutExpired:
            return b"", f"No PDF: {Path(browser).name} did not print the page within {LONGEST_SECONDS} s."
        except (OSError, subprocess.CalledProcessError):
            return b"", f"No PDF: {Path(browser).name} could not print the page."


def _quiet() -> dict[str, str]:
    """What a browser needs to know of the environment, and none of its secrets."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "TEMP") if name in os.environ}
