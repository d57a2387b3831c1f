"""A run nobody watches: it goes on where it broke off, keeps others out, and says what it would do."""

import io
import os
import subprocess
import sys
import time

import pytest

from apijourney.facts.cache_folder import cache_root
from apijourney.facts.store import FactStore
from apijourney.report import kept
from apijourney.report.command import main, months_between
from apijourney.report.execution import longest_first
from apijourney.report.lock import only_run_of
from apijourney.report.progress import Progress
from apijourney.workbook import load_workbook

HELLO = [("markdown", "# Hello"), ("code", "print(month, limit)")]


def counting(file):
    """A cell that leaves a mark each time it is run."""
    return ("code", f"with open({str(file)!r}, 'a') as marks:\n    marks.write('x')")


def broken_once(make_notebooks, tmp_path):
    """Two notebooks: the first counts its runs, the second fails until the file `mended` is there."""
    needs = f"import pathlib\nassert pathlib.Path({str(tmp_path / 'mended')!r}).exists(), 'not yet'"
    long = ("markdown", "word " * 500)  # the longer file begins first
    return make_notebooks(nb01_counts=[long, counting(tmp_path / "runs")], nb02_breaks=[("code", needs)])


def test_a_broken_run_goes_on_from_the_notebooks_that_are_done(command, make_company, make_notebooks, tmp_path):
    company, notebooks, out = make_company(), broken_once(make_notebooks, tmp_path), tmp_path / "out"
    assert command(company, notebooks, out, "--jobs", "1")[0] == 4
    (tmp_path / "mended").touch()
    code, said, _ = command(company, notebooks, out, "--jobs", "1")
    assert code == 0 and "Going on from a run that was broken off: 01_counts needs no run" in said
    assert (tmp_path / "runs").read_text() == "x", "the notebook that was done was run once in all"
    assert command(company, notebooks, out, "--jobs", "1", "--restate")[0] == 0
    assert (tmp_path / "runs").read_text() == "xx", "once published, the next report is made from nothing"


@pytest.mark.parametrize("changed", ["parameter", "notebook", "workbook", "data"])
def test_nothing_is_taken_from_a_broken_run_once_its_inputs_have_changed(
    command, make_company, make_notebooks, tmp_path, changed
):
    company, notebooks, out = make_company(), broken_once(make_notebooks, tmp_path), tmp_path / "out"
    assert command(company, notebooks, out, "--jobs", "1")[0] == 4
    (tmp_path / "mended").touch()
    more = ["-p", "limit=9"] if changed == "parameter" else []
    if changed == "notebook":
        file = notebooks / "01_counts.ipynb"
        file.write_text(file.read_text().replace("marks.write('x')", "marks.write('y')"))
    if changed == "workbook":
        company.write_text(company.read_text() + "timezone: Europe/Rome\n")
    if changed == "data":
        invoices = company.parent / "invoices.csv"
        invoices.write_text(invoices.read_text().replace("3000", "3100"))
    code, said, _ = command(company, notebooks, out, "--jobs", "1", *more)
    assert code == 0 and "Going on" not in said
    assert (tmp_path / "runs").read_text() in ("xx", "xy")


def test_notebooks_that_take_longest_begin_first(tmp_path):
    for name, size in (("01_a", 10), ("02_b", 30), ("03_c", 20)):
        (tmp_path / f"{name}.ipynb").write_text("x" * size)
    sources = sorted(tmp_path.glob("*.ipynb"))
    assert [s.stem for s in longest_first(sources, {"01_a": 5, "02_b": 1, "03_c": 9})] == ["03_c", "01_a", "02_b"]
    assert [s.stem for s in longest_first(sources, {"01_a": 5})] == ["02_b", "03_c", "01_a"], "else by their size"


