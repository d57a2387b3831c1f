"""A sentence with a number is computed: it changes with the month, and verdicts go with their causes.

Every notebook runs by the plain papermill command, from an unrelated folder whose name has a space, on another month
of the sample, and as a report runs it on a company without any planted story.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from apijourney.facts.shared import FOLDER
from apijourney.report.execution import run_notebooks
from apijourney.simulate import write_sample
from apijourney.workbook import SAMPLE

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
OTHER_MONTH = "2026-06"

HOLDS = {
    r"^The catalogue holds": "it counts the metrics of the program",
    r"were promised to be answered well\.$": "the promise stands in the workbook file",
    r"^No fewer days keep that to 5 % or less": "the share is the rule's",
    r"^If the associations? were causal: further paying accounts": "the points are a parameter",
    r"^Day-30 retention of .* is not yet known": "the days are the metric's name",
    r"^Of \d+ behaviours that can be compared, none": "few can be compared, and of none anything is said",
    r"more than chance for \**none\** of them \(q below 0\.05\)": "of none anything is said; the limit is the rule's",
    r"^None of the 8 links that can be judged is beyond chance": "of none anything is said; which comes nearest differs",
    r"^8 of the 16 links have too few accounts": "two of the four signals are met by few in every company",
    r"^A clear direction, of 11 metrics judged: better 2 \(Monthly active": "both months lie in the same growth",
    r"more are totals, counted in full: chance is not judged": "it counts the metrics that are totals",
    r"^The mark of those that stay is \**active days": "the mark is one of a few whole numbers; what it says of them differs",
    r"^After a good call \d+ % are silent for an hour": "a share of hundreds of thousands of calls, the same to the full per cent",
    r"^The memory is at 60 % when it is busy": "both companies are simulated with the same machines",
    r"^From November 2025 to October 2026: 17 releases": "both companies are simulated with the same releases",
}
"""Sentences that may hold on other data, as a pattern, and why. A pattern fits one sentence, never a whole block."""
HOLDING_TABLES = {
    "01-15": "the map of what the catalogue measures", "01-18": "the map of what the catalogue measures",
    "01-unseen-1": "what no table of the company tells", "02-31": "a note on what no table of the company tells",
}  # fmt: skip
"""Tables that may hold in another month of the same company, by their cell, and why."""
_MONTHS = "January February March April May June July August September October November December".split()
_DATE = re.compile(rf"({'|'.join(_MONTHS)}) (\d{{4}})|(\d{{4}})-(\d\d)(-\d\d)?")


@pytest.fixture(scope="module")
def storyless(tmp_path_factory) -> Path:
    """The workbook file of a company of half the sample's size; nothing was planted, no tickets are kept."""
    folder = tmp_path_factory.mktemp("storyless")
    write_sample(folder, seed=3, scale=0.5, stories=False)
    (folder / "tickets.parquet").unlink()
    text = SAMPLE.read_text(encoding="utf-8")
    assert "company: Tideline" in text
    book = folder / "workbook.yaml"
    book.write_text(text.replace("company: Tideline", "company: Stillwater"), encoding="utf-8")
    return book


@pytest.fixture(scope="module")
def runs(tmp_path_factory, storyless) -> dict[tuple[str, str], Path]:
    """(notebook, "month" or "storyless") → the executed notebook: by the plain command, and as a report runs them."""
    elsewhere, work = (tmp_path_factory.mktemp(name) for name in ("an unrelated folder", "work"))
    run_notebooks(NOTEBOOKS, {path.stem: {"workbook": str(storyless)} for path in NOTEBOOKS}, work)
    env = os.environ | {FOLDER: str(elsewhere / "measured")}  # what several notebooks ask is measured once, as in a report

    def run(path: Path) -> None:
        command = [sys.executable, "-m", "papermill", str(path), path.name, "-p", "month", OTHER_MONTH, "--no-progress-bar"]
        done = subprocess.run(command, cwd=elsewhere, env=env, text=True, capture_output=True, timeout=480)
        assert done.returncode == 0, done.stderr[-3000:]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, NOTEBOOKS))
    return {(p.stem, kind): folder / p.name for kind, folder in (("month", elsewhere), ("storyless", work)) for p in NOTEBOOKS}


def code_of(path: Path) -> list:
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def outputs(path: Path, *, left_out: set[str]) -> list:
    """(cell, output) of the code cells that carry none of these tags."""
    return [(c.id, o) for c in code_of(path) if not left_out & tags(c) for o in c.outputs]


