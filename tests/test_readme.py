"""The README says what is so: its account, its tree, its dependencies, its pictures."""

import re
import tomllib
from pathlib import Path

import pytest

from apijourney import open_study
from apijourney.localtime import local_time
from apijourney.sources.contracts import CONTRACTS
from apijourney.sources.reference import MEANINGS, MEANT_IN, tables_markdown

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
STEP = re.compile(r"^\| (\d{4}-\d\d-\d\d \d\d:\d\d) \| `(\w+)`(?: (\d+) (\w+))? \|", re.M)


def test_the_account_of_the_first_screen_did_what_is_told():
    log = open_study("sample", month="2026-10").events.to_frame()
    account = re.search(r"what `(acc_\d+)` did", README)[1]
    rows = log[log["account_id"] == account]
    when = local_time(rows["occurred_at"], "Europe/Berlin").dt.strftime("%Y-%m-%d %H:%M")
    done = set(zip(when, rows["event"], rows["status"].astype("str"), rows["environment"].astype("str"), strict=True))
    told = STEP.findall(README)
    assert len(told) == 9
    for time, event, status, environment in told:
        assert any(
            (time, event) == d[:2] and (not status or (status, environment) == d[2:]) for d in done
        ), (time, event)


def test_every_direct_dependency_is_named_with_its_version_and_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    for pin in wanted:
        name, version = re.match(r"([\w.-]+)(?:\[\w+\])?==(.+)", pin).groups()
        assert re.search(rf"^\| {re.escape(name)} {re.escape(version)} \| .+ \|$", README, re.M), pin


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_every_link_of_the_readme_leads_to_a_file(target):
    assert (ROOT / target).exists()


def test_every_folder_and_file_of_the_tree_exists():
    tree = README.split("```\nnotebooks/  ")[1].split("```")[0].splitlines()[1:]
    base = ROOT
    for line in tree:
        path = line.split("  ")[0] if not line.startswith("  ") else line.strip().split("  ")[0]
        base = ROOT / path if not line.startswith("  ") else base
        for part in re.findall(r"[\w.-]+(?:/[\w.-]+)*/?|\w+\.py", line.strip().split("   ")[0]):
            if part.endswith(("/", ".py")):
                folder = base if line.startswith("  ") else ROOT
                assert (folder / part).exists(), line


def test_every_column_of_every_table_is_explained_and_nothing_else():
    columns = {(c.name, column) for c in CONTRACTS.values() for column in c.columns}
    assert {column for _, column in columns} == set(MEANINGS)
    assert set(MEANT_IN) <= columns


def test_the_tables_page_is_made_from_the_contracts():
    assert (ROOT / "docs" / "tables.md").read_text() == tables_markdown()
