"""Of two machines that make the same month into the same store, one is sent away, and a dead one does not block for ever."""

import json
import socket
from datetime import UTC, datetime, timedelta

import fsspec
import pytest

from apijourney.errors import WorkbookError
from apijourney.report import lease, place
from apijourney.report.lease import LeaseLost, confirm, read, release, take

HELLO = [("markdown", "# Hello"), ("code", "print(month)")]
NOON = datetime(2026, 11, 6, 12, tzinfo=UTC)
MONTH = "2026-10"


@pytest.fixture
def store(address):
    return fsspec.core.url_to_fs(address, **({"auto_mkdir": True} if address.startswith("file:") else {}))


def test_the_second_machine_is_told_who_holds_the_month_and_until_when(store, tmp_path):
    take(*store, MONTH, tmp_path / "one", NOON)
    with pytest.raises(WorkbookError) as caught:
        take(*store, MONTH, tmp_path / "two", NOON + timedelta(minutes=5))
    assert f"{socket.gethostname()} (process " in str(caught.value)
    assert "has been making the report of 2026-10 since 2026-11-06 12:00 UTC; wait until it has ended" in str(caught.value)
    assert "its hold ends at 2026-11-06 14:00 UTC" in str(caught.value)
    take(*store, "2026-09", tmp_path / "other month", NOON)


def test_a_month_given_back_is_free_at_once(store, tmp_path):
    take(*store, MONTH, tmp_path / "one", NOON)
    release(*store, MONTH, tmp_path / "one")
    assert read(*store, MONTH) is None and not (tmp_path / "one").exists()
    take(*store, MONTH, tmp_path / "two", NOON)


def test_a_machine_that_was_killed_knows_its_own_hold_again(store, tmp_path):
    take(*store, MONTH, tmp_path / "one", NOON)
    take(*store, MONTH, tmp_path / "one", NOON + timedelta(minutes=1))
    assert read(*store, MONTH)["since"] == "2026-11-06 12:01 UTC"


def test_a_hold_that_ran_out_is_taken_over_and_its_slow_owner_may_not_publish(store, tmp_path):
    take(*store, MONTH, tmp_path / "slow", NOON)
    take(*store, MONTH, tmp_path / "next", NOON + timedelta(hours=lease.HOURS))
    with pytest.raises(LeaseLost, match="has taken over the report of 2026-10"):
        confirm(*store, MONTH, tmp_path / "slow")
    confirm(*store, MONTH, tmp_path / "next")
    release(*store, MONTH, tmp_path / "slow")
    confirm(*store, MONTH, tmp_path / "next")  # a slow owner that ends gives back nobody else's


def test_a_hold_nobody_can_read_blocks_nobody(store, tmp_path):
    filesystem, root = store
    filesystem.pipe_file(f"{root}/{lease.FOLDER}/{MONTH}.json", b"{torn")
    take(*store, MONTH, tmp_path / "one", NOON)
    confirm(*store, MONTH, tmp_path / "one")


@pytest.mark.parametrize("address", ["memory", "s3", "azure"], indirect=True)  # the GCS emulator ignores the condition
def test_of_two_that_come_at_the_same_moment_one_holds_the_month(store, tmp_path, monkeypatch):
    look, seen = lease.read, []

    def blind_at_first(*which):  # the other one came after we had looked
        seen.append(which)
        return None if len(seen) == 1 else look(*which)

    take(*store, MONTH, tmp_path / "first", NOON)
    monkeypatch.setattr(lease, "read", blind_at_first)
    with pytest.raises(WorkbookError, match="wait until it has ended"):
        take(*store, MONTH, tmp_path / "second", NOON)
    confirm(*store, MONTH, tmp_path / "first")


def test_a_call_while_another_machine_is_at_work_ends_with_2_and_leaves_the_store_alone(
    command, make_company, make_notebooks, store, address, tmp_path
):
    filesystem, root = store
    take(filesystem, root, MONTH, tmp_path / "elsewhere", place.now())
    code, said, complaint = command(make_company(), make_notebooks(nb01_hello=HELLO), address)
    assert code == 2 and "has been making the report of 2026-10" in complaint and "01_hello" not in said
    filesystem.invalidate_cache()
    assert [p.rpartition("/")[2] for p in filesystem.find(root)] == [f"{MONTH}.json"]


@pytest.mark.parametrize("address", ["memory"], indirect=True)
def test_a_run_that_another_machine_overtook_publishes_nothing(
    command, make_company, make_notebooks, store, address, monkeypatch
):
    theirs = {"host": "build-7", "pid": 4711, "month": MONTH, "since": "x", "until": "9999", "token": "theirs"}
    filesystem, root = store
    real = place.Place.confirm

    def overtaken(self, month):
        filesystem.pipe_file(f"{root}/{lease.FOLDER}/{month}.json", json.dumps(theirs).encode())
        real(self, month)

    monkeypatch.setattr(place.Place, "confirm", overtaken)
    code, _, complaint = command(make_company(), make_notebooks(nb01_hello=HELLO), address)
    assert code == 4 and "build-7 (process 4711) has taken over the report of 2026-10" in complaint
    assert "what it made was not published" in complaint
    assert [p.removeprefix(root) for p in filesystem.find(root)] == [f"/{lease.FOLDER}/{MONTH}.json"], "nor gives it back"
