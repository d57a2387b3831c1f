"""One notebook's run: judged by its errors and its execution counts, told only what it declares."""

import json
import subprocess
import sys

import nbformat
import papermill
import pytest

from apijourney import notebook
from apijourney.errors import WorkbookError
from apijourney.report import chapter
from apijourney.report.notebooks import NOTEBOOKS, choose_parameters, find_notebooks, read_parameters
from apijourney.report.worker import judge


def executed(*cells):
    """A notebook of code cells (source, count, error, tags)."""
    notebook = nbformat.v4.new_notebook()
    for source, count, error, tags in cells:
        outputs = [nbformat.v4.new_output("error", ename=error, evalue="no", traceback=[])] if error else []
        cell = nbformat.v4.new_code_cell(source, execution_count=count, outputs=outputs)
        cell.metadata["tags"] = tags
        notebook.cells.append(cell)
    return notebook


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([("a = 1", 1, "", []), ("b = 2", 2, "", [])], ("", "")),
        ([("a = 1", 1, "", []), ("b = 2\nc", None, "", [])], ("the cell was never executed", "b = 2")),
        ([("slider()", None, "", ["skip-execution"])], ("", "")),
        ([("", None, "", [])], ("", "")),
        ([("a", 1, "NameError", [])], ("NameError: no", "a")),
        ([("a", 1, "NameError", ["raises-exception"])], ("", "")),
    ],
)
def test_a_run_counts_only_when_every_cell_was_executed_without_error(cells, expected):
    assert judge(executed(*cells)) == expected


def write(folder, name, source):
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": source}
    (folder / name).write_text(json.dumps({"cells": [cell]}))
    return folder / name


def test_parameters_are_read_with_their_type_whatever_their_comment_says(tmp_path):
    source = 'month: str = "latest"  # "latest" = the last complete one\nmost = 3\nshare: float = 0.5'
    assert read_parameters(write(tmp_path, "01_a.ipynb", source)) == {"month": "str", "most": "int", "share": "float"}


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    (tmp_path / "01_a.ipynb").write_text("not json")
    with pytest.raises(WorkbookError, match="01_a.ipynb: it cannot be read as a notebook"):
        read_parameters(tmp_path / "01_a.ipynb")


def test_each_notebook_is_told_only_what_it_declares():
    declared = {"01_a": {"month": "str", "most": "int"}, "02_b": {"month": "str", "fast": "bool"}}
    told = choose_parameters(declared, {"month": "2026-10"}, {"most": "7", "fast": "true"})
    assert told == {"01_a": {"month": "2026-10", "most": 7}, "02_b": {"month": "2026-10", "fast": True}}


def test_notebooks_come_in_the_order_of_their_numbers(tmp_path):
    for name in ("10_z.ipynb", "02_b.ipynb", "scratch.ipynb"):
        write(tmp_path, name, "")
    assert [p.stem for p in find_notebooks(tmp_path)] == ["02_b", "10_z"]
    assert [p.stem for p in find_notebooks(tmp_path, ["10_z"])] == ["10_z"]


def test_the_projects_own_notebooks_declare_workbook_and_month():
    for source in find_notebooks(NOTEBOOKS):
        assert {"workbook", "month"} <= set(read_parameters(source)), source.stem


def test_papermill_knows_every_parameter_the_projects_notebooks_declare():
    # papermill gives up on a line with a second "=", such as one in the comment
    for source in find_notebooks(NOTEBOOKS):
        assert set(papermill.inspect_notebook(str(source))) == set(read_parameters(source)), source.stem


def test_a_worker_holds_no_library_it_does_not_need():
    # what a worker imports is held once for every notebook that runs
    code = "import sys, apijourney.report.chapter, apijourney.report.worker; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not [name for name in ("pandas", "matplotlib", "ibis", "duckdb", "numba") if f"'{name}'" in loaded]


def test_the_page_is_written_without_what_turns_notebooks_into_chapters():
    # the process that makes the report would load it before the first notebook begins, for over a second
    code = "import sys, apijourney.report.page; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'apijourney.report.page'" in loaded
    assert "'nbconvert'" not in loaded


def test_the_banner_left_out_of_chapters_is_the_one_notebooks_show():
    assert chapter.BANNER == notebook.SIMULATED
