"""The command: a report is whole or not at all, and a mistake is one sentence."""

import json
import multiprocessing
import os
from pathlib import Path

import pytest

from apijourney.report import execution
from apijourney.report.worker import sockets

HELLO = [("markdown", "# Hello"), ("code", "print(month, limit)")]


def one_sentence(text):
    return text.count("\n") == 1 and "Traceback" not in text


def left_in(folder):
    """What a reader sees there; locks and the like are hidden."""
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith(".")) if folder.exists() else []


def test_a_report_is_published_whole(command, make_company, make_notebooks, tmp_path):
    notebooks = make_notebooks(nb01_hello=HELLO, nb02_again=HELLO)
    code, printed, complaint = command(make_company(), notebooks, tmp_path / "out", "-p", "limit=7")
    assert (code, complaint) == (0, "")
    month = tmp_path / "out" / "2026-10"
    assert left_in(tmp_path / "out") == ["2026-10", "history.parquet", "index.html"]
    assert left_in(month) == ["accounts.csv", "index.html", "metrics.csv", "metrics.json", "notebooks"]
    assert left_in(month / "notebooks") == ["01_hello.ipynb", "02_again.ipynb"]
    lines = printed.splitlines()
    assert "Acme & Sons" in lines[0] and "2 notebooks" in lines[0]
    assert sorted(line.split("  done in ")[0] for line in lines if "done in" in line) == ["01_hello", "02_again"]
    assert str(month / "index.html") in lines[-1]
    assert "2026-10 7" in (month / "index.html").read_text(), "the notebook was told month and limit"


def test_the_record_holds_every_catalogued_metric_with_its_reason_or_its_values(
    command, make_company, make_notebooks, tmp_path
):
    from apijourney import CATALOG

    command(make_company(), make_notebooks(nb01_hello=HELLO), tmp_path, month="latest")
    record = json.loads((tmp_path / "2026-10" / "metrics.json").read_text(), parse_constant=pytest.fail)
    assert (record["company"], record["month"], record["simulated"]) == ("Acme & Sons", "2026-10", False)
    assert [n["name"] for n in record["notebooks"]] == ["01_hello"]
    revenue = {r["month"]: r["value"] for r in record["metrics"] if r["metric"] == "revenue"}
    assert revenue == {"2026-09": 1000, "2026-10": 5000}  # i1; i2 + i3
    reasons = {r["metric"]: r["reason"] for r in record["not_measurable"]}
    assert '"requests"' in reasons["availability"]
    assert {r["metric"] for r in record["metrics"]} | set(reasons) == set(CATALOG)


def test_a_failing_notebook_leaves_the_old_report_and_no_torn_folder(
    command, make_company, make_notebooks, tmp_path
):
    company = make_company()
    assert command(company, make_notebooks(nb01_hello=HELLO), tmp_path)[0] == 0
    before = {p: p.read_bytes() for p in (tmp_path / "2026-10").rglob("*") if p.is_file()}
    broken = make_notebooks(nb01_hello=HELLO, nb02_broken=[("code", "x = 1\n1 / 0\n")])
    code, _, complaint = command(company, broken, tmp_path, "--restate")
    assert code == 4 and one_sentence(complaint)
    assert '02_broken failed at "x = 1": ZeroDivisionError: division by zero' in complaint
    assert left_in(tmp_path) == ["2026-10", "FAILED-2026-10", "history.parquet", "index.html"]
    assert left_in(tmp_path / "FAILED-2026-10") == ["02_broken.ipynb", "cause.txt"]
    assert "ZeroDivisionError: division by zero" in (tmp_path / "FAILED-2026-10" / "cause.txt").read_text()
    assert {p: p.read_bytes() for p in (tmp_path / "2026-10").rglob("*") if p.is_file()} == before
    assert command(company, make_notebooks(nb01_hello=HELLO), tmp_path, "--restate")[0] == 0
    assert left_in(tmp_path) == ["2026-10", "history.parquet", "index.html"], "a report that works clears away what failed before"


def test_a_cell_that_takes_too_long_fails_the_report(command, make_company, make_notebooks, tmp_path):
    slow = make_notebooks(nb01_slow=[("code", "y = 1"), ("code", "import time\ntime.sleep(60)")])
    code, _, complaint = command(make_company(), slow, tmp_path, "--timeout", "2")
    assert code == 4 and one_sentence(complaint)
    assert '01_slow failed at "import time": the cell took longer than 2 s' in complaint
    assert left_in(tmp_path) == ["FAILED-2026-10"]


def test_a_kernel_that_dies_once_is_given_a_second_run(command, make_company, make_notebooks, tmp_path):
    once = f"from pathlib import Path\nseen = Path({str(tmp_path / 'seen')!r})"
    die = "import os\nif not seen.exists():\n    seen.touch()\n    os._exit(1)"
    dying = make_notebooks(nb01_dying=[("code", once), ("code", die), ("code", "print('lived')")])
    code, said, complaint = command(make_company(), dying, tmp_path / "out")
    assert (code, complaint) == (0, "")
    assert "01_dying  its kernel died, perhaps for want of memory; running it once more" in said
    assert "lived" in (tmp_path / "out" / "2026-10" / "index.html").read_text()


def test_a_kernel_that_always_dies_fails_the_report(command, make_company, make_notebooks, tmp_path):
    count = f"with open({str(tmp_path / 'runs')!r}, 'a') as file:\n    file.write('x')"
    dying = make_notebooks(nb01_dying=[("code", count), ("code", "import os\nos._exit(1)")])
    code, _, complaint = command(make_company(), dying, tmp_path / "out")
    assert code == 4 and one_sentence(complaint)
    assert '01_dying failed at "' in complaint and "its kernel died, perhaps for want of memory, twice;" in complaint
    assert (tmp_path / "runs").read_text() == "xx"
    assert left_in(tmp_path / "out") == ["FAILED-2026-10"]


