"""Stored outputs come from a whole run, and hold nothing of the machine that ran it."""

import tempfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from apijourney.errors import WorkbookError
from apijourney.report.store_outputs import main, store_outputs


@pytest.fixture
def notebook(tmp_path):
    """Write a notebook of code cells: `notebook("1 + 1", …)` → its path."""

    def write(*sources: str, tags: dict[int, list[str]] | None = None, name: str = "01_test"):
        cells = [new_code_cell(s, metadata={"tags": (tags or {}).get(i, [])}) for i, s in enumerate(sources)]
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=[new_markdown_cell("# Title"), *cells]), path)
        return path

    return write


def code_of(path):
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


def test_outputs_and_counts_are_stored_and_skipped_cells_stay_empty(notebook):
    path = notebook("1 + 1", "raise ValueError", "3", tags={1: ["skip-execution"]})
    store_outputs(path)
    first, skipped, last = code_of(path)
    assert (first.execution_count, last.execution_count) == (1, 2)
    assert first.outputs[0].data["text/plain"] == "2"
    assert skipped.outputs == [] and skipped.execution_count is None


def test_no_times_and_no_version_of_python_are_stored(notebook):
    path = notebook("1")
    store_outputs(path)
    stored = nbformat.read(path, as_version=4)
    assert stored.metadata.language_info == {"name": "python"}
    assert all("execution" not in cell.metadata for cell in stored.cells)


def test_second_run_writes_the_same_bytes(notebook):
    path = notebook("print('same')")
    store_outputs(path)
    once = path.read_bytes()
    store_outputs(path)
    assert path.read_bytes() == once


def test_failing_notebook_keeps_its_old_outputs_and_is_told_in_a_sentence(notebook, capsys):
    path = notebook("1", "raise KeyError('sign_up')")
    before = path.read_bytes()
    assert main([str(path.parent)]) == 2
    assert capsys.readouterr().err == (
        "01_test.ipynb: a cell failed (KeyError: 'sign_up'); mend it and run this again.\n"
    )
    assert path.read_bytes() == before and [p.name for p in path.parent.iterdir()] == [path.name]


def test_cell_that_takes_too_long_is_told_in_a_sentence(notebook):
    path = notebook("import time; time.sleep(60)")
    with pytest.raises(WorkbookError, match="01_test.ipynb: a cell took more than 1 s"):
        store_outputs(path, timeout=1)


def test_nothing_is_said_beside_the_progress_and_no_socket_is_left(notebook, capfd, monkeypatch):
    folder = Path(tempfile.mkdtemp(prefix="t"))  # short: a socket's path may have about a hundred letters
    path = notebook("1")
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        assert main([str(path)]) == 0
    told = capfd.readouterr()
    assert told.err == "" and told.out.startswith("01_test  stored in ")
    assert list(folder.iterdir()) == []
    folder.rmdir()
