"""An answer is computed by the first notebook of a run, and read by the others; outside a run nothing is shared."""

from types import SimpleNamespace

import pandas as pd
import pytest

from apijourney import NotMeasurable, measure, open_study
from apijourney.facts import shared as sharing
from apijourney.facts.shared import shared


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv(sharing.FOLDER, str(tmp_path / "run"))
    return tmp_path / "run"


def study(month="2026-10", **changed):
    about = {"workbook": SimpleNamespace(path="book"), "month": month, "months": [month], "segment": "all", "product": "all"}
    return SimpleNamespace(**about | {"observed_until": 7} | changed)


def never():
    raise AssertionError("computed again")


def test_the_second_who_asks_reads_what_the_first_computed(run):
    table = pd.DataFrame({"month": ["2026-10"], "value": [float("nan")]})
    assert shared(study(), "table", lambda: table) is table
    pd.testing.assert_frame_equal(shared(study(), "table", never), table)
    assert str(shared(study(), "note", lambda: NotMeasurable("It", "add it."))) == str(shared(study(), "note", never))


@pytest.mark.parametrize(
    "other",
    [
        {"month": "2026-09"}, {"months": ["2026-08"]}, {"segment": "big"}, {"product": "tides"}, {"observed_until": 8},
        {"workbook": SimpleNamespace(path="other")},
    ],
)  # fmt: skip
def test_an_answer_about_another_study_is_another_answer(run, other):
    shared(study(), "one", lambda: 1)
    assert shared(study(**other), "one", lambda: 2) == 2
    assert shared(study(), "other", lambda: 3) == 3


@pytest.mark.parametrize("left", [b"", b"half a fi", b"\x80\x04\x95"])
def test_a_damaged_answer_is_computed_again(run, left):
    shared(study(), "one", lambda: 1)
    (file,) = run.iterdir()
    file.write_bytes(left)
    assert shared(study(), "one", lambda: 2) == 2 and shared(study(), "one", never) == 2


def test_where_no_file_can_be_written_the_answer_is_given_all_the_same(run):
    run.write_text("a file where the folder should be")
    assert shared(study(), "one", lambda: 1) == 1


def test_metrics_of_one_run_are_shared_and_those_of_no_run_are_not(run, monkeypatch):
    first = measure(open_study("sample", month="2026-10"), "sign_ups")
    monkeypatch.setattr(sharing.pickle, "dumps", lambda answer: never())
    pd.testing.assert_frame_equal(measure(open_study("sample", month="2026-10"), "sign_ups"), first)
    monkeypatch.delenv(sharing.FOLDER)
    pd.testing.assert_frame_equal(measure(open_study("sample", month="2026-10"), "sign_ups"), first)
