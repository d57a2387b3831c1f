"""Publication: whatever goes wrong, the report that was there stays."""

import errno
import json

import pytest

from apijourney.errors import WorkbookError
from apijourney.report import publication
from apijourney.report.publication import NotPublished, check_out, check_place, keep_failed, publish
from apijourney.report.swap import swap

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
    monkeypatch.setattr(publication, "swap", lambda one, other: False)  # a system that cannot exchange two names
    with pytest.raises(NotPublished, match="disk full"):
        publish_page(tmp_path, "new")
    assert (tmp_path / "2026-10" / "index.html").read_text() == "old"
    assert names(tmp_path) == ["2026-10"]


def test_what_a_killed_run_left_is_put_right(tmp_path):
    publish_page(tmp_path, "old")
    (tmp_path / "2026-10").rename(tmp_path / ".2026-10.old-77")
    (tmp_path / ".2026-10.building-77").mkdir()
    other = tmp_path / ".2026-09.building-77"  # another month's, perhaps of a run at work
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


def test_only_the_latest_broken_notebook_is_kept_with_its_cause(tmp_path):
    for name in ("01_a.ipynb", "02_b.ipynb"):
        (tmp_path / name).write_text("{}")
        kept = keep_failed(tmp_path / "out", "2026-10", tmp_path / name, f"{name} failed: no.")
    failed = tmp_path / "out" / "FAILED-2026-10"
    assert names(failed) == ["02_b.ipynb", "cause.txt"] and kept.name == "02_b.ipynb"
    assert (failed / "cause.txt").read_text() == "02_b.ipynb failed: no.\n"
    assert keep_failed(tmp_path / "out", "2026-10", tmp_path / "nowhere.ipynb", "no") == failed


def test_a_full_disk_leaves_the_old_report_and_says_what_to_do(tmp_path, monkeypatch):
    publish_page(tmp_path, "old")
    write = type(tmp_path).write_text

    def full(self, *args, **kwargs):
        if self.name == "metrics.json":
            raise OSError(errno.ENOSPC, "No space left on device", str(self))
        return write(self, *args, **kwargs)

    monkeypatch.setattr(type(tmp_path), "write_text", full)
    with pytest.raises(NotPublished, match=r"2026-10 could not be written \(No space left on device\)") as caught:
        publish_page(tmp_path, "new")
    assert "what stood there stands as it was" in str(caught.value) and caught.value.exit_code == 4
    assert (tmp_path / "2026-10" / "index.html").read_text() == "old"
    assert names(tmp_path) == ["2026-10"]


def test_two_folders_change_places_at_once_or_nothing_happens(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "who").write_text(name)
    done = swap(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / "who").read_text() == ("b" if done else "a")
    assert (tmp_path / "b" / "who").read_text() == ("a" if done else "b")
    assert not swap(tmp_path / "a", tmp_path / "nowhere") and (tmp_path / "a").is_dir()