def test_a_kernel_that_never_answers_is_given_a_second_run(command, make_company, make_notebooks, tmp_path, monkeypatch):
    # what a port taken by another kernel looks like: Python ends before it can be asked anything
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import os, sys, pathlib\n"
        f"seen = pathlib.Path({str(tmp_path / 'seen')!r})\n"
        "if 'ipykernel_launcher' in ' '.join(sys.orig_argv) and not seen.exists():\n"
        "    seen.touch()\n    os._exit(1)\n"
    )
    notebook = make_notebooks(nb01_hello=HELLO)
    paths = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    file = notebook / "01_hello.ipynb"
    monkeypatch.setattr(execution, "_context", lambda: multiprocessing.get_context("spawn"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    code, said, complaint = command(make_company(), file.parent, tmp_path / "out")
    assert (code, complaint) == (0, "")
    assert "01_hello  its kernel died, perhaps for want of memory; running it once more" in said


def test_kernels_are_spoken_to_through_files_where_the_path_allows(tmp_path):
    if os.name == "posix":
        assert sockets(Path("/tmp/a")) == {"KernelManager": {"transport": "ipc", "ip": "/tmp/a"}}
    assert sockets(tmp_path / ("a" * 120)) == {}, "a path too long for a socket"


def test_cells_tagged_skip_execution_are_exempt(command, make_company, make_notebooks, tmp_path):
    cells = [*HELLO, ("code", "raise SystemError('never run')", "interactive", "skip-execution")]
    code, _, complaint = command(make_company(), make_notebooks(nb01_hello=cells), tmp_path)
    assert (code, complaint) == (0, "")
    assert "never run" not in (tmp_path / "2026-10" / "index.html").read_text()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["-p", "limt=3"], 'unknown parameter "limt"; did you mean "limit"?'),
        (["-p", "limit=three"], '--parameter limit: expected a whole number, not "three"'),
        (["-p", "limit"], '"limit" has no value; write it as name=value'),
        (["-p", "month=2026-09"], '"month" is given with --month'),
        (["--notebooks", "01_helo"], 'unknown notebook "01_helo"; did you mean "01_hello"?'),
        (["--month", "2026-13"], '"2026-13" is not a month'),
        (["--month", "2030-01"], "there are no data for 2030-01"),
        (["--jobs", "0"], "--jobs: expected a whole number from 1, not 0"),
        (["--jobs", "many"], "invalid int value: 'many'"),
        (["--wurkbook", "x"], 'unrecognized arguments: --wurkbook x; did you mean "--workbook"?'),
        (["--months", "2026-10"], '"2026-10" is not a span of months; write it as "2026-01..2026-10"'),
        (["--months", "2026-10..2026-09"], "ends before it begins"),
        (["--workbook", "nowhere.yaml"], 'workbook "nowhere.yaml" was not found'),
        (["--notebooks-dir", "nowhere"], "there is no notebook such as 02_funnel.ipynb"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(command, make_company, make_notebooks, tmp_path, more, sentence):
    code, _, complaint = command(make_company(), make_notebooks(nb01_hello=HELLO), tmp_path / "out", *more)
    assert code == 2 and one_sentence(complaint)
    assert sentence in complaint
    assert not (tmp_path / "out").exists()


def test_a_month_that_is_none_is_refused_before_anything_is_said_or_built(command, make_company, make_notebooks, tmp_path):
    code, said, complaint = command(
        make_company(), make_notebooks(nb01_hello=HELLO), tmp_path / "out", "--month", "2026-13"
    )
    assert (code, said.strip()) == (2, "")
    assert complaint.strip() == 'month: "2026-13" is not a month; write it as "2026-10", or "latest".'


def test_a_metric_nobody_knows_in_the_workbook_is_refused(command, make_company, make_notebooks, tmp_path):
    company = make_company(more="scorecard: [revenu]")
    code, _, complaint = command(company, make_notebooks(nb01_hello=HELLO), tmp_path / "out")
    assert code == 2 and 'scorecard: unknown metric "revenu"; did you mean "revenue"?' in complaint


def test_a_place_that_is_a_file_is_refused(command, make_company, make_notebooks, tmp_path):
    (tmp_path / "out").write_text("mine")
    code, _, complaint = command(make_company(), make_notebooks(nb01_hello=HELLO), tmp_path / "out" / "deep")
    assert code == 2 and "is a file; give a folder" in complaint
    assert (tmp_path / "out").read_text() == "mine"


def test_another_companys_report_is_never_replaced(command, make_company, make_notebooks, tmp_path):
    notebooks = make_notebooks(nb01_hello=HELLO)
    place = tmp_path / "2026-10"
    place.mkdir()
    (place / "metrics.json").write_text('{"company": "Other Ltd"}')
    code, _, complaint = command(make_company(), notebooks, tmp_path)
    assert code == 2 and one_sentence(complaint)
    assert 'the report of "Other Ltd", not of "Acme & Sons"; give another folder with --out' in complaint
    assert left_in(place) == ["metrics.json"]
    (place / "metrics.json").unlink()
    code, _, complaint = command(make_company(), notebooks, tmp_path)
    assert code == 2 and "is no report of this program" in complaint


def test_a_notebook_that_cannot_be_told_the_month_is_refused(command, make_company, make_notebooks, tmp_path):
    notebooks = make_notebooks(nb01_hello=HELLO)
    file = notebooks / "01_hello.ipynb"
    file.write_text(file.read_text().replace("month: str", "mont: str"))
    code, _, complaint = command(make_company(), notebooks, tmp_path / "out")
    assert code == 2 and '01_hello: it declares no parameter "month"' in complaint
