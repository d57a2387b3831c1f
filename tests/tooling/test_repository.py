"""What the repository holds: the library is not ignored, nothing belongs to one machine, files stay small."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = {".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".j2", ".css", ".json", ""}
OF_A_MACHINE = re.compile(r"/(?:home|Users|root|work)/|file:/{3}")


def git(*arguments: str) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, text=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("git is not installed.")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """All files that are, or would be, in the repository."""
    listed = git("ls-files", "--cached", "--others", "--exclude-standard", "-z")
    if listed.returncode:
        pytest.skip("this folder is not a git repository.")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_library_is_not_ignored_by_git(files):
    assert git("check-ignore", "lib", "lib/apijourney", "lib/apijourney/errors.py").stdout == ""


def test_what_is_made_is_ignored_by_git(files):
    made = [".venv", "reports", "lib/apijourney.egg-info", "lib/apijourney/__pycache__"]
    assert git("check-ignore", "--no-index", *[f"{name}/x" for name in made]).stdout.split() == [f"{n}/x" for n in made]


def test_no_written_file_names_a_folder_of_one_machine(files):
    written = [p for p in files if p.suffix in WRITTEN]
    assert len(written) > 50
    assert [p.name for p in written if OF_A_MACHINE.search(p.read_text(encoding="utf-8"))] == []


def test_test_files_have_names_of_their_own(files):
    names = [p.name for p in files if p.name.startswith("test_") and p.suffix == ".py"]
    assert sorted(names) == sorted(set(names))
    assert [p for p in files if p.name == "__init__.py" and ROOT / "tests" in p.parents] == []


def test_sample_is_at_most_25_megabytes():
    assert sum(p.stat().st_size for p in (ROOT / "data" / "sample").iterdir()) <= 25e6


def test_every_module_of_the_library_opens_with_its_question():
    modules = [p for p in (ROOT / "lib" / "apijourney").rglob("*.py") if p.stat().st_size]
    assert [p.name for p in modules if not p.read_text(encoding="utf-8").startswith('"""')] == []
