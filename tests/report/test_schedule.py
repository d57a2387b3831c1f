"""The recipes of docs/schedule.md: each is tried, and each says what the program can."""

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from apijourney.report.command import _read
from apijourney.report.notebooks import NOTEBOOKS, read_parameters

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "monthly-report.yml"
DOCS = (ROOT / "docs" / "schedule.md").read_text(encoding="utf-8")


def test_the_workflow_fits_the_schema_github_publishes():
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)]
    checked = subprocess.run(words, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_schema_refuses_a_workflow_that_is_none(tmp_path):
    bad = tmp_path / "bad.yml"
    bad.write_text(WORKFLOW.read_text(encoding="utf-8").replace("runs-on", "runs-at"))
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(bad)]
    assert subprocess.run(words, capture_output=True).returncode == 1


def test_the_workflow_calls_the_program_with_words_it_knows():
    steps = YAML(typ="safe").load(WORKFLOW)["jobs"]["report"]["steps"]
    (run,) = [s["run"] for s in steps if "apijourney.report" in s.get("run", "")]
    words = shlex.split(run.replace("$WORKBOOK", "sample").replace("$MONTH", "latest").replace("$OUT", "reports"))
    wish = _read([w.replace("$RESTATE", "--restate") for w in words[3:]])
    assert (wish.workbook, wish.month, str(wish.out), wish.restate) == ("sample", ["latest"], "reports", True)


def test_secrets_of_the_workflow_come_from_the_secrets_of_the_repository():
    env = YAML(typ="safe").load(WORKFLOW)["jobs"]["report"]["env"]
    secret = {name: value for name, value in env.items() if re.search("KEY|WEBHOOK|SECRET|TOKEN", name)}
    assert secret and all(re.fullmatch(r"\$\{\{ secrets\.\w+ \}\}", value) for value in secret.values())


@pytest.mark.parametrize("line", re.findall(r"^.*-m apijourney\.report .*$", DOCS, re.M))
def test_every_call_in_the_docs_is_one_the_program_reads(line):
    words = shlex.split(line.split("-m apijourney.report", 1)[1].split(" >>")[0])
    assert _read([word.replace("s3://", "memory://") for word in words])  # whether or not its library is here


def test_the_cron_line_is_one_cron_reads():
    (line,) = re.findall(r"^\d+ \d+ .*apijourney.*$", DOCS, re.M)
    minute, hour, day, month, weekday, *command = line.split(None, 5)
    assert 0 <= int(minute) < 60 and 0 <= int(hour) < 24 and (day, month, weekday) == ("1-6", "*", "*")
    assert "%" not in command[0], "cron would end the line there"


def test_every_exit_code_the_docs_name_is_one_the_help_names(capsys):
    with pytest.raises(SystemExit):
        _read(["--help"])
    told = capsys.readouterr().out
    for code, _ in re.findall(r"^\| (\d+) \| (.+) \|$", DOCS, re.M):
        assert re.search(rf"\b{code} \w", told), code


@pytest.fixture
def scheduler(tmp_path):
    if importlib.util.find_spec("jupyter_scheduler") is None:
        pytest.skip("jupyter-scheduler is not installed; install the extra [scheduler] to try a job definition.")
    from jupyter_scheduler.environments import CondaEnvironmentManager
    from jupyter_scheduler.orm import create_tables
    from jupyter_scheduler.scheduler import Scheduler

    address = f"sqlite:///{tmp_path / 'scheduler.sqlite'}"
    create_tables(address)
    return Scheduler(
        root_dir=str(NOTEBOOKS), environments_manager=CondaEnvironmentManager(), db_url=address, config=None
    )  # fmt: skip


def test_jupyter_scheduler_takes_a_monthly_definition_of_one_notebook(scheduler):
    from jupyter_scheduler.models import CreateJobDefinition

    source = NOTEBOOKS / "02_funnel.ipynb"
    told = {"workbook": "sample", "month": "latest"}
    assert told.keys() <= read_parameters(source).keys()
    definition = CreateJobDefinition(
        name="funnel of the month", input_uri=source.name, runtime_environment_name="python3",
        output_formats=["ipynb", "html"], parameters=told, schedule="17 6 6 * *", timezone="UTC",
    )  # fmt: skip
    kept = scheduler.get_job_definition(scheduler.create_job_definition(definition))
    assert (kept.name, kept.schedule, kept.parameters, kept.active) == ("funnel of the month", "17 6 6 * *", told, True)