def sentences(text: str) -> list[str]:
    """The sentences that say a number: a digit that is not part of a month or a day."""
    parts = re.split(r'\n+|(?<=[.!?])\**\s+(?=[A-Z“"*(\d])', text)
    return [part.strip(" -|") for part in parts if re.search(r"\d", _DATE.sub("", part))]


def numbers_said(path: Path) -> list[str]:
    """Every computed sentence with a number, of texts and of what stands for a figure, those of the exercises left out."""
    found = []
    for _, output in outputs(path, left_out={"exercise"}):
        found += sentences(output.get("data", {}).get("text/markdown", ""))
        for kind in output.get("metadata", {}).values():
            found += sentences(kind.get("alt", "")) if isinstance(kind, dict) else []
    return found


def tables_shown(path: Path) -> list[tuple[str, str]]:
    """(cell, text) of every table with a number, those of toys and exercises left out."""
    shown = [(cell, o.get("data", {})) for cell, o in outputs(path, left_out={"exercise", "learn"})]
    found = [(cell, data["text/plain"]) for cell, data in shown if "text/html" in data and "image/png" not in data]
    return [(cell, text) for cell, text in found if re.search(r"\d", text)]


def of_a_month_both_show(text: str) -> bool:
    """Does it speak of a month or a day that had been when the other month was reported, and of none after it?"""
    dates = [f"{y or y2}-{_MONTHS.index(name) + 1 if name else int(m):02}" for name, y, y2, m, _ in _DATE.findall(text)]
    return bool(dates) and max(dates) <= OTHER_MONTH


def holds(sentence: str) -> bool:
    return any(re.search(pattern, sentence) for pattern in HOLDS)


def findings(path: Path) -> list[str]:
    outputs = [o for c in code_of(path) for o in c.outputs]
    return [o.data["text/markdown"] for o in outputs if o.get("metadata", {}).get("apijourney", {}).get("finding")]


each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


@each
@pytest.mark.parametrize("kind", ["month", "storyless"])
def test_notebook_runs_to_its_end(path, kind, runs):
    out = runs[path.stem, kind]
    counts = [c.execution_count for c in code_of(out) if "skip-execution" not in tags(c)]
    assert counts == list(range(1, len(counts) + 1))
    outputs = [o for c in code_of(out) for o in c.outputs]
    assert [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"] == []


def test_a_block_is_split_into_its_sentences_and_a_month_is_no_number():
    text = "MRR in June 2026: **EUR 1.5** (n = 3). Nothing to say of 2026-05-01. **12 %** stay! As many as in May 2026?\n- 3 of 4."
    assert sentences(text) == ["MRR in June 2026: **EUR 1.5** (n = 3).", "**12 %** stay!", "3 of 4."]
    assert of_a_month_both_show("4 in February 2026 and on 2026-03-01") and not of_a_month_both_show("4 in May and in July 2026")
    assert not of_a_month_both_show("4 of them")


@each
def test_every_sentence_with_a_number_differs_in_another_month(path, runs):
    stored, other = numbers_said(path), set(numbers_said(runs[path.stem, "month"]))
    assert len(stored) >= 20
    assert [s for s in stored if s in other and not holds(s) and not of_a_month_both_show(s)] == []


@each
def test_every_sentence_with_a_number_differs_in_another_company(path, runs):
    stored, other = numbers_said(path), set(numbers_said(runs[path.stem, "storyless"]))
    assert [s for s in stored if s in other and not holds(s)] == []


@each
@pytest.mark.parametrize("kind", ["month", "storyless"])
def test_every_table_with_a_number_differs_in_another_month_and_in_another_company(path, kind, runs):
    stored, other = tables_shown(path), {text for _, text in tables_shown(runs[path.stem, kind])}
    assert len(stored) >= 3
    held = {cell: text for cell, text in stored if text in other and cell not in HOLDING_TABLES}
    assert {cell: text for cell, text in held.items() if kind == "storyless" or not of_a_month_both_show(text)} == {}


@each
def test_no_verdict_is_given_on_a_company_without_stories(path, runs):
    assert findings(runs[path.stem, "storyless"]) == []


def test_verdicts_are_given_on_the_company_with_stories():
    assert [finding for path in NOTEBOOKS for finding in findings(path)] != []
