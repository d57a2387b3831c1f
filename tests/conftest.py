"""What the tests share: a cache of their own, small simulated companies, and the real data.

The companies are written once a session, and only when a test asks for them. A test that changes
files works on a copy (`copy_of`), never on the shared folder.
"""

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from apijourney import open_study
from apijourney.facts.shared import FOLDER
from apijourney.simulate import write_sample
from apijourney.workbook import SAMPLE

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("house", deadline=None, max_examples=100)
settings.load_profile("house")


def pytest_configure(config):
    """Facts of the tests go to a folder of their own; workers of one run share it."""
    os.environ["MPLBACKEND"] = "Agg"
    gc.freeze()  # the engine's expressions are many small objects, which need no looking through so often
    gc.set_threshold(100_000, 20, 100)
    if hasattr(config, "workerinput"):
        return
    config.stash[_CACHE] = tempfile.mkdtemp(prefix="apijourney-tests-")
    os.environ["APIJOURNEY_CACHE"] = config.stash[_CACHE]


def pytest_unconfigure(config):
    folder = config.stash.get(_CACHE, None)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


_CACHE = pytest.StashKey[str]()


def _company(folder: Path, **options) -> Path:
    write_sample(folder, seed=11, scale=0.1, **options)
    shutil.copy(SAMPLE, folder / "workbook.yaml")
    return folder


@pytest.fixture(scope="session")
def small_company(tmp_path_factory) -> Path:
    """The folder of a small company of 18 months, with the sample's workbook file."""
    return _company(tmp_path_factory.mktemp("company") / "small")


@pytest.fixture(scope="session")
def null_company(tmp_path_factory) -> Path:
    """The folder of the same company without any planted story."""
    return _company(tmp_path_factory.mktemp("company") / "null", stories=False)


@pytest.fixture(scope="session")
def small_study(small_company):
    """The small company as known at the end of 2026-08, with a year of months."""
    return open_study(small_company, month="2026-08")


@pytest.fixture
def measured_once(monkeypatch):
    """For tests that measure all of the sample as it is: what one of them measured, the others find, as in a report."""
    monkeypatch.setenv(FOLDER, str(Path(os.environ["APIJOURNEY_CACHE"]) / "measured"))


@pytest.fixture
def copy_of(tmp_path):
    """Copy a company's folder to one that a test may change."""

    def copy(company: Path, name: str = "copy") -> Path:
        return Path(shutil.copytree(company, tmp_path / name))

    return copy


@pytest.fixture
def company(tmp_path):
    """Write a company from text: `company({"invoices.csv": "…"}, "currency: USD")` → its folder."""

    def write(files: dict[str, str], workbook: str = "", name: str = "company") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "workbook.yaml").write_text(f"company: Test\n{workbook}\n", encoding="utf-8")
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of the real data sets, or a skip that says where they are looked for."""
    named = Path(os.environ.get("REAL_DATA_DIR", "../shared/data")).expanduser()
    folder = named if named.is_absolute() else ROOT / named
    if not folder.is_dir():
        pytest.skip(f"the real data sets are not at {folder}; set REAL_DATA_DIR to their folder.")
    return folder
