"""One notebook, run in a process of its own: did it finish, and what does it say?

Unit: one notebook. It is judged by exceptions and by execution counts, because a run that was cut
short can look complete. Everything it leaves is a file, so that a killed process leaves nothing
half-told.
"""

import json
import multiprocessing
import os
import threading
import time
from multiprocessing.connection import wait
from pathlib import Path

from apijourney.facts import shared
from apijourney.report.forked_kernel import can_fork, end_kernel, fork_kernel

SKIPPED = "skip-execution"
LONGEST_SOCKET = 103  # bytes of a path: 107 on Linux, 103 on macOS


def run_notebook(source: str, work: str, talk: str, parameters: dict, timeout: int, threads: int = 1) -> None:
    """Execute a notebook and leave `<name>.ipynb` and `<name>.json` in the folder `work`.

    talk : a folder for the sockets of its kernel. timeout : seconds one cell may take. threads : how many its
    linear algebra may use, where the kernel is no copy: notebooks that run side by side take them from each other.
    """
    import nbformat
    import papermill

    from apijourney.report.chapter import read_chapter

    name, folder = Path(source).stem, Path(work)
    _talk_to(folder / f"{name}.log")
    os.environ[shared.FOLDER] = str(folder / "measured")
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    executed = folder / f"{name}.ipynb"
    scratch = folder / f"{name}.scratch"
    scratch.mkdir()
    how, kernel = {"config": sockets(Path(talk) / name)}, None
    if can_fork():
        kernel = fork_kernel(how["config"], scratch, Path(talk) / f"{name}.json")
        how = {"km": kernel}
    _end_with_parent()
    began, failure, died = time.monotonic(), "", False
    try:
        papermill.execute_notebook(
            nbformat.read(source, 4), str(executed), parameters, cwd=str(scratch), progress_bar=False,
            log_output=False, start_timeout=60, execution_timeout=timeout, autosave_cell_every=0, engine_name=_engine(), **how,
        )  # fmt: skip
    except Exception as error:  # whatever stops a notebook is told in one sentence
        failure, died = _cause(error, timeout), _is_death(error)
    finally:
        if kernel is not None:
            end_kernel(kernel)
    if not executed.exists():
        failure = failure or "it left no executed notebook"
        _write(folder / f"{name}.json", {"failure": failure, "cell": "", "died": died})
        return
    notebook = _without_timings(nbformat.read(executed, 4))
    nbformat.write(notebook, executed)
    cell = ""
    if failure:
        cell = _first_line(_last_begun(notebook))
    else:
        failure, cell = judge(notebook)
    result = {"failure": failure, "cell": cell, "died": died} if failure else read_chapter(notebook, name)
    _write(folder / f"{name}.json", result | {"seconds": round(time.monotonic() - began, 1)})


def _engine() -> str:
    """Name papermill's own engine, but for when it writes the notebook: at the end, whole or not, instead of twice a cell."""
    from papermill.engines import NBClientEngine, papermill_engines

    class WrittenOnce(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man, *args, **kwargs):
            write, nb_man.save = nb_man.save, lambda **more: None
            try:
                return super().execute_managed_notebook(nb_man, *args, **kwargs)
            finally:
                nb_man.save = write

    papermill_engines.register("written once", WrittenOnce)
    return "written once"


def sockets(prefix: Path):
    """Let a kernel be spoken to through sockets that are files, `<prefix>-1` to `-5`, where the system has them.

    Ports are chosen before the kernel binds them, so two kernels that start together may choose the same, and
    one dies. Files of its own are nobody else's. Where the path is too long for a socket, ports are used.
    """
    from traitlets.config import Config

    if os.name != "posix" or len(os.fsencode(prefix)) + 3 > LONGEST_SOCKET:
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": str(prefix)}})


def judge(notebook) -> tuple[str, str]:
    """Answer why an executed notebook does not count, and at which cell; empty where it does.

    Cells tagged skip-execution are exempt, and errors in cells tagged raises-exception.
    """
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or SKIPPED in tags:
            continue
        errors = [o for o in cell.outputs if o.output_type == "error"]
        if errors and "raises-exception" not in tags:
            return f"{errors[0].ename}: {errors[0].evalue}", _first_line(cell)
        if cell.execution_count is None:
            return "the cell was never executed", _first_line(cell)
    return "", ""


def _end_with_parent() -> None:
    """Let this process end when the run that began it is killed, so that it cannot write into the next one's work."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch():
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _talk_to(file: Path) -> None:
    """Let this process and its kernel write their warnings to a file, not between the progress lines."""
    with file.open("ab") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)


def _cause(error: Exception, timeout: int) -> str:
    if hasattr(error, "ename"):
        return f"{error.ename}: {str(error.evalue).strip().splitlines()[0] if str(error.evalue).strip() else ''}"
    if type(error).__name__ == "CellTimeoutError":
        return f"the cell took longer than {timeout} s; give more with --timeout"
    if _is_death(error):
        return "its kernel died, perhaps for want of memory"
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0] if text else ''}"


def _is_death(error: Exception) -> bool:
    """Whether the kernel died: while a cell ran, or before it ever answered."""
    return type(error).__name__ == "DeadKernelError" or "Kernel died before" in str(error)


def _last_begun(notebook):
    """The cell at which a run stopped: cells run in order, so the last one with a count or an error."""
    begun = [
        c for c in notebook.cells
        if c.cell_type == "code" and (c.execution_count or any(o.output_type == "error" for o in c.outputs))
    ]  # fmt: skip
    return begun[-1] if begun else None


def _first_line(cell) -> str:
    lines = cell.source.strip().splitlines() if cell is not None else []
    return lines[0][:80] if lines else ""


def _without_timings(notebook):
    """Take out the run's times and folders: they differ in every run and belong to no reader."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
    return notebook


def _write(file: Path, content) -> None:
    aside = file.with_suffix(".tmp")
    aside.write_text(json.dumps(content, allow_nan=False), encoding="utf-8")
    aside.replace(file)
