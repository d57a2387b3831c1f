"""The notebooks as they are stored: run from top to bottom, without accidents, nothing of a machine.

Strict nbval compares the stored outputs with a new run; it passes over cells that were never run,
figures and metadata. Those are held here.
"""

import ast
import base64
import io
import json
import re
import tokenize
from pathlib import Path

import nbformat
import papermill
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
EVERY_NOTEBOOK = {"workbook": "'sample'", "month": None, "months_back": None, "segment": "'all'"}
OF_A_MACHINE = re.compile(r"/(?:home|Users|root|tmp|work|mnt|private|var/folders)/\w|file:/{3}|[A-Z]:\\\\?Users")

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def cells_of(path: Path) -> list:
    return nbformat.read(path, as_version=4).cells


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def code_of(path: Path, tag: str | None = None) -> list:
    return [c for c in cells_of(path) if c.cell_type == "code" and (tag is None or tag in tags(c))]


def statements(path: Path) -> list[ast.AST]:
    return [node for cell in code_of(path) for node in ast.walk(ast.parse(cell.source))]


def strings(value):
    """All strings of a notebook's JSON, pictures decoded, so that their base64 cannot look like a path."""
    if isinstance(value, dict):
        for key, one in value.items():
            picture = key == "image/png" and isinstance(one, str)
            yield from [base64.b64decode(one).decode("latin-1")] if picture else [key, *strings(one)]
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


def test_cells_were_run_once_each_from_top_to_bottom(path):
    counts = [c.execution_count for c in code_of(path) if "skip-execution" not in tags(c)]
    assert counts == list(range(1, len(counts) + 1))
    assert len(counts) >= 5


def test_no_output_is_an_error_or_goes_to_stderr(path):
    outputs = [o for c in code_of(path) for o in c.outputs]
    assert [o for o in outputs if o.output_type == "error"] == []
    assert [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"] == []


def test_no_cell_defines_a_function_or_computes_in_a_loop(path):
    found = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.While, ast.AugAssign)
    assert [ast.unparse(n) for n in statements(path) if isinstance(n, found)] == []
    loops = [n for n in statements(path) if isinstance(n, ast.For)]
    assert [ast.unparse(n) for n in loops if not all(isinstance(line, ast.Expr) for line in n.body)] == []


def test_every_picture_has_alt_text(path):
    pictures = [o for c in code_of(path) for o in c.outputs if "image/png" in o.get("data", {})]
    alts = [o.metadata.get("image/png", {}).get("alt", "") for o in pictures]
    assert pictures and [alt for alt in alts if len(alt) < 20] == []


def test_parameters_are_typed_literals_with_a_word_of_help(path):
    (cell,) = code_of(path, "parameters")
    lines = ast.parse(cell.source).body
    assert all(isinstance(line, ast.AnnAssign) for line in lines)
    for line in lines:
        ast.literal_eval(line.value)
    comments = {t.start[0] for t in tokenize.generate_tokens(io.StringIO(cell.source).readline) if t.type == tokenize.COMMENT}
    assert {line.lineno for line in lines} <= comments
    assert EVERY_NOTEBOOK.keys() <= {line.target.id for line in lines}


def test_papermill_shows_type_default_and_help_of_every_parameter(path):
    known = papermill.inspect_notebook(str(path))
    (cell,) = code_of(path, "parameters")
    # papermill reads lines with a pattern of its own: an "=" in a comment hides the parameter.
    assert set(known) == {line.target.id for line in ast.parse(cell.source).body}
    assert [p for p in known.values() if not (p["inferred_type_name"] and p["default"] and p["help"])] == []
    for name, default in EVERY_NOTEBOOK.items():
        assert default is None or known[name]["default"].strip("\"'") == default.strip("'")


def test_the_interactive_cell_is_one_and_is_skipped_by_every_runner(path):
    (cell,) = code_of(path, "interactive")
    assert {"interactive", "skip-execution", "nbval-skip"} <= tags(cell)
    assert cell.outputs == [] and cell.execution_count is None
    assert len(code_of(path, "skip-execution")) == len(code_of(path, "nbval-skip")) == 1


def test_two_exercises_wait_for_an_answer(path):
    checks = [c for c in code_of(path, "exercise") if ".check(" in c.source]
    assert len(checks) == 2
    for cell in checks:
        assert "None" in cell.source and "Not attempted" in json.dumps(cell.outputs)


def test_order_is_title_questions_glossary_exercises(path):
    headings = re.findall(r"^(#+) (.+)$", "\n".join(c.source for c in cells_of(path) if c.cell_type == "markdown"), re.M)
    names = [text for level, text in headings if level == "##"]
    assert [level for level, _ in headings].count("#") == 1 and headings[0][0] == "#"
    assert [n for n in names if n in ("Glossary", "Exercises")] == names[-2:] == ["Glossary", "Exercises"]


def test_a_further_question_is_tagged_from_its_heading_to_its_end(path):
    kinds = {"further", "method"}
    shown = [c for c in cells_of(path) if not tags(c) & {"learn", "hide", "interactive", "exercise"}]
    asked = ""
    for cell in shown:
        if cell.source.startswith("## "):
            asked, here = cell.source, tags(cell) & kinds
        if asked and here:  # a section of message or of further may hold cells on method
            assert tags(cell) & kinds in (here, {"method"}), (asked, cell.id)
        elif asked:
            assert "further" not in tags(cell), (asked, cell.id)


def test_metrics_are_recorded_in_a_hidden_cell(path):
    data = [o.get("data", {}) for c in code_of(path, "hide") for o in c.outputs]
    (rows,) = [d["application/vnd.apijourney.metrics+json"] for d in data if len(d) > 1]
    assert rows and all(row["metric"] for row in rows)


def test_nothing_stored_belongs_to_one_machine_or_one_run(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert [s for s in strings(notebook) if OF_A_MACHINE.search(s)] == []
    assert [s for s in strings(notebook) if re.search(r" at 0x[0-9a-f]{6,}", s)] == []
    assert not {"papermill", "widgets"} & notebook["metadata"].keys()
    assert [c["id"] for c in notebook["cells"] if {"execution", "papermill"} & c["metadata"].keys()] == []


def test_file_is_small_enough_to_review(path):
    assert path.stat().st_size < 1_500_000
