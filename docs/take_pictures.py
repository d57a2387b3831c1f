"""Take the README's pictures: the top of a published report, and a notebook in JupyterLab.

    python docs/take_pictures.py reports/2026-10/index.html notebooks/02_funnel.ipynb

Needs Playwright (`pip install playwright`, no browser download) and an installed Chromium. Neither
belongs to the workbook. The notebook is shown as stored, in a copy; it is not run.
"""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).resolve().parent / "pictures"
QUIET = '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}'
WIDE = {"width": 1280, "height": 960}


def picture_of_report(page: Page, report: Path) -> None:
    page.goto(report.resolve().as_uri())
    page.screenshot(path=PICTURES / "report.png")


def picture_of_notebook(page: Page, address: str, notebook: Path, token: str) -> None:
    page.goto(f"{address}/lab/workspaces/pictures/tree/{notebook.name}?token={token}")
    page.wait_for_selector(".jp-NotebookPanel .jp-RenderedImage img")
    page.locator(".jp-RenderedImage img").first.scroll_into_view_if_needed()
    page.wait_for_timeout(3_000)  # the last panels of JupyterLab settle
    page.screenshot(path=PICTURES / "notebook.png")


@contextlib.contextmanager
def jupyterlab(notebook: Path, token: str):
    """Serve a copy of one notebook on a free local port, with settings of its own."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        home, files = Path(folder), Path(folder) / "notebooks"
        files.mkdir()
        shutil.copy(notebook, files)
        (home / "config" / "labconfig").mkdir(parents=True)
        (home / "config" / "labconfig" / "page_config.json").write_text(QUIET)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        own = {f"JUPYTER_{k}_DIR": str(home / k.lower()) for k in ("CONFIG", "DATA", "RUNTIME")}
        own |= {f"JUPYTERLAB_{k}_DIR": str(home / k.lower()) for k in ("SETTINGS", "WORKSPACES")}
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
            "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={files}",
            *(["--allow-root"] if os.geteuid() == 0 else []),
        ]  # fmt: skip
        address = f"http://127.0.0.1:{port}"
        server = subprocess.Popen(command, env=os.environ | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(f"{address}/api?token={token}", server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen, seconds: int = 60) -> None:
    for _ in range(seconds * 4):
        if server.poll() is not None:
            raise SystemExit("JupyterLab did not start: is it installed in this Python?")
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(address, timeout=1)
            return
        time.sleep(0.25)
    raise SystemExit(f"JupyterLab did not answer within {seconds} seconds.")


def main(report: str, notebook: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("No Chromium was found on the PATH: install it with the system's package manager.")
    token = secrets.token_hex(16)
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        page = browser.new_page(viewport=WIDE)
        picture_of_report(page, Path(report))
        with jupyterlab(Path(notebook), token) as address:
            picture_of_notebook(page, address, Path(notebook), token)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: python docs/take_pictures.py REPORT.html NOTEBOOK.ipynb")
    main(sys.argv[1], sys.argv[2])
