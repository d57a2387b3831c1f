"""What the Makefile says and does on machines of all kinds.

A stand-in plays Python: it answers what Python would answer, notes what it is asked to run, and
installs nothing. So each case takes a moment, and a machine without Python can be played too.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = "sh make dirname cmp head cat rm mkdir cp find tail".split()

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

STAND_IN = """#!/bin/sh
case "$*" in
"-c import venv, ensurepip") exit {without_venv} ;;
"-c import sys;"*) exit {unsupported} ;;
"--version") echo "Python 3.11.0" ;;
"-m venv --clear .venv") rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python; echo "venv" >> asked ;;
"-m pip --version") ;;
"-m pip install"*) echo "install" >> asked; exit {pip_fails} ;;
*) for one in "$@"; do echo "<$one>"; done; pwd ;;
esac
"""


def stand_in(path: Path, *, unsupported=0, without_venv=0, pip_fails=0) -> Path:
    """Write a Python stand-in; each argument is the exit code of one answer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(STAND_IN.format(unsupported=unsupported, without_venv=without_venv, pip_fails=pip_fails))
    path.chmod(0o755)
    return path


class Machine:
    """A folder with the project's set-up files, and a PATH with nothing but the tools make needs."""

    def __init__(self, folder: Path):
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.elsewhere = folder / "some where"
        self.elsewhere.mkdir()
        self.app = folder / "an app"
        self.app.mkdir()
        for name in ("Makefile", "requirements.txt", "pyproject.toml"):
            shutil.copy(ROOT / name, self.app)
        (self.app / "tests").mkdir()
        shutil.copy(ROOT / "tests" / "requirements.txt", self.app / "tests")

    def python(self, name="python3.11", **answers) -> Path:
        return stand_in(self.bin / name, **answers)

    def make(self, *arguments: str, by: str = "-C") -> subprocess.CompletedProcess:
        where = ["-C", str(self.app)] if by == "-C" else ["-f", str(self.app / "Makefile")]
        return subprocess.run(
            ["make", "--no-print-directory", *where, *arguments], cwd=self.elsewhere, text=True, capture_output=True,
            env={"PATH": str(self.bin), "PWD": str(self.elsewhere)}, timeout=60,
        )  # fmt: skip

    def asked(self) -> list[str]:
        """What the stand-in was asked to do so far: "venv" and "install", in order."""
        notes = self.app / "asked"
        return notes.read_text().split() if notes.exists() else []


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