def test_a_run_nobody_goes_on_with_is_forgotten_after_30_days_unless_it_is_at_work(tmp_path, monkeypatch):
    monkeypatch.setenv("APIJOURNEY_CACHE", str(tmp_path))
    works = [kept.work_folder("out", month, "all/all") for month in ("2026-06", "2026-07", "2026-08")]
    fresh, old, busy = works
    for work in works:
        (work / "01_a.ipynb").write_text("{}")
    with kept.at_work(busy):
        for work, days in ((fresh, 29), (old, 31), (busy, 31)):
            then = time.time() - days * 86_400
            for path in (*work.iterdir(), work):
                os.utime(path, (then, then))
        told = []
        kept.tidy(told.append)
        assert [work.exists() for work in works] == [True, False, True]
        assert told == ["Forgot 1 run that broke off more than 30 days ago"]
        kept.tidy(told.append)
        assert len(told) == 1, "with nothing to forget, nothing is said"


def test_every_run_tidies_before_it_begins(command, make_company, make_notebooks, tmp_path):
    old = kept.work_folder("elsewhere", "2020-01", "all/all")
    os.utime(old, (0, 0))
    code, said, _ = command(make_company(), make_notebooks(nb01_hello=HELLO), tmp_path / "out")
    assert code == 0 and "Forgot 1 run that broke off" in said and not old.exists()


def test_a_torn_result_of_a_broken_run_is_not_believed(command, make_company, make_notebooks, tmp_path):
    company, notebooks, out = make_company(), broken_once(make_notebooks, tmp_path), tmp_path / "out"
    command(company, notebooks, out, "--jobs", "1")
    (result,) = (cache_root() / "runs").glob("2026-10-*/01_counts.json")
    result.write_bytes(result.read_bytes()[:-20])
    (tmp_path / "mended").touch()
    code, said, _ = command(company, notebooks, out, "--jobs", "1")
    assert code == 0 and "Going on" not in said


def test_a_second_run_of_the_same_month_is_sent_away(command, make_company, make_notebooks, tmp_path):
    company, notebooks, out = make_company(), make_notebooks(nb01_hello=HELLO), tmp_path / "out"
    with only_run_of(out, "2026-10"):
        code, _, complaint = command(company, notebooks, out)
        assert code == 2 and "another run is making the report of 2026-10; wait until it has ended" in complaint
        assert command(company, notebooks, out, month="2026-09")[0] == 0, "another month may be made meanwhile"
    assert command(company, notebooks, out)[0] == 0


def test_a_killed_run_holds_nothing_and_leaves_nothing_torn(command, make_company, make_notebooks, tmp_path):
    company, out = make_company(), tmp_path / "out"
    slow = make_notebooks(nb01_slow=[counting(tmp_path / "runs"), ("code", "import time\ntime.sleep(600)")])
    words = ["--workbook", company, "--month", "2026-10", "--out", out, "--notebooks-dir", slow]
    run = subprocess.Popen([sys.executable, "-m", "apijourney.report", *map(str, words)], stdout=subprocess.DEVNULL)
    for _ in range(600):
        if (tmp_path / "runs").exists():
            break
        time.sleep(0.1)
    assert (tmp_path / "runs").exists()
    run.kill()
    run.wait()
    assert [p.name for p in out.iterdir() if not p.name.startswith(".")] == []
    assert command(company, make_notebooks(nb01_hello=HELLO), out)[0] == 0


def test_a_damaged_cache_is_built_again(command, make_company, make_notebooks, tmp_path):
    company, notebooks = make_company(), make_notebooks(nb01_hello=HELLO)
    assert command(company, notebooks, tmp_path / "first")[0] == 0
    (file,) = (FactStore(load_workbook(company)).folder / "invoices").glob("*.parquet")
    file.write_bytes(b"\0" * file.stat().st_size)
    code, said, _ = command(company, notebooks, tmp_path / "second")
    assert code == 0 and "the cache is damaged (invoices/all.parquet); building all facts anew" in said


