"""requirements.txt is the lock of pyproject.toml, and holds nothing of the machine it was written on."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LINES = [
    line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
]


def plain(name: str) -> str:
    """A distribution's name as the index compares it: case, dots and underscores do not count."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(requirements) -> dict[str, str]:
    """Name → exact version, extras and markers left out; a requirement without `==` has no version."""
    bare = [r.split(" ;")[0].strip() for r in requirements]
    parts = [re.fullmatch(r"([\w.-]+)(?:\[[\w,-]+\])?(?:==([\w.!+-]+))?", r) for r in bare]
    assert all(parts), [r for r, p in zip(requirements, parts, strict=True) if not p]
    return {plain(p[1]): p[2] for p in parts}


LOCK = pins(LINES[:-1])
DIRECT = pins(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"])


def test_lock_ends_with_the_project_itself():
    assert LINES[-1] == "-e ."


def test_every_line_of_the_lock_is_an_exact_pin_without_a_place():
    assert all(LOCK.values())
    assert not [line for line in LINES[:-1] if "/" in line or "@" in line]
    markers = {line.split(" ; ")[1] for line in LINES if ";" in line}
    assert all(re.fullmatch(r'python_version == "3\.1[123]"', marker) for marker in markers)


@pytest.mark.parametrize("name", DIRECT)
def test_direct_dependency_has_the_version_of_pyproject_in_the_lock(name):
    assert DIRECT[name] is not None and LOCK[name] == DIRECT[name]


def test_every_direct_dependency_has_a_line_of_reason():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text.split("dependencies = [", 1)[1].split("]\n\n[project.optional", 1)[0]
    lines = [line.strip() for line in block.splitlines() if line.strip().startswith('"')]
    assert len(lines) == len(PROJECT["dependencies"])
    assert [line for line in lines if not re.search(r'",\s+# \w.{5,}', line)] == []


def test_installed_versions_are_those_of_the_lock():
    assert {name: version(name) for name in DIRECT} == DIRECT


def test_everything_a_locked_package_needs_is_locked_too():
    installer = {"setuptools", "pip", "wheel"}
    needed = set()
    for name in LOCK:
        try:
            requirements = map(Requirement, requires(name) or [])
        except PackageNotFoundError:  # needed under another Python only
            continue
        needed |= {plain(r.name) for r in requirements if r.marker is None or r.marker.evaluate({"extra": ""})}
    assert needed - set(LOCK) - installer == set()


def test_what_the_tests_add_is_pinned_and_changes_no_pin_of_the_lock():
    lines = (ROOT / "tests" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    added = pins(bare for line in lines if (bare := line.partition("#")[0].strip()))
    assert added and all(added.values()) and not added.keys() & LOCK.keys()
