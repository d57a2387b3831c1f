"""A large company is many small ones whose ids never meet, readable as any other source."""

import pyarrow.parquet as pq
import pytest

from apijourney import WorkbookError, open_study
from apijourney.simulate import __main__ as command
from apijourney.simulate import large


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large") / "company"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "CELL_SCALE", 0.02)
        rows = large.write_large(folder, calls=10_000, months=2)
    assert rows["requests"] >= 10_000
    return folder


def ids(folder, table: str, column: str) -> list[set]:
    parts = sorted((folder / table).glob("*.parquet"))
    return [set(pq.read_table(part)[column].to_pylist()) - {None} for part in parts]


@pytest.mark.parametrize(
    ("table", "column"),
    [("requests", "request_id"), ("requests", "account_id"), ("touchpoints", "visitor_id"), ("accounts", "account_id")],
)
def test_ids_of_cells_never_meet(folder, table, column):
    first, *others = ids(folder, table, column)
    assert others and all(first and part and not first & part for part in others)


def test_accounts_keep_their_calls_and_links(folder):
    accounts, callers, linked = (
        set().union(*ids(folder, t, "account_id")) for t in ("accounts", "requests", "identities")
    )
    assert callers <= accounts and linked <= accounts
    assert any(key.startswith("test_") for key in set().union(*ids(folder, "requests", "key_id")))


def test_it_is_read_like_any_other_source(folder):
    (folder / "workbook.yaml").write_text("company: Large\ntimezone: Europe/Berlin\ncurrency: EUR\n")
    study = open_study(folder, month="2025-06")
    assert len(study.accounts) > 20 and len(study.events) > 500
    assert len(list((folder / "fx_rates").iterdir())) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--calls", "0"], "simulate: calls is 0; give how many API calls there shall be"),
        (["--calls", "9", "--null"], "--calls makes a company of its own kind; leave --scale and --null out."),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(tmp_path, capsys, words, sentence):
    assert command.main(["--out", str(tmp_path / "new"), *words]) == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_a_folder_that_is_not_empty_is_left_alone(folder):
    with pytest.raises(WorkbookError, match="is not empty; name a new folder for the tables"):
        large.write_large(folder, calls=1)