def refused(run: subprocess.CompletedProcess) -> str:
    """The one sentence of a refusal, make's own closing line left out."""
    assert run.returncode != 0
    said = [line for line in run.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1, run.stderr
    return said[0]


def test_make_alone_lists_the_targets_and_makes_nothing(machine):
    run = machine.make()
    for target in ("report", "lab", "test", "notebooks", "sample", "clean"):
        assert f"make {target} " in run.stdout
    assert run.returncode == 0 and not (machine.app / ".venv").exists()


@pytest.mark.parametrize("by", ["-C", "-f"])
def test_environment_is_made_once_and_then_left_alone(machine, by):
    machine.python()
    first, second = machine.make("prepare", by=by), machine.make("prepare", by=by)
    assert first.returncode == second.returncode == 0, first.stderr
    assert "Making .venv with Python 3.11.0" in first.stdout and "Installing the packages" in first.stdout
    assert second.stdout == "" and machine.asked() == ["venv", "install"]


def test_changed_lock_is_installed_into_the_same_environment(machine):
    machine.python()
    machine.make("prepare")
    with (machine.app / "requirements.txt").open("a") as lock:
        lock.write("# another line\n")
    machine.make("prepare")
    assert machine.asked() == ["venv", "install", "install"]


def test_moved_folder_gets_a_new_environment(machine):
    machine.python()
    machine.make("prepare")
    machine.app = machine.app.rename(machine.app.with_name("moved app"))
    assert machine.make("prepare").returncode == 0
    assert machine.asked() == ["venv", "install", "venv", "install"]


@pytest.mark.parametrize("half", ["empty", "no pip", "dead python"])
def test_half_made_environment_is_made_again(machine, half):
    machine.python()
    if half == "empty":
        (machine.app / ".venv").mkdir()
    else:
        broken = machine.app / ".venv" / "bin" / "python"
        broken.parent.mkdir(parents=True)
        broken.write_text('#!/bin/sh\ncase "$1" in -c) exit 0 ;; *) exit 1 ;; esac\n' if half == "no pip" else "")
        broken.chmod(0o755 if half == "no pip" else 0o644)
    assert machine.make("prepare").returncode == 0
    assert machine.asked() == ["venv", "install"]


def test_failed_installation_says_so_and_is_tried_again(machine):
    machine.python(pip_fails=1)
    assert refused(machine.make("test")) == (
        "The packages could not be installed: mend what pip says above (often the network), then call make again."
    )
    assert not (machine.app / ".venv" / "installed").exists()
    stand_in(machine.app / ".venv" / "bin" / "python")
    assert machine.make("prepare").returncode == 0
    assert machine.asked() == ["venv", "install", "install"]


def test_machine_without_python_reads_one_sentence(machine):
    sentence = refused(machine.make("report"))
    assert sentence.startswith("Python 3.11, 3.12 or 3.13 was not found: install one of them, or name it")
    assert not (machine.app / ".venv").exists()


def test_python_of_another_version_is_passed_over(machine):
    machine.python("python3", unsupported=1)
    assert "was not found" in refused(machine.make("test"))
    machine.python("python3.13")
    assert machine.make("prepare").returncode == 0


def test_python_without_venv_is_named_and_a_later_one_with_it_is_taken(machine):
    machine.python("python3.11", without_venv=1)
    assert refused(machine.make("test")).startswith("python3.11 has no venv module: install it")
    machine.python("python3.12")
    assert machine.make("prepare").returncode == 0


def test_named_python_is_used_or_refused_but_never_replaced(machine):
    machine.python("python3.11")
    old = stand_in(machine.elsewhere / "old python", unsupported=1)
    assert refused(machine.make("test", f"PYTHON={old}")).startswith(f"PYTHON={old} is not a Python 3.11")
    assert machine.asked() == []


def test_report_takes_paths_from_the_folder_of_the_caller(machine):
    machine.python()
    machine.make("prepare")
    (machine.elsewhere / "it's mine.yaml").write_text("company: Test\n")
    run = machine.make("report", "WORKBOOK=it's mine.yaml", "MONTH=2026-06", "OUT=my reports")
    assert run.stdout.splitlines() == [
        "<-m>", "<apijourney.report>", "<--workbook>", f"<{machine.elsewhere}/it's mine.yaml>",
        "<--month>", "<2026-06>", "<--out>", f"<{machine.elsewhere}/my reports>", str(machine.app),
    ]  # fmt: skip


def test_report_takes_an_address_as_it_is_and_restates_on_demand(machine):
    machine.python()
    machine.make("prepare")
    said = machine.make("report", "OUT=s3://bucket/reports", "RESTATE=yes").stdout.splitlines()
    assert said[said.index("<--out>") + 1:][:2] == ["<s3://bucket/reports>", "<--restate>"]


def test_report_finds_a_workbook_of_the_project_but_prefers_the_callers(machine):
    machine.python()
    machine.make("prepare")
    (machine.app / "mine.yaml").write_text("company: Test\n")
    assert f"<{machine.app}/mine.yaml>" in machine.make("report", "WORKBOOK=mine.yaml").stdout
    (machine.elsewhere / "mine.yaml").write_text("company: Nearer\n")
    assert f"<{machine.elsewhere}/mine.yaml>" in machine.make("report", "WORKBOOK=mine.yaml").stdout


def test_report_without_words_is_the_sample_into_the_project(machine):
    machine.python()
    machine.make("prepare")
    run = machine.make("report")
    assert "<sample>" in run.stdout and f"<{machine.app}/reports>" in run.stdout


def test_test_target_runs_pytest_last_on_tests_library_and_notebooks(machine):
    machine.python()
    machine.make("prepare")
    said = machine.make("test").stdout.splitlines()
    asked = [line.strip("<>") for line in said if line.startswith("<")]
    assert asked[:2] == ["-m", "pytest"] and asked[-3:] == ["notebooks", "tests", "lib/apijourney"]
    assert {"--doctest-modules", "--nbval", "--nbval-current-env"} <= set(asked)


def test_clean_removes_what_was_made_and_keeps_reports(machine):
    machine.python()
    machine.make("prepare")
    for folder in ("lib/__pycache__", "reports/2026-10", "lib/apijourney.egg-info"):
        (machine.app / folder).mkdir(parents=True)
    assert machine.make("clean").returncode == 0
    left = {p.name for p in machine.app.iterdir()} - {"asked"}
    assert left == {"Makefile", "requirements.txt", "pyproject.toml", "lib", "reports", "tests"}
    assert list((machine.app / "lib").iterdir()) == []


def test_what_the_tests_compare_with_is_installed_once_and_for_the_tests_alone(machine):
    machine.python()
    assert machine.make("report").returncode == 0
    assert machine.asked() == ["venv", "install"]
    assert "Installing what the tests compare with" in machine.make("test").stdout
    assert "Installing" not in machine.make("test").stdout
    assert machine.asked() == ["venv", "install", "install"]


def test_tests_run_also_where_what_they_compare_with_cannot_be_installed(machine):
    machine.python()
    machine.make("prepare")
    stand_in(machine.app / ".venv" / "bin" / "python", pip_fails=1)
    run = machine.make("test")
    assert run.returncode == 0 and "<pytest>" in run.stdout
    assert run.stderr == "What pip names above could not be installed: the tests that compare with it are skipped.\n"


def test_ci_runs_make_test_in_the_project_and_nothing_else(machine):
    (machine.bin / "make").unlink()
    fake = machine.bin / "make"
    fake.write_text('#!/bin/sh\necho "make $* in $(pwd)"\n')
    fake.chmod(0o755)
    (machine.app / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", machine.app / ".ci")
    run = subprocess.run(
        [shutil.which("bash"), str(machine.app / ".ci" / "run")], cwd=machine.elsewhere, text=True,
        capture_output=True, env={"PATH": str(machine.bin)}, timeout=60,
    )  # fmt: skip
    assert run.stdout == f"make test in {machine.app}\n"
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