def test_months_are_made_in_order(command, make_company, make_notebooks, tmp_path):
    code, said, _ = command(make_company(), make_notebooks(nb01_hello=HELLO), tmp_path, "--months", "2026-09..2026-10")
    assert code == 0
    pages = [line for line in said.splitlines() if line.startswith("Report: ")]
    assert ["2026-09" in pages[0], "2026-10" in pages[1], len(pages)] == [True, True, 2]


def test_a_span_of_months_crosses_the_year():
    assert months_between("2025-12..2026-02") == ["2025-12", "2026-01", "2026-02"]
    assert months_between("2026-10..2026-10") == ["2026-10"]


def test_a_rehearsal_says_what_would_be_run_and_read_and_does_nothing(command, make_company, make_notebooks, tmp_path):
    company, notebooks, out = make_company(), make_notebooks(nb01_counts=[counting(tmp_path / "runs")]), tmp_path / "out"
    code, said, _ = command(company, notebooks, out, "--dry-run", "-p", "limit=7")
    assert code == 0
    for words in ("Acme & Sons", "2026-10", "01_counts", "limit = 7: 01_counts", "invoices: 1 kB", "Nothing was done."):
        assert words in said
    assert not out.exists() and not (tmp_path / "runs").exists()
    command(company, notebooks, out)
    said = command(company, notebooks, out, "--dry-run")[1]
    assert "invoices: 1 kB, not read again" in said and "Would read 0 kB of 1 kB" in said


def test_a_rehearsal_refuses_what_the_run_would_refuse(command, make_company, make_notebooks, tmp_path):
    code, _, complaint = command(make_company(), make_notebooks(nb01_hello=HELLO), tmp_path, "--dry-run", "-p", "limt=7")
    assert code == 2 and 'did you mean "limit"?' in complaint


def test_data_that_cannot_be_read_end_with_3(command, make_company, make_notebooks, tmp_path):
    company = make_company()
    invoices = company.parent / "invoices.csv"
    invoices.write_text(invoices.read_text().replace("1000", "ten").replace("2000", "twenty"))
    code, _, complaint = command(company, make_notebooks(nb01_hello=HELLO), tmp_path / "out")
    assert code == 3 and 'column "amount_minor": 2 of 3 values cannot be read' in complaint
    assert not (tmp_path / "out").exists()


def test_too_many_rows_put_aside_end_with_3_until_the_workbook_file_allows_them(
    command, make_company, make_notebooks, tmp_path
):
    company, notebooks = make_company(), make_notebooks(nb01_hello=HELLO)
    rows = ["t1,ada", "t2,bo", "t3,bo", "t1,ada"]  # t1 came twice: 1 of 4 rows is put aside
    header = "ticket_id,account_id,opened_at,resolved_at,topic\n"
    (company.parent / "tickets.csv").write_text(header + "".join(f"{row},2026-10-07T10:00:00,,keys\n" for row in rows))
    code, _, complaint = command(company, notebooks, tmp_path / "out")
    assert code == 3
    assert "tickets: 25 % of the rows were put aside, most often for “duplicate ticket_id”; the limit is 20 %" in complaint
    company.write_text(company.read_text() + "report: {most_put_aside: 0.5}\n")
    assert command(company, notebooks, tmp_path / "out")[0] == 0


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_refused(command, make_company, make_notebooks, tmp_path):
    out = tmp_path / "out"
    out.mkdir(mode=0o500)
    code, _, complaint = command(make_company(), make_notebooks(nb01_hello=HELLO), out)
    assert code == 2 and "cannot be written to; give another folder" in complaint


def test_a_status_is_shown_in_a_terminal_and_nowhere_else():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    watched, kept = Terminal(), io.StringIO()
    for stream in (watched, kept):
        say = Progress(stream)
        say.status("1 of 3")
        say("01_a  done")
    assert kept.getvalue() == "01_a  done\n"
    assert watched.getvalue() == "1 of 3\r\033[K01_a  done\n"


def test_help_names_the_exit_codes(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert "0 published" in said and "3 data that are not fit for use" in said
