"""How do the notebooks' stored outputs come to be: `python -m apijourney.report.store_outputs notebooks`.

Unit: a notebook file. Each is run from top to bottom with its own parameters, and written in one
step only if every cell ran; a notebook that fails keeps its old outputs. Nothing of the machine is
stored: no times, no widget state, no version of Python. Cells tagged `skip-execution` are left out.
It does not judge what the outputs say.
"""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

from apijourney.errors import WorkbookError
from apijourney.report.worker import sockets

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def store_outputs(path: Path, *, timeout: int = 300) -> None:
    """Run one notebook and store its outputs in place.

    timeout : seconds a cell may take.
    Raises WorkbookError if a cell fails or takes too long; the file is then as it was.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    talk = tempfile.mkdtemp(prefix="aj-")  # a short path, for the kernel's sockets
    client = NotebookClient(
        notebook, timeout=timeout, record_timing=False, store_widget_state=False,
        resources={"metadata": {"path": str(path.parent)}}, config=sockets(Path(talk) / "kernel"),
    )  # fmt: skip
    try:
        client.execute()
    except CellExecutionError as error:
        cause = f"{error.ename}: {error.evalue}"
        raise WorkbookError(f"{path.name}: a cell failed ({cause}); mend it and run this again.") from None
    except CellTimeoutError:
        raise WorkbookError(f"{path.name}: a cell took more than {timeout} s; make it faster and run this again.") from None
    finally:
        shutil.rmtree(talk, ignore_errors=True)
    notebook.metadata = nbformat.from_dict(_METADATA)
    unfinished = path.with_suffix(".ipynb.part")
    nbformat.write(notebook, unfinished)
    os.replace(unfinished, path)


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0] if arguments else "notebooks")
    paths = sorted(folder.glob("*.ipynb")) if folder.is_dir() else [folder]
    try:
        for path in paths:
            began = time.perf_counter()
            store_outputs(path)
            print(f"{path.stem}  stored in {time.perf_counter() - began:.0f} s", flush=True)
    except WorkbookError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
