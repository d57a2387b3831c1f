"""What lies beside the page: tables no spreadsheet runs, a tagged PDF, an overview, figures in few bytes."""

import base64
import csv
import io
import json
import re

import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from apijourney.report import pdf
from apijourney.report.history import update_history
from apijourney.report.overview import write_overview
from apijourney.report.pdf import find_browser, make_pdf
from apijourney.report.pictures import slim
from apijourney.report.tables import accounts_csv, metrics_csv

HELLO = [("markdown", "# Hello"), ("code", "print(month)")]
EVIL = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "\r=1"]


def read(table: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(table.decode("utf-8"), newline="")))


def test_no_name_from_the_data_becomes_a_formula_in_a_spreadsheet():
    accounts = [{"account_id": name, "name": name, "reason": "quiet", "evidence": name, "mrr_minor": -5, "owner": name,
                 "since": "2026-10-01"} for name in EVIL]  # fmt: skip
    rows = read(accounts_csv({"accounts": accounts}))
    for row, name in zip(rows, EVIL, strict=True):
        assert row["name"] == row["owner"] == row["account_id"] == "'" + name
        assert row["mrr_minor"] == "-5", "a number below 0 is a number"


def test_the_numbers_of_the_table_are_those_of_the_record(command, make_company, make_notebooks, tmp_path):
    command(make_company(), make_notebooks(nb01_hello=HELLO), tmp_path)
    record = json.loads((tmp_path / "2026-10" / "metrics.json").read_text())
    rows = read((tmp_path / "2026-10" / "metrics.csv").read_bytes())
    assert len(rows) == len(record["metrics"]) + len(record["not_measurable"])
    revenue = {r["month"]: r["value"] for r in rows if r["metric"] == "revenue"}
    assert revenue == {"2026-09": "1000.0", "2026-10": "5000.0"}
    (availability,) = [r for r in rows if r["metric"] == "availability"]
    assert '"requests"' in availability["not_measurable"] and availability["value"] == ""
    infinite = record | {"metrics": [record["metrics"][0] | {"value": "-Infinity"}], "not_measurable": []}
    assert read(metrics_csv(infinite, dict.fromkeys([record["metrics"][0]["metric"]], "x")))[0]["value"] == "-Infinity"


def test_the_overview_lists_every_month_newest_first_and_shows_names_as_they_are_written(
    command, make_company, make_notebooks, tmp_path
):
    company = make_company(name='"<script>alert(1)</script> Ltd"')
    command(company, make_notebooks(nb01_hello=HELLO), tmp_path, "--months", "2026-09..2026-10")
    soup = BeautifulSoup((tmp_path / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert [h.get_text() for h in soup.find_all("h2")] == ["October 2026", "September 2026"]
    assert "<script>alert(1)</script> Ltd" in soup.h1.get_text() and not soup.find_all("script")
    for link in soup.find_all("a"):
        assert (tmp_path / link["href"]).is_file()
    assert "Revenue was USD 50" in soup.get_text().replace("\u00a0", " ")


def test_the_overview_can_always_be_made_again(command, make_company, make_notebooks, tmp_path):
    command(make_company(), make_notebooks(nb01_hello=HELLO), tmp_path)
    before = (tmp_path / "index.html").read_bytes()
    (tmp_path / "index.html").unlink()
    (tmp_path / "2026-07").mkdir()  # somebody's folder without a report
    update_history(tmp_path)
    write_overview(tmp_path)
    assert (tmp_path / "index.html").read_bytes() == before


def png(pixels) -> str:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def pixels(source: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))).convert("RGB"))


def test_a_figure_of_few_colours_is_the_same_in_fewer_bytes():
    picture = np.full((300, 400, 3), 255, dtype=np.uint8)
    picture[50:60], picture[:, 200:203] = (11, 87, 164), (163, 22, 33)
    noise = np.random.default_rng(1).integers(0, 2, (300, 400))[..., None] * np.array([3, 5, 7], dtype=np.uint8)
    source = png((picture - noise).astype(np.uint8))
    small = slim(source)
    assert len(small) < 0.7 * len(source)
    assert np.array_equal(pixels(small), pixels(source))


def test_what_is_no_opaque_picture_is_left_alone():
    see_through = np.zeros((8, 8, 4), dtype=np.uint8)
    for source in (png(see_through), "https://x.io/a.png", "data:image/png;base64,###", ""):
        assert slim(source) == source


def test_without_a_browser_the_report_is_whole_and_says_that_it_has_no_pdf(
    command, make_company, make_notebooks, tmp_path, monkeypatch
):
    monkeypatch.setenv("APIJOURNEY_BROWSER", "no-such-browser")
    code, said, _ = command(make_company(), make_notebooks(nb01_hello=HELLO), tmp_path, pdf=True)
    assert code == 0 and "No PDF: no Chromium or Chrome was found; install one" in said
    assert not (tmp_path / "2026-10" / "report.pdf").exists()


def test_a_browser_that_hangs_or_fails_costs_only_the_pdf(tmp_path, monkeypatch):
    for body, sentence in (("sleep 60", "did not print the page within 1 s"), ("exit 3", "could not print the page")):
        browser = tmp_path / "browser"
        browser.write_text(f"#!/bin/sh\nexec {body}\n")
        browser.chmod(0o755)
        monkeypatch.setenv("APIJOURNEY_BROWSER", str(browser))
        monkeypatch.setattr(pdf, "LONGEST_SECONDS", 1 if "sleep" in body else 60)
        assert make_pdf("<p>x</p>") == (b"", f"No PDF: browser {sentence}.")


def test_the_pdf_is_tagged_and_has_an_outline_and_asks_the_network_for_nothing():
    if find_browser() is None:
        pytest.skip("no Chromium or Chrome was found; install one to try the PDF.")
    made, why_not = make_pdf('<!DOCTYPE html><html lang="en"><title>T</title><h1>One</h1><h2>Two</h2><p>text</p></html>')
    assert why_not == "" and made.startswith(b"%PDF-")
    for part in (rb"/StructTreeRoot", rb"/Marked\s+true", rb"/Outlines", rb"/Lang"):
        assert re.search(part, made), part


def test_the_browser_is_told_no_secret(monkeypatch):
    monkeypatch.setenv("APIJOURNEY_WEBHOOK", "https://hooks.example/secret")
    assert "APIJOURNEY_WEBHOOK" not in pdf._quiet()
