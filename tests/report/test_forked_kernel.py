"""A kernel that is a copy of the process: it works in its folder, keeps what it does to itself, and ends."""

import json
import subprocess
import sys
import threading

import pytest

from apijourney.report.forked_kernel import can_fork

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are copied on Linux only")

RUN = """
import asyncio, json, os, sys
from pathlib import Path
import nbformat
from nbclient import NotebookClient
from apijourney.report.forked_kernel import end_kernel, fork_kernel
from apijourney.report.worker import sockets

folder, cells = Path(sys.argv[1]), json.loads(sys.argv[2])
state = "of the parent"
kernel = fork_kernel(sockets(folder / "k"), folder, folder / "k.json")
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
error = ""
try:
    NotebookClient(notebook, km=kernel, timeout=30).execute()
except Exception as raised:
    error = type(raised).__name__
end_kernel(kernel)
texts = [o.get("text") or o["data"]["text/plain"] for c in notebook.cells for o in c.outputs if o.output_type != "error"]
alive = Path(f"/proc/{kernel.provisioner.pid}").exists()
print(json.dumps({"texts": texts, "error": error, "alive": alive, "state": state, "here": os.getcwd(), "code": kernel.provisioner.process.returncode}))
"""


def run(folder, *cells) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(folder), json.dumps(cells)], capture_output=True, text=True, check=True, timeout=120
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("k")  # a short path: sockets have no long ones


def test_it_works_in_its_folder_and_the_process_it_is_a_copy_of_knows_nothing_of_it(folder):
    found = run(folder, "import os; state = 'of the kernel'; os.getcwd()", "print(state)")
    assert found["texts"] == [repr(str(folder)), "of the kernel\n"]
    assert found["state"] == "of the parent" and found["here"] != str(folder)
    assert not found["alive"] and found["error"] == ""


def test_figures_are_drawn_without_a_screen_and_shown_beside_their_cell(folder):
    found = run(folder, "import matplotlib.pyplot as plt; plt.get_backend()")
    assert "inline" in found["texts"][0]


def test_one_that_dies_is_noticed(folder):
    found = run(folder, "import os; os._exit(3)")
    assert found["error"] == "DeadKernelError" and found["code"] == 3


def test_it_ends_when_the_process_that_made_it_does(folder):
    code = RUN.split("notebook =")[0] + "print(kernel.provisioner.pid); sys.stdout.flush(); os._exit(1)"
    made = subprocess.run([sys.executable, "-c", code, str(folder), "[]"], stdout=subprocess.PIPE, text=True, check=False, timeout=60)
    gone = f"import os, time\nfor _ in range(200):\n    try: os.kill({int(made.stdout)}, 0)\n    except ProcessLookupError: break\n    time.sleep(0.1)\nelse: raise SystemExit(1)"
    assert subprocess.run([sys.executable, "-c", gone], check=False, timeout=60).returncode == 0


def test_a_process_is_copied_only_once_the_libraries_are_loaded_and_while_it_has_one_thread(monkeypatch):
    monkeypatch.delitem(sys.modules, "apijourney.report.preloaded", raising=False)
    assert not can_fork()
    monkeypatch.setitem(sys.modules, "apijourney.report.preloaded", object())
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    assert can_fork()
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "apijourney.report.preloaded", object())
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    assert not can_fork()
    stop.set()
    other.join()


def test_the_server_of_copies_ends_without_a_word():
    code = (
        "import multiprocessing\n"
        "context = multiprocessing.get_context('forkserver')\n"
        "context.set_forkserver_preload(['apijourney.report.preloaded'])\n"
        "copy = context.Process(target=print, args=('ran',))\n"
        "copy.start()\ncopy.join()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert (done.stdout, done.stderr) == ("ran\n", "")
