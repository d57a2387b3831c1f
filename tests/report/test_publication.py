"""Publication: whatever goes wrong, the report that was there stays."""

import json
import os
import subprocess
import sys

import pytest

from apijourney.errors import WorkbookError
from apijourney.report.publication import check_out, check_place, keep_failed, publish

RECORD = {"company": "Acme", "metrics": []}


def publish_page(out, page, record=RECORD):
    return publish(out, "2026-10", "Acme", page, record, [])


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_a_new_report_takes_the_place_of_the_old_one_whole(tmp_path):
    publish_page(tmp_path, "old")
    (tmp_path / "2026-10" / "stray.txt").write_text("from the old report")
    page = publish_page(tmp_path, "new")
    assert page.read_text() == "new"
    assert names(tmp_path) == ["2026-10"]
    assert names(tmp_path / "2026-10") == ["index.html", "metrics.json", "notebooks"]


def test_a_record_json_cannot_carry_leaves_the_old_report(tmp_path):
    publish_page(tmp_path, "old")
    with pytest.raises(ValueError):
        publish_page(tmp_path, "new", RECORD | {"value": float("nan")})
    assert (tmp_path / "2026-10" / "index.html").read_text() == "old"
    assert names(tmp_path) == ["2026-10"]


def test_a_rename_that_fails_brings_the_old_report_back(tmp_path, monkeypatch):
    publish_page(tmp_path, "old")
    rename = type(tmp_path).rename

    def fails_for_the_new(self, target):
        if ".building-" in self.name:
            raise OSError("disk full")
        return rename(self, target)

    monkeypatch.setattr(type(tmp_path), "rename", fails_for_the_new)
    with pytest.raises(OSError, match="disk full"):
        publish_page(tmp_path, "new")
    assert (tmp_path / "2026-10" / "index.html").read_text() == "old"
    assert names(tmp_path) == ["2026-10"]


def test_what_a_killed_run_left_is_put_right(tmp_path):
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    gone = ended.stdout.strip()
    publish_page(tmp_path, "old")
    (tmp_path / "2026-10").rename(tmp_path / f".2026-10.old-{gone}")
    (tmp_path / f".2026-10.building-{gone}").mkdir()
    other = tmp_path / f".2026-10.building-{os.getppid()}"  # a run that is still at work
    other.mkdir()
    check_place(tmp_path, "2026-10", "Acme")
    assert names(tmp_path) == [other.name, "2026-10"]
    assert (tmp_path / "2026-10" / "index.html").read_text() == "old"


def test_the_record_is_strict_json_that_names_the_company(tmp_path):
    publish_page(tmp_path, "page", RECORD | {"name": "Köln"})
    text = (tmp_path / "2026-10" / "metrics.json").read_text(encoding="utf-8")
    assert json.loads(text)["company"] == "Acme" and "Köln" in text


def test_a_place_under_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkbookError, match="is a file; give a folder"):
        check_out(tmp_path / "file" / "reports")
    check_out(tmp_path / "not" / "there" / "yet")


def test_only_the_latest_broken_notebook_is_kept(tmp_path):
    for name in ("01_a.ipynb", "02_b.ipynb"):
        (tmp_path / name).write_text("{}")
        kept = keep_failed(tmp_path / "out", "2026-10", tmp_path / name)
    assert names(tmp_path / "out" / "FAILED-2026-10") == ["02_b.ipynb"] == [kept.name]
    assert keep_failed(tmp_path / "out", "2026-10", tmp_path / "nowhere.ipynb") is None
