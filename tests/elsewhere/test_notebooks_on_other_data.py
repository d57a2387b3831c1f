"""A sentence with a number is computed: it changes with the month, and verdicts go with their causes.

Every notebook runs by the plain papermill command, from an unrelated folder whose name has a space,
on another month of the sample and on a company without any planted story.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from apijourney.simulate import write_sample
from apijourney.workbook import SAMPLE

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
OTHER_MONTH = "2026-06"

# Sentences about a toy example, counted by hand in the notebook, hold everywhere.
OF_TOYS: dict[str, set[str]] = {}


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
def runs(tmp_path_factory, storyless) -> dict:
    """(notebook, "month" or "storyless") → (the finished command, the executed notebook's path)."""
    elsewhere = tmp_path_factory.mktemp("an unrelated folder")
    choices = {"month": ["-p", "month", OTHER_MONTH], "storyless": ["-p", "workbook", str(storyless)]}

    def run(path: Path, kind: str):
        out = elsewhere / f"{path.stem} {kind}.ipynb"
        command = [sys.executable, "-m", "papermill", str(path), str(out), *choices[kind]]
        limits = ["--execution-timeout", "240", "--no-progress-bar"]
        done = subprocess.run(command + limits, cwd=elsewhere, text=True, capture_output=True, timeout=480)
        return done, out

    asked = [(path, kind) for kind in choices for path in NOTEBOOKS]
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda one: run(*one), asked)
        return {(path.stem, kind): answer for (path, kind), answer in zip(asked, answers, strict=True)}


def code_of(path: Path) -> list:
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def numbers_said(path: Path) -> list[str]:
    """Every computed Markdown sentence with a digit, those of the exercises left out."""
    outputs = [o for c in code_of(path) if "exercise" not in tags(c) for o in c.outputs]
    said = [o.get("data", {}).get("text/markdown", "") for o in outputs]
    return [sentence for sentence in said if any(letter.isdigit() for letter in sentence)]


def findings(path: Path) -> list[str]:
    outputs = [o for c in code_of(path) for o in c.outputs]
    return [o.data["text/markdown"] for o in outputs if o.get("metadata", {}).get("apijourney", {}).get("finding")]


each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


@each
@pytest.mark.parametrize("kind", ["month", "storyless"])
def test_notebook_runs_to_its_end(path, kind, runs):
    done, out = runs[path.stem, kind]
    assert done.returncode == 0, done.stderr[-3000:]
    counts = [c.execution_count for c in code_of(out) if "skip-execution" not in tags(c)]
    assert counts == list(range(1, len(counts) + 1))
    outputs = [o for c in code_of(out) for o in c.outputs]
    assert [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"] == []


@each
def test_every_sentence_with_a_number_differs_in_another_month(path, runs):
    stored, other = numbers_said(path), set(numbers_said(runs[path.stem, "month"][1]))
    assert len(stored) >= 3
    held = [s for s in stored if s in other]
    assert [s for s in held if s not in OF_TOYS.get(path.stem, set())] == []


@each
def test_every_sentence_with_a_number_differs_in_another_company(path, runs):
    stored, other = numbers_said(path), set(numbers_said(runs[path.stem, "storyless"][1]))
    assert [s for s in stored if s in other and s not in OF_TOYS.get(path.stem, set())] == []


@each
def test_no_verdict_is_given_on_a_company_without_stories(path, runs):
    assert findings(runs[path.stem, "storyless"][1]) == []


def test_verdicts_are_given_on_the_company_with_stories():
    assert [finding for path in NOTEBOOKS for finding in findings(path)] != []
