"""What the tests share: a cache of their own, small simulated companies, and the real data.

The companies are written once a run, and only when a test asks for them. A test that changes
files works on a copy (`copy_of`), never on the shared folder.
"""

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from filelock import FileLock
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
    gc.set_threshold(100_000, 20, 100)  # the engine's expressions are many small objects: look through them less often
    if _begins(config):
        os.environ["APIJOURNEY_CACHE"] = tempfile.mkdtemp(prefix="apijourney-tests-")
    config.stash[_CACHE] = Path(os.environ["APIJOURNEY_CACHE"])


def pytest_collection_modifyitems(items):
    """What takes longest comes first: notebooks, and reports."""
    items.sort(key=lambda item: item.path.parent.name not in ("notebooks", "elsewhere", "report"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give a worker file after file, but all tests of reports to one: they wait for kernels while the other computes."""
    from xdist.scheduler import LoadFileScheduling

    class ReportsTogether(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return "tests/report" if file.startswith("tests/report/") else file

    return ReportsTogether(config, log)


def pytest_collection_finish():
    """What is loaded by now stays: the collector need not look through it again, as it does at every report."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config):
    if _begins(config) and _CACHE in config.stash:
        shutil.rmtree(config.stash[_CACHE], ignore_errors=True)


def _begins(config) -> bool:
    """Is this the process that begins the run, and not one of its workers?"""
    return not hasattr(config, "workerinput")


_CACHE = pytest.StashKey[Path]()


def _company(config, name: str, **options) -> Path:
    """A small company of 18 months, with the sample's workbook file: written by the worker that asks first, for all."""
    folder = config.stash[_CACHE] / "companies" / name
    folder.parent.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (folder / "workbook.yaml").exists():
            write_sample(folder, seed=11, scale=0.1, **options)
            shutil.copy(SAMPLE, folder / "workbook.yaml")
    return folder


@pytest.fixture(scope="session")
def small_company(pytestconfig) -> Path:
    """The folder of a small company."""
    return _company(pytestconfig, "small")


@pytest.fixture(scope="session")
def null_company(pytestconfig) -> Path:
    """The folder of the same company without any planted story."""
    return _company(pytestconfig, "null", stories=False)


@pytest.fixture(scope="session")
def small_study(small_company):
    """The small company as known at the end of 2026-08, with a year of months."""
    return open_study(small_company, month="2026-08")


@pytest.fixture
def measured_once(monkeypatch, pytestconfig):
    """For tests that measure all of the sample as it is: what one of them measured, the others find, as in a report."""
    monkeypatch.setenv(FOLDER, str(pytestconfig.stash[_CACHE] / "measured"))


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
