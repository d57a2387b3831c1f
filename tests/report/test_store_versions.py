"""In a store without a rename, a reader finds the old report or the new one, whichever moment a run is stopped at."""

import json

import fsspec
import pytest

from apijourney.report import place, versions

FILES = ("accounts.csv", "index.html", "metrics.csv", "metrics.json", "notebooks/01_a.ipynb")


@pytest.fixture
def store(address):
    return fsspec.core.url_to_fs(address, **({"auto_mkdir": True} if address.startswith("file:") else {}))


@pytest.fixture
def made(tmp_path):
    """Make a report in a local folder, every file of which names its run: run → folder."""

    def make(run, published_at):
        folder = tmp_path / run
        (folder / "notebooks").mkdir(parents=True)
        for name in FILES:
            (folder / name).write_text(run)
        (folder / "metrics.json").write_text(json.dumps({"run": run, "published_at": published_at}))
        return folder

    return make


def seen(store) -> tuple[str, str, set]:
    """What a reader finds: the run of the page, that of the record, and those of the files the record leads to."""
    filesystem, root = store
    filesystem.invalidate_cache()
    month = f"{root}/2026-10"
    run = json.loads(filesystem.cat_file(f"{month}/metrics.json"))["run"]
    files = [p for p in filesystem.find(f"{month}/{versions.folder_of(run)}") if not p.endswith("metrics.json")]
    assert len(files) == len(FILES) - 1, "no file is missing"
    return filesystem.cat_file(f"{month}/index.html").decode(), run, {filesystem.cat_file(p).decode() for p in files}


class Killed(Exception):
    pass


def stopped_after(n):
    """Writing that is stopped after n files."""
    left = [n]

    def put(*told):
        if not left[0]:
            raise Killed
        left[0] -= 1
        place._put(*told)

    return put


@pytest.mark.parametrize("n", range(len(FILES) + 2))
@pytest.mark.parametrize("address", ["memory", "s3"], indirect=True)
def test_a_carrying_stopped_after_any_file_leaves_a_whole_report_and_is_finished_by_the_next(store, made, n):
    filesystem, root = store
    month = f"{root}/2026-10"
    versions.bring(filesystem, month, made("old", "1"), place._put)
    assert seen(store) == ("old", "old", {"old"})
    folder = made("new", "2")
    with pytest.raises(Killed):
        versions.bring(filesystem, month, folder, stopped_after(n))
    page, record, files = seen(store)
    assert files == {record} == {"old"} and page == ("new" if n == len(FILES) + 1 else "old")
    versions.go_on(filesystem, month)  # of another machine, which knows no file of the one that died
    whole = n >= len(FILES)
    assert seen(store) == (("new", "new", {"new"}) if whole else ("old", "old", {"old"}))
    versions.bring(filesystem, month, folder, place._put)
    assert seen(store) == ("new", "new", {"new"})


def test_two_versions_are_kept_and_an_older_report_never_replaces_a_later_one(store, made):
    filesystem, root = store
    month = f"{root}/2026-10"
    late = made("late", "0")
    for n, run in enumerate(["one", "two", "three"], 1):
        versions.bring(filesystem, month, made(run, str(n)), place._put)
    versions.bring(filesystem, month, late, place._put)
    assert seen(store) == ("three", "three", {"three"})
    filesystem.invalidate_cache()
    kept = {p.rpartition("2026-10/")[2].split("/")[1] for p in filesystem.find(month) if "/versions/" in p}
    assert kept == {"two", "three"}


def test_what_an_earlier_program_laid_beside_the_page_goes_once_a_version_stands(store, made):
    filesystem, root = store
    month = f"{root}/2026-10"
    for name in FILES:
        filesystem.pipe_file(f"{month}/{name}", b'{"company": "Acme"}')
    versions.bring(filesystem, month, made("new", "2"), place._put)
    filesystem.invalidate_cache()
    beside = [p.rpartition("2026-10/")[2] for p in filesystem.find(month) if "/versions/" not in p]
    assert sorted(beside) == ["index.html", "metrics.json"] and seen(store) == ("new", "new", {"new"})
